import math
from dataclasses import replace

import pytest

from analysis.results.criterion import HIGHER, LOWER, Criterion
from analysis.results.expected import ExpectedSweep
from analysis.results.results import BETA, LOSS, PSNR, Curve, SweepResults
from analysis.stats.findings import findings
from analysis.stats.lab.cycles import beta_cycles
from tests.analysis.judged import judged
from tests.analysis.recorded import (
    result_of,
    trial,
)
from tests.analysis.stats.asked import CYCLICAL, HIGHER_PSNR, LOWER_LOSS, NONE, by_question, repeated


def grid(key, at, seeds=(1, 2, 3)):
    """A sweep of strategies by teacher forcing ratio by seed; `at` gives the last value of one metric."""
    trials = tuple(
        trial(f"{kind}-tfr{ratio}-seed{seed}", {"kl_anneal_type": kind, "tfr": ratio, "seed": seed})
        for kind in ("None", "Cyclical")
        for ratio in (1.0, 0.0)
        for seed in seeds
    )
    results = tuple(
        replace(result_of(one), curves={key: Curve((0, 1), (9.0, at(**one.axes))), BETA: Curve((1,), (1.0,))})
        for one in trials
    )
    return SweepResults(ExpectedSweep("grid", ("kl_anneal_type", "tfr", "seed"), trials), results)


def test_a_strategy_that_differs_by_more_than_the_seeds_is_told_apart_with_effect_interval_and_n():
    finding = by_question(repeated(LOSS, **{"None": NONE, "Cyclical": CYCLICAL}))[LOWER_LOSS]
    assert finding.answered
    assert finding.answer == (
        "Lowest with no annealing (geometric mean 0.09967, n = 3): Cyclical lies 200.9 % above (95 % interval 147.4 to 265.9 %, "
        "worse in 100 % of pairs of runs)."
    )
    assert finding.details == (
        (
            "Cyclical above no annealing by 200.9 % (95 % interval 147.4 to 265.9 %, corrected p = 0.0018, n = 3; no annealing is better "
            "in 100 % of pairs of runs): significant."
        ),
    )
    assert finding.basis[1].startswith("Compared seed by seed, on a log scale: means are geometric here")
    assert "after correction for all comparisons on this page (those of 1 question" in finding.basis[1]
    assert "docs/" not in finding.basis[1]  # a reader of the page has none
    assert finding.numbers.rows[0][1].text == "0.100 \N{PLUS-MINUS SIGN} 0.010 (n = 3)"


def test_a_difference_of_more_than_a_thousand_percent_is_told_as_a_ratio():
    values = {"None": NONE, "Cyclical": tuple(30 * value for value in NONE)}
    finding = by_question(repeated(LOSS, **values))[LOWER_LOSS]
    interval = finding.answer.partition("95 % interval ")[2].partition(" times")[0]
    low, _, high = interval.partition(" to ")
    assert float(low) <= 30.0 <= float(high)
    assert finding.answer == (
        f"Lowest with no annealing (geometric mean 0.09967, n = 3): Cyclical is 30.0 times as high (95 % interval {interval} times, "
        "worse in 100 % of pairs of runs)."
    )
    assert finding.headline == (
        f"Training loss at the last epoch: lowest with no annealing; Cyclical is 30.0 times as high (95 % CI {interval} times, n = 3)"
    )
    assert finding.details[0].startswith(
        f"Cyclical 30.0 times as high as no annealing (95 % interval {interval} times, corrected p"
    )


def test_an_interval_that_goes_so_far_is_told_in_ratios_with_its_difference():
    finding = by_question(repeated(LOSS, **{"None": (0.1, 9.0, 0.02), "Cyclical": (0.3, 0.2, 3.0)}))[
        LOWER_LOSS
    ]
    assert "%" not in finding.headline.replace("95 % CI", "")
    assert (
        "no significant difference; Cyclical is 2.2 times as high as no annealing (95 % CI "
        in finding.headline
    )


def test_a_difference_that_seeds_share_is_found_within_their_spread():
    # Each seed does as well in both, but for half a decibel; the seeds lie six decibels apart.
    values = {"None": (20.0, 23.1, 26.0), "Cyclical": (20.52, 23.6, 26.49)}
    finding = by_question(repeated(PSNR, **values))[HIGHER_PSNR]
    assert finding.answered
    assert finding.answer.startswith(
        "Highest with Cyclical (23.54 dB, n = 3): no annealing lies 0.50 dB below"
    )


def test_a_difference_that_seeds_contradict_is_not_called_one():
    finding = by_question(repeated(PSNR, **{"None": (20.1, 22.3, 24.2), "Cyclical": (21.2, 24.4, 22.1)}))[
        HIGHER_PSNR
    ]
    assert not finding.answered
    assert finding.answer.startswith(
        "The data cannot tell: highest with Cyclical (22.57 dB, n = 3), and no annealing lies 0.37"
    )


