import math
import statistics
from dataclasses import replace

import pytest

from analysis.results.results import BETA, COPY_FIRST, KEYS, LOSS, PSNR, TFR, Curve, StudyResults
from analysis.results.study import Study
from analysis.stats.findings import copying, findings
from tests.analysis.recorded import (
    FAILED,
    RUNNING,
    Recording,
    ratio_study,
    result_of,
    results_of,
    seed_study,
    strategy_study,
    trial,
    with_code,
)

LOWER_LOSS = "Which annealing strategy ends with the lower training loss?"
HIGHER_PSNR = "Which annealing strategy ends with the higher validation PSNR?"


def by_question(found):
    return {finding.question: finding for finding in findings(found)}


def repeated(key, **values):
    """A study of strategies by seed whose runs end with the given values of one metric."""
    trials = tuple(
        trial(f"{kind}-seed{seed}", {"kl_anneal_type": kind, "seed": seed})
        for kind, ends in values.items()
        for seed in range(len(ends))
    )
    ends = [end for each in values.values() for end in each]
    curves = [{key: Curve((0, 1), (9.0, end)), BETA: Curve((0, 1), (0.0, 1.0))} for end in ends]
    results = tuple(replace(result_of(one), curves=curve) for one, curve in zip(trials, curves, strict=True))
    return StudyResults(Study("repeats", ("kl_anneal_type", "seed"), trials), results)


NONE, CYCLICAL = (0.10, 0.11, 0.09), (0.30, 0.31, 0.29)


def test_the_reports_questions_are_asked_of_its_studies():
    assert list(by_question(results_of(ratio_study()))) == [
        "Does a model beat copying the first frame?",
        LOWER_LOSS,
        HIGHER_PSNR,
        "What does teacher forcing do to the training loss while it is on?",
        "What does teacher forcing do to the training loss at the end?",
        "What does teacher forcing do to validation PSNR?",
        "How does the training loss move with each cycle of beta?",
    ]
    assert list(by_question(results_of(strategy_study())))[1:3] == [LOWER_LOSS, HIGHER_PSNR]


def test_one_run_a_setting_cannot_tell_and_the_numbers_stand_beside():
    found = results_of(strategy_study())
    finding = by_question(found)[LOWER_LOSS]
    values = {result.trial.name: result.last(LOSS) for result in found.results}
    assert not finding.told
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
    assert finding.told
    assert finding.answer == "Lowest in no annealing (0.1), told apart from Cyclical."
    assert finding.details == (
        "Cyclical above no annealing by 0.2 (95 % interval 0.1773 to 0.2227, p < 0.001): told apart.",
    )
    assert "Welch's t-test" in finding.basis[1]
    assert finding.basis[1].endswith("Holm's correction for 1 pair; n = 3 runs a setting.")
    assert finding.numbers.rows[0][1].text == "0.1 \N{PLUS-MINUS SIGN} 0.01 (n = 3)"


def test_a_difference_within_the_spread_of_the_seeds_is_not_called_one():
    finding = by_question(repeated(PSNR, **{"None": (20.0, 22.0, 24.0), "Cyclical": (21.0, 22.5, 24.0)}))[
        HIGHER_PSNR
    ]
    assert not finding.told
    assert (
        finding.answer == "The data cannot tell: no difference is larger than what the seeds make (1 tested)."
    )


def test_the_best_is_named_with_those_that_it_cannot_be_told_apart_from():
    found = repeated(LOSS, **{"None": NONE, "Monotonic": (0.105, 0.115, 0.095), "Cyclical": CYCLICAL})
    assert by_question(found)[LOWER_LOSS].answer == (
        "Lowest in no annealing (0.1), told apart from Cyclical, not told apart from Monotonic."
    )


def test_repeats_that_a_seed_does_not_change_tell_nothing():
    finding = by_question(repeated(LOSS, **{"None": (0.1, 0.1), "Cyclical": (0.2, 0.2)}))[LOWER_LOSS]
    assert "the repeats of a setting are equal" in finding.answer
    assert not finding.told


def test_runs_of_other_code_are_not_compared():
    found = results_of(strategy_study(), {"Cyclical": with_code("bb22")})
    assert by_question(found)[LOWER_LOSS].answer == (
        "The data cannot tell: the runs differ in code too, and a difference may come from there."
    )


def test_a_block_of_one_code_is_compared_beside_one_that_is_not():
    found = results_of(ratio_study(), {"Cyclical-tfr0.5": with_code("bb22")})
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
    finding = by_question(results_of(strategy_study(), odd))[HIGHER_PSNR]
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
        in by_question(results_of(strategy_study(), odd))[LOWER_LOSS].basis
    )


