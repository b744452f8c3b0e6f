"""As what a run counts that a search stopped early: for that search, for others, and where it went on."""

import json

import pytest

from analysis.read.outcomes import Outcome
from analysis.read.store import RunRecord
from analysis.results.searches.prunings import (
    Pruning,
    PruningSearch,
    as_seen,
    prunings_of,
    with_pruning,
    without_own,
)

REASON = "median: val/psnr 20.1 after epoch 3"
TUNE = PruningSearch("tune", "val/psnr", "max")


def run(outcome="pruned", status="FINISHED", **tags):
    known = {"sweeps.sweep": "tune", "sweeps.outcome": outcome, "sweeps.reason": REASON, "sweeps.epochs": "5"}
    return RunRecord(
        *("r", "trial-001", None, "trial", status, 0, None),
        {**known, **{f"sweeps.{name}": text for name, text in tags.items()}},
    )


def pruned(before=None, search=TUNE, **more):
    tag = with_pruning(before, search, REASON, {"sweeps.epochs": "5", "sweeps.seconds": "8.5"})
    return run(**more, pruned=tag["sweeps.pruned"])


@pytest.mark.parametrize("written", [True, False], ids=["as today", "by an older version"])
def test_a_pruned_run_has_a_result_for_its_own_search_alone(written):
    made = pruned() if written else run()
    assert as_seen(made, TUNE).outcome is Outcome.PRUNED
    for other in (None, PruningSearch("other", "val/psnr", "max"), PruningSearch("tune", "val/loss", "max")):
        seen = as_seen(made, other)
        assert (seen.outcome, seen.has_ended, seen.status) == (Outcome.INTERRUPTED, False, "KILLED")
        assert REASON in seen.reason


def test_what_was_pruned_under_another_objective_says_so():
    seen = as_seen(pruned(search=PruningSearch("tune", "val/psnr", "min")), TUNE)
    assert seen.reason == f"pruned when the objective was {{val/psnr: min}} ({REASON})"
    assert as_seen(pruned(), None).reason == f"pruned for tune alone ({REASON})"


@pytest.mark.parametrize(("outcome", "status"), [("finished", "FINISHED"), ("", "RUNNING")])
def test_a_run_that_went_on_elsewhere_stays_pruned_for_the_search_that_pruned_it(outcome, status):
    made = pruned(outcome=outcome, status=status, epochs="20", seconds="40.0")
    seen = as_seen(made, TUNE)
    assert (seen.outcome, seen.reason, seen.epochs, seen.seconds) == (Outcome.PRUNED, REASON, 5, 8.5)
    assert not seen.is_open
    assert as_seen(made, None) is made


def test_a_run_that_nothing_pruned_is_as_it_is():
    made = run(outcome="finished")
    assert as_seen(made, TUNE) is as_seen(made, None) is made


def test_a_sweep_that_goes_on_with_a_run_forgets_its_own_decision_and_no_other():
    both = pruned(pruned(), PruningSearch("other", "val/loss", "min"))
    assert prunings_of(both) == {
        "tune": Pruning("val/psnr", "max", REASON, "5", "8.5"),
        "other": Pruning("val/loss", "min", REASON, "5", "8.5"),
    }
    assert list(json.loads(without_own(both, "tune")["sweeps.pruned"])) == ["other"]
    assert without_own(both, "grid")["sweeps.pruned"] == both.tags["sweeps.pruned"]
    assert without_own(run(outcome="finished"), "grid") == without_own(None, "grid") == {}


def test_what_an_older_version_recorded_is_kept_when_the_run_goes_on():
    seen = as_seen(run(), None)
    assert prunings_of(seen) == {"tune": Pruning("val/psnr", "", REASON, "5", "")}
    assert as_seen(run(search=json.dumps({"first": {}}), sweep="grid"), None).reason.startswith(
        "pruned for first"
    )


@pytest.mark.parametrize("text", ["no json", "[]", '{"tune": 1}', '{"tune": {"x": "y"}}'])
def test_a_tag_that_cannot_be_read_says_nothing(text):
    assert prunings_of(run(pruned=text)) == {}


@pytest.mark.parametrize(
    ("reason", "step"), [(REASON, 3), ("wilcoxon: a b: c nan after step 175", 175), ("median", None)]
)
def test_the_step_is_read_from_the_reason(reason, step):
    assert Pruning("", "", reason).step == step
