from analysis.read.outcomes import Outcome
from sweeps.commands.run import Launched
from sweeps.planning.plan import Plan
from sweeps.rows.jobs import job_rows
from sweeps.scheduler.verdict import Verdict, left_off
from tests.sweeps.scheduler.jobs import job, running


def test_each_trial_has_its_outcome_and_one_that_never_began_says_so():
    failed, waiting = running("x"), job("y")
    failed.concluded(Verdict(Outcome.FAILED, "exit code 7"))
    one, other = job_rows(Launched(Plan((), ()), (failed, waiting), stopped=True))
    assert one == {
        "sweep": "a",
        "trial": "x",
        "outcome": "failed",
        "reason": "exit code 7",
        "attempt": 1,
        "run_id": "run-1",
        "fingerprint": "x",
    }
    assert (other["outcome"], other["reason"], other["attempt"], other["run_id"]) == (
        "not started",
        "",
        0,
        None,
    )


def test_one_that_was_called_off_before_any_attempt_has_not_started_and_one_that_was_given_up_is_abandoned():
    off, up, begun = job("x"), job("y"), running("z")
    off.concluded(left_off(given_up=False))
    up.concluded(left_off(given_up=True))
    begun.concluded(Verdict(Outcome.INTERRUPTED, "stopped"))
    rows = job_rows(Launched(Plan((), ()), (off, up, begun), stopped=True))
    assert [(row["outcome"], row["reason"]) for row in rows] == [
        ("not started", "stopped before it started"),
        ("abandoned", "given up by the user"),
        ("interrupted", "stopped"),
    ]
