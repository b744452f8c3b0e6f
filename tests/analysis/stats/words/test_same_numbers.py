from dataclasses import replace
from itertools import product

import pytest

from analysis.results.criterion import HIGHER, Criterion
from analysis.results.results import Curve
from analysis.stats.words.same_numbers import same_numbers
from tests.analysis.judged import judged

F1 = Criterion("val/f1", HIGHER)


def trained(**seeds_of):
    """Results of settings of an optimizer; each has a number a seed, on which its curves depend."""
    found = judged(F1, ends={name: tuple(seeds) for name, seeds in seeds_of.items()})
    return [
        replace(
            one,
            run=replace(one.run, run_id=f"run-{place}"),
            curves={
                "val/f1": Curve((0, 1, 2, 3), tuple(end / (4 - step) for step in range(4))),
                "time/epoch_s": Curve((0, 1), (float(place), 1.0)),
            },
        )
        for place, (one, end) in enumerate(
            zip(found.results, (end for seeds in seeds_of.values() for end in seeds), strict=True)
        )
    ]


def test_a_setting_that_changes_no_number_is_named():
    assert same_numbers(trained(a=(80.0, 81.0), b=(80.0, 81.0))) == (
        "optimizer changes nothing: with all of its values each seed recorded the same numbers at each step, as where a setting does not "
        "reach the program. `sweep commands` shows what each trial runs."
    )


def of_two_optimizers(names):
    """Results of settings of `a.optim` and `b.optim`, none of which changes a number."""
    return [
        replace(one, trial=replace(one.trial, names=names, axes={"a.optim": a, "b.optim": b, "seed": seed}))
        for one, (a, b, seed) in zip(
            trained(a=(80.0, 81.0), b=(80.0, 81.0), c=(80.0, 81.0), d=(80.0, 81.0)),
            product((1, 2), (1, 2), (0, 1)),
            strict=True,
        )
    ]


def test_settings_are_called_as_the_file_does():
    names = {"a.optim": "first rule", "b.optim": "second rule"}
    told = "first rule and second rule change nothing: with all of their values"
    assert same_numbers(of_two_optimizers(names)).startswith(told)


def test_where_it_changes_some_the_settings_are_named():
    told = same_numbers(trained(a=(80.0, 81.0), b=(80.0, 81.0), c=(80.0, 82.0)))
    assert told.startswith("Settings that are the same: optimizer a and optimizer b: each seed")


@pytest.mark.parametrize(
    "results",
    [
        trained(a=(80.0, 81.0), b=(80.0, 81.5)),
        trained(a=(80.0, 81.0), b=(80.0,)),
        [replace(one, curves={"val/f1": Curve((0,), (0.9,))}) for one in trained(a=(1.0, 1.0), b=(1.0, 1.0))],
        [
            replace(one, run=replace(one.run, run_id=f"run-{one.trial.axes['seed']}"))
            for one in trained(a=(80.0, 81.0), b=(80.0, 81.0))
        ],
    ],
    ids=["another seed differs", "a seed is missing", "few numbers", "one run of two trials"],
)
def test_others_are_not(results):
    assert same_numbers(results) == ""
