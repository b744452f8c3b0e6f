"""How a run stands, decided from what the store, the file and the machine say."""

import pytest

from analysis.read.store import RunPlace, RunRecord
from sweeps.freeing.facts import Standing
from sweeps.freeing.standing import Doings, Wish, standing_of

WISH = Wish({"wished"}, {"a"}, "", "e.yaml")
HERE, DELETED = RunPlace("1", False, ""), RunPlace("1", True, "")
IDLE = {"may_work": False, "is_held": False, "is_sent": True, "is_refused": False}


def run(outcome="finished", status="FINISHED", fingerprint="wished", **more):
    known = {
        "sweep": "a",
        "profile": "",
        "wish": "e.yaml",
        "fingerprint": fingerprint,
        "outcome": outcome,
        **more,
    }
    tags = {f"sweeps.{name}": value for name, value in known.items() if value is not None}
    return RunRecord("1", "x", None, "trial", status, 0, 1, tags)


def standing(record, place=HERE, *, is_others=False, **doings):
    return standing_of(place, record, WISH, Doings(**{**IDLE, **doings}), is_others=is_others)


@pytest.mark.parametrize("outcome", ["failed", "interrupted", "orphaned", None])
def test_what_is_not_done_can_go_on_in_the_file_or_not(outcome):
    assert standing(run(outcome)) is Standing.RESUMABLE
    assert standing(run(outcome, fingerprint="gone")) is Standing.RESUMABLE
    assert standing(run(outcome), may_work=True) is Standing.LIVE


def test_what_is_done_is_done_once_nobody_works_on_it_and_all_is_sent():
    assert standing(run()) is standing(run("pruned")) is Standing.DONE
    assert standing(run(), is_refused=True) is Standing.DONE
    assert standing(run(), is_held=True) is Standing.DONE
    assert standing(run(status="RUNNING")) is Standing.RESUMABLE
    assert standing(run(), may_work=True) is Standing.LIVE
    assert standing(run(), is_sent=False) is Standing.UNSENT


def test_what_the_file_dropped_is_removed_unless_its_directory_alone_has_something():
    assert standing(run(fingerprint="gone")) is Standing.REMOVED
    assert standing(run(fingerprint="gone"), is_sent=False) is Standing.UNSENT
    assert standing(run(fingerprint="gone"), is_refused=True) is Standing.REFUSED


@pytest.mark.parametrize(
    "more",
    [
        {"sweep": "b"},
        {"also": "b"},
        {"profile": "report"},
        {"wish": "e.yaml --set lr=1"},
        {"wish": "another.yaml"},
        {"wish": None},
        {"adopted": "folder x"},
    ],
)
def test_what_the_file_never_had_in_this_way_is_not_its_own_to_drop(more):
    assert standing(run(fingerprint="gone", **more)) is Standing.FOREIGN


def test_where_only_some_sweeps_are_asked_for_nothing_is_dropped():
    some = Wish({"wished"}, (), "", "e.yaml")
    assert standing_of(HERE, run(fingerprint="gone"), some, Doings(**IDLE)) is Standing.FOREIGN


def test_another_trainers_runs_and_those_of_no_trial_are_left_alone():
    assert standing(run(), is_others=True) is Standing.FOREIGN
    assert standing(None) is Standing.FOREIGN
    assert standing(None, None) is Standing.UNKNOWN


def test_a_deleted_run_goes_once_nobody_runs_the_experiment():
    assert standing(None, DELETED) is Standing.DELETED
    assert standing(None, DELETED, is_held=True) is Standing.LIVE
    assert standing(None, DELETED, may_work=True) is Standing.LIVE
