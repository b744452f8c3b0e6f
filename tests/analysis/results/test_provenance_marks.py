import json
from dataclasses import replace

from analysis.figures.averages.repeats import Averaging
from analysis.figures.catalogue import lay_out
from analysis.figures.figure_data import lines, notes
from analysis.figures.groups import grouped
from analysis.read.provenance import Difference, Part
from analysis.results.provenance_marks import have_several_marks, marked_groups, run_differences, with_marks
from analysis.results.results import LOSS
from tests.analysis.recorded import (
    CODE,
    FINISHED,
    RUNNING,
    results_of,
    seed_sweep,
    strategy_sweep,
    with_code,
)

SWEEP = strategy_sweep()
MIXED = {"Cyclical": with_code("bb22")}


def marked(sweep=SWEEP, recordings=MIXED):
    (found,) = with_marks([results_of(sweep, recordings)])
    return found


def test_the_largest_group_is_a_and_every_run_carries_its_mark():
    assert {result.trial.name: result.mark for result in marked().results} == {
        "Monotonic": "a",
        "Cyclical": "b",
        "None": "a",
    }


def test_the_largest_group_is_a_wherever_it_stands():
    found = marked(recordings={"Monotonic": with_code("bb22")})
    assert [result.mark for result in found.results] == ["b", "a", "a"]


def test_a_caption_names_the_largest_group_first_also_where_another_ran_first():
    found = marked(recordings={"Monotonic": with_code("bb22")}).results
    (difference,) = run_differences(found)
    assert [words.partition(" ")[0] for words, _ in marked_groups(found, difference)] == ["[a]", "[b]"]


def test_runs_of_one_group_carry_no_mark_and_a_missing_run_is_in_no_group():
    assert {result.mark for result in marked(recordings={"Cyclical": None}).results} == {""}
    assert [result.mark for result in marked(recordings={**MIXED, "None": None}).results] == ["a", "b", ""]


def test_a_commit_that_changes_no_training_code_is_no_other_group():
    first, second, third = results_of(SWEEP).results
    tags = dict(second.run.tags) | {
        "sweeps.code": '{"commit": "ffff", "dirty": true, "digest": "aa11"}',
        "sweeps.fingerprint": second.trial.fingerprint,
    }
    later = replace(second, run=replace(second.run, tags=tags))
    (found,) = with_marks([replace(results_of(SWEEP), results=(first, later, third))])
    assert not have_several_marks(found.results)


def test_differences_name_the_parts_that_differ_and_the_trials():
    results = results_of(SWEEP, MIXED | {"None": None}).results
    assert run_differences(results) == (
        Difference(Part.CODE, (("digest aa11", ("Monotonic",)), ("digest bb22", ("Cyclical",)))),
    )


def test_a_run_that_has_not_declared_its_data_yet_is_in_no_group_of_its_own():
    recorded = {"sweeps.data": "clip-7", "sweeps.code": json.dumps(CODE)}
    declared = replace(FINISHED, tags=FINISHED.tags | recorded)
    same = dict.fromkeys(("Monotonic", "None"), declared) | {"Cyclical": RUNNING}
    assert {result.mark for result in marked(recordings=same).results} == {""}
    other = replace(declared, tags=declared.tags | {"sweeps.data": "clip-8"})
    assert [result.mark for result in marked(recordings=same | {"None": other}).results] == ["a", "a", "b"]


def test_lines_of_a_mixed_figure_have_their_mark_and_the_caption_says_what_it_means():
    results = marked().results
    groups = grouped(results, "kl_anneal_type", SWEEP.values("kl_anneal_type"))
    assert [lines(group, Averaging(LOSS))[0].label for group in groups] == [
        "Monotonic [a]",
        "Cyclical [b]",
        "no annealing [a]",
    ]
    assert notes(results, (LOSS,)) == ("runs differ in code: [a] digest aa11; [b] digest bb22",)


def test_a_figure_of_one_group_alone_has_no_marks():
    figures = {figure.path.rpartition("/")[2]: figure for figure in lay_out([marked()])[SWEEP.name]}
    together, *frames = [figures[f"{name}.png"] for name in ("comparison", "Monotonic", "Cyclical", "None")]
    assert together.notes != ()
    assert [figure.panels[0].lines[0].label.partition(":")[0] for figure in frames] == [
        "Monotonic",
        "Cyclical",
        "no annealing",
    ]
    assert all(figure.notes == () for figure in frames)


def test_repeats_of_more_than_one_group_say_so():
    found = marked(seed_sweep(), {"Cyclical-seed2": with_code("bb22")})
    groups = grouped(found.results, "kl_anneal_type", ("Cyclical", "None"))
    assert [lines(group, Averaging(LOSS))[0].label for group in groups] == [
        "Cyclical (n = 3) [a, b]",
        "no annealing (n = 3) [a]",
    ]


def naming(**files):
    return replace(FINISHED, tags=FINISHED.tags | {"sweeps.files": json.dumps(files)})


def test_runs_that_found_a_file_otherwise_are_another_group_and_other_files_make_none():
    alone = marked(recordings={"Monotonic": naming(x="1"), "Cyclical": naming(y="2")})
    assert {result.mark for result in alone.results} == {""}
    found = marked(
        recordings={"Monotonic": naming(x="1"), "Cyclical": naming(x="2", y="3"), "None": naming(x="1")}
    )
    assert [result.mark for result in found.results] == ["a", "b", "a"]
    some = marked(recordings={"Monotonic": naming(x="1"), "Cyclical": naming(x="2")})
    assert sorted(result.mark for result in some.results) == ["a", "a", "b"]
