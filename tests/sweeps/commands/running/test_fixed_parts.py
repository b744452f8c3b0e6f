"""What of a file that is saved cannot be taken up."""

import pytest

from sweeps.commands.running.fixed_parts import changed_searches, fixed_changes
from sweeps.spec.parser import read_spec_text

FILE = """
experiment: e
trainer: {command: [python, t.py, "{lr}"], metrics: [{stdout: "loss (?P<loss>.*)"}]}
profile: quick
defaults: {lr: 1}
profiles: {quick: {n: 1, sweeps: {s: {m: 1}}}, other: {n: 2}}
sweeps:
  a: {grid: {x: [1, 2]}}
  s: {search: {space: {y: {float: [0, 1]}}, objective: {loss: min}, trials: 2}}
"""


def spec(*changes):
    text = FILE
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return read_spec_text(text, "e.yaml")


@pytest.mark.parametrize(
    ("change", "fixed", "searches"),
    [
        (("experiment: e", "# a line more\\n\\nexperiment: e"), [], []),
        (("[1, 2]", "[1, 3]"), [], []),
        (("experiment: e", "experiment: f"), ["experiment"], []),
        (("t.py", "u.py"), ["trainer"], []),
        (("loss (", "Loss ("), ["trainer"], []),
        (("profile: quick", "profile: other"), ["profile"], ["s"]),
        (("defaults: {lr: 1}", "defaults: {lr: 2}"), [], ["s"]),
        (("{n: 1, ", "{n: 3, "), [], ["s"]),
        (("{n: 2}", "{n: 3}"), [], []),
        (("{m: 1}", "{m: 2}"), [], ["s"]),
        (("[0, 1]", "[0, 2]"), [], ["s"]),
        (("  s: {search", "  t: {grid: {x: [1]}}\\n  s: {search"), [], []),
    ],
)
def test_a_change_is_known_whatever_line_it_stands_on(change, fixed, searches):
    old, new = change
    changed = spec((old, new.replace("\\n", "\n")))
    assert list(fixed_changes(spec(), changed, None)) == fixed
    assert list(changed_searches(spec(), changed, None)) == searches


def test_a_profile_that_the_command_line_names_is_not_the_files():
    assert list(fixed_changes(spec(), spec(("profile: quick", "profile: other")), "quick")) == []
