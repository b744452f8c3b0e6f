"""Which values are of another type than the one that is known to fit."""

import pytest

from sweeps.authoring.checks.value_types import other_type


@pytest.mark.parametrize(
    ("usual", "value", "loosely", "exactly"),
    [
        (1, 2, "", ""),
        (1, 0.5, "", "int, like 1"),
        (0.5, 1, "", "float, like 0.5"),
        (1, True, "a number, like 1", "int, like 1"),
        (True, 1, "bool, like True", "bool, like True"),
        (1, "1", "a number, like 1", "int, like 1"),
        ("a", 1, "", "str, like 'a'"),
        ([1], 1, "list, like [1]", ""),
        ([1], ["a"], "", ""),
        (1, [1], "a number, like 1", "int, like 1"),
        (1, None, "", "int, like 1"),
        (None, 1, "", ""),
    ],
)
def test_a_value_is_told_only_where_it_surely_does_not_fit(usual, value, loosely, exactly):
    assert other_type(usual, value, exactly=False) == loosely
    assert other_type(usual, value, exactly=True) == exactly
