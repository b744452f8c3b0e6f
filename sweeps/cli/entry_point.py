"""The `sweep` script: runs the command line, turns errors into messages and exit codes."""

from __future__ import annotations

import os
import sys

import click

from analysis.read.errors import AnalysisError
from sweeps.cli.verbs import cli
from sweeps.errors import SweepError


def main() -> None:
    """Entry point of the `sweep` script: turns errors into messages and exit codes."""
    try:
        cli.main(prog_name="sweep", standalone_mode=False)
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except SweepError as error:
        click.echo(str(error), err=True)
        sys.exit(error.exit_code)
    except AnalysisError as error:  # the record cannot be read
        click.echo(str(error), err=True)
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except BrokenPipeError:
        os.dup2(
            os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno()
        )  # the reader, such as `head`, has enough
        sys.exit(141)
    except OSError as error:  # a full disk, a directory that went away: the machine's trouble, not a bug
        place = f"{error.filename}: " if error.filename else ""
        click.echo(f"{place}{error.strerror or error}", err=True)
        sys.exit(2)
