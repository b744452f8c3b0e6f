import re
import statistics
from dataclasses import replace

import pytest

from analysis.results.criterion import HIGHER, LOWER, NEITHER, Criterion
from analysis.results.expected import ExpectedSweep
from analysis.results.results import BETA, KEYS, LOSS, PSNR, TFR, SweepResults
from analysis.stats.findings import findings
from tests.analysis.judged import F1, called, judged
from tests.analysis.judged import LOSS as LOSS_BELOW
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
from tests.analysis.stats.asked import HIGHER_PSNR, LOWER_LOSS, by_question, repeated

ONCE = "What do single runs show?"


def repeats(sweep):
    """The sweep with three seeds for each of its trials."""
    trials = tuple(
        trial(f"{one.name}-seed{seed}", {**one.axes, "seed": seed}, num_epoch=one.config["num_epoch"])
        for one in sweep.trials
        for seed in (1, 2, 3)
    )
    return ExpectedSweep(sweep.name, (*sweep.axes, "seed"), trials)


def test_the_reports_questions_are_asked_of_its_sweeps_where_seeds_repeat_them():
    assert list(by_question(results_of(repeats(ratio_sweep())))) == [
        "Does a model beat copying the first frame?",
        LOWER_LOSS,
        HIGHER_PSNR,
        "What does teacher forcing do to the training loss while it is on?",
        "What does teacher forcing do to the training loss at the end?",
        "What does teacher forcing do to validation PSNR?",
        "How does the training loss move with each cycle of beta?",
    ]
    assert list(by_question(results_of(seed_sweep())))[1:3] == [LOWER_LOSS, HIGHER_PSNR]


def test_what_ran_once_is_told_in_one_line_with_what_would_decide_it():
    found = results_of(strategy_sweep())
    asked = by_question(found)
    assert list(asked)[1:2] == [ONCE]
    assert not {LOWER_LOSS, HIGHER_PSNR} & set(asked)
    values = {result.trial.name: result.last(PSNR) for result in found.results}
    best, worst = max(values, key=values.get), min(values, key=values.get)
    label = {"None": "no annealing"}
    assert asked[ONCE].answer == (
        "Seen once (n = 1), so chance is not ruled out: the validation PSNR at the last epoch is highest with "
        f"{label.get(best, best)} ({values[best]:.2f} dB), lowest with {label.get(worst, worst)} ({values[worst]:.2f} dB); "
        "`sweep run --seeds 3` would test it."
    )
    assert not asked[ONCE].answered
    assert [row[1].text for row in asked[ONCE].numbers.rows] == [
        "training loss at the last epoch",
        "validation PSNR at the last epoch",
    ]


def test_where_the_program_takes_no_seed_that_is_said_before_seeds_are_asked_for():
    lacking = "train.py has no option --seed"
    finding = by_question(results_of(replace(strategy_sweep(), without_seed=lacking)))[ONCE]
    assert finding.answer.endswith("; train.py has no option --seed; with one, `--seeds 3` would test it.")
    assert finding.headline.endswith("; train.py has no option --seed; with one, `--seeds 3` would test it")


def test_where_repeats_are_still_to_finish_they_are_named_in_place_of_further_seeds():
    found = repeated(PSNR, Monotonic=(20.0, None, None), Cyclical=(21.0, None, None))
    finding = by_question(found)[ONCE]
    assert finding.answer.endswith("; 4 of 6 trials have still to finish.")
    assert finding.headline.endswith("(n = 1); 4 of 6 trials have still to finish")


def test_of_a_grid_that_ran_once_each_axis_and_measure_has_a_row():
    finding = by_question(results_of(ratio_sweep()))[ONCE]
    assert [(row[0].text, row[-1].text.partition(" of ")[2]) for row in finding.numbers.rows] == [
        *[("kl_anneal_type", "3")] * 2,
        *[("tfr", "3")] * 3,
    ]


def test_teacher_forcing_is_judged_over_the_epochs_in_which_it_was_on():
    found = results_of(repeats(ratio_sweep()))
    finding = by_question(found)["What does teacher forcing do to the training loss while it is on?"]
    forced = found.results[:3]
    on = [step for step, value in zip(*vars(forced[0].curves[TFR]).values(), strict=True) if value > 0]
    middle = [statistics.median(one.curves[LOSS].values[step] for step in on) for one in forced]
    assert finding.numbers.rows[0][1].text.startswith(f"{statistics.fmean(middle):.4g} ")
    assert (
        finding.basis[0]
        == f"Compared by the median training loss over epochs 0 to {on[-1]}, among finished runs."
    )
    at_the_end = by_question(found)["What does teacher forcing do to the training loss at the end?"]
    assert any("the ratio is 0 in every finished run" in line for line in at_the_end.basis)


def test_any_axis_is_asked_about_in_its_own_name():
    trials = tuple(
        trial(f"lr{value}-{seed}", {"lr": value, "seed": seed}, kl_anneal_type="None")
        for value in (1e-3, 1e-4)
        for seed in (1, 2)
    )
    found = SweepResults(ExpectedSweep("lr", ("lr", "seed"), trials), tuple(result_of(one) for one in trials))
    assert "Which lr ends with the lower training loss?" in by_question(found)


