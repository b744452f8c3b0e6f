"""The `sweep` command itself, which its verbs are added to, and how a verb opens a file."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING, Any

import click

from sweeps.cli.output import say

if TYPE_CHECKING:
    from sweeps.commands.request import Request
    from sweeps.commands.session import Session


class ReaderGoneError(Exception):
    """Whoever read what a verb prints has closed the pipe."""


class _Verbs(click.Group):
    """The verbs. Click itself would exit with 1 where a reader is gone, which is the code of a trial that failed."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            raise ReaderGoneError from error


@click.group(cls=_Verbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="sweep-experiments", prog_name="sweep")
def cli() -> None:
    """Run a grid of experiments from one YAML file, and trust every status and every curve.

    FILE says which trials there should be; MLflow holds the record of those that ran. `sweep run FILE` runs the
    difference. Run it again after an edit, an interruption or a crash: it starts only what is missing.

    Exit codes: 0 all done; 1 some trial failed; 2 the file or the command line is wrong, or the record
    cannot be used; 3 another `sweep run` holds this sweep and cannot take up what is asked, or holds some
    of its trials; 130 interrupted; 141 nobody reads the output any more.
    """


def open_session(request: Request, given_uri: str | None, *, with_record: bool = True) -> Session:
    """Open FILE with its trials and its record; a store that the command line names comes first."""
    from sweeps.commands import session as sessions
    from sweeps.record.store_uri import tracking_uri

    session = sessions.open_session(request, tracking_uri(given_uri), with_record=with_record)
    gc.freeze()  # the trials live until the end: garbage collection need not visit them
    return session


def read_session(
    request: Request, given_uri: str | None, *, beside: bool = True, configs: bool = True
) -> Session:
    """The same for a verb that runs nothing: it works where FILE's program is gone, and says so.

    Args:
        request: What is asked.
        given_uri: The store that the command line names; None: none.
        beside: Whether to read the record beside FILE where there is none here, as where `sweep` is called elsewhere.
        configs: Whether the verb asks for the trials' configs, and not for the names of sweeps alone.
    """
    from sweeps.commands import session as sessions
    from sweeps.record.store_uri import recorded_uri, tracking_uri

    uri = recorded_uri(given_uri, request.file) if beside else tracking_uri(given_uri)
    session = sessions.open_session(request, uri, needs_program=False, needs_configs=configs)
    gc.freeze()
    for trouble in session.troubles:
        say(f"{trouble.place}: note: {trouble.message}; {sessions.WITHOUT_PROGRAM}", err=True)
    if uri != tracking_uri(given_uri):
        say(f"the record is {uri}, beside the file", err=True)
    return session
