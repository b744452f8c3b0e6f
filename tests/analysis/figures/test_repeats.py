from dataclasses import replace

import pytest

from analysis.figures.repeats import Tail, apart_words, averaged, common_steps, have_means, mean_words
from analysis.results.results import LOSS, PSNR, Curve
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
    assert common_steps([Curve(one, (0.0,) * len(one)) for one in steps]) == common


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
    assert said.endswith("an upright stroke the end of a run: Cyclical (2, 4)")


def test_a_run_that_still_goes_on_has_no_end():
    first, *others = at_steps([range(5), range(9), range(9)])
    running = replace(first, run=replace(first.run, status="RUNNING", tags={}))
    assert averaged([running, *others], LOSS).ends == ((8, 1.0), (8, 1.0))


def test_runs_that_end_at_once_or_nearly_so_are_a_mean_alone():
    for steps in ([range(8), range(8)], [(*range(0, 1000, 10), 1003), (*range(0, 1000, 10), 1007)]):
        found = averaged(at_steps(steps), LOSS)
        assert (found.tails, found.ends) == ((), ())
        assert mean_words(at_steps(steps), (LOSS,)) == (
            "a line is the mean of its n runs, one a seed; its band goes from the least of them to the greatest",
        )
