"""The `sweep` command: reads arguments, calls the parts, prints, exits. Nothing else prints or exits."""

from __future__ import annotations

import functools
import gc
import json
import os
import sys
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from analysis.read.errors import AnalysisError
from sweeps.errors import SweepError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rich.console import Console

    from sweeps.commands.session import Request, Session
    from sweeps.planning.plan import Plan, Step

_PIPED_WIDTH = 1000
"""Where there is no terminal nothing is wrapped."""
_F = TypeVar("_F", bound="Callable[..., Any]")
_FILE = click.argument("file", type=click.Path(path_type=Path))
_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
_TRACKING = click.option(
    "--tracking-uri",
    metavar="URI",
    help="The MLflow store; else $MLFLOW_TRACKING_URI, else sqlite:///mlflow.db.",
)
_LAYERS = (
    click.option(
        "--profile", metavar="NAME", help="Lay this profile over the defaults, instead of the file's own."
    ),
    click.option(
        "--set", "overrides", metavar="KEY=VALUE", multiple=True, help="Set a key in every trial; wins."
    ),
    click.option(
        "--sweep", "sweeps", metavar="NAME", multiple=True, help="Only this sweep; may be repeated."
    ),
)
_PICKS = (
    click.option(
        "--only", metavar="KEY=VALUE", multiple=True, help="Only trials with this value; trial=NAME too."
    ),
    click.option(
        "--except", "excepting", metavar="KEY=VALUE", multiple=True, help="All but trials with this value."
    ),
)


def _requesting(*options: Callable[[Any], Any]) -> Callable[[_F], _F]:
    """Give a command FILE and the options that say which trials are meant, as one `request`."""

    def decorate(function: _F) -> _F:
        @functools.wraps(function)
        def wrapped(**given: Any) -> Any:
            from sweeps.commands.session import Request

            asked = {field.name: given.pop(field.name) for field in fields(Request) if field.name in given}
            return function(Request(**asked), **given)

        for option in reversed(options):
            wrapped = option(wrapped)
        return _FILE(wrapped)  # type: ignore[return-value]

    return decorate


def _seconds(_context: click.Context, _option: click.Parameter, given: str) -> float:
    from sweeps.spec.resources import seconds

    found = seconds(given)
    if found is None:
        raise click.BadParameter(f"must be a time such as 90s, 10m or 2h, not '{given}'")
    return found


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="sweep-experiments", prog_name="sweep")
def cli() -> None:
    """Run a grid of experiments from one YAML file, and trust every status and every curve.

    FILE holds the sweeps; MLflow holds the record of what ran. `sweep run FILE` closes the difference:
    running it again after an edit, an interruption or a crash starts only what is missing.

    Exit codes: 0 all done; 1 some trial failed; 2 the file or the command line is wrong; 3 another
    `sweep run` holds this sweep; 130 interrupted.
    """


@cli.command()
@_requesting(*_LAYERS)
@_JSON
def check(request: Request, *, as_json: bool) -> None:
    """Check FILE: every key, type, range and choice, the trainer's own included. Reads only."""
    session = _open(request, None, with_record=False)
    counts = {sweep.name: sweep.size for sweep in session.sweeps}
    if as_json:
        click.echo(json.dumps({"file": str(request.file), "profile": session.profile, "trials": counts}))
        return
    told = ", ".join(f"{name} {count}" for name, count in counts.items())
    profile = f", profile {session.profile}" if session.profile else ""
    click.echo(f"{request.file}: fine{profile}; {sum(counts.values())} trials ({told})")


