"""How repeats become one line."""

import math
from dataclasses import replace

from analysis.figures.averages.bins import alone
from analysis.figures.averages.captions import apart_words, binned_words, have_means, mean_words
from analysis.figures.averages.repeats import Averaging, Tail
from analysis.results.results import FRAME_PSNR, LOSS, PSNR, Curve
from tests.analysis.figures.averages.curves import THIRDS, at_episodes, curve, episodes, noisy
from tests.analysis.figures.test_figure_data import at_steps
from tests.analysis.recorded import results_of, seed_sweep


def test_the_mean_stops_with_the_first_run_that_ends_and_the_others_go_on_alone():
    runs = [
        replace(
            one,
            curves={LOSS: Curve(tuple(range(length)), tuple(float(seed + step) for step in range(length)))},
        )
        for seed, (one, length) in enumerate(zip(at_steps([range(9)] * 3), (3, 5, 5), strict=True))
    ]
    found = Averaging(LOSS).averaged(runs)
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
    assert Averaging(LOSS).averaged([running, *others]).ends == ((8, 1.0), (8, 1.0))


def test_runs_that_end_at_once_or_nearly_so_are_a_mean_alone():
    for steps in ([range(8), range(8)], [(*range(0, 1000, 10), 1003), (*range(0, 1000, 10), 1007)]):
        found = Averaging(LOSS).averaged(at_steps(steps))
        assert (found.tails, found.ends) == ((), ())
        assert mean_words(at_steps(steps), (LOSS,)) == (
            "a line is the mean of n runs with different seeds; its band goes from their minimum to their maximum",
        )


def test_repeats_at_steps_of_their_own_are_averaged_within_bins_each_run_first():
    runs = at_episodes(
        curve(THIRDS[0], lambda step: 1.0 if step <= 20 else 4.0), curve(THIRDS[1], lambda _: 3.0)
    )
    found = Averaging(LOSS).averaged(runs)
    assert found.steps == tuple(range(10, 1000, 20))
    assert (found.mean[:2], found.low[:2], found.high[:2]) == ((2.0, 3.5), (1.0, 3.0), (3.0, 4.0))
    assert (found.tails, found.ends) == ((), ())
    assert have_means(runs, (LOSS,))
    assert apart_words(runs, (LOSS,)) == ()
    assert binned_words(runs, (LOSS, PSNR)) == (
        "steps differ from run to run, so each run is averaged within 20 epochs first",
    )


def test_a_bin_in_which_a_run_has_no_point_is_left_out():
    found = Averaging(LOSS).averaged(
        at_episodes(curve(THIRDS[0]), curve([*range(2, 300, 3), *range(341, 1001, 3)]))
    )
    assert found.steps == (*range(10, 300, 20), *range(350, 1000, 20))


def test_a_bin_with_a_nan_is_a_gap():
    found = Averaging(LOSS).averaged(
        at_episodes(curve(THIRDS[0], lambda step: math.nan if step == 31 else 1.0), curve(THIRDS[1]))
    )
    assert [step for step, value in zip(found.steps, found.mean, strict=True) if math.isnan(value)] == [30]


def test_runs_in_bins_that_end_at_different_steps_go_on_alone_in_bins():
    runs = at_episodes(curve(THIRDS[0], lambda _: 1.0), curve(range(2, 515, 3), lambda _: 3.0))
    found = Averaging(LOSS).averaged(runs)
    assert found.steps == tuple(range(10, 520, 20))
    assert found.tails == (Tail("seed 1", tuple(range(510, 1000, 20)), (1.0,) * 25),)
    assert found.ends == ((1000, 1.0), (512, 3.0))
    assert mean_words(runs, (LOSS,))[1].endswith("Cyclical (512, 1000)")


def test_curves_whose_noise_hides_where_they_go_are_averaged_within_bins_though_their_steps_are_regular():
    runs = at_episodes(noisy(1000, seed=1), noisy(1000, seed=2))
    found = Averaging(LOSS).averaged(runs)
    assert found.steps == tuple(range(250, 20000, 500))
    assert max(map(abs, found.mean)) < 1
    assert found.low < found.mean < found.high
    assert binned_words(runs, (LOSS,)) == (
        "points are many and noisy, so each run is averaged within 500 epochs",
    )
    assert alone(noisy(1000)).width == 500
    assert alone(noisy(300)).width == 100


def test_frames_of_a_video_are_no_noise():
    runs = [replace(one, curves={FRAME_PSNR: noisy(1000, stride=1)}) for one in at_steps([range(8)] * 2)]
    assert Averaging(FRAME_PSNR).averaged(runs).steps == tuple(range(1, 1001))
    assert Averaging(FRAME_PSNR).alone(runs[0]).width == 0
    assert binned_words(runs, (FRAME_PSNR,)) == ()


def of_settings(**curves):
    """Runs of two repeats a strategy, each with a curve of its own."""
    found = results_of(seed_sweep()).results
    return [
        replace(run, curves={LOSS: one})
        for name, own in curves.items()
        for run, one in zip(
            [run for run in found if run.trial.axes["kl_anneal_type"] == name][: len(own)], own, strict=True
        )
    ]


def test_settings_of_one_figure_have_the_same_bins():
    often, seldom = [curve(one) for one in THIRDS], [curve(range(first, 1001, 10)) for first in (1, 2)]
    runs = of_settings(Cyclical=often, Monotonic=seldom)
    assert [Averaging(LOSS).forms(own)[0].width for own in (runs[:2], runs[2:])] == [20, 50]
    averaging = Averaging.of(runs, LOSS)
    assert [averaging.forms(own)[0].width for own in (runs[:2], runs[2:])] == [50, 50]
    assert binned_words(runs, (LOSS,)) == (
        "steps differ from run to run, so each run is averaged within 50 epochs first",
    )


def test_a_run_alone_has_the_bins_of_the_repeats_beside_it():
    runs = of_settings(Cyclical=[curve(one) for one in THIRDS], Monotonic=[curve(episodes(1000, 7))])
    assert Averaging(LOSS).alone(runs[2]).width == 0
    assert Averaging.of(runs, LOSS).alone(runs[2]).width == 20


def test_a_setting_that_is_too_short_for_the_bins_of_others_has_its_own():
    runs = of_settings(
        Cyclical=[curve(range(first, 30_001, 300)) for first in (1, 2)],
        Monotonic=[curve(one) for one in THIRDS],
    )
    averaging = Averaging.of(runs, LOSS)
    assert [averaging.forms(own)[0].width for own in (runs[:2], runs[2:])] == [1000, 20]


def test_settings_with_steps_in_common_stay_as_they_were_recorded_beside_others():
    regular = [curve(range(100)), curve(range(100))]
    runs = of_settings(Cyclical=[curve(one) for one in THIRDS], Monotonic=regular)
    assert Averaging.of(runs, LOSS).together(runs[2:]).curves == tuple(regular)


def test_runs_that_end_within_a_bin_of_each_other_end_at_once():
    runs = at_episodes(curve(THIRDS[0]), curve([step for step in THIRDS[1] if step < 985]))
    assert Averaging(LOSS).averaged(runs).ends == ()
    assert [len(Averaging(LOSS, width).averaged(runs).tails) for width in (0, 50)] == [0, 0]
    shorter = at_episodes(curve(THIRDS[0]), curve([step for step in THIRDS[1] if step < 960]))
    assert [len(Averaging(LOSS, width).averaged(shorter).tails) for width in (0, 50)] == [1, 0]
