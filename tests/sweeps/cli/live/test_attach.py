"""`sweep attach`: a run that goes on, seen from another terminal."""

import signal

from tests.project import DEADLINE_S, lines_until

HELD = "sweeps: {a: {grid: {hold: [epoch], factor: [0.5]}}}\n"


def test_who_watches_leaves_with_ctrl_c_and_the_run_goes_on(project):
    project.spec(HELD)
    running = project.run("--gpus", "")
    project.held()
    attached = project.start("attach", "e.yaml")
    lines_until(attached, "running, epoch")
    attached.send_signal(signal.SIGINT)
    said, _ = attached.communicate(timeout=DEADLINE_S)
    assert attached.returncode == 0
    assert "goes on; `sweep attach e.yaml` shows it again" in said
    assert running.poll() is None
    running.send_signal(signal.SIGINT)
    running.communicate(timeout=DEADLINE_S)
    assert running.returncode == 130


def test_who_watches_is_told_of_a_run_that_was_killed(project):
    project.spec(HELD)
    running = project.run("--gpus", "")
    project.held()
    attached = project.start("attach", "e.yaml")
    lines_until(attached, "running, epoch")
    running.kill()
    said, _ = attached.communicate(timeout=DEADLINE_S)
    assert attached.returncode == 1
    assert "has ended without a word; `sweep status e.yaml` says what it left" in said


def test_who_comes_too_late_is_told_how_it_ended_and_gets_its_exit_code(project):
    project.spec("sweeps: {a: {grid: {fail_at: [1]}}}")
    assert project.sweep("attach", "e.yaml") == (0, "nothing is running here; `sweep run e.yaml` starts it\n")
    assert project.ran("--gpus", "", "--detach")[0] == 0
    code, said = project.sweep("attach", "e.yaml")
    assert code == 1
    assert "1 failed" in said
    project.spec("sweeps: {b: {grid: {factor: [0.5]}}}")
    assert "starts it" in project.sweep("attach", "e.yaml")[1]


def test_a_run_that_another_state_directory_has_is_named(project):
    project.spec(HELD)
    running = project.start("run", "e.yaml", "--gpus", "", SWEEP_HOME=str(project.path / "elsewhere"))
    project.held()
    code, said = project.sweep("attach", "e.yaml")
    assert code == 3
    assert f"a/epoch-factor0.5 is running by pid {running.pid}" in said
    running.send_signal(signal.SIGINT)
    running.communicate(timeout=DEADLINE_S)


def test_the_output_of_a_trial_that_waits_is_waited_for(project):
    project.spec("sweeps: {a: {grid: {hold: [epoch], factor: [0.5, 0.25]}}}")
    running = project.run("--gpus", "", "--jobs", "1")
    project.held()
    followed = project.start("logs", "-f", "e.yaml", "epoch-factor0.25")
    project.sweep("stop", "e.yaml", "--only", "factor=0.5")
    project.held()  # the second one has begun
    running.send_signal(signal.SIGINT)
    running.communicate(timeout=DEADLINE_S)
    said, _ = followed.communicate(timeout=DEADLINE_S)
    assert followed.returncode == 0, said
