"""Defines the verbs that show results: `best`, and in a browser `report` and `ui`."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from analysis.figures.averages.band import Band
from analysis.report.drawing import Drawing
from sweeps.cli.group import cli, read_session
from sweeps.cli.options import JSON, LAYERS, PICKS, TRACKING, requesting
from sweeps.cli.output import say, say_json

if TYPE_CHECKING:
    from analysis.report.write import WrittenReport
    from sweeps.commands.request import Request
    from sweeps.commands.session import Session

_INTERRUPTED = 130


@cli.command()
@requesting(*LAYERS, *PICKS)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("figures"),
    show_default=True,
    help="The folder to write to.",
)
@click.option(
    "--with",
    "beside",
    metavar="URI",
    multiple=True,
    help="Another tracking store: its runs of the same trials are shown side by side with these. Repeatable.",
)
@click.option(
    "--watch", is_flag=True, help="Draw again whenever the record has changed, until nothing runs any more."
)
@click.option(
    "--plain",
    is_flag=True,
    help="Images without title and captions, as for a paper; the report has them as text.",
)
@click.option(
    "--pdf",
    is_flag=True,
    help="Draw each figure as PDF, too, with its letters as text in embedded fonts.",
)
@click.option(
    "--band",
    type=click.Choice([band.value for band in Band]),
    default=Band.MINMAX.value,
    show_default=True,
    help="What bands and bars of repeats are: from minimum to maximum, mean ± standard deviation, or between the quartiles.",
)
@TRACKING
@JSON
def report(
    request: Request,
    *,
    out: Path,
    beside: tuple[str, ...],
    watch: bool,
    plain: bool,
    pdf: bool,
    band: str,
    tracking_uri: str | None,
    as_json: bool,
) -> None:
    """Draw the record: figures and a report.

    Writes figures, report.html, report.md and manifest.json to OUT, and stores them with the sweeps' runs.
    With --with, the record is one more setting that is compared, searches are left out, and nothing is stored. --only and
    --except draw a part of the trials, which is not stored either; give it an OUT of its own.

    With --watch, an open report.html follows the sweep. Drawing takes a tenth of one core at most; Ctrl-C ends it.
    """
    from sweeps.commands.report import write
    from sweeps.extras import need

    need("sweep report", "matplotlib")
    drawing = Drawing(plain, pdf, Band(band))
    if watch:
        session, written = _watched(request, tracking_uri, out, beside, drawing)
    else:
        session = read_session(request, tracking_uri)
        written = write(session, out, beside, drawing)
    if as_json:
        incomplete = [
            {"trial": result.trial.name, "condition": result.condition} for result in written.incomplete
        ]
        say_json({"files": [str(path) for path in written.paths], "incomplete": incomplete}, indent=1)
    else:
        _tell(session, out, written)


def _watched(
    request: Request, given_uri: str | None, out: Path, beside: tuple[str, ...], drawing: Drawing
) -> tuple[Session, WrittenReport]:
    """Draw again and again while the sweeps run; returns the last report, with the session that it is of."""
    from analysis.report.following import leave
    from sweeps.cli.live.follow import follow_report, yield_cores
    from sweeps.commands import session as sessions
    from sweeps.commands.report import write
    from sweeps.record.store_uri import recorded_uri

    def reopen() -> Session:
        return sessions.open_session(request, recorded_uri(given_uri, request.file), needs_program=False)

    yield_cores()
    try:
        session = follow_report(reopen, out, beside, drawing)
        return session, write(session, out, beside, drawing)
    finally:
        leave(out)


def _tell(session: Session, out: Path, written: WrittenReport) -> None:
    from sweeps.commands.report import chosen
    from sweeps.commands.seeds import seeds_hint

    many = "" if written.figures == 1 else "s"
    say(f"{out / 'report.html'}, report.md: {written.figures} figure{many}")
    if part := chosen(session):
        say(f"{part}; not stored with the sweeps' runs")
    if written.replaced:
        say(f"{out} had the report of {written.replaced}; --out FOLDER keeps both")
    if written.remark:
        say(written.remark)
    for change in session.changes(session.whole_plan()):
        say(change)
    if (hint := seeds_hint(session, "report")) is not None:
        say(hint)
    for result in written.incomplete:
        say(f"not complete: {result.trial.name}: {result.condition}")


@cli.command()
@requesting(*LAYERS, *PICKS)
@click.option(
    "--metric",
    metavar="KEY",
    help="What judges. Default: the objective, or the first of the file's `measures`; without them a usual name, as val/loss.",
)
@click.option(
    "--command",
    "as_command",
    is_flag=True,
    help="Print the program's command instead; the `sweep run` of its trial where that needs sweep, as a function does.",
)
@TRACKING
@JSON
def best(
    request: Request, *, metric: str | None, as_command: bool, tracking_uri: str | None, as_json: bool
) -> None:
    """Print the best setting of each sweep, as YAML to paste.

    Settings are judged by the mean over the seeds of their finished runs. Those that seeds do not tell apart from the
    best are named, too; how they differ, the `report` says.
    """
    from sweeps.cli.views.best_settings import best_commands, best_rows, best_yaml
    from sweeps.commands.seeds import seeds_hint
    from sweeps.rows.best import best_settings

    session = read_session(request, tracking_uri)
    found, lacking = best_settings(session, metric)
    if as_json:
        say_json(best_rows(session, found), indent=1)
    else:
        for line in best_commands(session, found) if as_command else best_yaml(found):
            say(line)
    for why in lacking:
        say(why, err=True)
    if (hint := seeds_hint(session, "best")) is not None:
        say(hint, err=True)


@cli.command()
@requesting()
@TRACKING
@click.option(
    "--port", type=click.IntRange(1, 65535), default=5000, show_default=True, help="The port to listen on."
)
def ui(request: Request, *, tracking_uri: str | None, port: int) -> None:
    """Serve MLflow's UI for FILE's runs.

    Prints the addresses of its pages on 127.0.0.1 once it answers; Ctrl-C ends it. Their columns, what varies and the
    results, are kept with the experiment as a view of MLflow's. A tracking server has a UI of its own: then only the
    addresses are printed.
    """
    from analysis.read.store import is_server
    from analysis.report.links import UI_PORT
    from analysis.results.metric_names import is_loss
    from sweeps.commands.ui import pages, server
    from sweeps.extras import need
    from sweeps.record import store_uri
    from sweeps.rows.status import results_among
    from sweeps.spec.parser import read_spec

    if not is_server(store := store_uri.tracking_uri(tracking_uri)):
        need("sweep ui", "flask")
    spec = read_spec(request.file)
    experiment = spec.experiment
    listening = None if is_server(store) else server.listen(port)
    recorded = pages.Recorded.of(store, experiment)
    has_views = False
    if recorded is not None and recorded.metrics:
        judging = [one.metric for one in spec.measures_among(sweep.name for sweep in spec.sweeps)]
        results = [key for key in results_among(recorded.metrics, judging) if key in recorded.metrics]
        results.sort(key=lambda key: (key not in judging, is_loss(key)))
        has_views = pages.keep_views(store, experiment, pages.views(recorded.varied, results))

    def announce() -> None:
        address = store if listening is None else f"http://{server.HOST}:{port}"
        for what, page in pages.addresses(recorded, address, has_views=has_views).items():
            say(f"{what}: {page}")
        if listening is not None:
            if port != UI_PORT:
                say(f"links of report.html open here once {port} is its port, below Results", err=True)
            say("Ctrl-C ends it", err=True)
        sys.stdout.flush()

    if listening is None:
        announce()
        return
    try:
        server.serve(store, listening, announce)
    except KeyboardInterrupt:
        sys.stdout.flush()
        os._exit(_INTERRUPTED)  # requests that are under way are in threads that Python would wait for
