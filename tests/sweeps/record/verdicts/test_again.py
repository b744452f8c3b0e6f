import re
import time

from analysis.read.outcomes import Outcome
from analysis.read.standing import standing_runs
from sweeps.record.verdicts.again import set_aside, take_back, to_set_aside

NOTE = "**x**, a trial of the sweep *a*: finished.\n\nThis tries it again:"


def recorded(store, name, outcome):
    """A run of a trial that has ended; returns its id."""
    run_id = store.ledger.trial_run(sweep="a", trial=name, fingerprint=name, parent=store.parent, tags={})
    store.ledger.end(run_id, Outcome(outcome), "", {"mlflow.note.content": NOTE})
    return run_id


def runs(store, *names):
    return [run for name in names for run in store.ledger.claims.runs_of(name, None)]


def test_every_run_of_a_trial_is_set_aside_and_none_of_another(store):
    first, second = (recorded(store, "x", outcome) for outcome in ("failed", "finished"))
    other = recorded(store, "y", "finished")
    before_ms = int(time.time() * 1000)
    set_aside(store.ledger, to_set_aside(runs(store, "x", "y"), {"x"}))
    times = {run.run_id: run.set_aside_ms for run in runs(store, "x", "y")}
    assert times[first] == times[second] >= before_ms
    assert times[other] == 0
    assert to_set_aside(runs(store, "x", "y"), {"x"}) == []


def test_what_is_set_aside_stands_until_the_next_run_begins_whatever_becomes_of_that(store):
    old = recorded(store, "x", "finished")
    set_aside(store.ledger, to_set_aside(runs(store, "x"), {"x"}))
    assert standing_runs(runs(store, "x"))["x"].run_id == old
    new = recorded(store, "x", "interrupted")
    assert standing_runs(runs(store, "x"))["x"].run_id == new


def shown(store, run_id):
    """What MLflow's UI shows of a run: its name, in the list and in charts, and the description on its page."""
    found = store.client.get_run(run_id)
    assert found.data.tags["mlflow.runName"] == found.info.run_name
    return found.info.run_name, found.data.tags["mlflow.note.content"]


def test_a_run_that_is_set_aside_says_so_by_its_name_and_its_description_until_it_counts_again(store):
    old = recorded(store, "x", "finished")
    set_aside(store.ledger, to_set_aside(runs(store, "x"), {"x"}))
    new = recorded(store, "x", "interrupted")
    name, note = shown(store, old)
    assert name == "x (set aside)"
    assert re.fullmatch(
        r"\*\*Set aside\*\* on \d{4}-\d\d-\d\d \d\d:\d\d UTC: `sweep run --again` asked for this trial to be trained anew\. "
        r"The newest run named \*x\* stands for it\.\n\n" + re.escape(NOTE),
        note,
    )
    assert shown(store, new) == ("x", NOTE)
    take_back(store.ledger, [run for run in runs(store, "x") if run.set_aside_ms])
    assert shown(store, old) == ("x", NOTE)
    assert {run.set_aside_ms for run in runs(store, "x")} == {0}


def test_a_name_that_no_store_keeps_any_longer_stays(store):
    old = recorded(store, "x" * 245, "finished")
    set_aside(store.ledger, to_set_aside(runs(store, "x" * 245), {"x" * 245}))
    name, note = shown(store, old)
    assert (name, note.partition(" on ")[0]) == ("x" * 245, "**Set aside**")
