from analysis.read.outcomes import Outcome
from analysis.read.standing import standing_runs
from sweeps.record.verdicts.again import set_aside, to_set_aside


def recorded(store, name, outcome):
    """A run of a trial that has ended; returns its id."""
    run_id = store.ledger.trial_run(sweep="a", trial=name, fingerprint=name, parent=store.parent, tags={})
    store.ledger.end(run_id, Outcome(outcome), "")
    return run_id


def runs(store, *names):
    return [run for name in names for run in store.ledger.claims.runs_of(name, None)]


def test_every_run_of_a_trial_is_set_aside_and_none_of_another(store):
    first, second = (recorded(store, "x", outcome) for outcome in ("failed", "finished"))
    other = recorded(store, "y", "finished")
    set_aside(store.ledger, to_set_aside(runs(store, "x", "y"), {"x"}))
    times = {run.run_id: run.set_aside_ms for run in runs(store, "x", "y")}
    assert times[first] == times[second] > 0
    assert times[other] == 0
    assert to_set_aside(runs(store, "x", "y"), {"x"}) == []


def test_what_is_set_aside_stands_until_the_next_run_begins_whatever_becomes_of_that(store):
    old = recorded(store, "x", "finished")
    set_aside(store.ledger, to_set_aside(runs(store, "x"), {"x"}))
    assert standing_runs(runs(store, "x"))["x"].run_id == old
    new = recorded(store, "x", "interrupted")
    assert standing_runs(runs(store, "x"))["x"].run_id == new