@cli.command()
@_requesting(*_LAYERS, *_PICKS)
@_TRACKING
@_JSON
def plan(request: Request, *, tracking_uri: str | None, as_json: bool) -> None:
    """Say what `sweep run` would do: the file minus the record. Reads only."""
    from sweeps.cli.search_tables import search_rows
    from sweeps.cli.tables import plan_rows, print_plan

    session = _open(request, tracking_uri)
    found = session.plan()
    if as_json:
        told: dict[str, Any] = {
            "counts": found.counts(),
            "differences": found.differences,
            "eta_s": found.eta_s,
        }
        if found.searches:
            told["searches"] = search_rows(found)
        click.echo(json.dumps({**told, "trials": plan_rows(session, found)}, indent=1))
    else:
        print_plan(_console(), session, found)


@cli.command()
@_requesting(*_LAYERS, *_PICKS)
@_TRACKING
@click.option(
    "--jobs", "-j", type=click.IntRange(min=1), help="Trials at once; else as many as the machine fits."
)
@click.option(
    "--gpus", metavar="IDS", help="CUDA devices to use, such as 0,1; empty for none; else all there are."
)
@click.option(
    "--executor",
    type=click.Choice(["local", "ray", "slurm"]),
    default="local",
    show_default=True,
    help="What starts the trials: this machine, or a cluster that shares this directory.",
)
@click.option(
    "--address",
    metavar="ADDRESS",
    help="The Ray cluster: auto, HOST:PORT or ray://HOST:PORT; else $RAY_ADDRESS, else one of this machine. "
    "Slurm: local for submitit's own executor; else the cluster of this login node.",
)
@click.option("--retry-failed", is_flag=True, help="Take up failed trials again.")
@click.option(
    "--patience",
    "patience_s",
    metavar="TIME",
    default="10m",
    show_default=True,
    callback=_seconds,
    help="Once no trial runs, wait so long (90s, 10m, 2h) for a tracking store that went away.",
)
@_JSON
def run(
    request: Request,
    *,
    tracking_uri: str | None,
    jobs: int | None,
    gpus: str | None,
    executor: str,
    address: str | None,
    retry_failed: bool,
    patience_s: float,
    as_json: bool,
) -> None:
    """Train what the record lacks. Again after an edit or a crash: only the difference.

    Ctrl-C once lets running trials checkpoint and end; twice terminates them; three times kills them.
    """
    from sweeps.cli.progress import listener_for
    from sweeps.cli.tables import job_rows, print_summary
    from sweeps.commands.run import launch
    from sweeps.executors.registry import executor_named

    session = _open(request, tracking_uri)
    console = _console(stderr=as_json)

    def announce(found: Plan, steps: Sequence[Step]) -> None:
        told = ", ".join(f"{count} {name}" for name, count in found.counts().items())
        asks = found.to_begin if session.selection.is_all else 0
        more = f", then searching {asks}" if asks else ""
        told = f"{told or 'nothing recorded'}; starting {len(steps)}{more}"
        console.print(f"{request.file}: {told}", highlight=False, soft_wrap=True)

    launched = launch(
        session,
        executor_named(executor, address=address, gpus=gpus, jobs=jobs),
        retry_failed=retry_failed,
        patience_s=patience_s,
        announce=announce,
        listener=lambda slots: listener_for(console, slots),
    )
    if as_json:
        click.echo(json.dumps({"exit_code": launched.exit_code, "trials": job_rows(launched)}, indent=1))
    else:
        print_summary(console, request, launched)
    sys.exit(launched.exit_code)


@cli.command()
@_requesting(*_LAYERS, *_PICKS)
@_TRACKING
@_JSON
def status(request: Request, *, tracking_uri: str | None, as_json: bool) -> None:
    """Show every trial's state and latest values. Reads only."""
    from sweeps.cli.tables import print_status, status_rows

    session = _open(request, tracking_uri)
    found = session.plan()
    rows = status_rows(session, found)
    if as_json:
        click.echo(json.dumps(rows, indent=1))
    else:
        print_status(_console(), found, rows)


@cli.command()
@_requesting(*_LAYERS, *_PICKS)
@_TRACKING
def stop(request: Request, *, tracking_uri: str | None) -> None:
    """Stop the `sweep run` of FILE on this machine, or with --only some of its trials, as Ctrl-C would.

    Again: terminate; a third time: kill. What is stopped resumes with the next `sweep run`.
    """
    from sweeps.commands.stop import stop_sweeps

    click.echo(stop_sweeps(_open(request, tracking_uri)))


