"""How a process ended, for every exit code and every signal, as the table of docs/trust.md has it."""

import re
import signal
import sys
from pathlib import Path

import pytest

from sweeps.runner.ending import how_it_ended, is_sent

DOCUMENT = Path(__file__).parents[3] / "docs" / "trust.md"
ROW = re.compile(r"^\| ([-\d, ]+) \| ([-\d, ]*) ?\| (\w+) \| (\w+) \|$", re.MULTILINE)


def numbers(text):
    for part in filter(None, (part.strip() for part in text.split(","))):
        first, _, last = part.partition("-")
        yield from range(int(first), int(last or first) + 1)


def documented():
    """By exit status, signals negative: the outcome, and the one of a process that was asked to stop."""
    rows = [
        (number, alone, asked) for codes, _, alone, asked in ROW.findall(TEXT) for number in numbers(codes)
    ]
    rows += [
        (-number, alone, asked)
        for _, signals, alone, asked in ROW.findall(TEXT)
        for number in numbers(signals)
    ]
    assert len(rows) == len({number for number, *_ in rows}), "a status stands in two rows"
    return {number: (alone, asked) for number, alone, asked in rows}


TEXT = DOCUMENT.read_text(encoding="utf-8").partition("### All exit codes and signals")[2]


@pytest.mark.skipif(sys.platform != "linux", reason="the document has Linux's numbers")
def test_every_exit_code_and_every_signal_is_judged_as_documented():
    judged = {
        status: (how_it_ended(status).outcome, how_it_ended(status, asked=True).outcome)
        for status in range(-64, 256)
    }
    assert judged == documented()


@pytest.mark.parametrize(
    ("status", "asked", "expected"),
    [
        (0, False, ("finished", "")),
        (0, True, ("interrupted", "stopped")),
        (75, False, ("failed", "exit code 75")),
        (75, True, ("interrupted", "stopped")),
        (1, True, ("interrupted", "stopped; exit code 1")),
        (124, False, ("failed", "exit code 124")),
        (137, False, ("interrupted", "exit code 137 (SIGKILL)")),
        (139, True, ("failed", "exit code 139 (SIGSEGV)")),
        (143, True, ("interrupted", "stopped")),
        (255, False, ("failed", "exit code 255")),
        (-9, False, ("interrupted", "signal: SIGKILL")),
        (-11, True, ("failed", "signal: SIGSEGV")),
        (-14, False, ("failed", "signal: SIGALRM")),
    ],
)
def test_the_reason_names_the_code_and_the_signal(status, asked, expected):
    ending = how_it_ended(status, asked=asked)
    assert (ending.outcome, ending.reason) == expected


def test_no_signal_is_sent_by_nobody():
    assert [is_sent(number) for number in (None, signal.SIGTERM, signal.SIGSEGV)] == [False, True, False]
