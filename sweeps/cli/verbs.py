"""Defines the verbs of the `sweep` command: each reads its arguments, calls `sweeps.commands`, prints and exits."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sweeps.cli import adopt_verb, file_verbs, gc_verb, report_verbs, setup_verbs  # noqa: F401 - their verbs are added
from sweeps.cli.completion.values import trials
from sweeps.cli.group import cli, open_session, read_session
from sweeps.cli.options import (
    JSON,
    LAYERS,
    PICKS,
    TRACKING,
    launching,
    requesting,
)
from sweeps.cli.output import say, say_json, say_log

if TYPE_CHECKING:
    from sweeps.cli.options import LaunchOptions
    from sweeps.commands.request import Request


@cli.command()
@requesting(*LAYERS)
@JSON
def check(request: Request, *, as_json: bool) -> None:
    """Check every key and value in FILE. Reads only.

    Types, ranges and choices are checked, by the rules of the trainer too, and so is what
    the tracking store can keep. A warning is about what starts, and is hardly meant so,
    or may fail in the program; a note is about options that the script got since the file listed them, or whose
    defaults are others since, or says that no edit of the program would be noticed.
    """
    from analysis.results.results import counted
    from sweeps.authoring.checks.changed_defaults import changed_defaults
    from sweeps.authoring.checks.new_options import new_options
    from sweeps.authoring.script import ScriptReader
    from sweeps.commands.running.warned import warnings_of
    from sweeps.planning.validation import written_settings
    from sweeps.trainer.changes.unwatched import unwatched

    session = open_session(request, None, with_record=False)
    counts = {sweep.name: sweep.size for sweep in session.sweeps}
    scripts = ScriptReader(Path.cwd())
    warnings = warnings_of(session, scripts)
    keys = {key for key, _ in written_settings(session.spec, {})}
    trainer, spec = session.trainer, session.spec
    notes = [
        *new_options(trainer, spec, keys, scripts),
        *changed_defaults(trainer, spec, scripts),
        *unwatched(spec.trainer),
    ]
    if as_json:
        said = {"warnings": list(map(str, warnings)), "notes": list(map(str, notes))}
        told = {key: lines for key, lines in said.items() if lines}
        say_json({"file": str(request.file), "profile": session.profile, "trials": counts, **told})
        return
    sizes = ", ".join(f"{name} {count}" for name, count in counts.items())
    profile = f", profile {session.profile}" if session.profile else ""
    for warning in warnings:
        say(f"{warning.place}: warning: {warning.message}")
    for note in notes:
        say(f"{note.place}: note: {note.message}")
    nothing = (
        "; nothing varies yet: `grid: {KEY: [VALUE, VALUE]}` makes more"
        if list(counts.values()) == [1]
        else ""
    )
    say(f"{request.file}: fine{profile}; {counted(sum(counts.values()), 'trial')} ({sizes}){nothing}")


@cli.command()
@requesting(*LAYERS, *PICKS)
@TRACKING
@JSON
def plan(request: Request, *, tracking_uri: str | None, as_json: bool) -> None:
    """Show what `sweep run` would do, and why. Reads only."""
    from sweeps.cli.screen import screen
    from sweeps.cli.views.plan_table import print_plan
    from sweeps.rows.plan import plan_rows, search_rows

    session = open_session(request, tracking_uri)
    planned = session.plan()
    if as_json:
        summary: dict[str, Any] = {
            "counts": planned.counts(),
            "differences": planned.differences,
            "eta_s": planned.eta_s,
        }
        if planned.searches:
            summary["searches"] = search_rows(planned)
        say_json({**summary, "trials": plan_rows(session, planned)}, indent=1)
    else:
        print_plan(screen(), session, planned)


@cli.command()
@requesting(*LAYERS, *PICKS)
@TRACKING
@launching
@click.option(
    "--detach",
    is_flag=True,
    help="Go on in the background once trials start, also when this terminal closes.",
)
@JSON
def run(
    request: Request, how: LaunchOptions, *, tracking_uri: str | None, detach: bool, as_json: bool
) -> None:
    """Run the trials that the record lacks.

    These are new, changed and interrupted trials; with --retry-failed, failed ones too. With --again, those that --only,
    --except or --sweep select are trained anew, finished and abandoned ones too: each in a new run beside the old one.

    FILE may be edited meanwhile: trials that are new in it are queued, waiting ones that are gone are dropped.
    A further `sweep run` of FILE with the same options has the first one take it up, and shows that one.

    Ctrl-C once asks running trials to end, with a checkpoint where they save one; twice terminates them; three times kills them.
    """
    from sweeps.cli.live.background import depart
    from sweeps.cli.live.run_here import RunHere
    from sweeps.rundir.paths import StateDir

    _refuse_misuse(request, how, detach=detach, as_json=as_json)
    is_under_way = depart(StateDir.here(), request, tracking_uri) if detach else lambda: None
    asked = replace(request, options=how.words)
    run_here = RunHere(how, as_json, detach, is_under_way)
    sys.exit(run_here.until_done(lambda: open_session(asked, tracking_uri)))


def _refuse_misuse(request: Request, how: LaunchOptions, *, detach: bool, as_json: bool) -> None:
    if detach and as_json:
        raise click.UsageError(
            "--json tells of the end, which --detach does not wait for; leave one of them out"
        )
    if how.again and not (request.only or request.excepting or request.sweeps):
        raise click.UsageError("--again needs --only, --except or --sweep: say which trials are trained anew")


@cli.command()
@requesting(*LAYERS)
@TRACKING
def attach(request: Request, *, tracking_uri: str | None) -> None:
    """Show the `sweep run` of FILE that goes on on this machine, until it ends.

    Ctrl-C leaves it running. The exit code is that of the run.
    """
    from sweeps.cli.live.attach import attach as watch
    from sweeps.cli.screen import screen

    sys.exit(watch(screen(), read_session(request, tracking_uri, configs=False)))


@cli.command()
@requesting(*LAYERS, *PICKS)
@TRACKING
@click.option(
    "--watch", is_flag=True, help="Show it again whenever it has changed, until nothing runs any more."
)
@click.option(
    "--wide",
    is_flag=True,
    help="Also show how many seconds each trial ran, and the cores, memory and GPUs that it takes.",
)
@JSON
def status(request: Request, *, tracking_uri: str | None, watch: bool, wide: bool, as_json: bool) -> None:
    """Show the state and the latest metrics of every trial. Reads only."""
    from sweeps.cli.live.watch import watch_status
    from sweeps.cli.screen import screen
    from sweeps.cli.views.status_table import print_status
    from sweeps.rows.status import status_of

    if watch and as_json:
        raise click.UsageError("--watch draws a table; ask for --json again and again in its place")
    session = read_session(request, tracking_uri)
    if watch:
        watch_status(screen(), session, wide=wide)
        return
    planned = session.plan()
    found = status_of(session, planned)
    if as_json:
        say_json(found.rows, indent=1)
    else:
        print_status(screen(), session, planned, found, wide=wide)


@cli.command()
@requesting(*LAYERS, *PICKS)
@TRACKING
@click.option(
    "--for-good",
    is_flag=True,
    help="Give the trials up that --only or --except select: `sweep run` takes them up only with --again.",
)
def stop(request: Request, *, tracking_uri: str | None, for_good: bool) -> None:
    """Stop the `sweep run` of FILE on this machine.

    It works as Ctrl-C does: a second `sweep stop` terminates the trials, a third one kills them. With --only it
    stops only some of the trials. The next `sweep run` resumes them, unless they are stopped --for-good: those that
    run, wait or never started are abandoned then.
    """
    from sweeps.commands.stop import stop_sweeps
    from sweeps.commands.verdicts.for_good import give_up_trials

    if for_good and not (request.only or request.excepting):
        raise click.UsageError("--for-good needs --only or --except: say which trials you give up")
    picks = bool(request.only or request.excepting)
    session = read_session(request, tracking_uri, configs=picks)
    for line in give_up_trials(session) if for_good else [stop_sweeps(session)]:
        say(line)


@cli.command()
@requesting(*LAYERS)
@click.argument("trial", shell_complete=trials)
@click.option("--follow", "-f", is_flag=True, help="Go on until TRIAL ends.")
@click.option(
    "--folder",
    is_flag=True,
    help="Print the path of TRIAL's own folder instead, {run_dir}: what its program left there, such as checkpoints.",
)
@TRACKING
def logs(request: Request, *, trial: str, follow: bool, folder: bool, tracking_uri: str | None) -> None:
    """Print the output of TRIAL's last attempt on this machine. Reads only."""
    from sweeps.commands.logs import follow_log, log_of

    if follow and folder:
        raise click.UsageError("--folder prints a path and ends; leave --follow out")
    session = read_session(request, tracking_uri)
    if folder:
        from sweeps.rows.folders import folder_of

        say(str(folder_of(session, trial)))
        return
    if not follow:
        say_log(log_of(session, trial))
        return
    for text in follow_log(session, trial):
        say_log(text)


