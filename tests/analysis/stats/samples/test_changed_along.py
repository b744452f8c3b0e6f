"""What is said where other settings change along with the one that is compared."""

from dataclasses import replace

import pytest

from analysis.results.results import LOSS, Result
from analysis.stats.samples.changed_along import changed_along
from tests.analysis.recorded import ratio_sweep, result_of, trial
from tests.analysis.stats.asked import CYCLICAL, LOWER_LOSS, NONE, by_question, repeated


def runs(*configs):
    return [
        Result(trial(f"t{n}", {"kind": kind, "seed": n}, **more), None)
        for n, (kind, more) in enumerate(configs)
    ]


@pytest.mark.parametrize(
    ("configs", "words"),
    [
        ([("a", {"lr": 1}), ("b", {"lr": 1})], ""),
        ([("a", {"lr": 1}), ("b", {"lr": 2})], "with kind, lr changes, too"),
        ([("a", {"lr": 1, "net.depth": 1}), ("b", {"lr": 2, "net.depth": 3})], "with kind, lr and depth change, too"),
        ([("a", {"lr": 1}), ("b", {"lr": 2}), ("b", {"lr": 3})], ""),
    ],
)  # fmt: skip
def test_settings_that_have_one_value_for_each_value_of_the_axis_are_named(configs, words):
    assert changed_along("kind", [runs(*configs)], {}) == words


def test_what_changes_along_stands_in_the_line_and_in_the_answer():
    found = repeated(LOSS, **{"None": NONE, "Cyclical": CYCLICAL})
    results = tuple(
        replace(
            one,
            trial=replace(
                one.trial, config={**one.trial.config, "lr": 2.0 if one.trial.axes["kl_anneal_type"] == "None" else 1.0}
            ),
        )
        for one in found.results
    )  # fmt: skip
    finding = by_question(replace(found, results=results))[LOWER_LOSS]
    assert finding.headline.endswith("; with kl_anneal_type, lr changes, too")
    assert finding.answer.endswith("With kl_anneal_type, lr changes, too.")
    assert "too" not in by_question(found)[LOWER_LOSS].answer


def test_other_axes_do_not_change_along():
    sweep = ratio_sweep()
    assert changed_along("tfr", [[result_of(one) for one in sweep.trials]], {}) == ""
