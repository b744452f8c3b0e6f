"""Runs the command line as the `sweep` script does: an error becomes a message and an exit code."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from importlib import metadata

import click

from analysis.read.errors import AnalysisError, masked
from sweeps.cli.completion import VARIABLE
from sweeps.cli.group import ReaderGoneError
from sweeps.cli.output import lead_nowhere, ready_streams, say
from sweeps.cli.verbs import cli
from sweeps.commands.shell import quoted
from sweeps.errors import SweepError
from sweeps.extras import installing
from sweeps.scheduler.stopping import interruptible

READER_GONE = 141
"""What a shell reports of a program that SIGPIPE ended, as `sweep plan FILE | head` may."""
_NOT_FOR_ALL = 0o002
"""Nothing that is made here, and in trials, may be written by every user, whatever the user's own mask."""


def namesake() -> str:
    """What to say where another distribution that has a package `sweeps` is installed too; empty where none is."""
    try:
        version = metadata.version("sweeps")
    except metadata.PackageNotFoundError:
        return ""
    return (
        f"sweeps {version} is installed beside sweep-experiments, and each overwrites files of the other's package `sweeps`; "
        "keep them in environments of their own"
    )


def _is_run() -> bool:
    """Whether the command line is a `sweep run`, which leaves something to go on with."""
    return sys.argv[1:2] == ["run"]


def _asked() -> str:
    """The command with its verb, for messages."""
    return " ".join(["sweep", *sys.argv[1:2]])


def main() -> None:
    """Run the command line; print an error's message instead of a traceback, and exit with its code."""
    os.umask(os.umask(_NOT_FOR_ALL) | _NOT_FOR_ALL)
    ready_streams()
    if VARIABLE in os.environ:
        _say_what_may_follow()
    else:
        _run()


def _say_what_may_follow() -> None:
    """Answer a shell that completes a command line."""
    from sweeps.cli.completion.shells import answer

    say(answer(cli, os.environ[VARIABLE]))


def _run() -> None:
    if warning := namesake():
        say(warning, err=True)
    try:
        with interruptible() if _is_run() else contextlib.nullcontext(), installing(_asked()):
            cli.main(prog_name="sweep", standalone_mode=False)
        sys.stdout.flush()
    except (ReaderGoneError, BrokenPipeError):
        for stream in (sys.stdout, sys.stderr):
            lead_nowhere(stream)
        sys.exit(READER_GONE)
    except click.ClickException as error:
        words = io.StringIO()
        error.show(words)
        say(words.getvalue().rstrip("\n"), err=True)
        sys.exit(2)
    except SweepError as error:
        say(str(error), err=True)
        sys.exit(error.exit_code)
    except AnalysisError as error:  # the record cannot be read
        say(str(error), err=True)
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        if _is_run():
            again = masked(" ".join(map(quoted, ["sweep", *sys.argv[1:]])))
            say(f"stopped; `{again}` goes on", err=True)
        sys.exit(130)
    except OSError as error:  # such as a full disk: the machine's fault, not a bug, so no traceback
        place = f"{error.filename}: " if error.filename else ""
        say(f"{place}{error.strerror or error}", err=True)
        sys.exit(2)
