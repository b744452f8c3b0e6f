"""`sweep run --again` from outside: real processes, a real sqlite store."""

import signal

from analysis.read.record import Record
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
    assert (process.returncode, told.splitlines()[-1]) == (0, "1 abandoned, 1 finished; 0 were done before")
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


def test_all_of_a_file_is_not_trained_again_by_a_slip(project):
    project.spec("sweeps: {a: {grid: {hold: [none]}}}")
    refused = run_sweep("run", str(project.path / "e.yaml"), "--again")
    assert refused.code == 2
    assert "--again needs --only" in refused.err
