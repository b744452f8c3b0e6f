"""What captions say of means and bins."""

from dataclasses import replace

from analysis.figures.averages.captions import apart_words, binned_words, have_means, nothing_words
from analysis.results.results import LOSS, PSNR, Curve
from tests.analysis.figures.averages.curves import THIRDS, at_episodes, curve
from tests.analysis.figures.test_figure_data import at_steps
from tests.analysis.recorded import results_of, seed_sweep


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
        "Cyclical: few steps in common, and too few points for bins, so each run is drawn: seed 1 has steps 0 to 7, seed 2 has steps 7 to 43",
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
        "Cyclical: no step in common, and too few points for bins, so each run is drawn: seed 1 has step 0, seed 2 has step 1, seed 3 has step 2; "
        "1 more setting is drawn so"
    )


def test_settings_that_are_binned_are_named_if_others_are_not():
    others = [one for one in results_of(seed_sweep()).results if one.trial.axes["kl_anneal_type"] == "None"]
    assert binned_words([*at_episodes(*map(curve, THIRDS)), *others], (LOSS,)) == (
        "Cyclical: steps differ from run to run, so each run is averaged within 20 epochs first",
    )


def test_what_no_run_has_is_not_waited_for_once_all_have_ended():
    runs = results_of(seed_sweep()).results
    assert nothing_words(runs, "swd") == "no run recorded swd"
    assert nothing_words([*runs, replace(runs[0], run=None)], "swd") == "no run has recorded swd yet"
