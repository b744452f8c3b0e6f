import pytest

from analysis.read.outcomes import Outcome
from analysis.read.store import RunRecord
from sweeps.record.verdicts.for_good import REASON, GivingUp, give_up, giving_up
from tests.sweeps.scheduler.jobs import job


def run(run_id, outcome="", *, set_aside=0, start_ms=0):
    tags = {"sweeps.fingerprint": "f", "sweeps.outcome": outcome, "sweeps.set_aside": str(set_aside or "")}
    return RunRecord(run_id, run_id, None, "trial", "KILLED", start_ms, None, tags)


def shown(todo):
    return [one.run_id for one in todo.back], todo.end and todo.end.run_id, todo.is_new


def test_a_trial_without_a_run_gets_one_for_the_outcome_alone():
    assert giving_up([]) == GivingUp(is_new=True)


@pytest.mark.parametrize(
    ("runs", "back", "end"),
    [
        ([run("a", "interrupted")], [], "a"),
        ([run("a", "failed", start_ms=1), run("b", "interrupted", start_ms=2)], [], "b"),
        ([run("a", "finished")], [], None),
        ([run("a", "abandoned")], [], None),
        # asked for again, and not begun
        ([run("a", "finished", set_aside=5)], ["a"], None),
        ([run("a", "failed", set_aside=5)], ["a"], "a"),
        # asked for again, begun, and given up
        ([run("a", "finished", set_aside=5), run("b", "interrupted")], ["a"], None),
        ([run("a", "finished", set_aside=5), run("b", "abandoned")], ["a"], None),
        ([run("a", "failed", set_aside=5), run("b", "interrupted", start_ms=1)], ["a"], "b"),
        # asked for twice: only the last asking is taken back
        ([run("a", "finished", set_aside=5), run("b", "failed", set_aside=7), run("c")], ["b"], "c"),
    ],
)
def test_a_trial_goes_back_to_the_result_that_it_had_or_is_abandoned(runs, back, end):
    assert shown(giving_up(runs)) == (back, end, False)


def trial(name="x"):
    return job(name).step.trial


def test_giving_up_is_recorded_once_and_its_note_goes(store):
    store.state.abandon("toy", "x")
    for _ in range(2):
        assert give_up(
            store.ledger, trial(), store.state, parent=store.parent, repeat="sweep run f", shared={}
        )
    (found,) = store.ledger.claims.runs_of("x", None)
    assert (found.outcome, found.reason, found.status) == (Outcome.ABANDONED, REASON, "KILLED")
    assert "sweep run f --again" in found.tags["mlflow.note.content"]
    assert store.run(found.run_id).data.params == {"factor": "0.5"}
    assert store.state.abandoned("toy") == []


def test_a_trial_that_somebody_works_on_is_not_given_up(store):
    store.state.abandon("toy", "x")
    run_id = store.ledger.trial_run(sweep="a", trial="x", fingerprint="x", parent=store.parent, tags={})
    assert not give_up(store.ledger, trial(), store.state, parent=store.parent, repeat="", shared={})
    assert store.run(run_id).info.status == "RUNNING"
    assert store.state.abandoned("toy") == ["x"]
