from dataclasses import replace

from analysis.results.expected import ExpectedSweep
from analysis.results.results import BETA, LOSS, PSNR, Curve, SweepResults
from analysis.stats.findings import findings
from tests.analysis.recorded import (
    FAILED,
    Recording,
    ratio_sweep,
    result_of,
    results_of,
    strategy_sweep,
    trial,
    with_code,
)

LOWER_LOSS = "Which annealing strategy ends with the lower training loss?"
HIGHER_PSNR = "Which annealing strategy ends with the higher validation PSNR?"


def by_question(found):
    return {finding.question: finding for finding in findings(found)}


def repeated(key, **values):
    """A sweep of strategies by seed whose runs end with the given values of one metric."""
    trials = tuple(
        trial(f"{kind}-seed{seed}", {"kl_anneal_type": kind, "seed": seed})
        for kind, ends in values.items()
        for seed in range(len(ends))
    )
    ends = [end for each in values.values() for end in each]
    curves = [{key: Curve((0, 1), (9.0, end)), BETA: Curve((0, 1), (0.0, 1.0))} for end in ends]
    results = tuple(replace(result_of(one), curves=curve) for one, curve in zip(trials, curves, strict=True))
    return SweepResults(ExpectedSweep("repeats", ("kl_anneal_type", "seed"), trials), results)


NONE, CYCLICAL = (0.10, 0.11, 0.09), (0.30, 0.31, 0.29)


def test_one_run_a_setting_cannot_tell_and_the_numbers_stand_beside():
    found = results_of(strategy_sweep())
    finding = by_question(found)[LOWER_LOSS]
    values = {result.trial.name: result.last(LOSS) for result in found.results}
    assert not finding.answered
    assert finding.answer == (
        "The data cannot tell: with one run a setting (n = 1) a difference may be the seed's. As recorded:"
    )
    assert finding.details == (
        f"Lowest in Cyclical ({values['Cyclical']:.4g}), highest in Monotonic ({values['Monotonic']:.4g}).",
    )
    assert [cell.text for cell in finding.numbers.rows[0][1:]] == [
        f"{value:.4g}" for value in values.values()
    ]


def test_a_strategy_that_differs_by_more_than_the_seeds_is_told_apart_with_test_and_n():
    finding = by_question(repeated(LOSS, **{"None": NONE, "Cyclical": CYCLICAL}))[LOWER_LOSS]
    assert finding.answered
    assert finding.answer == "Lowest in no annealing (0.1), significantly different from Cyclical."
    assert finding.details == (
        "Cyclical above no annealing by 0.2 (95 % interval 0.1773 to 0.2227, p < 0.001): significant.",
    )
    assert "Welch's t-test" in finding.basis[1]
    assert finding.basis[1].endswith("Holm's correction for 1 pair; n = 3 runs a setting.")
    assert finding.numbers.rows[0][1].text == "0.1 \N{PLUS-MINUS SIGN} 0.01 (n = 3)"


def test_a_difference_within_the_spread_of_the_seeds_is_not_called_one():
    finding = by_question(repeated(PSNR, **{"None": (20.0, 22.0, 24.0), "Cyclical": (21.0, 22.5, 24.0)}))[
        HIGHER_PSNR
    ]
    assert not finding.answered
    assert finding.answer == "The data cannot tell: no difference is significant (1 tested)."


def test_the_best_is_named_with_those_that_it_cannot_be_told_apart_from():
    found = repeated(LOSS, **{"None": NONE, "Monotonic": (0.105, 0.115, 0.095), "Cyclical": CYCLICAL})
    assert by_question(found)[LOWER_LOSS].answer == (
        "Lowest in no annealing (0.1), significantly different from Cyclical, no significant difference from Monotonic."
    )


def test_repeats_that_a_seed_does_not_change_tell_nothing():
    finding = by_question(repeated(LOSS, **{"None": (0.1, 0.1), "Cyclical": (0.2, 0.2)}))[LOWER_LOSS]
    assert "the repeats of a setting are equal" in finding.answer
    assert not finding.answered


def test_runs_of_other_code_are_not_compared():
    found = results_of(strategy_sweep(), {"Cyclical": with_code("bb22")})
    assert by_question(found)[LOWER_LOSS].answer == (
        "The data cannot tell: the runs differ in code too, and a difference may come from there."
    )


def test_a_block_of_one_code_is_compared_beside_one_that_is_not():
    found = results_of(ratio_sweep(), {"Cyclical-tfr0.5": with_code("bb22")})
    finding = by_question(found)["What does teacher forcing do to validation PSNR?"]
    assert [line.partition(":")[0] for line in finding.details] == ["no annealing", "Monotonic"]
    assert any(line.startswith("Cyclical: not compared: the runs differ in code") for line in finding.basis)


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
        in by_question(results_of(strategy_sweep(), odd))[LOWER_LOSS].basis
    )


def test_more_settings_than_are_read_are_not_compared():
    trials = tuple(trial(f"lr{n}", {"lr": n}, kl_anneal_type="None") for n in range(13))
    found = SweepResults(ExpectedSweep("lr", ("lr",), trials), tuple(result_of(one) for one in trials))
    assert by_question(found)["Which lr ends with the lower training loss?"].answer.startswith(
        "The data cannot tell: these are more settings than are compared here"
    )
