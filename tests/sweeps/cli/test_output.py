"""What reaches standard output: text, and nothing that steers the terminal."""

import io
import math
import os
import sys

import pytest

from sweeps.cli.output import LastingStream, say, say_json, say_log, short_value

LOG = "\x1b[31mred\x1b[0m \x1b]0;OWNED\x07\x1b[2J 50%\r100%\n"


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_line_is_shown_with_what_would_steer_the_terminal_written_out(capsys):
    say("[bold]a[/bold] \x1b[2J \u202e \ud800")
    assert capsys.readouterr().out == "[bold]a[/bold] \\x1b[2J \\u202e \\ud800\n"


def test_json_is_plain_ascii_and_means_what_it_meant(capsys):
    import json

    value = {"reason": "\x1b[2J \x7f \x9b \u202e \ud800 é"}
    say_json(value)
    out = capsys.readouterr().out
    assert out.isascii()
    assert all(character.isprintable() for character in out.rstrip("\n"))
    assert json.loads(out) == value


def test_the_colours_of_a_log_reach_a_terminal_and_nothing_else_does(monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setattr(sys, "stdout", Terminal())
    say_log(LOG + "\x1b[8mhidden")
    shown = sys.stdout.getvalue()
    assert shown.startswith("\x1b[31mred\x1b[0m \\x1b]0;OWNED\\x07\\x1b[2J 50%\\r100%\n")
    assert shown.endswith("\\x1b[8mhidden\x1b[0m")


@pytest.mark.parametrize("stream", [io.StringIO, Terminal])
def test_a_pipe_and_who_wants_no_colours_get_none(stream, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setattr(sys, "stdout", stream())
    say_log(LOG)
    assert sys.stdout.getvalue() == "red \\x1b]0;OWNED\\x07\\x1b[2J 50%\\r100%\n"


def test_a_stream_whose_reader_is_gone_takes_the_rest_without_a_word():
    reading, writing = os.pipe()
    with os.fdopen(writing, "w") as stream:
        lasting = LastingStream(stream)
        lasting.write("first\n")
        lasting.flush()
        os.close(reading)
        for _ in range(3):
            assert lasting.write("more\n") == 5
            lasting.flush()
        assert not lasting.isatty()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (math.inf, "inf"),
        (-1.7976931348623157e308, "-inf"),
        (math.nan, "nan"),
        (1e299, "1e+299"),
        (0.12345, "0.1235"),
    ],
)
def test_an_infinity_is_one_however_a_store_keeps_it(value, text):
    assert short_value(value) == text
