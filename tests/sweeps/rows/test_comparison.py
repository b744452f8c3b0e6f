import pytest

from sweeps.commands.request import Request
from sweeps.commands.session import open_session
from sweeps.errors import SelectionError
from sweeps.rows.comparison import pairs_of


def session_of(file):
    return open_session(Request(file.path / "e.yaml"), file.uri)


def test_a_file_that_does_not_say_what_is_better_is_told_to(recorded):
    file = recorded("sweeps: {a: {grid: {lr: [1, 2]}, seeds: 2}}")
    for trial in ("lr1-seed0", "lr1-seed1", "lr2-seed0", "lr2-seed1"):
        file.add(trial, "finished", [("reward", 1, 0.5)])
    pairs, (why,) = pairs_of(session_of(file))
    assert pairs == ()
    assert why.endswith(
        "the file does not say what is better; write `measures: {METRIC: higher}`, or lower, into it"
    )
    with pytest.raises(SelectionError, match="nothing is compared by reward; the file does not say"):
        pairs_of(session_of(file), "reward")


def test_what_differs_by_the_seeds_of_a_setting_is_tested(recorded):
    file = recorded("sweeps: {a: {grid: {lr: [1, 2]}, seeds: 2}}\nmeasures: {acc: higher}")
    for trial, end in {"lr1-seed0": 0.5, "lr1-seed1": 0.52, "lr2-seed0": 0.8, "lr2-seed1": 0.83}.items():
        file.add(trial, "finished", [("acc", 1, end)])
    (pair,), notes = pairs_of(session_of(file), "acc")
    assert (pair.low, pair.high, pair.n_low, pair.n_high, notes) == ("lr 1", "lr 2", 2, 2, ())
    assert pair.difference == pytest.approx(0.305)