def test_what_seeds_leave_open_stands_at_the_head_behind_what_they_decide_and_before_how_beta_moves_the_loss():
    def rank(*cyclical):
        found = by_question(repeated(PSNR, **{"None": (20.1, 22.3, 24.2), "Cyclical": cyclical}))
        return found[HIGHER_PSNR].rank

    saw = Curve((0, 1, 2, 3), (0.0, 1.0, 0.0, 1.0))
    moves = beta_cycles(
        SweepResults(
            ExpectedSweep("a", ("kl_anneal_type",), (trial("b", {"kl_anneal_type": "b"}),)),
            (replace(result_of(trial("b", {"kl_anneal_type": "b"})), curves={BETA: saw, LOSS: saw}),),
        )
    )
    assert rank(30.1, 32.3, 34.2) < rank(21.2, 24.4, 22.1) < moves.rank


def test_a_difference_that_only_the_correction_takes_away_is_said_to_be_one():
    values = {"None": (20.1, 22.3, 24.2), "Cyclical": (21.2, 23.3, 25.3), "Monotonic": (29.0, 14.1, 25.0)}
    finding = by_question(repeated(PSNR, **values))[HIGHER_PSNR]
    (line,) = [line for line in finding.details if line.startswith("Cyclical above no annealing")]
    assert line.endswith("not significant among all that is compared; by itself it would be (p = 0.0015).")
    for text in (finding.answer, finding.headline):
        told = "significant by itself, but not after correction for all comparisons on this page (corrected p = 0.97"
        assert told in text
        assert "95 %" not in text  # its own interval leaves out 0
    assert finding.answer.startswith("Not certain: highest with Cyclical")
    assert (
        "not certain that Cyclical lies 1.07 dB above no annealing: significant by itself" in finding.headline
    )


def test_settings_that_end_alike_are_said_to_do_so():
    values = (20.1, 22.3, 24.2)
    finding = by_question(repeated(PSNR, **{"None": values, "Cyclical": values}))[HIGHER_PSNR]
    assert finding.answer == "The data cannot tell: no annealing and Cyclical are equal (22.20 dB, n = 3)."
    assert finding.headline == (
        "Validation PSNR at the last epoch: no annealing and Cyclical are equal, 22.20 dB (n = 3)"
    )


def test_means_that_only_rounding_tells_apart_have_no_better_one():
    # The sums differ in the last bit, as the seeds have the values in another order.
    values = {"None": (0.1, 0.2, 0.3, 0.7), "Cyclical": (0.3, 0.7 + 1e-15, 0.1, 0.2)}
    finding = by_question(repeated(PSNR, **values))[HIGHER_PSNR]
    assert finding.answer.startswith("The data cannot tell: no annealing and Cyclical are equal (")
    assert "no annealing and Cyclical are equal, " in finding.headline
    (line,) = finding.details
    assert line.startswith("no annealing and Cyclical do not differ in the mean (95 % interval ")
    assert "is better" not in line


def test_what_equals_the_best_is_named_beside_it():
    best = (30.0, 30.2, 30.1)
    values = {"None": best, "Cyclical": (20.1, 20.2, 20.0), "Monotonic": (30.2, 30.1, 30.0)}
    finding = by_question(repeated(PSNR, **values))[HIGHER_PSNR]
    assert finding.answer.startswith(
        "Highest with no annealing, equal to Monotonic (30.10 dB, n = 3): Cyclical lies "
    )
    assert "not significantly better" not in finding.answer
    assert ": highest with no annealing, equal to Monotonic; Cyclical lies " in finding.headline


def test_the_best_is_named_with_those_that_it_cannot_be_told_apart_from():
    found = repeated(LOSS, **{"None": NONE, "Monotonic": (0.102, 0.108, 0.093), "Cyclical": CYCLICAL})
    finding = by_question(found)[LOWER_LOSS]
    assert finding.answer.startswith(
        "Lowest with no annealing (geometric mean 0.09967, n = 3): Cyclical lies 200.9 % above"
    )
    assert finding.answer.endswith("; not significantly better than Monotonic.")
    assert (
        ": lowest with no annealing, not significantly better than Monotonic; Cyclical lies 200.9 % above (95 % CI"
        in finding.headline
    )


@pytest.mark.parametrize("other", [(0.2, 0.2, 0.2), (0.2, 0.1 + 0.1, 0.30000000000000004 - 0.1)])
def test_repeats_that_are_equal_up_to_rounding_tell_nothing(other):
    for key, question in ((LOSS, LOWER_LOSS), (PSNR, HIGHER_PSNR)):
        finding = by_question(repeated(key, **{"None": (0.1, 0.1, 0.1), "Cyclical": other}))[question]
        assert "the repeats of a setting are equal" in finding.answer
        assert not finding.answered


