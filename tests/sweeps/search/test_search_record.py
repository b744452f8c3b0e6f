from types import SimpleNamespace

import pytest

from sweeps.search.reconcile import State
from sweeps.search.search_record import SearchRecord
from tests.sweeps.search.searches import search_of


@pytest.mark.parametrize(
    ("state", "curves", "known"),
    [
        (State.COMPLETE, {"loss": {0: 2.0, 1: 1.0}}, (State.COMPLETE, (1.0,), {0: 2.0, 1: 1.0})),
        (State.COMPLETE, {}, (State.FAILED, None, {})),
        (State.PRUNED, {"loss": {0: 2.0}}, (State.PRUNED, None, {0: 2.0})),
    ],
)
def test_a_trial_without_a_score_has_failed_for_its_study(tmp_path, state, curves, known):
    search = search_of(tmp_path)
    params = {"lr": 0.1, "tfr": 0.5, "steps": [1]}
    trial = search.trial(params, "t1")
    record = SearchRecord(SimpleNamespace(ledger=None), None, search)
    made = record.trial(trial, params, state, curves, "r1")
    assert (made.state, made.values, made.curve) == known
    assert (made.name, made.run_id, made.fingerprint) == ("t1", "r1", trial.fingerprint)
