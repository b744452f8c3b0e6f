"""Words that no option names: their keys, and those that only say where a line writes."""

import pytest

from sweeps.importing.program.command_lines import of_script
from sweeps.importing.shell.script import read_script

LOOP = "for gamma in 0.1 0.5; do for seed in 1 2; do {}; done; done"


def made(text):
    return of_script(read_script(text), "x.sh")


def command(text):
    return made(text).trainer["command"]


def test_keys_have_the_names_of_the_loops_variables_and_the_place_is_each_trials_own():
    found = made("mkdir -p out\n" + LOOP.format("./relax 400 0.002 $gamma $seed out/g${gamma}_s${seed}"))
    assert found.trainer["command"] == ["./relax", "400", "0.002", "{gamma}", "{seed}", "{run_dir}/out"]
    assert found.sweeps == {"gamma-seed": {"grid": {"gamma": [0.1, 0.5]}, "seeds": [1, 2]}}
    assert [note.split(":")[0] for note in found.notes] == [
        "`mkdir -p out` is left out",
        "word 5 is {run_dir}/out, a place of each trial's own, in place of out/g0.1_s1 and so on",
    ]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("$gamma $seed out/test", ["{gamma}", "{seed}", "{run_dir}/test"]),
        ("$gamma $seed out/$gamma.dat", ["{gamma}", "{seed}", "{run_dir}/out.dat"]),
        ("$gamma $seed r/$gamma$seed/x.dat", ["{gamma}", "{seed}", "{run_dir}/x.dat"]),
        ("$gamma $seed r/$gamma$seed/", ["{gamma}", "{seed}", "{run_dir}"]),
        ("$gamma $gamma $seed", ["{gamma}", "{gamma}", "{seed}"]),
        ("x$gamma $seed", ["{arg1}", "{seed}"]),
        ("$gamma $seed models/test", ["{gamma}", "{seed}", "models/test"]),
        ("$gamma $seed data/$gamma", ["{gamma}", "{seed}", "{arg3}"]),
        ("$gamma $seed m/$gamma.yaml", ["{gamma}", "{seed}", "{arg3}"]),
        ("$seed out/$gamma", ["{seed}", "{arg2}"]),
        ("$gamma $seed --gamma 3", ["{gamma}", "{seed}", "{args}"]),
    ],
)
def test_what_a_word_becomes(words, expected):
    if "--gamma" in words:  # an option has the key already
        expected = ["{arg1}", *expected[1:]]
    assert command(LOOP.format(f"./relax {words}")) == ["./relax", *expected]


def test_a_name_that_only_some_lines_have_is_none():
    text = "for gamma in 1 2; do ./relax $gamma; done\n./relax 3"
    assert command(text) == ["./relax", "{arg1}"]
    assert command("for SEED in 1 2; do ./relax $SEED; done") == ["./relax", "{seed}"]
    assert command("for run_dir in 1 2; do ./relax $run_dir; done") == ["./relax", "{arg1}"]


def test_words_that_are_several_or_none_leave_the_names_of_the_others_open():
    assert command("A='1 2'\nfor b in 3 4; do ./relax $A $b; done") == ["./relax", "1", "2", "{arg3}"]
    assert command("A=\nfor b in 3 4; do ./relax $A $b {5,6}; done") == ["./relax", "{arg1}", "5", "6"]
