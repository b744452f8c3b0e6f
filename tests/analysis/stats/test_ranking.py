import math
from dataclasses import replace

from analysis.results.criterion import HIGHER, LOWER, Criterion
from analysis.results.provenance_marks import with_marks
from analysis.results.results import Curve
from analysis.stats.ranking import first_of_best, ranking
from tests.analysis.judged import ENDS, LOSS, judged
from tests.analysis.recorded import with_code

ALONE = Criterion("val/f1", HIGHER, "%")


def rows(finding):
    return [[cell.text for cell in row] for row in finding.numbers.rows]


def test_settings_are_ranked_by_their_mean_over_seeds():
    finding = ranking(judged(ALONE).results, ALONE)
    assert finding.question == "Which setting has the highest last val/f1?"
    assert finding.answer == "optimizer a (80.17 %), then optimizer c (70.5 %) and optimizer b (60 %)."
    assert rows(finding)[0] == ["1", "optimizer a", "80.17 %", "79.5", "81", "3"]
    assert finding.answered


def test_those_that_seeds_do_not_tell_apart_are_named():
    ends = {"a": (80.0, 82.0), "b": (79.0, 82.5), "c": (10.0, 11.0)}
    finding = ranking(judged(ALONE, ends=ends).results, ALONE)
    assert (
        finding.answer
        == "optimizer a (81 %), then optimizer b (80.75 %) and optimizer c (10.5 %); not significantly worse: optimizer b."
    )
    assert (
        "(81 %, mean of 2: 80 to 82; 1 other is not significantly worse), of 3 settings" in finding.headline
    )


def test_a_setting_of_which_a_seed_failed_ranks_behind_those_that_have_all():
    ends = {"a": (99.0, None), "b": (79.0, 82.5), "c": (10.0, 11.0)}
    finding = ranking(judged(ALONE, ends=ends).results, ALONE)
    assert [row[1] for row in rows(finding)] == ["optimizer b", "optimizer c", "optimizer a"]
    assert "Runs ended without a number, and so behind the others: optimizer a." in finding.basis


def test_while_runs_are_to_finish_the_first_is_so_only_so_far():
    found = judged(ALONE, ends={"a": (80.0, 80.0), "b": (90.0, 91.0), "c": (70.0, 71.0)})
    results = [
        replace(one, run=None, curves={}) if one.trial.name in {"b-seed1", "c-seed0", "c-seed1"} else one
        for one in found.results
    ]
    finding = ranking(results, ALONE)
    assert (
        finding.headline
        == "Highest last val/f1 so far: optimizer b (90 %; n = 1), of 3 settings, 2 of them unfinished"
    )
    assert finding.answer == (
        "So far optimizer b (90 %), then optimizer a (80 %). 2 of 3 settings are unfinished, so the order may change."
    )
    assert "Unfinished, so the order may change: optimizer b, optimizer c." in finding.basis


def test_where_low_is_better_the_lowest_is_first_and_the_last_of_many_is_named():
    ends = {**ENDS, "d": (10.0,) * 3}
    assert ranking(judged(LOSS, ends=ends).results, LOSS).answer.endswith(
        "; the last of 4 is optimizer d (90)."
    )


def test_without_seeds_trials_are_ranked_and_only_finished_ones_with_a_number():
    found = judged(ALONE, ends={"a": (80.0,), "b": (None,), "c": (math.nan,)}, seeds=False)
    finding = ranking(found.results, ALONE)
    assert finding.question == "Which trial has the highest last val/f1?"
    assert finding.answer == "a (80 %)."
    assert "Runs ended without a number: b, c." in finding.basis


def test_nothing_can_be_ranked_where_nothing_has_finished():
    finding = ranking(judged(ALONE, ends={"a": (None,)}).results, ALONE)
    assert finding.answer == "The data cannot tell: no trial has finished with a number."
    assert not finding.answered
    assert len(rows(finding)) == 1


def test_numbers_of_any_size_are_ranked():
    finding = ranking(judged(ALONE, ends={"a": (1e200, 1.7e308), "b": (1.7e308, 1.7e308)}).results, ALONE)
    assert finding.answer.startswith("optimizer b (1.7e+308 %)")


def test_equal_means_share_a_rank():
    # 0.1 + 0.2 is not 0.3 in the last bit.
    ends = {"a": (0.15, 0.15), "b": (0.3, 0.1), "c": (0.1, 0.2), "d": (0.1 + 0.2, 0.1)}
    finding = ranking(judged(ALONE, ends=ends).results, ALONE)
    assert [(row[0], row[1]) for row in rows(finding)] == [
        ("1", "optimizer b"),
        ("1", "optimizer d"),
        ("3", "optimizer a"),
        ("3", "optimizer c"),
    ]
    assert finding.answer.startswith(
        "optimizer b and optimizer d are equal (0.2 %), then optimizer a (0.15 %); not significantly worse: optimizer a and optimizer c"
    )
    assert ": optimizer b and optimizer d are equal (0.2 %), of 4 settings" in finding.headline


