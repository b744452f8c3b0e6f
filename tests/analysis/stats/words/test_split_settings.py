from dataclasses import replace

from analysis.results.criterion import HIGHER, LOWER, Criterion
from analysis.results.provenance_marks import with_marks
from analysis.stats.findings import findings
from analysis.stats.headlines import headlines
from analysis.stats.words.split_settings import QUESTION
from tests.analysis.judged import judged

F1 = Criterion("val/f1", HIGHER, "%")
ENDS = {"a": (80.0, 81.0, 79.5, 80.2, 80.7), "b": (84.0, 30.0, 85.0, 31.0, 84.2)}


def told(*criteria, ends=ENDS, **more):
    (of_sweep,) = findings([judged(*criteria, ends=ends, **more)])
    return next((one for one in of_sweep if one.question == QUESTION), None)


def test_a_setting_whose_seeds_end_at_two_values_is_told_with_both_and_with_the_seeds():
    found = told(F1)
    assert found.headline == "Last val/f1: 2 of 5 seeds of optimizer b end near 30 %, 3 near 84 %"
    assert found.answer == (
        "2 of 5 seeds of optimizer b end near 30 % (seeds 1 and 3), 3 near 84 % (seeds 0, 2 and 4), by the last val/f1. "
        "A mean of such a setting stands for neither."
    )
    assert (found.keys, found.repeats, found.rank) == (("val/f1",), 5, 0)
    assert [[cell.text for cell in row] for row in found.numbers.rows] == [
        ["optimizer b", "last val/f1", "30 %", "2", "1, 3"],
        ["optimizer b", "last val/f1", "84 %", "3", "0, 2, 4"],
    ]


def test_it_stands_at_the_head_of_the_page():
    sweep = judged(F1, ends=ENDS)
    lines = [line.text for line in headlines([sweep], findings([sweep]))]
    assert any("2 of 5 seeds of optimizer b" in line for line in lines[:2])


def test_without_such_a_setting_or_without_repeats_nothing_is_asked():
    assert told(F1, ends={"a": ENDS["a"], "b": (84.0, 83.0, 85.0, 84.5, 84.2)}) is None
    assert told(F1, ends={name: values[:1] for name, values in ENDS.items()}, seeds=False) is None


def test_losses_are_cut_on_the_scale_on_which_they_are_compared():
    found = told(Criterion("loss", LOWER))
    assert found.headline == "Last loss: 2 of 5 seeds of optimizer b end near 69, 3 near 16"


def test_several_settings_are_named_in_one_line():
    found = told(F1, ends={**ENDS, "c": (30.0, 84.0, 31.0, 85.0, 84.2), "d": ENDS["a"], "e": ENDS["a"]})
    assert found.headline.endswith("3 near 84 %; those of optimizer c part, too")


def test_where_the_runs_are_of_different_code_the_line_says_so():
    sweep = judged(F1, ends=ENDS)
    results = tuple(
        replace(
            one, run=replace(one.run, tags={**one.run.tags, "sweeps.code": f'{{"digest": "{place % 2}"}}'})
        )
        for place, one in enumerate(sweep.results)
    )
    (of_sweep,) = findings(with_marks([replace(sweep, results=results)]))
    (found,) = [one for one in of_sweep if one.question == QUESTION]
    assert found.headline.endswith("; runs differ in code")
