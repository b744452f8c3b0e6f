"""Defines the verb `gc`, which gives disk back that nothing needs any more."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sweeps.cli.group import cli, read_session
from sweeps.cli.options import JSON, LAYERS, TRACKING, requesting
from sweeps.cli.output import say_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sweeps.commands.request import Request

KINDS = (
    *("checkpoints", "copies", "removed", "deleted", "snapshots"),
    *("outboxes", "journals", "figures", "wandb", "trash"),
)


@cli.command()
@requesting(*LAYERS)
@click.option(
    "--kind", "kinds", type=click.Choice(KINDS), multiple=True, help="Only these things; can be repeated."
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("figures"),
    show_default=True,
    help="The folder of FILE's report.",
)
@click.option("--yes", is_flag=True, help="Free it. Without it, it is only shown what can go.")
@TRACKING
@JSON
def gc(
    request: Request, *, kinds: Sequence[str], out: Path, yes: bool, tracking_uri: str | None, as_json: bool
) -> None:
    """Show what of FILE's runs on disk can go, and how much it takes; with --yes, free it.

    That is: checkpoints beyond `keep:`; second copies of what the artifact store has, which become one file; directories of
    runs that are deleted in MLflow, or whose trial FILE no longer has; copies of code, outboxes, journals, figures and W&B's
    folders that nobody needs. Never what is at work, can be resumed or is not in the record yet.
    """
    from sweeps.cli.screen import screen
    from sweeps.cli.views.gc_table import item_rows, left_rows, print_items
    from sweeps.freeing.collect import collect, preview
    from sweeps.freeing.decisions import Kind

    session = read_session(request, tracking_uri, beside=False)
    wanted = [Kind(kind) for kind in kinds]
    freed = collect(session, out, wanted) if yes else None
    decisions = freed.decisions if freed is not None else preview(session, out, wanted)
    if as_json:
        told = {"freed": freed.size, "troubles": list(freed.troubles)} if freed is not None else {}
        items = item_rows(decisions)
        say_json({"bytes": decisions.size, **told, "items": items, "left": left_rows(decisions)}, indent=1)
    else:
        words = [word for kind in kinds for word in ("--kind", kind)]
        words += ["--out", str(out)] if out != Path("figures") else []
        print_items(screen(), session.command("gc", None, *words, "--yes"), decisions, freed)
    if freed is not None and freed.troubles:
        sys.exit(1)
