import math
import random
from dataclasses import replace

import pytest

from analysis.figures.repeats import (
    Tail,
    alone,
    alone_of,
    apart_words,
    averaged,
    binned_words,
    have_means,
    mean_words,
    together,
)
from analysis.results.grouping import shared_steps
from analysis.results.results import FRAME_PSNR, LOSS, PSNR, Curve
from tests.analysis.figures.test_figure_data import at_steps
from tests.analysis.recorded import results_of, seed_sweep


@pytest.mark.parametrize(
    ("steps", "common"),
    [
        ([(0, 1, 2), (0, 1)], (0, 1)),
        ([(0, 5, 10), tuple(range(11))], (0, 5, 10)),
        ([(0, 1, 2, 3), (6, 13, 20, 27)], ()),
        ([(0, 1, 2, 3, 4, 5, 6), (6, 13, 20, 27)], ()),  # one by chance
        ([(7, 19, 31), (5, 19, 40), (2, 19, 55)], ()),
        ([(3,)], (3,)),
    ],
)
def test_runs_are_averaged_at_the_steps_that_all_have_unless_these_are_few(steps, common):
    assert shared_steps([Curve(one, (0.0,) * len(one)).steps for one in steps]) == common


def test_runs_that_count_alike_have_means_and_nothing_is_said():
    found = results_of(seed_sweep()).results
    assert have_means(found, (LOSS,))
    assert apart_words(found, (LOSS, PSNR)) == ()


def test_a_metric_of_one_run_or_of_none_is_no_mean():
    assert not have_means(at_steps([range(8)]), (LOSS,))
    assert not have_means(at_steps([range(8), range(8)]), (PSNR,))
    assert not have_means(at_steps([range(8), range(20, 28)]), (LOSS,))


def test_only_settings_that_are_apart_are_named_and_what_is_alike_is_said_once():
    apart = at_steps([range(8), (7, 21, 43)])
    others = [one for one in results_of(seed_sweep()).results if one.trial.axes["kl_anneal_type"] == "None"]
    assert apart_words([*apart, *others], (LOSS, PSNR)) == (
        "Cyclical: few steps in common, so each run is drawn: seed 1 has steps 0 to 7, seed 2 has steps 7 to 43",
    )


def test_more_settings_and_more_runs_than_fit_are_counted():
    every = results_of(seed_sweep()).results
    runs = at_steps([(number,) for number in range(3)])
    none = [one for one in every if one.trial.axes["kl_anneal_type"] == "None"]
    shifted = [
        type(one)(one.trial, one.run, {LOSS: Curve((10 * number,), (1.0,))})
        for number, one in enumerate(none)
    ]
    (said,) = apart_words([*runs, *shifted], (LOSS,))
    assert said == (
        "Cyclical: no step in common, so each run is drawn: seed 1 has step 0, seed 2 has step 1, seed 3 has step 2; "
        "1 more setting is drawn so"
    )


def test_the_mean_stops_with_the_first_run_that_ends_and_the_others_go_on_alone():
    runs = [
        replace(
            one,
            curves={LOSS: Curve(tuple(range(length)), tuple(float(seed + step) for step in range(length)))},
        )
        for seed, (one, length) in enumerate(zip(at_steps([range(9)] * 3), (3, 5, 5), strict=True))
    ]
    found = averaged(runs, LOSS)
    assert (found.steps, found.mean) == ((0, 1, 2), (1.0, 2.0, 3.0))
    assert found.tails == (
        Tail("seed 2", (2, 3, 4), (3.0, 4.0, 5.0)),
        Tail("seed 3", (2, 3, 4), (4.0, 5.0, 6.0)),
    )
    assert found.ends == ((2, 2.0), (4, 5.0), (4, 6.0))
    _, said = mean_words(runs, (LOSS, PSNR))
    assert said.startswith("where runs of a line end at different epochs, line and band stop with the first;")
    assert said.endswith("an upright stroke the end of a run: Cyclical (2, 4), counted from 0")


def test_a_run_that_still_goes_on_has_no_end():
    first, *others = at_steps([range(5), range(9), range(9)])
    running = replace(first, run=replace(first.run, status="RUNNING", tags={}))
    assert averaged([running, *others], LOSS).ends == ((8, 1.0), (8, 1.0))


