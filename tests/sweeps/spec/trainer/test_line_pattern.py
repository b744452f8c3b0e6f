import re

import pytest

from sweeps.sources.formats.output import cleaned
from sweeps.spec.trainer.line_pattern import never_fits


@pytest.mark.parametrize(
    ("pattern", "told"),
    [
        (r"epoch\n(?P<loss>\S+)", "a line break never matches"),
        ("epoch\n(?P<loss>\\S+)", "a line break never matches"),
        (r"\r(?P<loss>\S+)", r"\r never matches"),
        (r"\x1b\[32m(?P<loss>\S+)", r"\x1b never matches"),
        (r"\033\[32m(?P<loss>\S+)", r"\033 never matches"),
        ("\x1b\\[32m(?P<loss>\\S+)", r"\x1b never matches"),
        (r"(?P<loss>\S+)\s+$", "blanks at the end of a line are taken off"),
        (r"(?P<loss>\S+ )$", "blanks at the end of a line are taken off"),
        (r"^sweep: (?P<loss>\S+)", "lines that begin with `sweep: `"),
    ],
)
def test_what_can_never_fit_is_told_with_its_reason(pattern, told):
    assert told in never_fits(pattern)


@pytest.mark.parametrize(
    ("pattern", "line"),
    [
        (r"^ +epoch (?P<loss>\S+)", "    epoch 0.5"),
        (r"(?P<loss>[^\r\n]+)", "0.5"),
        (r"(?P<loss>\S+)\r?\n?$", "0.5 "),
        (r"(?P<loss>\S+)\s*$", "0.5 "),
        (r"(?:\x1b\[32m|)(?P<loss>\S+)", "\x1b[32m0.5"),
        (r"C:\\new (?P<loss>\S+)", r"C:\new 0.5"),
        (r"a\\s+$(?P<x>)", r"a\sss"),
        (r"sweep: (?P<loss>\S+)", "my sweep: 0.5"),
        (r"(?!\n)(?P<loss>\S+)", "0.5"),
        (r"(?P<loss>\S+)\t(?P<acc>\S+)", "0.5\t0.25"),
    ],
)
def test_what_may_fit_passes(pattern, line):
    assert never_fits(pattern) == ""
    assert re.search(pattern, cleaned(line))