def test_one_correction_covers_all_sweeps_of_the_page():
    found = results_of(seed_sweep())
    (alone,), (first, _) = findings([found]), findings([found, found])
    (words,) = [line for line in alone[1].basis if "this page" in line]
    assert "(those of 2 questions)" in words
    (words,) = [line for line in first[1].basis if "this page" in line]
    assert "(those of 4 questions)" in words


def test_settings_that_cannot_be_sorted_are_asked_about_copying_alone():
    trials = tuple(trial(f"kinds{n}", {"kinds": ["a", n]}, kl_anneal_type="None") for n in (1, 2))
    found = SweepResults(ExpectedSweep("odd", ("kinds",), trials), tuple(result_of(one) for one in trials))
    assert list(by_question(found)) == ["Does a model beat copying the first frame?"]


@pytest.mark.parametrize(
    "sweep", [ratio_sweep(), strategy_sweep(), seed_sweep()], ids=lambda sweep: sweep.name
)
@pytest.mark.parametrize(
    "recording",
    [
        None,
        RUNNING,
        replace(RUNNING, epochs=0),
        Recording(without=(*KEYS, "val/skill")),
        Recording(without=(TFR, BETA)),
        Recording(nan=tuple((key, epoch) for key in KEYS for epoch in range(30))),
    ],
    ids=["missing", "running", "no epoch yet", "no metric", "no schedule", "all NaN"],
)
def test_whatever_is_recorded_every_question_has_an_answer_and_no_difference_is_claimed(sweep, recording):
    (found,) = findings([results_of(sweep, {one.name: recording for one in sweep.trials})])
    assert found[0].question == "Does a model beat copying the first frame?"
    assert all(finding.answer and finding.numbers.rows for finding in found)
    claims = [
        finding for finding in found if "ends with" in finding.question or "forcing" in finding.question
    ]
    assert not any(finding.answered for finding in claims)
    assert all(finding.answer.startswith("The data cannot tell: ") for finding in claims)


def test_the_files_measures_ask_the_same_of_any_trainer():
    asked = by_question(judged(F1, LOSS_BELOW))
    assert list(asked) == [
        "Does val/f1 beat val/majority?",
        "Which optimizer ends with the higher val/f1?",
        "Which optimizer ends with the lower loss?",
    ]
    higher, lower = list(asked.values())[1:]
    assert higher.answer.startswith("Highest with optimizer a (80.17 %, n = 3): ")
    assert lower.answer.startswith("Lowest with optimizer a (")
    assert higher.answered
    assert lower.answered


def test_the_first_measure_ranks_where_it_has_no_baseline_and_tells_of_single_runs():
    once = judged(LOSS_BELOW, F1, seeds=False, ends={"a": (80.0,), "b": (60.0,)})
    asked = by_question(once)
    assert list(asked) == ["Which trial has the lowest last loss?", "Does val/f1 beat val/majority?", ONCE]
    assert "the last loss is lowest with optimizer a (20)" in asked[ONCE].answer


def told(finding):
    """All that a finding says."""
    return " ".join((finding.question, finding.answer, finding.headline, *finding.details, *finding.basis))


def test_of_what_is_better_neither_way_settings_differ_and_none_is_better():
    (finding,) = by_question(judged(Criterion("val/f1", NEITHER, "%"))).values()
    assert finding.question == "How does last val/f1 differ between values of optimizer?"
    assert finding.answer.startswith(
        "Highest with optimizer a (80.17 %, n = 3): optimizer b lies 20.17 points below "
    )
    assert "lower in 100 % of pairs of runs" in finding.answer
    assert any("optimizer a is higher in 100 % of pairs of runs" in line for line in finding.details)
    assert finding.answered
    assert not re.search(r"\b(better|best|worse|worst)\b", told(finding))


@pytest.mark.parametrize(
    "ends",
    [
        {"a": (80.0, 81.0, 79.5), "b": (79.9, 81.2, 79.4), "c": (20.0, 21.0, 19.0)},
        {"a": (80.0, 71.0, 79.5), "b": (79.9, 81.2, 60.4), "c": (77.0, 66.0, 88.0)},
        {"a": (80.0, 81.0, None), "b": (60.0, 61.0, 59.0)},
        {"a": (80.0,), "b": (60.0,)},
        {"a": (80.0, 80.0), "b": (80.0, 80.0)},
    ],
    ids=["some near", "none apart", "a seed is missing", "once", "equal"],
)
def test_no_finding_by_what_is_better_neither_way_ranks(ends):
    found = by_question(judged(Criterion("val/f1", NEITHER), ends=ends, seeds=len(ends["a"]) > 1))
    assert found
    assert not re.search(r"\b(better|best|worse|worst)\b", " ".join(map(told, found.values())))


