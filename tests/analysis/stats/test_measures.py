import math
from dataclasses import replace
from statistics import median

import pytest

from analysis.results.results import BETA, LOSS, PSNR, TFR, Curve
from analysis.stats.measures import last_loss, last_psnr, loss_while_forced, number
from tests.analysis.recorded import RUNNING, ratio_sweep, result_of, results_of

RESULTS = results_of(ratio_sweep(strategies=("Cyclical",))).results


def ending_with(beta):
    return replace(RESULTS[0], curves={**RESULTS[0].curves, BETA: Curve((0, 1), (0.0, beta))})


def test_the_last_values_are_those_of_the_last_epoch():
    assert last_psnr(RESULTS).value(RESULTS[0]) == RESULTS[0].curves[PSNR].last
    assert last_loss(RESULTS).value(RESULTS[0]) == RESULTS[0].curves[LOSS].last
    assert last_psnr(RESULTS).value(result_of(RESULTS[0].trial, None)) is None
    assert last_psnr(RESULTS).words_for(19.834) == "19.83 dB"


def test_losses_can_be_compared_only_where_beta_ends_alike():
    assert last_loss(RESULTS).doubt([ending_with(1.0), ending_with(1.0)]) == ""
    assert "beta ends at 0.5 in some of these runs and at 1 in others" in last_loss(RESULTS).doubt(
        [ending_with(1.0), ending_with(0.5)]
    )


def test_what_is_not_a_number_says_nothing():
    assert last_loss(RESULTS).doubt([ending_with(1.0), ending_with(math.nan)]) == ""
    forced = loss_while_forced(RESULTS)
    loss = Curve(tuple(forced.epochs), (math.nan, *range(1, len(forced.epochs))))
    assert math.isnan(forced.value(replace(RESULTS[0], curves={**RESULTS[0].curves, LOSS: loss})))


def test_the_loss_under_teacher_forcing_is_the_median_over_the_epochs_with_a_ratio_above_zero():
    forced = loss_while_forced(RESULTS)
    on = [step for step, ratio in enumerate(RESULTS[0].curves[TFR].values) if ratio > 0]
    assert forced.epochs == tuple(on)
    assert forced.value(RESULTS[0]) == median(RESULTS[0].curves[LOSS].values[step] for step in on)


@pytest.mark.parametrize(
    ("value", "words"), [(None, "\N{EN DASH}"), (math.nan, "NaN"), (math.inf, "NaN"), (1.239, "1.24")]
)
def test_a_number_in_a_table_says_whether_there_was_one(value, words):
    assert number(value) == words


@pytest.mark.parametrize(
    ("value", "form", "words"),
    [
        (10000.0, ".4g", "10000"),
        (123456, "+.4g", "+123456"),
        (2e7, ".4g", "2e+07"),
        (12345.6, ".4g", "1.235e+04"),
        (3.0, ".3f", "3.000"),
    ],
)
def test_a_whole_number_is_written_as_it_is(value, form, words):
    assert number(value, form) == words


def test_the_last_values_of_runs_that_count_something_else_are_those_of_the_last_step():
    batches = [replace(one, trial=replace(one.trial, epochs=3, by_epoch=None)) for one in RESULTS]
    assert last_psnr(RESULTS).words == "validation PSNR at the last epoch"
    assert last_psnr(batches).words == "validation PSNR at the last step"
    assert loss_while_forced(batches).words.startswith("median training loss over steps 0 to ")


def test_a_run_that_has_not_finished_does_not_say_while_what_teacher_forcing_was_on():
    longer = Curve(tuple(range(40)), (1.0,) * 40)
    running = replace(result_of(RESULTS[0].trial, RUNNING), curves={TFR: longer})
    assert loss_while_forced([*RESULTS, running]).epochs == loss_while_forced(RESULTS).epochs
