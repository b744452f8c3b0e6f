import pytest

from sweeps.spec.fields import FieldReader
from sweeps.spec.model import MAX_TRIALS
from sweeps.spec.sweep_parser import check_axes_differ, read_grid, read_seeds, read_sweeps, read_zip
from sweeps.spec.yaml_reader import parse


def read(text):
    """The sweeps of `sweeps: text`, and the problems."""
    reader = FieldReader()
    sweeps = read_sweeps(parse(f"sweeps: {text}", "e.yaml").entry("sweeps"), reader)
    return sweeps, [str(problem) for problem in reader.problems]


def plain(layer):
    return {key: setting.value for key, setting in layer.items()}


def test_every_part_of_a_sweep_is_read():
    (sweep, other), problems = read(
        "{a: {grid: {lr: [1]}, include: [{lr: 2}], exclude: [{lr: [1, 3]}], set: {fast: true},"
        " when: [{if: {lr: 1}, set: {steps: 4}}], resources: {cpu: 2}, limits: {attempts: 3}}, b: {seeds: 2}}"
    )
    assert problems == []
    assert (sweep.name, other.name, str(other.place)) == ("a", "b", "e.yaml:1:180")
    assert [plain(layer) for layer, _ in sweep.include] == [{"lr": 2}]
    assert [condition for condition, _ in sweep.exclude] == [{"lr": (1, 3)}]
    assert [(when.condition, plain(when.settings)) for when in sweep.when] == [({"lr": (1,)}, {"steps": 4})]
    assert (plain(sweep.settings), sweep.resources.cpu, sweep.limits.attempts) == ({"fast": True}, 2, 3)
    assert (sweep.search, sweep.seeds) == (None, None)


def test_a_sweep_needs_a_name_and_trials():
    sweeps, problems = read("{'../a': {grid: {lr: [1]}}, b: {resources: {cpu: 1}}}")
    assert [sweep.name for sweep in sweeps] == ["b"]
    assert problems == [
        (
            "e.yaml:1:10: sweeps: the name '../a' must start with a letter or digit, continue with letters,"
            " digits and . _ + -, and have at most 100 characters"
        ),
        "e.yaml:1:40: sweeps.b: defines no trials; add `grid`, `zip`, `include` or `search`",
    ]
    assert "defines no sweep" in read("{}")[1][0]


def test_a_when_needs_a_condition_and_settings():
    _, problems = read("{a: {seeds: 1, when: [{if: {lr: 1}}, 3], include: [{seed: 1}]}}")
    assert sorted(problems) == [
        "e.yaml:1:31: sweeps.a.when: each entry is {if: {...}, set: {...}}; `set` is missing",
        "e.yaml:1:46: sweeps.a.when: must be a mapping of keys to values, not 3",
        "e.yaml:1:67: sweeps.a.include: `seeds` varies seed already; keep one of them",
    ]


def read_part_of(read_part, text):
    """What is read of `{a: text}`, and the messages of the problems."""
    reader = FieldReader()
    part = read_part(parse(f"a: {text}", "e.yaml").entry("a"), reader)
    return part, [problem.message for problem in reader.problems]


def values(axis):
    return axis.key, [setting.value for setting in axis.values]


def test_a_grid_is_lists_of_values_by_key():
    axes, problems = read_part_of(read_grid, "{kind: [None, Cyclical], data.size: [1, 1.5, [2]]}")
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
    assert read_part_of(read_grid, text)[1] == [message]


def test_one_and_true_are_two_values():
    assert read_part_of(read_grid, "{a: [1, true], b: [0, false]}")[1] == []


def test_lists_of_a_zip_have_the_same_length():
    assert read_part_of(read_zip, "{lr: [1, 2], steps: [3, 4]}")[1] == []
    message = "a: lists must have the same length, but lr has 2, steps has 1"
    assert read_part_of(read_zip, "{lr: [1, 2], steps: [3]}")[1] == [message]


def test_seeds_are_a_list_or_their_number():
    assert values(read_part_of(read_seeds, "[4, 2]")[0]) == ("seed", [4, 2])
    assert values(read_part_of(read_seeds, "3")[0]) == ("seed", [0, 1, 2])


@pytest.mark.parametrize("text", ["0", "-3", "true", "null", "[]", "{}", "two", f"{MAX_TRIALS + 1}"])
def test_what_is_no_seeds_is_a_problem(text):
    seeds, (message,) = read_part_of(read_seeds, text)
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