def test_behind_what_is_better_neither_way_the_next_measure_ranks():
    asked = by_question(judged(Criterion("val/f1", NEITHER), LOSS_BELOW))
    assert list(asked) == [
        "Which setting has the lowest last loss?",
        "How does last val/f1 differ between values of optimizer?",
        "Which optimizer ends with the lower loss?",
    ]
    against = by_question(judged(Criterion("val/f1", NEITHER), Criterion("loss", LOWER, baseline=1.0)))
    assert next(iter(against)) == "Does loss beat 1?"


def test_of_a_trainer_without_measures_nothing_is_asked():
    assert by_question(judged()) == {}


def test_a_file_may_judge_the_labs_trainer_by_other_measures():
    sweep = results_of(repeats(strategy_sweep()))
    skill = Criterion("val/skill", HIGHER, "dB")
    found = by_question(replace(sweep, expected=replace(sweep.expected, criteria=(skill,))))
    assert list(found)[:2] == [
        "Which setting has the highest last val/skill?",
        "Which annealing strategy ends with the higher val/skill?",
    ]


CHI = {
    2.0: (0.3708, 0.3593, 0.3832),
    2.2: (7.512, 3.82, 3.984),
    2.27: (13.53, 12.84, 15.03),
    2.4: (16.41, 15.85, 16.28),
    2.6: (4.933, 4.67, 4.947),
}
"""The susceptibility of an Ising model by temperature: of 2.2 and 2.4 p is 0.01 alone, and 0.052 corrected."""


def test_the_ranking_and_the_comparison_say_alike_what_is_near_the_best_and_what_the_correction_alone_takes_away():
    chi = Criterion("val/f1", HIGHER)
    ranked, compared = by_question(judged(chi, ends=CHI, axis="temperature")).values()
    near, doubted = "temperature 2.27", "not certain against temperature 2.2 (corrected p = 0.052)"
    assert f"1 other is not significantly worse), {doubted}, of 5 settings" in ranked.headline
    assert ranked.answer.endswith(f"; not significantly worse: {near}; {doubted}.")
    assert any(line.startswith("Not certain: significantly worse by that test") for line in ranked.basis)
    assert (
        f"highest with temperature 2.4, not significantly better than {near}, {doubted}; temp"
        in compared.headline
    )
    assert compared.answer.endswith(f"; not significantly better than {near}; {doubted}.")


def test_settings_that_no_correction_takes_away_are_called_certain_by_saying_nothing():
    ends = {value: tuple(end + 100 * place for end in (1.0, 1.1, 1.2)) for place, value in enumerate("abc")}
    for finding in by_question(judged(Criterion("val/f1", HIGHER), ends=ends)).values():
        assert "certain" not in " ".join((finding.headline, finding.answer, *finding.basis))


def test_of_more_than_two_settings_the_best_is_asked_for():
    def asked(**ends):
        (found,) = findings([judged(Criterion("val/f1", HIGHER), LOSS_BELOW, ends=ends)])
        return [finding.question for finding in found if "ends with" in finding.question]

    two = {"a": (80.0, 81.0), "b": (60.0, 61.5)}
    assert asked(**two) == [
        "Which optimizer ends with the higher val/f1?",
        "Which optimizer ends with the lower loss?",
    ]
    assert asked(**two, c=(70.0, 71.5)) == [
        "Which optimizer ends with the highest val/f1?",
        "Which optimizer ends with the lowest loss?",
    ]


def test_above_numbers_stands_what_is_behind_a_spread_where_there_is_one():
    repeated = by_question(judged(Criterion("val/f1", HIGHER)))[
        "Which optimizer ends with the higher val/f1?"
    ]
    assert "\N{PLUS-MINUS SIGN}" in repeated.numbers.rows[0][1].text
    assert repeated.above == "Mean \N{PLUS-MINUS SIGN} standard deviation of the n runs of a setting."
    few = judged(
        Criterion("val/f1", HIGHER),
        ends={"a": (80.0, 81.0, 79.0), "b": (60.0, None, None), "c": (70.0, None, None)},
    )
    (found,) = findings([few])
    assert [bool(one.above) for one in found] == [False, True]
    (once,) = findings([judged(Criterion("val/f1", HIGHER), seeds=False, ends={"a": (80.0,), "b": (60.0,)})])
    assert not any(one.above for one in once)


def test_questions_and_answers_call_measures_and_settings_as_the_file_does():
    names = {"loss": "Loss", "val/f1": "F1 score", "optimizer": "method", "val/majority": "majority vote"}
    (found,) = findings([called(judged(LOSS_BELOW, F1), names)])
    assert [one.question for one in found] == [
        "Which setting has the lowest last Loss?",
        "Does F1 score beat majority vote?",
        "Which method ends with the lowest Loss?",
        "Which method ends with the highest F1 score?",
    ]
    assert "method a" in found[0].answer
    words = " ".join((one.headline + one.answer + " ".join(one.basis + one.details)) for one in found)
    assert not [key for key in names if key in words.replace("--optimizer", "")]