@cli.command()
@_requesting(*_LAYERS)
@click.argument("trial")
@_TRACKING
def logs(request: Request, *, trial: str, tracking_uri: str | None) -> None:
    """Print what TRIAL printed, its last attempt on this machine. Reads only."""
    from sweeps.cli.tables import log_of

    click.echo(log_of(_open(request, tracking_uri), trial), nl=False)


@cli.command()
@_requesting(*_LAYERS)
@click.argument("trial")
@click.argument("other", required=False)
@_TRACKING
@_JSON
def explain(
    request: Request, *, trial: str, other: str | None, tracking_uri: str | None, as_json: bool
) -> None:
    """Show TRIAL's resolved config and where each value comes from, or how it differs from OTHER. Reads only."""
    from sweeps.cli.tables import difference_rows, explain_rows, print_explain, trial_named

    session = _open(request, tracking_uri)
    one = trial_named(session, trial)
    if other is None:
        rows = explain_rows(session, one)
    else:
        rows = difference_rows(session, one, trial_named(session, other))
    if as_json:
        click.echo(json.dumps({"trial": one.name, "fingerprint": one.fingerprint, "keys": rows}, indent=1))
    else:
        print_explain(_console(), one, rows)


@cli.command()
@_requesting(*_LAYERS)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("figures"),
    show_default=True,
    help="The folder to draw into.",
)
@_TRACKING
@_JSON
def report(request: Request, *, out: Path, tracking_uri: str | None, as_json: bool) -> None:
    """Draw the record into OUT: the figures, report.html, report.md, manifest.json; stored with the sweeps' runs too."""
    from sweeps.commands.report import write

    session = _open(request, tracking_uri)
    written = write(session, out)
    if as_json:
        incomplete = [
            {"trial": result.trial.name, "condition": result.condition} for result in written.incomplete
        ]
        click.echo(
            json.dumps({"files": [str(path) for path in written.paths], "incomplete": incomplete}, indent=1)
        )
        return
    many = "" if written.figures == 1 else "s"
    click.echo(f"{out / 'report.html'}, report.md: {written.figures} figure{many}")
    for result in written.incomplete:
        click.echo(f"not complete: {result.trial.name}: {result.condition}")


@cli.command()
@_requesting()
@_TRACKING
@click.option("--port", type=click.IntRange(1, 65535), default=5000, show_default=True, help="The port.")
def ui(request: Request, *, tracking_uri: str | None, port: int) -> None:
    """Open MLflow's UI on 127.0.0.1 with the store that FILE's runs are in, and print where to look.

    Ctrl-C ends it. Where the store is a tracking server, its own UI is at hand already: only its pages are printed.
    """
    from analysis.read.store import is_server
    from sweeps.commands.ui import addresses, become_ui
    from sweeps.record import store_uri
    from sweeps.spec.parser import read_spec

    experiment, store = read_spec(request.file).experiment, store_uri.tracking_uri(tracking_uri)
    server = store if is_server(store) else f"http://127.0.0.1:{port}"
    for what, address in addresses(store, experiment, server).items():
        click.echo(f"{what}: {address}")
    if not is_server(store):
        become_ui(store, port)


def _open(request: Request, given_uri: str | None, *, with_record: bool = True) -> Session:
    from sweeps.commands.session import open_session
    from sweeps.record.store_uri import tracking_uri

    session = open_session(request, tracking_uri(given_uri), with_record=with_record)
    gc.freeze()  # its trials stay until the end: no collection need walk over them again
    return session


def _console(*, stderr: bool = False) -> Console:
    from rich.console import Console

    console = Console(stderr=stderr)
    if not console.is_terminal:
        console.width = _PIPED_WIDTH
    return console


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
