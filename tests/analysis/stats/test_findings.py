import math
import statistics
from dataclasses import replace

import pytest

from analysis.results.expected import ExpectedSweep
from analysis.results.results import BETA, COPY_FIRST, KEYS, LOSS, PSNR, TFR, Curve, SweepResults
from analysis.stats.findings import copying, findings
from tests.analysis.recorded import (
    RUNNING,
    Recording,
    ratio_sweep,
    result_of,
    results_of,
    seed_sweep,
    strategy_sweep,
    trial,
)

LOWER_LOSS = "Which annealing strategy ends with the lower training loss?"
HIGHER_PSNR = "Which annealing strategy ends with the higher validation PSNR?"


def by_question(found):
    return {finding.question: finding for finding in findings(found)}


def test_the_reports_questions_are_asked_of_its_sweeps():
    assert list(by_question(results_of(ratio_sweep()))) == [
        "Does a model beat copying the first frame?",
        LOWER_LOSS,
        HIGHER_PSNR,
        "What does teacher forcing do to the training loss while it is on?",
        "What does teacher forcing do to the training loss at the end?",
        "What does teacher forcing do to validation PSNR?",
        "How does the training loss move with each cycle of beta?",
    ]
    assert list(by_question(results_of(strategy_sweep())))[1:3] == [LOWER_LOSS, HIGHER_PSNR]


def test_teacher_forcing_is_judged_over_the_epochs_in_which_it_was_on():
    found = results_of(ratio_sweep())
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
    found = SweepResults(ExpectedSweep("lr", ("lr",), trials), tuple(result_of(one) for one in trials))
    assert "Which lr ends with the lower training loss?" in by_question(found)


def test_settings_that_cannot_be_sorted_are_asked_about_copying_alone():
    trials = tuple(trial(f"kinds{n}", {"kinds": ["a", n]}, kl_anneal_type="None") for n in (1, 2))
    found = SweepResults(ExpectedSweep("odd", ("kinds",), trials), tuple(result_of(one) for one in trials))
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
    assert (finding.answer, finding.answered) == ("The data cannot tell: no trial has both PSNRs.", False)


def test_seeds_that_beat_copying_are_counted_by_setting():
    finding = copying(results_of(seed_sweep()).results)
    assert [line.partition(" seeds")[0] for line in finding.details] == [
        "no annealing: 3 of 3",
        "Cyclical: 3 of 3",
        "Monotonic: 3 of 3",
    ]


@pytest.mark.parametrize(
    "sweep", [ratio_sweep(), strategy_sweep(), seed_sweep()], ids=lambda sweep: sweep.name
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
def test_whatever_is_recorded_every_question_has_an_answer_and_no_difference_is_claimed(sweep, recording):
    found = findings(results_of(sweep, {one.name: recording for one in sweep.trials}))
    assert found[0].question == "Does a model beat copying the first frame?"
    assert all(finding.answer and finding.numbers.rows for finding in found)
    claims = [
        finding for finding in found if "ends with" in finding.question or "forcing" in finding.question
    ]
    assert claims
    assert not any(finding.answered for finding in claims)
    assert all(finding.answer.startswith("The data cannot tell: ") for finding in claims)
