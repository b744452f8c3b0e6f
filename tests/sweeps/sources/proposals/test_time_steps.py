"""Steps of rows that have a time and no counter."""

import pytest

from sweeps.sources.proposals.time_steps import time_step
from sweeps.spec.trainer.expression import Expression


def rows(values, name="t", **more):
    return [{name: value, "energy": "1.5", **more} for value in values]


@pytest.mark.parametrize(
    ("values", "expression", "steps"),
    [
        (["0.000", "0.200", "0.400", "0.600"], "round(t / 0.2)", [0, 1, 2, 3]),
        (["0.333", "0.667", "1.000", "1.333"], "round(t / 0.333333)", [1, 2, 3, 4]),
        (["0.1", "0.3", "0.5"], "round((t - 0.1) / 0.2)", [0, 1, 2]),
        (["-0.5", "0.0", "0.5"], "round((t + 0.5) / 0.5)", [0, 1, 2]),
        (["0", "1e-05", "2e-05"], "round(t / 1e-05)", [0, 1, 2]),
        ([0.5, 1.0, 1.5], "round(t / 0.5)", [1, 2, 3]),
        (["0", "10", "30"], "t", [0, 10, 30]),
    ],
)
def test_a_time_that_is_evenly_spaced_counts_its_steps(values, expression, steps):
    assert time_step(rows(values)) == expression
    counted = Expression.parse(expression)
    assert [counted.value({"t": float(value)}) for value in values] == steps


@pytest.mark.parametrize(
    "given",
    [
        rows(["0.1", "0.2", "0.4"]),
        rows(["0.1", "0.2"]),
        rows(["0.2", "0.1", "0.0"]),
        rows(["0.1", "0.1", "0.1"]),
        rows(["0.1", "nan", "0.3"]),
        rows(["0.1", "", "0.3"]),
        rows(["0.1", "0.2", "0.3"], step="1"),
        rows(["0.1", "0.2", "0.3"], time="1"),
        rows(["0.1", "0.2", "0.3"], "temperature"),
        rows(["1732879000", "1732879001", "1732879002"], "time"),
        [],
    ],
)
def test_what_is_no_such_time_gives_no_step(given):
    assert time_step(given) == ""


def test_a_first_column_that_counts_is_the_step():
    assert time_step(rows(["0", "1", "2"], "day")) == "day"
    assert time_step(rows([2020, 2025, 2030], "year")) == "year"
    assert time_step([{"energy": 1, **row} for row in rows(["0", "1", "2"], "day")]) == ""
    assert time_step(rows(["0", "0.5", "1"], "day")) == time_step(rows(["0", "1", "0"], "batch")) == ""
    assert time_step(rows(["0", "1", "2"], "day", epoch="1")) == time_step([{}, {}, {}]) == ""


def folds(names=("fold", "epoch"), epochs=3):
    return [
        {names[0]: str(fold), names[1]: str(epoch), "loss": f"{fold + epoch / 10}"}
        for fold in range(2)
        for epoch in range(1, epochs + 1)
    ]


def test_epochs_that_begin_again_in_each_fold_have_a_step_of_both():
    assert time_step(folds()) == "fold * 3 + epoch"
    assert time_step(folds(epochs=50)) == "fold * 50 + epoch"
    assert time_step(folds(("k-fold", "step"))) == "`k-fold` * 3 + step"


@pytest.mark.parametrize(
    "given", [folds()[:3], [{"epoch": "1", "loss": n} for n in range(4)], folds(epochs=1)]
)
def test_epochs_that_rise_or_that_nothing_else_counts_are_the_step(given):
    assert time_step(given) == ""