def test_runs_that_end_at_once_or_nearly_so_are_a_mean_alone():
    for steps in ([range(8), range(8)], [(*range(0, 1000, 10), 1003), (*range(0, 1000, 10), 1007)]):
        found = averaged(at_steps(steps), LOSS)
        assert (found.tails, found.ends) == ((), ())
        assert mean_words(at_steps(steps), (LOSS,)) == (
            "a line is the mean of n runs with different seeds; its band goes from the least of them to the greatest",
        )


def episodes(last, period, first=1):
    """Steps at which episodes end that get longer and shorter again: irregular, and not one in a hundred is left out."""
    steps, step = [], first
    while step <= last:
        steps.append(step)
        step += 1 + len(steps) % period
    return tuple(steps)


def curve(steps, value=float):
    return Curve(tuple(steps), tuple(value(step) for step in steps))


def at_episodes(*curves):
    return [
        replace(one, curves={LOSS: own})
        for one, own in zip(at_steps([range(8)] * len(curves)), curves, strict=True)
    ]


THIRDS = [range(1, 1001, 3), range(2, 1001, 3)]
"""Steps of two runs that have none in common."""


def test_repeats_at_steps_of_their_own_are_averaged_within_bins_each_run_first():
    runs = at_episodes(
        curve(THIRDS[0], lambda step: 1.0 if step <= 20 else 4.0), curve(THIRDS[1], lambda _: 3.0)
    )
    found = averaged(runs, LOSS)
    assert found.steps == tuple(range(10, 1000, 20))
    assert (found.mean[:2], found.low[:2], found.high[:2]) == ((2.0, 3.5), (1.0, 3.0), (3.0, 4.0))
    assert (found.tails, found.ends) == ((), ())
    assert have_means(runs, (LOSS,))
    assert apart_words(runs, (LOSS,)) == ()
    assert binned_words(runs, (LOSS, PSNR)) == (
        "steps differ from run to run, so each run is averaged within 20 epochs first",
    )


def test_a_bin_holds_the_steps_up_to_a_multiple_of_its_width_and_the_first_one_step_0():
    (first, _) = together([curve(range(0, 1001, 5)), curve((0, *range(1, 1001, 5)))]).curves
    assert (first.steps[0], first.values[0]) == (10, (0 + 5 + 10 + 15 + 20) / 5)
    assert (first.steps[-1], first.values[-1]) == (990, (985 + 990 + 995 + 1000) / 4)


def test_no_point_of_a_line_lies_before_the_first_step_or_behind_the_last():
    for own in together([curve(range(first, 1007, 3)) for first in (12, 13)]).curves:
        assert (own.steps[0], own.steps[-1]) == (30, 990)


