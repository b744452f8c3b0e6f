import pytest

from analysis.read.params import param_value, same_param


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *(("True", True), ("False", False), ("[1, 'a', None, True]", [1, "a", None, True]), ("{}", {})),
        *(("true", True), ('[1, "a", null]', [1, "a", None]), ("null", None), ("1e-05", 1e-5)),
        *(("None", "None"), ("[not a list", "[not a list"), ("{x}", "{x}"), ("nan", "nan")),
    ],
)
def test_a_param_reads_back_in_either_spelling(text, value):
    assert param_value(text) == value
    assert type(param_value(text)) is type(value)


@pytest.mark.parametrize(
    ("one", "other"),
    [("true", "True"), ("null", "None"), ('[1, "a"]', "[1, 'a']"), ("1", "1.0"), ("x", "x")],
)
def test_both_spellings_are_the_same_value(one, other):
    assert same_param(one, other)


@pytest.mark.parametrize(("one", "other"), [("1", "True"), ("0.5", "0.50001"), ("a", "A"), ("[1]", "[2]")])
def test_other_values_are_not(one, other):
    assert not same_param(one, other)