def test_where_all_means_are_equal_none_is_named_the_last():
    finding = ranking(judged(ALONE, ends=dict.fromkeys("abcd", (0.0, 0.0))).results, ALONE)
    assert finding.answer == "optimizer a, optimizer b and 2 others are equal (0 %)."


def test_the_best_value_of_a_curve_counts_where_the_file_says_so():
    best = Criterion("val/f1", HIGHER, "%", value="best")
    results = [
        replace(one, curves={"val/f1": Curve((0, 1), (peak, 1.0))})
        for one, peak in zip(
            judged(best, ends={"a": (1.0,), "b": (1.0,)}, seeds=False).results, (70.0, 80.0), strict=True
        )
    ]
    finding = ranking(results, best)
    assert finding.question == "Which trial has the highest best val/f1?"
    assert finding.answer == "b (80 %), then a (70 %)."


def test_the_mean_of_the_last_tenth_of_a_curve_counts_where_the_file_says_so():
    tail = Criterion("val/f1", HIGHER, "%", value="tail")
    results = [
        replace(one, curves={"val/f1": Curve((0, 95, 100), (99.0, late, last))})
        for one, late, last in zip(
            judged(tail, ends={"a": (1.0,), "b": (1.0,)}, seeds=False).results,
            (70.0, 80.0),
            (75.0, 60.0),
            strict=True,
        )
    ]
    finding = ranking(results, tail)
    assert finding.question == "Which trial has the highest mean val/f1 of the last 10 % of steps?"
    assert finding.answer == "a (72.5 %), then b (70 %)."
    assert finding.numbers.columns[2][0] == "val/f1, tail"


def test_what_is_the_best_by_its_name_is_not_called_the_last():
    named = Criterion("best_val_loss", "lower")
    finding = ranking(judged(named, ends={"a": (80.0,), "b": (1.0,)}, seeds=False).results, named)
    assert finding.question == "Which trial has the lowest best_val_loss?"


def test_settings_whose_runs_had_other_code_carry_their_marks():
    sweep = judged(ALONE)
    others = []
    for one in sweep.results:
        code = with_code("bb22" if one.trial.axes["optimizer"] == "a" else "aa11")
        run = replace(one.run, run_id=one.trial.name, tags={**one.run.tags, **code.tags})
        others.append(replace(one, run=run))
    (marked,) = with_marks([replace(sweep, results=tuple(others))])
    finding = ranking(marked.results, ALONE)
    assert finding.answer.startswith("optimizer a [b] (80.17 %), then optimizer c [a] (")
    assert [row[1] for row in rows(finding)] == ["optimizer a [b]", "optimizer c [a]", "optimizer b [a]"]
    assert finding.headline.endswith(", of 3 settings; runs differ in code")
    assert finding.answer.endswith(". The runs differ in code, as their marks say.")


def test_the_ranking_and_the_comparison_test_a_pair_alike():
    # A t-test with four degrees of freedom has p = 0.048 here; the page, which does not know both spreads to be alike, more.
    ends = {"a": (0.9450, 0.9900, 0.9900), "b": (0.9350, 0.9175, 0.9350), "c": (0.5, 0.51, 0.52)}
    results = judged(ALONE, ends=ends).results
    assert ranking(results, ALONE).answer.endswith("; not significantly worse: optimizer b.")


def test_the_last_of_equals_is_not_named():
    ends = {"a": (9.0, 9.1), "b": (8.0, 8.1), "c": (1.0, 1.2), "d": (1.0, 1.2)}
    assert "the last of" not in ranking(judged(ALONE, ends=ends).results, ALONE).answer


def test_the_first_finished_run_of_the_best_setting_is_found():
    assert first_of_best(judged(ALONE).results, ALONE).trial.name == "a-seed0"
    low = Criterion("val/f1", LOWER)
    assert first_of_best(judged(low).results, low).trial.name == "b-seed0"
    failed = judged(ALONE, ends={"a": (None, 81.0), "b": (None, 60.0)})
    assert first_of_best(failed.results, ALONE).trial.name == "a-seed1"
    alone = judged(ALONE, ends={"a": (80.0,), "b": (60.0,)}, seeds=False)
    assert first_of_best(alone.results, ALONE).trial.name == "a"
    assert first_of_best(judged(ALONE, ends={"a": (None,)}).results, ALONE) is None