@pytest.mark.parametrize("key", [LOSS, PSNR])
@pytest.mark.parametrize(
    "values",
    [
        ((1e200, 2e200, 1.5e200), (3e200, 3.1e200, 3.2e200)),
        ((9e299, -9e299, 1e200), (0.0, 1e-300, 5e-324)),
        ((5e-324, 1e-320, 1e-300), (1.0, 1e200, 9e299)),
        ((0.0, 0.0, 0.0), (0.0, 0.0, 1e200)),
    ],
)
def test_any_finite_numbers_give_an_answer_of_a_readable_length(key, values):
    found = repeated(key, **dict(zip(("None", "Cyclical"), values, strict=True)))
    finding = by_question(found)[LOWER_LOSS if key == LOSS else HIGHER_PSNR]
    assert len(finding.answer) < 300
    assert "nan" not in finding.answer.lower()
    assert "inf" not in finding.answer.lower()


def test_the_best_by_its_own_seeds_is_not_called_so_where_it_loses_on_those_that_both_have():
    values = {"None": (40.0, 41.0, 31.0, 32.0, 33.0), "Cyclical": (None, None, 32.0, 33.01, 34.0)}
    finding = by_question(repeated(PSNR, **values))[HIGHER_PSNR]
    assert finding.answered
    assert finding.answer.startswith("Cyclical above no annealing by 1.00 dB (95 % interval ")
    assert "n = 3 to 5, 3 in both; " in finding.answer
    assert finding.answer.endswith(
        "The data cannot tell which is best: highest with no annealing (35.40 dB, n = 3 to 5), but not on the seeds that both have."
    )


def test_a_setting_with_one_seed_left_is_not_tested_and_missing_seeds_are_named_as_possible_bias():
    values = {"None": (20.0, 22.1, 24.0), "Cyclical": (21.1, 23.0, None), "Monotonic": (25.0, None, None)}
    finding = by_question(repeated(PSNR, **values))[HIGHER_PSNR]
    assert "Monotonic" not in " ".join((finding.answer, *finding.details))
    assert "Not tested, for one seed has no spread: Monotonic." in finding.basis
    assert (
        "Possible bias: Cyclical has 2 of 3 seeds; Monotonic has 1 of 3 seeds. If seeds are missing because they went badly, "
        "the rest looks better than it is."
    ) in finding.basis


def test_where_fewer_than_two_settings_have_two_seeds_nothing_is_tested():
    values = {"None": (20.0, 22.1, 24.0), "Cyclical": (21.1, None, None)}
    finding = by_question(repeated(PSNR, **values))[HIGHER_PSNR]
    assert finding.answer.startswith(
        "The data cannot tell: fewer than two settings have two seeds with a result."
    )


def test_of_repeats_that_are_equal_the_seed_is_called_lost_only_where_all_that_they_recorded_is_equal():
    values = {"None": (20.0, 20.0, 20.0), "Cyclical": (21.0, 21.0, 21.0)}
    sweep = repeated(PSNR, **values)
    assert by_question(sweep)[HIGHER_PSNR].answer == (
        "The data cannot tell: the repeats of a setting are equal in all that they recorded, so the seed does not reach them. "
        "As recorded: highest with Cyclical (21.00 dB), lowest with no annealing (20.00 dB)."
    )
    differing = tuple(
        replace(one, curves={**one.curves, LOSS: Curve((0, 1), (9.0, 0.1 + seed))})
        for seed, one in enumerate(sweep.results)
    )
    assert by_question(replace(sweep, results=differing))[HIGHER_PSNR].answer.startswith(
        "The data cannot tell: the repeats of a setting are equal in this measure. As recorded: "
    )


def test_of_a_grid_the_mean_effect_of_an_axis_is_compared_first():
    noise = {1: 0.1, 2: -1.2, 3: 0.8}
    found = grid(
        PSNR,
        lambda kl_anneal_type, tfr, seed: (
            25 + noise[seed] + tfr + (kl_anneal_type == "Cyclical") + 0.01 * seed * tfr
        ),
    )
    finding = by_question(found)[HIGHER_PSNR]
    assert finding.answer.startswith(
        "Highest with Cyclical (26.41 dB, n = 3, mean over tfr): no annealing lies 1.00 dB below"
    )
    assert "by the mean over 2 settings of the other axes" in finding.basis[1]
    assert finding.details[-1].startswith("Within single settings of the other axes, ")


