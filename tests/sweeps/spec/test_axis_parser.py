import pytest

from sweeps.spec.axis_parser import check_axes_differ, read_grid, read_seeds, read_zip
from sweeps.spec.fields import FieldReader
from sweeps.spec.model import MAX_TRIALS
from sweeps.spec.yaml_reader import parse


def read(read_part, text):
    """What is read of `{a: text}`, and the messages of the problems."""
    reader = FieldReader()
    part = read_part(parse(f"a: {text}", "e.yaml").entry("a"), reader)
    return part, [problem.message for problem in reader.problems]


def values(axis):
    return axis.key, [setting.value for setting in axis.values]


def test_a_grid_is_lists_of_values_by_key():
    axes, problems = read(read_grid, "{kind: [None, Cyclical], data.size: [1, 1.5, [2]]}")
    assert problems == []
    assert list(map(values, axes)) == [("kind", ["None", "Cyclical"]), ("data.size", [1, 1.5, [2]])]
    assert str(axes[1].values[0].place) == "e.yaml:1:41"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{}", "a: is empty; name at least one key with its values"),
        ("{lr: 3}", "a.lr: must be a list of values, not 3; write [3], or move it to `set`"),
        ("{lr: null}", "a.lr: must be a list of values, not null; write its values, such as [1, 2]"),
        ("{d: {x: 1}}", "a.d: must be a list of values, not a mapping; write a dotted key, such as d.x"),
        ("{lr: []}", "a.lr: is empty; list at least one value"),
        ("{lr: [1, 1.0]}", "a.lr: 1.0 appears twice; delete one"),
        ("{lr: [null, ~]}", "a.lr: null appears twice; delete one, or write None for the word"),
        ("{lr: [[1], [1.0]]}", "a.lr: a list appears twice; delete one"),
        (
            "{d: [{x: 1}]}",
            "a.d: a mapping cannot be varied; vary dotted keys, such as d.x, under `zip`",
        ),
    ],
)
def test_what_is_no_grid_is_a_problem(text, message):
    assert read(read_grid, text)[1] == [message]


def test_one_and_true_are_two_values():
    assert read(read_grid, "{a: [1, true], b: [0, false]}")[1] == []


def test_lists_of_a_zip_have_the_same_length():
    assert read(read_zip, "{lr: [1, 2], steps: [3, 4]}")[1] == []
    message = "a: lists must have the same length, but lr has 2, steps has 1"
    assert read(read_zip, "{lr: [1, 2], steps: [3]}")[1] == [message]


def test_seeds_are_a_list_or_their_number():
    assert values(read(read_seeds, "[4, 2]")[0]) == ("seed", [4, 2])
    assert values(read(read_seeds, "3")[0]) == ("seed", [0, 1, 2])


@pytest.mark.parametrize("text", ["0", "-3", "true", "null", "[]", "{}", "two", f"{MAX_TRIALS + 1}"])
def test_what_is_no_seeds_is_a_problem(text):
    seeds, (message,) = read(read_seeds, text)
    assert seeds is None
    assert message.startswith(
        "a: must be a list of whole numbers, such as [1, 2, 3], or the number of seeds, not "
    )


def test_two_axes_may_not_set_the_same_key():
    sweep = parse("{grid: {data: [1], lr: [1]}, zip: {data.name: [a], seed: [1]}, seeds: 2}", "e.yaml")
    reader = FieldReader()
    grid, zipped = read_grid(sweep.entry("grid"), reader), read_zip(sweep.entry("zip"), reader)
    check_axes_differ((*grid, *zipped), read_seeds(sweep.entry("seeds"), reader), sweep, reader)
    assert [problem.message for problem in reader.problems] == [
        "the file: data.name is varied twice (as data at line 1); keep one",
        "the file: `seeds` varies seed already; keep one of them",
    ]
