from dataclasses import replace

import pytest

from analysis.results.criterion import (
    ADDED_LATER,
    FORM,
    HIGHER,
    LOWER,
    NEITHER,
    Criterion,
    Wording,
    as_recorded,
    form_of,
    not_recorded,
    ranking_ones,
)
from analysis.results.results import Curve
from tests.analysis.judged import F1, judged

LATER = f"{ADDED_LATER[0].upper()}{ADDED_LATER[1:]}."


def test_how_much_better_a_run_is_than_its_baseline_is_positive_either_way():
    result = judged(F1).results[0]
    assert (result.score(F1), result.to_beat(F1), result.gain(F1)) == (80.0, 65.0, 15.0)
    loss = Criterion("loss", LOWER, baseline=25.0)
    assert (result.score(loss), result.to_beat(loss), result.gain(loss)) == (20.0, 25.0, 5.0)
    assert result.gain(Criterion("loss", LOWER)) is None
    assert result.gain(Criterion("loss", LOWER, baseline="nothing")) is None


def test_what_is_better_neither_way_ranks_nothing():
    neutral = Criterion("r", NEITHER)
    assert (neutral.way, neutral.way_in_words) == ("", "")
    assert ranking_ones((neutral, F1)) == (F1,)
    with pytest.raises(ValueError, match="nothing is ranked by r"):
        _ = neutral.sign


def test_of_a_metric_over_frames_the_mean_counts():
    found = judged(F1).results[0]
    found.curves["frame/f1"] = found.curves["val/f1"]
    assert found.score(Criterion("frame/f1", HIGHER)) == pytest.approx((10 + 81 + 80) / 3)


def test_the_tail_is_compared_with_the_tail_of_its_baseline():
    curves = {"r": Curve((0, 95, 100), (9.0, 4.0, 8.0)), "b": Curve((0, 95, 100), (9.0, 1.0, 2.0))}
    tail = Criterion("r", HIGHER, baseline="b", value="tail")
    found = replace(judged(F1).results[0], curves=curves)
    assert (found.score(tail), found.to_beat(tail), found.gain(tail)) == (6.0, 1.5, 4.5)
    assert found.score(Criterion("nothing", HIGHER, value="tail")) is None


def test_the_mean_is_compared_with_the_mean_of_its_baseline():
    curves = {"r": Curve((1, 2), (4.0, 8.0)), "b": Curve((1, 2), (1.0, 2.0))}
    mean = Criterion("r", HIGHER, baseline="b", value="mean")
    found = replace(judged(F1).results[0], curves=curves)
    assert (found.score(mean), found.to_beat(mean), found.gain(mean)) == (6.0, 1.5, 4.5)
    assert (mean.column, mean.in_words, mean.judge) == (
        "r, mean",
        "mean r of all steps",
        "mean r of all steps",
    )


def test_a_tail_is_called_so_in_a_table_head_and_what_it_is_in_a_sentence():
    tail = Criterion("val/f1", HIGHER, value="tail")
    assert tail.column == "val/f1, tail"
    assert tail.in_words == tail.judge == "mean val/f1 of the last 10 % of steps"
    assert Criterion("best_f1", HIGHER, value="tail").in_words == "mean best_f1 of the last 10 % of steps"


def test_what_nothing_has_recorded_is_named_with_what_may_be_meant():
    assert list(
        not_recorded([Criterion("val/f2", HIGHER, baseline="val/majorty")], ["val/f1", "val/majority"])
    ) == [
        f"`measures:` has val/f2, which no run recorded; did you mean val/f1? {LATER}",
        f"`measures:` has val/majorty, as the baseline of val/f2, which no run recorded; did you mean val/majority? {LATER}",
    ]
    assert list(not_recorded([Criterion("xyz", HIGHER)], ["loss"])) == [
        f"`measures:` has xyz, which no run recorded; recorded: loss. {LATER}"
    ]
    assert list(not_recorded([F1], [])) == []


def test_runs_are_judged_by_what_is_recorded():
    assert as_recorded([F1], []) == (F1,)
    assert as_recorded([F1], ["loss"]) == ()
    assert as_recorded([F1], ["val/f1"]) == (Criterion("val/f1", HIGHER, "%"),)
    assert [one.metric for one in judged(F1, Criterion("val/f2", HIGHER)).criteria] == ["val/f1"]


@pytest.mark.parametrize(
    ("settings", "form"),
    [
        (((0.7481, 0.7703), (0.62, 0.6333)), ".3f"),  # the seeds do 0.013
        (((97.5, 98.3, 97.8), (66.2, 68.8, 67.0)), ".2f"),
        (((1234.0, 1300.0), (4321.0, 4400.0)), ".0f"),
        (((0.7612,), (0.75,), (0.70,)), ".3f"),  # seen once: the settings lie 0.03 apart
        (((2.0,), (3.0,)), ".0f"),  # whole numbers stay whole
        (((0.5, 0.5), (0.5, 0.5)), FORM),
        (((0.001, 0.0011), (3.0, 4.0)), FORM),  # no number of decimals fits both
        (((1e-9, 2e-9),), FORM),
        ((), FORM),
    ],
)
def test_a_measure_has_two_digits_of_what_the_seeds_do(settings, form):
    assert form_of(settings) == form


def test_a_sweep_tells_its_measures_how_many_digits_they_have_unless_somebody_said_so():
    (own,) = judged(F1).criteria
    assert own.wording.form == ".2f"
    (said,) = judged(replace(F1, wording=Wording(form=".1f"))).criteria
    assert said.wording.form == ".1f"
