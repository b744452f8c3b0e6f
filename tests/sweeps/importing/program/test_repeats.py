"""Which loops of a script become `seeds:`, and what is asked then."""

import pytest

from sweeps.importing.program.command_lines import of_script
from sweeps.importing.shell.script import read_script


def made(words, variable="s", values="0 1"):
    text = f"for g in 1 2; do for {variable} in {values}; do ./sim {words}; done; done"
    return of_script(read_script(text), "x.sh")


def asked(found):
    return [note for note in found.notes if note.startswith("does ")]


@pytest.mark.parametrize("variable", ["s", "rep", "repeat", "trial"])
def test_a_word_that_numbers_repeats_by_its_loop_is_the_seed_and_is_asked_for(variable):
    found = made(f"400 $g ${variable}", variable)
    assert found.trainer["command"] == ["./sim", "400", "{g}", "{seed}"]
    assert found.sweeps == {"g-seed": {"grid": {"g": [1, 2]}, "seeds": [0, 1]}}
    (question,) = asked(found)
    key = "number" if variable == "trial" else variable
    assert question.startswith(f"does ${variable} only number repeats?")
    assert f"write {{{key}}} in place of {{seed}}, and `grid: {{{key}: ...}}`" in question
    assert question in found.text()


@pytest.mark.parametrize(
    ("variable", "values"), [("s", "1 3"), ("s", "0.5 1"), ("s", "2 3"), ("n", "0 1"), ("rep", "a b")]
)
def test_other_values_and_other_names_are_a_setting(variable, values):
    found = made(f"400 $g ${variable}", variable, values)
    assert f"{{{variable}}}" in found.trainer["command"]
    assert "seeds" not in next(iter(found.sweeps.values()))
    assert asked(found) == []


@pytest.mark.parametrize(
    ("option", "values", "words"),
    [
        ("--random-seed $s", "3 17", ["--random-seed", "{seed}"]),
        ("--train.rng_seed=$s", "0 1", ["--train.rng_seed={seed}"]),
        ("--rep $s", "1 2 3", ["--rep", "{seed}"]),
    ],
)
def test_an_option_that_is_a_seed_by_another_name_or_numbers_repeats_has_the_seed(option, values, words):
    found = made(f"--g $g {option}", values=values)
    assert found.trainer["command"] == ["./sim", "{args}", *words]
    seeds = [int(value) for value in values.split()]
    assert found.sweeps == {"g-seed": {"grid": {"g": [1, 2]}, "seeds": seeds}}
    assert len(asked(found)) == ("rep" in option)
    assert any(note.startswith(option.split("=")[0].split()[0]) for note in found.notes) == ("seed" in option)


@pytest.mark.parametrize(
    "words",
    [
        "--g $g --scale $s",
        "--g $g --rep 1",
        "--seed $s --g $g --rep $s",
        "--g $g --random-seed x$s",
        "--seed 7 --np-seed $s --g $g",
    ],
)
def test_what_is_no_number_of_a_repeat_stays_an_option(words):
    found = made(words)
    assert found.trainer["command"] == ["./sim", "{args}"]
    assert asked(found) == []


def test_a_word_beside_a_seed_that_is_said_already_keeps_its_name():
    found = made("$s --seed 7 --g $g")
    assert found.trainer["command"] == ["./sim", "{s}", "{args}"]
    assert asked(found) == []
