import itertools

import pytest

from analysis.read.standing import standing_runs
from analysis.read.store import RunRecord


def run(run_id, *, outcome="", status="FINISHED", start_ms=0, kind="trial", fingerprint="f", set_aside=""):
    tags = {"sweeps.fingerprint": fingerprint, "sweeps.set_aside": set_aside}
    tags |= {"sweeps.outcome": outcome} if outcome else {}
    return RunRecord(run_id, run_id, None, kind, status, start_ms, None, tags)


FINISHED_FIRST = run("finished first", outcome="finished", start_ms=1)
PRUNED = run("pruned", outcome="pruned", start_ms=2)
RUNNING = run("running", status="RUNNING", start_ms=3)
GIVEN_UP = run("given up", outcome="abandoned", status="KILLED")
ASIDE = run("set aside", outcome="finished", start_ms=9, set_aside="7")
FAILED_LAST = run("failed last", outcome="failed", status="FAILED", start_ms=4)


@pytest.mark.parametrize(
    ("runs", "standing"),
    [
        ((FINISHED_FIRST, FAILED_LAST), FINISHED_FIRST),
        ((FINISHED_FIRST, RUNNING), FINISHED_FIRST),
        ((FINISHED_FIRST, PRUNED), PRUNED),
        ((RUNNING, FAILED_LAST), RUNNING),
        ((run("failed first", outcome="failed"), FAILED_LAST), FAILED_LAST),
        ((FINISHED_FIRST, PRUNED, RUNNING, FAILED_LAST), PRUNED),
        ((FAILED_LAST, GIVEN_UP), GIVEN_UP),
        ((FINISHED_FIRST, GIVEN_UP), FINISHED_FIRST),
        ((ASIDE, FAILED_LAST), FAILED_LAST),
        ((ASIDE, RUNNING), RUNNING),
        ((ASIDE, GIVEN_UP), GIVEN_UP),
    ],
)
def test_a_result_stands_before_a_running_run_and_that_before_any_other_the_latest_of_equals(runs, standing):
    for order in itertools.permutations(runs):
        assert standing_runs(order) == {"f": standing}


def test_only_trials_stand_and_each_fingerprint_has_its_own():
    other = run("other", fingerprint="g")
    assert standing_runs([RUNNING, other, run("parent", kind="sweep")]) == {"f": RUNNING, "g": other}
