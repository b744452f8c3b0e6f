"""Defines the verb `adopt`, which takes finished runs of elsewhere as trials."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from sweeps.cli.group import cli, open_session
from sweeps.cli.options import JSON, LAYERS, PICKS, TRACKING, requesting
from sweeps.cli.output import say, say_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sweeps.adoption.decisions import Terms
    from sweeps.adoption.found_run import FoundRun
    from sweeps.commands.request import Request
    from sweeps.commands.session import Session


@dataclass(frozen=True, slots=True)
class _Asked:
    """The options that say which runs are meant, and how they are taken."""

    experiment: str | None
    store: str | None
    folders: tuple[str, ...]
    config: str | None
    log: str | None
    name: re.Pattern[str] | None
    names: dict[str, str]
    ignored: tuple[str, ...]
    newest: bool
    partial: bool

    def found(self, session: Session) -> list[FoundRun]:
        from sweeps.adoption.sources import of_experiment, of_folders
        from sweeps.record.store_uri import tracking_uri

        if self.experiment is None:
            return of_folders(self.folders, self.name, self.config)
        store = session.record.tracking_uri if self.store is None else tracking_uri(self.store)
        return of_experiment(store, self.experiment, self.name)

    def terms(self) -> Terms:
        from sweeps.adoption.decisions import Terms

        return Terms(self.names, frozenset(self.ignored), self.newest, self.partial, self.log)


def _pattern(_context: click.Context, _option: click.Parameter, given: str | None) -> re.Pattern[str] | None:
    if given is None:
        return None
    try:
        pattern = re.compile(given)
    except re.error as error:
        raise click.BadParameter(f"is no pattern: {error}") from None
    if not pattern.groupindex:
        raise click.BadParameter("names no group; write (?P<lr>[^_]+) where the value of lr stands")
    return pattern


def _names(_context: click.Context, _option: click.Parameter, given: Sequence[str]) -> dict[str, str]:
    names = {}
    for text in given:
        key, equals, name = text.partition("=")
        if not (key and equals and name):
            raise click.BadParameter(f"must be KEY=NAME, such as lr=learning_rate, not '{text}'")
        names[key] = name
    return names


@cli.command()
@requesting(*LAYERS, *PICKS)
@click.option(
    "--from-experiment", "experiment", metavar="NAME", help="Take the runs of this MLflow experiment."
)
@click.option(
    "--store", metavar="URI", help="The MLflow store of that experiment. Default: the record's own."
)
@click.option(
    "--from-folders",
    "folders",
    metavar="PATTERN",
    multiple=True,
    help="Take these folders, each a run, such as 'runs/*'; can be repeated.",
)
@click.option(
    "--config", metavar="PATTERN", help="Files below a folder that say its config. Default: the usual ones."
)
@click.option(
    "--log",
    metavar="PATTERN",
    help="The file below a folder that FILE's `stdout` patterns read. Default: the only one that is called like a log.",
)
@click.option(
    "--name",
    metavar="REGEX",
    callback=_pattern,
    help="Settings in a folder's path or a run's name, as named groups: 'lr(?P<lr>[^_]+)_seed(?P<seed>\\d+)'.",
)
@click.option(
    "--key",
    "names",
    metavar="KEY=NAME",
    multiple=True,
    callback=_names,
    help="The runs call KEY of FILE so, as in lr=learning_rate; can be repeated.",
)
@click.option(
    "--ignore",
    "ignored",
    metavar="KEY",
    multiple=True,
    help="KEY need not agree, such as one for an output folder.",
)
@click.option("--newest", is_flag=True, help="Of several runs of one trial take the one that began last.")
@click.option(
    "--partial", is_flag=True, help="Also take folders that show fewer epochs than their config asks for."
)
@click.option(
    "--apply", is_flag=True, help="Record them. Without it, it is only shown which run is which trial."
)
@click.option("--undo", is_flag=True, help="Delete what was adopted from the record; with --apply.")
@TRACKING
@JSON
def adopt(
    request: Request, *, tracking_uri: str | None, apply: bool, undo: bool, as_json: bool, **origin: Any
) -> None:
    """Take finished runs that were made without sweep as trials of FILE.

    They are the runs of an MLflow experiment, or folders with event files, CSVs, JSON lines or logs. A run is the trial
    whose varied keys it says with the same values. Shows which is which; with --apply, records them as done.
    """
    from sweeps.adoption.adopt import adopt as record
    from sweeps.adoption.adopt import preview
    from sweeps.adoption.decisions import Verdict
    from sweeps.cli.screen import screen
    from sweeps.cli.views.adopt_table import decision_rows, print_decisions

    asked = _Asked(**origin)
    if sum((asked.experiment is not None, bool(asked.folders), undo)) != 1:
        raise click.UsageError("say one of --from-experiment, --from-folders and --undo")
    session = open_session(request, tracking_uri)
    if undo:
        _undo(session, apply=apply, as_json=as_json)
        return
    decisions = (record if apply else preview)(session, asked.found(session), asked.terms())
    if as_json:
        say_json(decision_rows(decisions, applied=apply), indent=1)
    else:
        print_decisions(screen(), session, decisions, applied=apply)
    if all(decision.verdict is Verdict.LEFT for decision in decisions):
        sys.exit(1)


def _undo(session: Session, *, apply: bool, as_json: bool) -> None:
    from sweeps.adoption.adopt import adopted_runs
    from sweeps.adoption.adopt import undo as delete

    runs = delete(session) if apply else adopted_runs(session)
    if as_json:
        rows = [{"trial": run.trial, "run_id": run.run_id, "from": run.adopted} for run in runs]
        say_json(rows, indent=1)
        return
    for run in runs:
        say(f"{run.sweep}/{run.trial}: adopted from {run.adopted}")
    if not runs:
        say("nothing is adopted")
    elif apply:
        say(
            f"{len(runs)} deleted from the record; MLflow can restore them, and what they were copied from is as it was"
        )
    else:
        say(f"{len(runs)} would be deleted from the record; add --apply")