def test_teacher_forcing_is_judged_over_the_epochs_in_which_it_was_on():
    found = results_of(ratio_study())
    finding = by_question(found)["What does teacher forcing do to the training loss while it is on?"]
    forced = found.results[0]
    on = [step for step, value in zip(*vars(forced.curves[TFR]).values(), strict=True) if value > 0]
    middle = statistics.median(forced.curves[LOSS].values[step] for step in on)
    assert finding.numbers.rows[0][1].text == f"{middle:.4g}"
    assert (
        finding.basis[0]
        == f"Compared by the median training loss over epochs 0 to {on[-1]}, among finished runs."
    )
    at_the_end = by_question(found)["What does teacher forcing do to the training loss at the end?"]
    assert any("the ratio is 0 in every finished run" in line for line in at_the_end.basis)


def test_any_axis_is_asked_about_in_its_own_name():
    trials = tuple(trial(f"lr{value}", {"lr": value}, kl_anneal_type="None") for value in (1e-3, 1e-4))
    found = StudyResults(Study("lr", ("lr",), trials), tuple(result_of(one) for one in trials))
    assert "Which lr ends with the lower training loss?" in by_question(found)


def test_more_settings_than_are_read_are_not_compared():
    trials = tuple(trial(f"lr{n}", {"lr": n}, kl_anneal_type="None") for n in range(13))
    found = StudyResults(Study("lr", ("lr",), trials), tuple(result_of(one) for one in trials))
    assert by_question(found)["Which lr ends with the lower training loss?"].answer.startswith(
        "The data cannot tell: these are more settings than are compared here"
    )


def test_settings_that_cannot_be_sorted_are_asked_about_copying_alone():
    trials = tuple(trial(f"kinds{n}", {"kinds": ["a", n]}, kl_anneal_type="None") for n in (1, 2))
    found = StudyResults(Study("odd", ("kinds",), trials), tuple(result_of(one) for one in trials))
    assert list(by_question(found)) == ["Does a model beat copying the first frame?"]


def with_psnr(name, psnr_db, copy_db=20.0, recording=None):
    result = result_of(trial(name, {"kl_anneal_type": "None"}), *([recording] if recording else []))
    steps = tuple(range(len(psnr_db)))
    curves = {PSNR: Curve(steps, tuple(psnr_db)), COPY_FIRST: Curve(steps, (copy_db,) * len(steps))}
    return replace(result, curves=curves)


def test_copying_is_beaten_by_those_that_end_above_it():
    results = [with_psnr("a", [18.0, 21.5]), with_psnr("b", [18.0, 19.9])]
    assert copying(results).answer == "Yes: 1 of 2 end above it; the best is a (+1.50 dB)."


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
        "Yes: 1 of 1 end above it (1 of them unfinished, judged where they stand); the best is a (+1.00 dB)."
    )
    assert "Not judged, for lack of numbers: b." in finding.basis


@pytest.mark.parametrize("psnr_db", [[math.nan], [19.0, math.nan]])
def test_a_nan_tells_nothing_of_copying(psnr_db):
    finding = copying([with_psnr("a", psnr_db)])
    assert (finding.answer, finding.told) == ("The data cannot tell: no trial has both PSNRs.", False)


def test_seeds_that_beat_copying_are_counted_by_setting():
    finding = copying(results_of(seed_study()).results)
    assert [line.partition(" seeds")[0] for line in finding.details] == [
        "no annealing: 3 of 3",
        "Cyclical: 3 of 3",
        "Monotonic: 3 of 3",
    ]


@pytest.mark.parametrize(
    "study", [ratio_study(), strategy_study(), seed_study()], ids=lambda study: study.name
)
@pytest.mark.parametrize(
    "recording",
    [
        None,
        RUNNING,
        replace(RUNNING, epochs=0),
        Recording(without=KEYS),
        Recording(without=(TFR, BETA)),
        Recording(nan=tuple((key, epoch) for key in KEYS for epoch in range(30))),
    ],
    ids=["missing", "running", "no epoch yet", "no metric", "no schedule", "all NaN"],
)
def test_whatever_is_recorded_every_question_has_an_answer_and_no_difference_is_claimed(study, recording):
    found = findings(results_of(study, {one.name: recording for one in study.trials}))
    assert found[0].question == "Does a model beat copying the first frame?"
    assert all(finding.answer and finding.numbers.rows for finding in found)
    claims = [
        finding for finding in found if "ends with" in finding.question or "forcing" in finding.question
    ]
    assert claims
    assert not any(finding.told for finding in claims)
    assert all(finding.answer.startswith("The data cannot tell: ") for finding in claims)
