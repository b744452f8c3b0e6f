"""`sweep run --again` from outside: real processes, a real sqlite store."""

import signal

from analysis.read.record import Record
from tests.project import lines_until
from tests.sweeps.commands.running.test_file_watch import WAITS
from tests.sweeps.specs import run_sweep


def runs(project, trial):
    """Each run of a trial as (outcome, whether it is set aside, its attempts), by start."""
    found = (run for run in Record(project.uri, "toy").runs if run.trial == trial)
    return [(str(run.outcome), run.set_aside_ms > 0, run.attempt) for run in found]


def test_a_trial_that_was_given_up_waits_until_it_is_trained_again_in_another_run(project):
    project.spec("sweeps: {a: {grid: {hold: [epoch, none]}}}")
    process = project.run()
    project.held()
    _, output = project.sweep("stop", "e.yaml", "--for-good", "--only", "hold=epoch")
    assert output == "asked to stop for good: a/epoch\n"
    told, _ = process.communicate()
    assert (process.returncode, told.splitlines()[-1]) == (0, "1 abandoned, 1 finished")
    code, output = project.ran("--retry-failed")
    assert (code, runs(project, "epoch")) == (0, [("abandoned", False, 1)]), output

    process = project.run("--again", "--only", "hold=epoch")
    project.held()
    process.send_signal(signal.SIGINT)
    told, _ = process.communicate()
    assert process.returncode == 130
    assert "`sweep run e.yaml --only hold=epoch` goes on" in told.splitlines()[-1]
    assert project.ran()[0] == 0
    assert runs(project, "epoch") == [("abandoned", True, 1), ("finished", False, 2)]
    assert runs(project, "none") == [("finished", False, 1)]


def test_a_file_that_is_saved_while_trials_are_trained_again_leaves_their_earlier_runs_alone(project):
    (project.path / "toy.py").write_text(WAITS)
    (project.path / "go").touch()
    spec = "sweeps: {a: {grid: {factor: [%s]}}, b: {grid: {factor: [0.9]}}}"
    project.spec(spec % "0.1, 0.2")
    assert project.sweep("stop", "e.yaml", "--for-good", "--only", "sweep=b")[0] == 0
    assert project.ran()[0] == 0
    (project.path / "go").unlink()
    process = project.run("--again", "--sweep", "a", "--jobs", "1")
    project.held()
    project.spec(spec % "0.1, 0.2, 0.3")
    assert "1 trial added\n" in lines_until(process, "e.yaml was saved")[-1]
    (project.path / "go").touch()
    told, _ = process.communicate()
    assert process.returncode == 0, told
    for trial in ("factor0.1", "factor0.2"):
        assert runs(project, trial) == [("finished", True, 1), ("finished", False, 1)]
    assert runs(project, "factor0.3") == [("finished", False, 1)]
    assert runs(project, "factor0.9") == [("abandoned", False, 0)]


def test_all_of_a_file_is_not_trained_again_by_a_slip(project):
    project.spec("sweeps: {a: {grid: {hold: [none]}}}")
    refused = run_sweep("run", str(project.path / "e.yaml"), "--again")
    assert refused.code == 2
    assert "--again needs --only" in refused.err
