import math
from dataclasses import replace

import pytest

from analysis.results.results import COPY_FIRST, LAB_CRITERIA, PSNR, Curve
from analysis.stats.baseline import against_baseline
from analysis.stats.measures import NONE, ONCE
from tests.analysis.judged import F1, LOSS, at_batches, judged
from tests.analysis.recorded import FAILED, RUNNING, result_of, results_of, seed_sweep, trial


def copying(results):
    return against_baseline(results, LAB_CRITERIA[0])


def with_psnr(name, psnr_db, copy_db=20.0, recording=None):
    result = result_of(trial(name, {"kl_anneal_type": "None"}), *([recording] if recording else []))
    steps = tuple(range(len(psnr_db)))
    curves = {PSNR: Curve(steps, tuple(psnr_db)), COPY_FIRST: Curve(steps, (copy_db,) * len(steps))}
    return replace(result, curves=curves)


def test_copying_is_beaten_by_those_that_end_above_it():
    results = [with_psnr("a", [18.0, 21.5]), with_psnr("b", [18.0, 19.9])]
    assert copying(results).answer == "Yes: 1 of 2 ends above it; the best is a (+1.50 dB)."


def test_who_was_above_copying_only_at_its_best_is_named():
    finding = copying([with_psnr("a", [18.0, 20.25, 19.0])])
    assert finding.answer == "No: none of 1 ends above it; the best is a (-1.00 dB)."
    assert finding.details == (
        "Above it at their best epoch, and no longer at the last: a (0.25 dB above, epoch 1).",
    )


def test_who_could_not_be_judged_and_who_is_not_finished_is_named():
    results = [
        with_psnr("a", [21.0], recording=RUNNING),
        result_of(trial("b", {"kl_anneal_type": "None"}), None),
    ]
    finding = copying(results)
    assert finding.answer == (
        "Yes: 1 of 1 ends above it (1 of them unfinished, judged where they stand); the best is a (+1.00 dB)."
    )
    assert "Not judged, for lack of numbers: b." in finding.basis


@pytest.mark.parametrize("psnr_db", [[math.nan], [19.0, math.nan]])
def test_a_nan_tells_nothing_of_copying(psnr_db):
    finding = copying([with_psnr("a", psnr_db)])
    assert (finding.answer, finding.answered) == ("The data cannot tell: no trial has both PSNRs.", False)


def test_a_setting_beats_copying_where_all_its_seeds_do():
    finding = copying(results_of(seed_sweep()).results)
    assert finding.answer.startswith("Yes: 3 of 3 settings end above it in all their seeds; the best is ")
    assert [line.partition(" seeds")[0] for line in finding.details] == [
        "no annealing: 3 of 3",
        "Cyclical: 3 of 3",
        "Monotonic: 3 of 3",
    ]


@pytest.mark.parametrize("odd", [[18.0, 19.0], None])
def test_a_setting_with_one_seed_below_copying_or_failed_does_not_beat_it(odd):
    results = list(results_of(seed_sweep(), {"Cyclical-seed2": FAILED}).results)
    place = [result.trial.name for result in results].index("Cyclical-seed2")
    curves = {PSNR: Curve((0, 1), tuple(odd)), COPY_FIRST: Curve((0, 1), (20.0, 20.0))} if odd else {}
    results[place] = replace(results[place], curves=curves)
    finding = copying(results)
    assert finding.answer.startswith("Yes: 2 of 3 settings end above it in all their seeds")
    (line,) = [line for line in finding.details if line.startswith("Cyclical")]
    assert line.startswith("Cyclical: 2 of 3 seeds" if odd else "Cyclical: 2 of 2 seeds")
    assert line.endswith("in the mean." if odd else "1 without a result.")


def test_any_measure_is_judged_against_its_own_baseline_and_low_may_be_better():
    finding = against_baseline(judged(F1).results, F1)
    assert finding.question == "Does val/f1 beat val/majority?"
    assert finding.answer == (
        "Yes: 2 of 3 settings end above it in all their seeds; the best is optimizer a (+15.17 points, mean of 3: +14.5 to +16)."
    )
    loss = replace(LOSS, baseline=25.0)
    finding = against_baseline(judged(loss).results, loss)
    assert finding.question == "Does loss beat 25?"
    assert finding.answer.startswith(
        "Yes: 1 of 3 settings ends below it in all its seeds; the best is optimizer a (+5.167,"
    )
    assert [head for head, _ in finding.numbers.columns] == ["trial", "loss, last", "better by"]


def test_who_was_better_before_the_end_was_so_at_a_step_where_steps_are_no_epochs():
    ends = {"a": (60.0,), "b": (64.5,)}
    finding = against_baseline(at_batches(judged(F1, ends=ends)).results, F1)
    assert finding.details[0] == (
        "Above it at their best step, and no longer at the last: b-seed0 (0.5 points above, step 43)."
    )


def test_runs_that_were_not_repeated_are_said_to_tell_nothing_of_chance_and_no_others():
    once = against_baseline(judged(F1, ends={"a": (80.0,), "b": (60.0,)}, seeds=False).results, F1)
    assert ONCE in once.basis
    assert once.headline.endswith("; n = 1)")
    repeated = against_baseline(judged(F1).results, F1)
    assert ONCE not in repeated.basis
    assert "n = " not in repeated.headline


def test_of_the_frames_those_above_copying_are_counted_among_those_that_have_both():
    result = with_psnr("a", [21.0])
    frames = {
        "frame/psnr": Curve((1, 2, 3, 4), (25.0, 20.0, 18.0, 30.0)),
        "frame/psnr_copy_first": Curve((1, 2, 3), (24.0, 20.0, 19.0)),
    }
    numbers = copying([replace(result, curves={**result.curves, **frames}), result]).numbers
    assert numbers.columns[-1][0] == "frames above copying"
    assert [row[-1].text for row in numbers.rows] == ["1 of 3", NONE]
