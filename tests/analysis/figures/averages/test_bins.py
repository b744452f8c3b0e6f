"""Curves within bins of steps."""

import math

import pytest

from analysis.figures.averages.bins import alone, together
from analysis.figures.averages.captions import binned_words
from analysis.results.grouping import shared_steps
from analysis.results.results import LOSS, Curve
from tests.analysis.figures.averages.curves import at_episodes, curve, episodes, noisy


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


def test_bins_of_which_many_would_be_empty_are_wider():
    gaps = [
        step for start in range(1, 2001, 90) for step in range(start, start + 20)
    ]  # as of ever longer episodes
    assert together([curve(gaps), curve([step + 20 for step in gaps])]).width == 100


@pytest.mark.parametrize(
    "steps",
    [
        [range(1, 1001, 30), range(2, 1001, 30)],  # too few points
        [range(1, 1001, 3), range(2, 20, 3)],  # one has just begun
        [range(1000), range(1000, 100_000, 100)],  # epochs, and steps
        [range(1, 1001, 3), (*range(2, 300, 3), *range(602, 1001, 3))],  # a third of the bins lacks a run
    ],
)
def test_repeats_with_few_points_or_many_empty_bins_are_drawn_one_by_one(steps):
    assert together([curve(one) for one in steps]) is None
    assert binned_words(at_episodes(*map(curve, steps)), (LOSS,)) == ()


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


def test_a_run_alone_is_binned_only_with_very_many_points_at_irregular_steps():
    assert alone(curve(episodes(2000, 7))).width == 50
    for steps in (episodes(1000, 7), range(0, 100_000, 10)):
        assert alone(curve(steps)).curves == (curve(steps),)
    assert binned_words(at_episodes(curve(episodes(2000, 7))), (LOSS,)) == (
        "points are many and their steps irregular, so each run is averaged within 50 epochs",
    )


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
