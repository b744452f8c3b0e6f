"""Hydra's multirun, without Hydra."""

import pytest

from sweeps.importing.shell.hydra_multirun import command_lines, values_of
from sweeps.importing.shell.values import Unreadable


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("1,2", ["1", "2"]),
        ("range(1,4)", ["1", "2", "3"]),
        ("range(0,1,0.5)", ["0", "0.5"]),
        ("range(3)", ["0", "1", "2"]),
        ("range(3,start=1)", None),
        ("choice(a,b)", ["a", "b"]),
        ("[1,2],[3]", ["[1,2]", "[3]"]),
        ("'a,b'", ["'a,b'"]),
        ("{a:1,b:2}", ["{a:1,b:2}"]),
        ("sort(3,1)", ["3", "1"]),
    ],
)
def test_the_values_of_an_override(text, values):
    if values is not None:
        assert values_of(text) == values


@pytest.mark.parametrize(
    "text", ["interval(0,1)", "glob(*)", "tag(a,interval(0,1))", "range(1,2,0)", "range(0,1,1e-9)"]
)
def test_what_is_drawn_or_endless_is_refused(text):
    with pytest.raises(Unreadable):
        values_of(text)


def test_every_combination_is_a_line_and_hydras_own_keys_are_told():
    lines, notes = command_lines(["-m", "a=1,2", "b=range(0,2)", "hydra/launcher=joblib"])
    assert lines == [("a=1", "b=0"), ("a=1", "b=1"), ("a=2", "b=0"), ("a=2", "b=1")]
    assert len(notes) == 1
