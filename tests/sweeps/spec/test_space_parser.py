import pytest

from sweeps.spec.fields import FieldReader
from sweeps.spec.search_space import ValueType
from sweeps.spec.space_parser import read_space
from sweeps.spec.yaml_reader import parse


def read(text):
    """The dimensions of `space: text`, and the messages of the problems."""
    reader = FieldReader()
    space = read_space(parse(f"space: {text}", "e.yaml").entry("space"), reader)
    return space, [problem.message.removeprefix("space") for problem in reader.problems]


def test_numbers_and_choices_are_read_in_order():
    space, problems = read(
        "{lr: {float: [1e-4, 1], log: true}, kind: {choice: [None, [1]]}, n: {int: [2, 8], step: 2, when: {kind: None}}}"
    )
    assert problems == []
    assert [(d.key, d.value_type, [s.value for s in d.values]) for d in space] == [
        ("lr", ValueType.FLOAT, [1e-4, 1]),
        ("kind", ValueType.CHOICE, ["None", [1]]),
        ("n", ValueType.INT, [2, 8]),
    ]
    lr, kind, n = space
    assert (lr.log, lr.step, n.step, n.when, kind.when) == (True, None, 2, {"kind": ("None",)}, None)
    assert (lr.values[0].layer, str(lr.values[0].place), str(lr.place)) == (
        *("space", "e.yaml:1:22", "e.yaml:1:9"),
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{}", ": is empty; write for example `space: {lr: {float: [1e-5, 1e-2], log: true}}`"),
        ("{lr: {}}", ".lr: needs exactly one of float, int, choice"),
        ("{lr: {int: [1, 2], choice: [1]}}", ".lr: needs exactly one of float, int, choice"),
        ("{lr: {float: [1, 0]}}", ".lr.float: there is nothing between 1 and 0; write the lower value first"),
        ("{lr: {float: [1, 1]}}", ".lr.float: there is nothing between 1 and 1; move a fixed value to `set`"),
        ("{lr: {float: [0, .inf]}}", ".lr.float: inf is not finite; write a finite number"),
        ("{lr: {int: [0, 1.5]}}", ".lr.int: must be two whole numbers, not 1.5"),
        ("{lr: {float: [true, 2]}}", ".lr.float: must be two numbers, not true"),
        (
            "{lr: {float: [1, 2, 3]}}",
            ".lr.float: must be the lowest and the highest value, such as [1, 8], not a list of 3",
        ),
        (
            "{a: {choice: []}}",
            ".a.choice: must be a list of values, such as [small, large], not an empty list",
        ),
        ("{a: {choice: [1, 1.0]}}", ".a.choice: 1.0 appears twice; delete one"),
        ("{a: {choice: [1, 2], log: true}}", ".a.log: a choice has no scale; delete `log`"),
        ("{a: {choice: [1, 2], step: 1}}", ".a.step: a choice has no steps; delete `step`"),
        ("{a: {float: [1, 2], log: 1}}", ".a.log: must be true or false, not 1"),
        (
            "{a: {float: [1, 2], log: true, step: 1}}",
            ".a.step: a logarithmic scale has no steps; delete `step`",
        ),
        ("{a: {int: [1, 2], step: 0.5}}", ".a.step: must be a whole number, 1 or more, not 0.5"),
        ("{a: {float: [1, 2], step: 0}}", ".a.step: must be a number above 0, not 0"),
        ("{a: {int: [1, 2]}, a.b: {int: [1, 2]}}", ": a.b is searched twice (as a at line 1); keep one"),
        (
            "{lr: {float: [0, 1], log: true}}",
            ".lr: a logarithmic scale needs values above 0, not 0; raise it, or delete `log`",
        ),
    ],
)
def test_what_cannot_be_drawn_is_a_problem(text, message):
    assert read(text)[1] == [message]


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ("{b: 1}", ".a.when: b is not drawn before this key; move b further up"),
        ("{kind: Nne}", ".a.when: kind is never Nne, only one of None, Cyclical; did you mean 'None'?"),
        ("{n: 3}", ".a.when: n is never 3, only 2 to 8 in steps of 2"),
        (
            "{lr: 0.5}",
            (
                ".a.when: lr is continuous, so it almost never has a given value; give lr a `step`,"
                " or search a `choice` instead"
            ),
        ),
    ],
)
def test_a_condition_names_values_that_are_drawn_before(condition, message):
    before = "kind: {choice: [None, Cyclical]}, n: {int: [2, 8], step: 2}, lr: {float: [0, 1]}"
    text = f"{{{before}, a: {{int: [1, 2], when: {condition}}}, b: {{int: [1, 2]}}}}"
    assert read(text)[1] == [message]


def test_a_condition_may_name_a_key_that_is_not_searched():
    assert read("{a: {int: [1, 2], when: {fixed: 1}}}")[1] == []
