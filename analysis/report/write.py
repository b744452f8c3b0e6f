"""Writes a report: every figure, `report.md`, `report.html` and `manifest.json`, into one folder."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from analysis.figures.catalogue import lay_out
from analysis.figures.figure_cache import MANIFEST, draw, drawn_by, last_manifest, remove_stale
from analysis.figures.manifest import manifest
from analysis.report.html import html_text
from analysis.report.links import ReportCommands, RunLinks
from analysis.report.markdown import report_text
from analysis.report.sections import document
from analysis.results.clips import read_clips
from analysis.results.matching import read_results

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

    from analysis.figures.search_figures import SearchFigure
    from analysis.read.record import Record
    from analysis.results.document import Figure
    from analysis.results.expected import ExpectedSweep
    from analysis.results.results import Result
    from analysis.results.search import SearchResults


@dataclass(frozen=True)
class WrittenReport:
    """What was written, and what it cannot show.

    Attributes:
        paths: Every file written: images first, `report.md`, `report.html` and `manifest.json` last.
        figures: How many figures there are, each as PNG and as SVG.
        incomplete: Trials that are missing, running, did not finish or recorded nothing; `condition` says which and why.
    """

    paths: tuple[Path, ...]
    figures: int
    incomplete: tuple[Result, ...]


def write_report(
    record: Record,
    sweeps: Sequence[ExpectedSweep],
    out: str | os.PathLike[str],
    *,
    searches: Sequence[SearchResults] = (),
    spec_name: str,
    profile: str | None = None,
    commands: ReportCommands | None = None,
) -> WrittenReport:
    """Draw the sweeps as they stand in the record; the same record gives the same bytes.

    A trial's run is found by its fingerprint (`standing_runs` says which of several). Trials without a finished
    run are drawn as far as they are recorded, and named in their figures, in the report and in what is returned.

    Args:
        record: Where the runs are read.
        sweeps: The expected trials, sweep by sweep; their order is that of lines and rows.
        out: The folder to write into; it is made if need be, and files of the same names are replaced.
        searches: The searches, each with the trials that the record has.
        spec_name: Name of the file that the sweeps come from, as the report shall cite it.
        profile: The profile they were expanded with.
        commands: The shell commands that it names; None: those of the file on the default store.

    Raises:
        UnknownExperimentError: Nothing is recorded under that name.
        UnreachableStoreError: The store does not answer, or is none of MLflow's.
        OSError: `out` cannot be written.
    """
    experiment = record.experiment
    results = read_results(record, sweeps)
    laid_out = lay_out(results, read_clips(record, results))
    searched = _searched(searches)
    figures: list[Figure] = [figure for drawn in laid_out.values() for figure in drawn]
    figures += [figure for _, drawn in searched for figure in drawn]
    incomplete = tuple(result for sweep in results for result in sweep.results if not result.is_whole)
    folder = Path(out)
    last = last_manifest(folder)
    drawn = draw(figures, folder, last)
    files = {path: content for figure in drawn for path, content in figure.files.items()}
    links = RunLinks.of(record.tracking_uri)
    text = document(
        experiment, spec_name, profile, links, results, laid_out, searched=searched, commands=commands
    )
    listed = manifest(experiment, spec_name, profile, figures, incomplete, drawn_by=drawn_by(), files=files)
    written = {
        **files,
        "report.md": report_text(text).encode(),
        "report.html": html_text(text, drawn).encode(),
        MANIFEST: f"{json.dumps(listed, indent=1, allow_nan=False)}\n".encode(),
    }
    paths = tuple(_write(folder / path, content) for path, content in written.items())
    remove_stale(folder, last, written)
    return WrittenReport(paths, len(figures), incomplete)


def _searched(searches: Sequence[SearchResults]) -> list[tuple[SearchResults, Sequence[SearchFigure]]]:
    if not searches:
        return []  # Optuna takes a second to import
    from analysis.figures.search_figures import search_figures

    return [(search, search_figures(search)) for search in searches]


def _write(path: Path, content: bytes) -> Path:
    # Whole or not at all: a reader may have the last report open.
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(f".{path.name}.part")
    half.write_bytes(content)
    half.replace(path)
    return path
