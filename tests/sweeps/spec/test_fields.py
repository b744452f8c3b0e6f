import pytest

from sweeps.spec.fields import FieldReader, is_whole, seconds
from sweeps.spec.yaml_reader import parse


def read(method, text, *arguments):
    """What a method of the reader makes of `{a: text}`, and the problems."""
    reader = FieldReader()
    node = parse(f"a: {text}", "e.yaml").entry("a")
    return getattr(reader, method)(node, *arguments), [str(problem) for problem in reader.problems]


@pytest.mark.parametrize(
    ("method", "text", "value"),
    [
        ("word", "two words", "two words"),
        ("target", "cvae.train:train", "cvae.train:train"),
        ("count", "3", 3),
        ("flag", "true", True),
        ("flag", "false", False),
        ("duration_s", "1.5m", 90),
    ],
)
def test_what_fits_is_read(method, text, value):
    assert read(method, text) == (value, [])


@pytest.mark.parametrize(
    ("method", "text", "message"),
    [
        ("mapping", "[1]", "must be a mapping of keys to values, not a list"),
        ("items", "1", "must be a list, not 1; start each entry with -"),
        ("word", "''", "must be a word, not ''"),
        ("word", "3", "must be a word, not 3"),
        ("target", "cvae.train", "must be module:name, such as my_module:train, not 'cvae.train'"),
        ("count", "0", "must be a whole number, 1 or more, not 0"),
        ("count", "true", "must be a whole number, 1 or more, not true"),
        ("count", "1.0", "must be a whole number, 1 or more, not 1.0"),
        ("flag", "1", "must be true or false, not 1"),
        ("duration_s", "soon", "must be a time such as 90s, 30m, 2h or 1d, not 'soon'"),
    ],
)
def test_what_does_not_fit_is_a_problem_with_place_and_path(method, text, message):
    value, problems = read(method, text)
    assert not value
    assert problems == [f"e.yaml:1:4: a: {message}"]


@pytest.mark.parametrize("method", ["mapping", "items", "word", "target", "count", "flag", "duration_s"])
def test_a_field_that_is_not_written_is_no_problem(method):
    reader = FieldReader()
    assert not getattr(reader, method)(None)
    assert reader.problems == []


def test_unknown_keys_are_problems_where_the_key_stands():
    _, problems = read("mapping", "{timeot: 1, x: 2}", ("timeout", "attempts"))
    assert problems == [
        "e.yaml:1:5: a: unknown key 'timeot'; did you mean 'timeout'?",
        "e.yaml:1:16: a: unknown key 'x'; the keys are timeout, attempts",
    ]


def test_the_least_count_can_be_another():
    assert read("count", "0", 0) == (0, [])
    assert read("count", "-1", 0)[1] == ["e.yaml:1:4: a: must be a whole number, 0 or more, not -1"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        *(("90s", 90), ("1.5m", 90), ("2h", 7200), ("2 h", 7200), ("1d", 86400), (".5s", 0.5)),
        *((45, 45), (0.5, 0.5)),
    ],
)
def test_a_time_is_seconds_or_a_number_with_its_unit(value, expected):
    assert seconds(value) == expected


@pytest.mark.parametrize(
    "value",
    [0, "0s", -5, "1h30m", "2 weeks", "h", True, None, ["2h"], float("inf"), float("nan"), 10**400],
    ids=str,
)
def test_other_values_are_no_time(value):
    assert seconds(value) is None


def test_truth_values_are_no_whole_numbers():
    assert [is_whole(value) for value in (1, 0, True, 1.0, "1")] == [True, True, False, False, False]
