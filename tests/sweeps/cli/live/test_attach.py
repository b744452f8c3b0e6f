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
