"""`sweep stop` from outside: real processes, a real sqlite store."""

from tests.sweeps.specs import run_sweep

HELD_AND_FREE = "sweeps: {a: {grid: {hold: [epoch, none]}}}"


def test_stop_from_another_terminal_is_a_ctrl_c(project):
    project.spec(HELD_AND_FREE)
    process = project.start("run", "e.yaml")
    project.held()
    code, output = project.sweep("stop", "e.yaml")
    hint = "trials that run may save a checkpoint; `sweep stop e.yaml` again terminates them"
    assert (code, output) == (0, f"asked pid {process.pid} to stop: {hint}\n")
    process.communicate()
    assert process.returncode == 130
    assert project.sweep("stop", "e.yaml")[1] == "nothing is running here\n"


def test_what_runs_from_another_directory_is_to_be_stopped_there(project):
    project.spec(HELD_AND_FREE)
    process = project.start("run", "e.yaml")
    project.held()
    elsewhere = {"SWEEP_HOME": str(project.path / "another-state")}
    code, output = project.sweep("stop", "e.yaml", **elsewhere)
    assert code == 0
    assert output.startswith(f"nothing is running here; a/epoch is running by pid {process.pid} on ")
    assert output.endswith(": stop it there, in its directory\n")
    assert process.poll() is None


def test_one_trial_can_be_stopped_and_the_others_go_on(project):
    project.spec(HELD_AND_FREE)
    process = project.start("run", "e.yaml")
    project.held()
    _, output = project.sweep("stop", "e.yaml", "--only", "trial=epoch")
    assert output == "asked to stop a/epoch\n"
    process.communicate()
    assert process.returncode == 130
    assert {name: run.outcome for name, run in project.runs().items()} == {
        "epoch": "interrupted",
        "none": "finished",
    }


def test_a_state_directory_in_which_others_may_name_processes_is_not_believed(project, monkeypatch):
    monkeypatch.chdir(project.path)
    monkeypatch.delenv("SWEEP_HOME", raising=False)
    project.spec(HELD_AND_FREE)
    (project.path / ".sweep").mkdir()
    (project.path / ".sweep").chmod(0o777)
    done = run_sweep("stop", "e.yaml")
    assert (done.code, done.out) == (2, "")
    assert "every user of this machine may write there" in done.err
