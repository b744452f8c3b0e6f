from pathlib import Path

import numpy as np
import pytest

import sweeps
from sweeps.api.asked import ArgumentError, in_python, with_file
from sweeps.errors import Place, Problem, SelectionError, SpecError


def train(config, run):
    """A function, as a cell defines it."""


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (
            train,
            "sweeps.plan takes the path of an experiments.yaml, not the function train; save the function in a module",
        ),
        (
            lambda: 1,
            "not the function lambda; save the function in a module, such as train.py: `sweep init train.py`",
        ),
        ({"sweeps": {}}, "not a mapping; save the mapping first: "),
        (7, "sweeps.plan takes the path of an experiments.yaml, not int 7$"),
    ],
)
def test_what_is_no_path_is_told_with_what_to_do(given, told):
    with pytest.raises(sweeps.SweepError, match=told):
        sweeps.plan(given)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"overrides": {"f": train}}, "overrides: f is the function train; a setting is a number, a text, "),
        ({"overrides": {"f": {"g": {1}}}}, r"overrides: f.g is set \{1\}; a setting is"),
        ({"overrides": "lr=1"}, "overrides is a mapping of keys to values, not str 'lr=1'"),
        ({"only": {"n": 1}}, "only is a text or a list of texts, not a mapping: such as 'n=1'"),
        ({"excepting": 3}, "excepting is a text or a list of texts, not int 3"),
        ({"sweeps": ["a", 1]}, "sweeps is a text or a list of texts, not int 1"),
        ({"seeds": "3"}, "seeds='3': how many is a whole number"),
        ({"onlly": "n=1"}, "sweeps.plan: there is no argument onlly; did you mean 'only'"),
    ],
)
def test_an_argument_that_cannot_be_so_is_told_in_one_sentence(file, given, told):
    with pytest.raises(sweeps.SweepError, match=told) as error:
        sweeps.plan(file, **given)
    assert isinstance(error.value, TypeError)


def test_an_argument_of_one_function_alone_is_meant_too(file):
    with pytest.raises(TypeError, match=r"sweeps.report: there is no argument bnd; did you mean 'band'"):
        sweeps.report(file, bnd="sd")


def test_numpys_values_are_plain_ones_at_any_depth(file):
    given = {"a": [np.float64(0.5)], "b": {"c": np.int64(3)}, "d": (1, 2), "e": np.array([1.5])}
    plain = {"a": [0.5], "b.c": 3, "d": [1, 2], "e": [1.5]}
    planned = sweeps.plan(file, overrides=given, seeds=np.int64(1))
    assert (
        planned["fingerprint"].tolist() == sweeps.plan(file, overrides=plain, seeds=1)["fingerprint"].tolist()
    )


def test_an_option_is_told_as_the_argument_that_it_is_and_commands_as_they_are_typed(file):
    with pytest.raises(sweeps.SweepError, match=r"^only n=9: no trial has it"):
        sweeps.plan(file, only="n=9")
    error = SelectionError("--except x: none; see `sweep run FILE --except y` and --retry-failed, not --lr")

    @in_python
    def asked(file):
        raise error

    with pytest.raises(SelectionError) as raised:
        asked(Path("my file.yaml"))
    assert str(raised.value) == (
        "excepting x: none; see `sweep run 'my file.yaml' --except y` and retry_failed, not --lr"
    )


def test_what_a_file_says_of_its_programs_options_stays():
    found = [
        Problem(Place("--set lr=x"), "no number"),
        Problem(Place("e.yaml", 3, 1), "train.py has no --seeds"),
    ]

    @in_python
    def asked(file):
        raise SpecError(found)

    with pytest.raises(SpecError) as raised:
        asked("e.yaml")
    assert str(raised.value) == "overrides lr=x: no number\ne.yaml:3:1: train.py has no --seeds"


def test_a_part_that_is_not_installed_is_told_with_the_line_that_installs_it():
    @in_python
    def report(file):
        raise ModuleNotFoundError("No module named 'matplotlib'", name="matplotlib")

    with pytest.raises(sweeps.SweepError, match=r"^sweeps.report needs matplotlib.*\[report\]'$"):
        report("e.yaml")


def test_an_error_is_a_line_in_a_notebook():
    error = ArgumentError("e.yaml: no")
    assert error._render_traceback_() == ["ArgumentError: e.yaml: no"]


def test_commands_name_the_file():
    assert (
        with_file("`sweep metrics FILE --apply`, of FILE", "a.yaml")
        == "`sweep metrics a.yaml --apply`, of FILE"
    )
