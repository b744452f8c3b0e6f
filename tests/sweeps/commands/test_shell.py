"""The commands that are printed, as a real shell reads them."""

import subprocess
from pathlib import Path

import pytest

from sweeps.commands.shell import quoted, shell_command

WORDS = [
    *("plain", "with space", "it's", '"double"', "$HOME", "`id`", "a;b|c&d", "*", "-x", "", "#", "~", "\\n"),
    *("new\nline", "tab\t", "\x1b[2J", "\u202eevil", "\u00e9t\u00e9", "\U0001f389", "it's\r`id`\\"),
]


def shlex_of_bash(command):
    """The words of a command as bash reads it."""
    read = subprocess.run(
        ["bash", "-c", f"printf '%s\\0' {command}"],  # noqa: S607 - the shell of this machine
        capture_output=True,
        check=True,
    )
    return read.stdout.decode().split("\0")[:-1]


def test_a_shell_reads_each_word_as_it_was_and_it_stands_on_one_line():
    command = " ".join(map(quoted, WORDS))
    assert shlex_of_bash(command) == WORDS
    assert "`" not in command
    assert all(character.isprintable() for character in command)


@pytest.fixture(autouse=True)
def _no_store_in_the_environment(monkeypatch):
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)


def test_the_default_store_needs_no_word_and_any_other_is_named(monkeypatch):
    file = Path("e.yaml")
    assert shell_command("plan", file, [], "sqlite:///mlflow.db") == "sweep plan e.yaml"
    named = "sweep plan e.yaml --tracking-uri sqlite:///other.db"
    assert shell_command("plan", file, [], "sqlite:///other.db") == named
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "sqlite:///other.db")  # as before one command alone
    assert shell_command("plan", file, [], "sqlite:///other.db") == named
    default = "sweep plan e.yaml --tracking-uri sqlite:///mlflow.db"
    assert shell_command("plan", file, [], "sqlite:///mlflow.db") == default


@pytest.mark.parametrize("uri", ["postgresql://me:secret@host/db", "mysql://host/db?password=secret"])
def test_a_password_stands_in_no_command(uri, monkeypatch):
    assert "secret" not in shell_command("plan", Path("e.yaml"), [], uri)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)  # where the shell has it
    assert shell_command("plan", Path("e.yaml"), [], uri) == "sweep plan e.yaml"


def test_a_user_without_a_password_is_no_secret():
    assert shell_command("ui", Path("e.yaml"), [], "postgresql://me@host/db").endswith(
        "postgresql://me@host/db"
    )


def test_a_file_whose_name_begins_with_a_dash_is_no_option():
    assert shell_command("run", Path("-e.yaml"), [], "sqlite:///mlflow.db") == "sweep run ./-e.yaml"