@cli.command()
@requesting(*LAYERS)
@click.argument("trial", required=False, shell_complete=trials)
@click.option("--apply", is_flag=True, help="Record what FILE's metric sources find in what TRIAL left.")
@TRACKING
@JSON
def metrics(
    request: Request, *, trial: str | None, apply: bool, tracking_uri: str | None, as_json: bool
) -> None:
    """Show which metrics TRIAL recorded, and what its log says of them. Without TRIAL: how many each trial recorded.

    If it recorded none: what it printed and left, and the lines that would read it.

    Reads only, but for --apply: sources that were added to FILE later read what is there already, each point once;
    without TRIAL, that of every trial that has ended. It says what it added. Points that are recorded never change: of
    metrics that FILE reads otherwise by now it says so, and what records these values.
    """
    from sweeps.cli.screen import screen
    from sweeps.cli.views.metrics_table import count_rows, print_counts, show_metrics
    from sweeps.commands.evidence import record_all_left, record_left
    from sweeps.commands.logs import step_of

    session = read_session(request, tracking_uri)
    if trial is not None:
        step, run = step_of(session, trial)
        added = record_left(session, step, run) if apply else None
        show_metrics(screen(), session, step, run, added=added, as_json=as_json)
        return
    added = record_all_left(session) if apply else None
    rows = count_rows(session, added)
    if as_json:
        for text in added.refused if added is not None else ():
            say(text, err=True)
        say_json(rows, indent=1)
    else:
        print_counts(screen(), session, rows, added)


@cli.command()
@requesting(*LAYERS)
@click.argument("trial", shell_complete=trials)
@click.argument("other", required=False, shell_complete=trials)
@click.option(
    "--config-file", "copy", is_flag=True, help="Print its copy of the program's `config_file:` instead."
)
@TRACKING
@JSON
def explain(
    request: Request, *, trial: str, other: str | None, copy: bool, tracking_uri: str | None, as_json: bool
) -> None:
    """Show where the config of TRIAL comes from. With OTHER, show how the two differ. Reads only."""
    from sweeps.cli.screen import screen
    from sweeps.cli.views.explain_table import difference_rows, explain_rows, own_config, print_explain
    from sweeps.commands.logs import trial_named

    session = read_session(request, tracking_uri)
    one = trial_named(session, trial)
    if copy:
        say(own_config(session, one).removesuffix("\n"))
        return
    second = None if other is None else trial_named(session, other)
    rows = explain_rows(one, session.trainer.config_file) if second is None else difference_rows(one, second)
    if as_json:
        say_json({"trial": one.name, "fingerprint": one.fingerprint, "keys": rows}, indent=1)
    else:
        print_explain(screen(), [one] if second is None else [one, second], rows)


__all__ = ["cli"]