@pytest.mark.parametrize(
    ("last", "width"), [(1000, 20), (2000, 50), (5000, 100), (24_960, 500), (50_000, 1000), (60_000, 1000)]
)
def test_bins_have_a_round_width(last, width):
    repeats = [curve(range(first, last + 1, last // 400)) for first in (1, 2)]
    assert together(repeats).width == width


def test_runs_with_fewer_points_are_averaged_within_wider_bins():
    assert together([curve(range(first, 1001, 10)) for first in (1, 2)]).width == 50


@pytest.mark.parametrize(
    "steps",
    [
        [range(1, 1001, 20), range(2, 1001, 20)],  # too few points
        [range(1, 1001, 3), range(2, 20, 3)],  # one has just begun
        [range(1000), range(1000, 100_000, 100)],  # epochs, and steps
        [range(1, 1001, 3), (*range(2, 300, 3), *range(602, 1001, 3))],  # a third of the bins lacks a run
    ],
)
def test_repeats_with_few_points_or_many_empty_bins_are_drawn_one_by_one(steps):
    assert together([curve(one) for one in steps]) is None
    assert binned_words(at_episodes(*map(curve, steps)), (LOSS,)) == ()


def test_a_bin_in_which_a_run_has_no_point_is_left_out():
    found = averaged(at_episodes(curve(THIRDS[0]), curve([*range(2, 300, 3), *range(341, 1001, 3)])), LOSS)
    assert found.steps == (*range(10, 300, 20), *range(350, 1000, 20))


def test_a_bin_with_a_nan_is_a_gap():
    found = averaged(
        at_episodes(curve(THIRDS[0], lambda step: math.nan if step == 31 else 1.0), curve(THIRDS[1])), LOSS
    )
    assert [step for step, value in zip(found.steps, found.mean, strict=True) if math.isnan(value)] == [30]


def test_repeats_with_half_of_their_steps_in_common_are_binned_if_these_are_irregular():
    often = episodes(2000, 7)
    later = sorted({step + (step % 10 > 6) for step in often})
    assert 0.5 < len(shared_steps([curve(often).steps, curve(later).steps])) / len(later) < 0.9
    assert together([curve(often), curve(later)]).width == 50
    same, nearly, regular = (often, often), (often, [*often[:-1], 2003]), (range(1000), range(300, 1300))
    for steps in (same, nearly, regular):
        runs = tuple(curve(one) for one in steps)
        found = together(runs)
        assert (found.curves, found.width) == (runs, 0)


def test_runs_in_bins_that_end_at_different_steps_go_on_alone_in_bins():
    runs = at_episodes(curve(THIRDS[0], lambda _: 1.0), curve(range(2, 515, 3), lambda _: 3.0))
    found = averaged(runs, LOSS)
    assert found.steps == tuple(range(10, 520, 20))
    assert found.tails == (Tail("seed 1", tuple(range(510, 1000, 20)), (1.0,) * 25),)
    assert found.ends == ((1000, 1.0), (512, 3.0))
    assert mean_words(runs, (LOSS,))[1].endswith("Cyclical (512, 1000)")


def test_a_run_alone_is_binned_only_with_very_many_points_at_irregular_steps():
    assert alone(curve(episodes(2000, 7))).width == 50
    for steps in (episodes(1000, 7), range(0, 100_000, 10)):
        assert alone(curve(steps)).curves == (curve(steps),)
    assert binned_words(at_episodes(curve(episodes(2000, 7))), (LOSS,)) == (
        "points are many and their steps irregular, so each run is averaged within 50 epochs",
    )


def test_settings_that_are_binned_are_named_if_others_are_not():
    others = [one for one in results_of(seed_sweep()).results if one.trial.axes["kl_anneal_type"] == "None"]
    assert binned_words([*at_episodes(*map(curve, THIRDS)), *others], (LOSS,)) == (
        "Cyclical: steps differ from run to run, so each run is averaged within 20 epochs first",
    )


def noisy(count, drift=0.0, noise=1.0, stride=20, seed=0):
    """A curve at regular steps that goes up by `drift` in all, with normal noise."""
    draws = random.Random(seed)
    steps = tuple(range(stride, stride * (count + 1), stride))
    return Curve(steps, tuple(drift * step / steps[-1] + draws.gauss(0, noise) for step in steps))


def test_curves_whose_noise_hides_where_they_go_are_averaged_within_bins_though_their_steps_are_regular():
    runs = at_episodes(noisy(1000, seed=1), noisy(1000, seed=2))
    found = averaged(runs, LOSS)
    assert found.steps == tuple(range(250, 20000, 500))
    assert max(map(abs, found.mean)) < 1
    assert found.low < found.mean < found.high
    assert binned_words(runs, (LOSS,)) == (
        "points are many and noisy, so each run is averaged within 500 epochs",
    )
    assert alone(noisy(1000)).width == 500
    assert alone(noisy(300)).width == 100


def test_curves_that_go_further_than_their_noise_are_averaged_within_fine_bins_where_they_have_more_points_than_pixels():
    assert alone(noisy(2000, drift=20.0)).width == 200
    assert alone(noisy(700, drift=20.0)).width == 0


@pytest.mark.parametrize(
    "one",
    [
        noisy(200),
        noisy(5000, drift=1.0, noise=0.0),
        noisy(5000, drift=1.0, noise=0.001),
        curve(range(5000), lambda step: math.exp(-step / 500)),
        curve(range(5000), lambda step: 0.1 if step < 3000 else 0.01),
        curve(range(5000), lambda _: 3.0),
        curve(range(5000), lambda _: math.nan),
    ],
    ids=["few", "a line", "hardly noisy", "smooth", "a step", "constant", "no number"],
)
def test_other_curves_stay_as_they_were_recorded(one):
    assert alone(one).curves == together([one, one]).curves[:1] == (one,)


def test_frames_of_a_video_are_no_noise():
    runs = [replace(one, curves={FRAME_PSNR: noisy(1000, stride=1)}) for one in at_steps([range(8)] * 2)]
    assert averaged(runs, FRAME_PSNR).steps == tuple(range(1, 1001))
    assert alone_of(runs[0], FRAME_PSNR).width == 0
    assert binned_words(runs, (FRAME_PSNR,)) == ()
