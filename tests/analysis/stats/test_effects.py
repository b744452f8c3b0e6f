from dataclasses import replace

import pytest

from analysis.results.expected import ExpectedSweep
from analysis.results.results import BETA, LOSS, PSNR, Curve, SweepResults
from analysis.stats.samples.coarseness import rounding_of
from tests.analysis.recorded import (
    FAILED,
    Recording,
    ratio_sweep,
    result_of,
    results_of,
    seed_sweep,
    strategy_sweep,
    trial,
    with_code,
)
from tests.analysis.stats.asked import CYCLICAL, HIGHER_PSNR, LOWER_LOSS, NONE, by_question, repeated


def test_runs_of_other_code_are_not_compared():
    odd = {f"Cyclical-seed{seed}": with_code("bb22") for seed in (1, 2, 3)}
    assert by_question(results_of(seed_sweep(), odd))[LOWER_LOSS].answer == (
        "The data cannot tell: the runs differ in code too, and a difference may come from there."
    )


def test_seeds_that_came_later_with_other_code_are_compared_seed_by_seed():
    later = {one.name: with_code("bb22") for one in seed_sweep().trials if one.name.endswith("seed3")}
    finding = by_question(results_of(seed_sweep(), later))[LOWER_LOSS]
    assert "the runs differ in code too" not in finding.answer
    assert finding.answer.endswith(" Runs differ in code, by seed and in all settings alike.")
    assert finding.headline.endswith("; runs differ in code, by seed and in all settings alike")
    alike = by_question(results_of(seed_sweep()))[LOWER_LOSS]
    assert "differ in code" not in alike.answer + alike.headline
    del later[next(iter(later))]
    assert "the runs differ in code too" in by_question(results_of(seed_sweep(), later))[LOWER_LOSS].answer


def test_a_block_of_one_code_is_compared_beside_one_that_is_not():
    found = results_of(ratio_sweep(), {"Cyclical-tfr0.5": with_code("bb22")})
    finding = by_question(found)["What do single runs show?"]
    assert [row[-1].text[-4:] for row in finding.numbers.rows if row[0].text == "tfr"] == ["of 2"] * 3
    assert any(line.startswith("Cyclical: not compared: the runs differ in code") for line in finding.basis)
    lines = by_question(results_of(ratio_sweep(), {"Cyclical-tfr0.5": with_code("bb22")})).values()
    assert any("; compared without Cyclical, where runs differ in code" in one.headline for one in lines)


def test_losses_that_weigh_the_kl_divergence_differently_are_not_compared():
    found = repeated(LOSS, **{"None": NONE, "Cyclical": CYCLICAL})
    half = [
        replace(result, curves={**result.curves, BETA: Curve((0, 1), (0.0, 0.5))})
        if result.trial.axes["kl_anneal_type"] == "Cyclical"
        else result
        for result in found.results
    ]
    answer = by_question(replace(found, results=tuple(half)))[LOWER_LOSS].answer
    assert answer.startswith(
        "The data cannot tell: beta ends at 0.5 in some of these runs and at 1 in others"
    )


def test_trials_that_cannot_be_compared_are_left_out_by_name():
    odd = {"Monotonic": FAILED, "Cyclical": Recording(without=(PSNR,))}
    finding = by_question(results_of(strategy_sweep(), odd))[HIGHER_PSNR]
    assert finding.answer == (
        "The data cannot tell: no two settings that differ in this alone have finished with numbers."
    )
    assert finding.basis[-2:] == (
        "Left out: Monotonic (failed after 4 epochs: loss is NaN in epoch 4, batch 2).",
        "Left out: Cyclical (its metric is not recorded).",
    )


def test_a_nan_at_the_end_is_left_out():
    odd = {"None": Recording(nan=((LOSS, 23),))}
    assert (
        "Left out: None (its value is not a finite number)."
        in by_question(results_of(strategy_sweep(), odd))["What do single runs show?"].basis
    )


def test_more_settings_than_are_read_are_not_compared():
    trials = tuple(trial(f"lr{n}", {"lr": n}, kl_anneal_type="None") for n in range(13))
    found = SweepResults(ExpectedSweep("lr", ("lr",), trials), tuple(result_of(one) for one in trials))
    assert by_question(found)["Which lr ends with the lower training loss?"].answer.startswith(
        "The data cannot tell: these are more values than are compared here"
    )


def test_numbers_on_a_log_scale_are_written_as_coarsely_as_the_least_of_them():
    values = [0.01, 0.02, 0.05, 10.0]
    assert rounding_of(values, is_log=False) == pytest.approx(0.01)
    assert rounding_of(values, is_log=True) == pytest.approx(1.0)
