from dataclasses import replace

from analysis.results.criterion import NEITHER, Criterion
from analysis.results.expected import ExpectedSweep
from analysis.results.results import LOSS, PSNR, Curve, SweepResults
from tests.analysis.recorded import result_of, trial
from tests.analysis.stats.asked import HIGHER_PSNR, LOWER_LOSS, by_question

NOISE = {1: 0.0, 2: 0.01, 3: -0.01}


def grid(key, means, seeds=(1, 2, 3)):
    """Strategies by ratio by seed, with these means; noise of a hundredth, another one for each setting."""
    found = []
    for place, ((kind, ratio), mean) in enumerate(means.items()):
        for seed in seeds:
            one = trial(f"{kind}-{ratio}-{seed}", {"kl_anneal_type": kind, "tfr": ratio, "seed": seed})
            last = mean * (1 + NOISE[1 + (seed + place) % 3])
            found.append(replace(result_of(one), curves={key: Curve((0, 1), (mean, last))}))
    axes = ("kl_anneal_type", "tfr", "seed")
    return SweepResults(ExpectedSweep("grid", axes, tuple(one.trial for one in found)), tuple(found))


def test_no_mean_is_told_where_its_sign_changes_with_another_setting():
    means = {("Cyclical", 1.0): 1.0, ("Monotonic", 1.0): 2.0, ("Cyclical", 0.0): 1.2, ("Monotonic", 0.0): 1.0}
    finding = by_question(grid(LOSS, means))[LOWER_LOSS]
    line = "hich of Cyclical and Monotonic is lower depends on tfr: Cyclical with TFR 1 (Monotonic lies 100.0 % above)"
    assert (
        finding.headline
        == f"Training loss at the last epoch: w{line}; Monotonic with TFR 0 (Cyclical lies 20.0 % above)"
    )
    assert finding.answer == f"W{line}; Monotonic with TFR 0 (Cyclical lies 20.0 % above)."
    assert finding.answered
    assert finding.rank == 1  # as what is told apart
    assert finding.details[0].startswith(
        "Only in the mean, which hides that the sign changes: Monotonic above Cyclical"
    )
    assert any("Gail and Simon" in line for line in finding.basis)


def test_where_high_is_better_the_other_lies_below():
    means = {
        ("Cyclical", 1.0): 30.0,
        ("Monotonic", 1.0): 25.0,
        ("Cyclical", 0.0): 20.0,
        ("Monotonic", 0.0): 23.0,
    }
    assert by_question(grid(PSNR, means))[HIGHER_PSNR].headline == (
        "Validation PSNR at the last epoch: which of Monotonic and Cyclical is higher depends on tfr: Monotonic with TFR 0 "
        "(Cyclical lies 3.00 dB below); Cyclical with TFR 1 (Monotonic lies 5.00 dB below)"
    )


def test_where_neither_way_is_better_one_is_higher_somewhere():
    means = {
        ("Cyclical", 1.0): 30.0,
        ("Monotonic", 1.0): 25.0,
        ("Cyclical", 0.0): 20.0,
        ("Monotonic", 0.0): 23.0,
    }
    sweep = grid("rate", means)
    expected = replace(sweep.expected, criteria=(Criterion("rate", NEITHER),))
    finding = by_question(replace(sweep, expected=expected))[
        "How does last rate differ between values of annealing strategy?"
    ]
    assert (
        "which of Monotonic and Cyclical is higher depends on tfr: Monotonic with TFR 0" in finding.headline
    )
    (method,) = (line for line in finding.basis if "Gail and Simon" in line)
    assert method.startswith("Where which setting is higher changes with the other axes")


def test_a_mean_is_told_where_its_sign_holds():
    means = {("Cyclical", 1.0): 1.0, ("Monotonic", 1.0): 2.0, ("Cyclical", 0.0): 1.0, ("Monotonic", 0.0): 1.3}
    finding = by_question(grid(LOSS, means))[LOWER_LOSS]
    assert "lowest with Cyclical; Monotonic lies 61.2 % above" in finding.headline
    assert not any("Gail and Simon" in line for line in finding.basis)


def test_a_sign_that_changes_within_noise_is_none():
    means = {
        ("Cyclical", 1.0): 1.0,
        ("Monotonic", 1.0): 2.0,
        ("Cyclical", 0.0): 1.003,
        ("Monotonic", 0.0): 1.0,
    }
    finding = by_question(grid(LOSS, means))[LOWER_LOSS]
    assert "depends on" not in finding.headline
    assert not any("Gail and Simon" in line for line in finding.basis)


def test_settings_that_ran_once_are_not_tested_for_it():
    means = {("Cyclical", 1.0): 1.0, ("Monotonic", 1.0): 2.0, ("Cyclical", 0.0): 1.2, ("Monotonic", 0.0): 1.0}
    assert all("depends on" not in one.headline for one in by_question(grid(LOSS, means, (1,))).values())
