import inspect

import pytest

from sweeps import errors
from sweeps.errors import HeldError, Place, Problem, SpecError, SweepError, did_you_mean

ERRORS = [
    kind
    for _, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, Exception) and kind is not SpecError
]


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.__name__)
def test_one_handler_catches_every_error_and_its_message_is_what_it_was_raised_with(kind):
    with pytest.raises(SweepError) as caught:
        raise kind("sweep a: no such trial")
    assert str(caught.value) == "sweep a: no such trial"


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.__name__)
def test_no_message_holds_a_password(kind):
    error = kind("postgresql://me:p/w@host/db?password=pw: no answer")
    assert str(error) == "postgresql://***@host/db?password=*** no answer"


@pytest.mark.parametrize("kind", [*ERRORS, SpecError], ids=lambda kind: kind.__name__)
def test_only_a_sweep_that_is_held_exits_with_a_code_of_its_own(kind):
    assert kind.exit_code == (3 if kind is HeldError else 2)


@pytest.mark.parametrize(
    ("place", "text"),
    [
        (Place("e.yaml", 14, 23), "e.yaml:14:23"),
        (Place("e.yaml"), "e.yaml"),
        (Place("--set lr=x"), "--set lr=x"),
    ],
)
def test_a_place_is_written_as_editors_open_it(place, text):
    assert str(place) == text
    assert str(Problem(place, "must be a number")) == f"{text}: must be a number"


def test_a_spec_has_each_problem_once_in_the_order_of_the_file():
    early, late = Problem(Place("e.yaml", 2, 9), "a"), Problem(Place("e.yaml", 10, 1), "b")
    error = SpecError([late, early, late])
    assert error.problems == [early, late]
    assert str(error) == "e.yaml:2:9: a\ne.yaml:10:1: b"


@pytest.mark.parametrize(
    ("word", "known", "hint"),
    [
        ("Cyclic", ["None", "Cyclical"], "; did you mean 'Cyclical'?"),
        ("LR", ["lr", "seed"], "; did you mean 'lr'?"),
        ("none", ["None"], "; did you mean 'None'?"),
        ("momentum", ["lr", "seed"], ""),
        ("lr", [], ""),
    ],
)
def test_the_hint_names_the_closest_known_word_whatever_its_case(word, known, hint):
    assert did_you_mean(word, known) == hint


def test_a_key_with_the_same_last_part_is_the_nearest():
    known = ["training.loss.params", "training.optimizer.params.lr", "seed"]
    assert did_you_mean("training.lr", known) == "; did you mean 'training.optimizer.params.lr'?"
    assert did_you_mean("training.lr", [*known, "other.lr"]) != "; did you mean 'seed'?"