def test_cells_that_differ_where_the_mean_does_not_are_named():
    noise = {seed: math.sin(seed) for seed in range(8)}

    def at(kl_anneal_type, tfr, seed):
        up = 3.0 if (kl_anneal_type == "Cyclical") == (tfr == 1.0) else 0.0
        return 25 + noise[seed] + up + 0.1 * math.sin(7 * seed + 3 * tfr + len(kl_anneal_type))

    finding = by_question(grid(PSNR, at, range(8)))[HIGHER_PSNR]
    assert finding.answer.startswith("Which of Cyclical and no annealing is higher depends on tfr: ")
    assert finding.answered
    cells = [line.partition(":")[0] for line in finding.details[1:-1]]
    assert cells == ["TFR 1", "TFR 0"]
    assert "n = 8; Cyclical is better in 100 % of pairs of runs" in finding.details[1]
    assert "n = 8; no annealing is better in 100 % of pairs of runs" in finding.details[2]
    assert (
        finding.details[-1]
        == "Within single settings of the other axes, 2 of the 2 differences are significant."
    )


def test_a_value_of_a_grid_with_one_seed_left_does_not_keep_the_others_from_being_compared():
    noise = {1: 0.1, 2: -1.2, 3: 0.8}
    whole = grid(
        PSNR,
        lambda kl_anneal_type, tfr, seed: (
            25 + noise[seed] + (kl_anneal_type == "Cyclical") + 0.1 * seed * tfr
        ),
    )
    monotonic = tuple(
        replace(result_of(one), curves={PSNR: Curve((1,), (30.0,))})
        for ratio in (1.0, 0.0)
        for one in [trial(f"m-{ratio}", {"kl_anneal_type": "Monotonic", "tfr": ratio, "seed": 1})]
    )
    results = (*whole.results, *monotonic)
    sweep = replace(whole.expected, trials=tuple(result.trial for result in results))
    finding = by_question(SweepResults(sweep, results))[HIGHER_PSNR]
    assert finding.answer.startswith(
        "Highest with Cyclical (26.00 dB, n = 3, mean over tfr): no annealing lies 1.00 dB below"
    )
    assert any(
        line.startswith("Not tested, for one seed has no spread: TFR 1: Monotonic") for line in finding.basis
    )


def test_of_two_runs_that_end_alike_each_is_better_in_half():
    values = {"None": (20.0, 22.0, 24.0), "Cyclical": (22.0, 22.0, 24.0)}
    (line,) = by_question(repeated(PSNR, **values))[HIGHER_PSNR].details
    # Of nine pairs Cyclical wins four; three are equal.
    assert "Cyclical is better in 61 % of pairs of runs" in line


def test_cells_of_which_none_differs_make_no_headline():
    found = grid(
        PSNR, lambda kl_anneal_type, tfr, seed: 25 + math.sin(9 * seed + 5 * tfr + len(kl_anneal_type))
    )
    finding = by_question(found)[HIGHER_PSNR]
    assert finding.details[-1].endswith("none of the 2 differences is significant.")
    assert ": no significant difference; " in finding.headline


def test_of_a_grid_that_ran_once_the_mean_over_the_other_axes_is_told():
    at = {("None", 1.0): 20.0, ("Cyclical", 1.0): 22.0, ("None", 0.0): 24.0, ("Cyclical", 0.0): 25.0}
    found = grid(PSNR, lambda kl_anneal_type, tfr, **_: at[kl_anneal_type, tfr], seeds=(1,))
    rows = by_question(found)["What do single runs show?"].numbers.rows
    (row,) = [row for row in rows if (row[0].text, row[2].text) == ("kl_anneal_type", "Cyclical")]
    assert (row[3].text, row[5].text, row[6].text) == ("23.50 dB", "22.00 dB", "2 of 2")


def test_pairs_of_runs_that_contradict_the_mean_are_told_as_that():
    values = {"None": (20.1, 20.3, 31.0), "Cyclical": (21.0, 21.2, 21.1)}
    finding = by_question(repeated(PSNR, **values))[HIGHER_PSNR]
    assert "although Cyclical is better in 67 % of pairs of runs" in finding.answer
    assert "although Cyclical is better in 67 % of pairs of runs" in finding.details[0]


def test_of_equal_settings_the_head_and_the_answer_have_the_same_one():
    # The means of a, b and c are equal; their sums differ in the last bit.
    ends = {"a": (0.1, 0.2, 0.9), "b": (0.2, 0.9, 0.1 + 1e-16), "c": (0.9, 0.1, 0.2), "d": (0.1, 0.5, 0.3)}
    for better, best, worst in ((HIGHER, "a", "d"), (LOWER, "d", "c")):
        alone = Criterion("val/f1", better)
        (found,) = findings([judged(alone, ends=ends)])
        first, compared = found
        tied = "optimizer a, optimizer b and optimizer c are equal (0.40)"
        assert (tied in first.answer) is (tied in first.headline) is (better == HIGHER)
        assert f"est with optimizer {best}" in compared.answer
        assert f"optimizer {worst} lies 0.10" in compared.answer
        high = best if better == HIGHER else worst
        assert f"optimizer {high} lies 0.10 above optimizer d (" in compared.headline
