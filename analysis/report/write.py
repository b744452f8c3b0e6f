"""Writes a report: every figure, `report.md`, `report.html` and `manifest.json`, into one folder."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.figures.catalogue import lay_out
from analysis.figures.file_names import free, slug
from analysis.figures.files.figure_cache import MANIFEST, draw, drawn_by, last_manifest, remove_stale
from analysis.figures.files.manifest import manifest
from analysis.figures.searches.course_figures import course_figures
from analysis.report import following
from analysis.report.drawing import ONCE
from analysis.report.html import html_text
from analysis.report.links import ReportCommands, RunLinks, ui_ports
from analysis.report.markdown import report_text
from analysis.report.sections import DrawnSearches, document, with_pictures
from analysis.results.criterion import ranking_ones
from analysis.results.document import Pictures, ShownPicture
from analysis.results.grouping import is_repeated
from analysis.results.matching import read_results
from analysis.results.pictures.artifacts import Artifacts
from analysis.results.pictures.clips import read_clips
from analysis.results.pictures.found import MOST_PICTURES, pictures_of
from analysis.results.searches.courses import comparisons
from analysis.results.side_by_side import same_runs, side_by_side
from analysis.stats.ranking import first_of_best

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from analysis.figures.averages.band import Band
    from analysis.read.record import Record
    from analysis.read.store import RunRecord
    from analysis.report.drawing import Drawing
    from analysis.results.document import Document, Figure
    from analysis.results.expected import ExpectedSweep
    from analysis.results.results import Result, SweepResults
    from analysis.results.searches.search import SearchResults


@dataclass(frozen=True)
class WrittenReport:
    """What was written, and what it cannot show.

    Attributes:
        paths: Every file written: images first, `report.md`, `report.html` and `manifest.json` last.
        figures: How many figures there are, each as PNG and as SVG, and as PDF if asked for.
        incomplete: Trials that are missing, running, did not finish or recorded nothing; `condition` says which and why.
        remark: Which runs the records that it compares hold alike; empty where none.
        replaced: The file and experiment whose report the folder held before; empty where it was of this one or of none.
        head: What the report says first, in sentences.
    """

    paths: tuple[Path, ...]
    figures: int
    incomplete: tuple[Result, ...]
    remark: str = ""
    replaced: str = ""
    head: tuple[str, ...] = ()


def write_report(
    record: Record,
    sweeps: Sequence[ExpectedSweep],
    out: str | os.PathLike[str],
    *,
    searches: Sequence[SearchResults] = (),
    spec_name: str,
    profile: str | None = None,
    commands: ReportCommands | None = None,
    beside: Mapping[str, Record] | None = None,
    drawing: Drawing = ONCE,
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
        beside: Records of the same trials, by name, that are to be shown side by side; `record` is one of them.
        drawing: How it is drawn.

    Raises:
        UnknownExperimentError: Nothing is recorded under that name.
        UnreachableStoreError: The store does not answer, or is none of MLflow's.
        OSError: `out` cannot be written.
    """
    results, links = _read(record, sweeps, beside or {})
    laid_out = lay_out(results, read_clips(record, results), drawing.band)
    searched = _searched(searches, drawing.band)
    figures: list[Figure] = [*chain(*laid_out.values()), *searched.figures]
    incomplete = tuple(result for sweep in results for result in sweep.results if not result.is_whole)
    folder, last = Path(out), last_manifest(Path(out))
    drawn = draw(figures, folder, last, processes=drawing.processes, plain=drawing.plain, pdf=drawing.pdf)
    pictures = {} if beside else _pictures(record, results, drawing.folder_of)
    pngs = {one.path: one.png for found in pictures.values() for one in found.shown}
    text = document(
        record.experiment, spec_name, profile, links, results, laid_out, searched=searched, commands=commands
    )
    listed = manifest(
        record.experiment, spec_name, profile, drawn, incomplete, drawn_by=drawn_by(), pictures=pngs
    )
    text = with_pictures(text, pictures)
    written = {
        **{path: content for figure in drawn for path, content in figure.files.items()},
        **pngs,
        "report.md": report_text(text).encode(),
        following.PAGE: html_text(text, drawn).encode(),
        MANIFEST: f"{json.dumps(listed, indent=1, allow_nan=False)}\n".encode(),
    }
    paths = _put(folder, last, written, follows=drawing.follows)
    remark = same_runs(chain(*(one.results for one in results)))
    return WrittenReport(paths, len(figures), incomplete, remark, _replaced(last, listed), _head(text))


def _head(text: Document) -> tuple[str, ...]:
    return (text.lead, *(line.text for line in text.headlines))


def _put(
    folder: Path, last: Mapping[str, Any], written: Mapping[str, bytes], *, follows: bool
) -> tuple[Path, ...]:
    """Write the files, remove those of the last report that are no more, and have open pages load a page that they follow."""
    page = written[following.PAGE].decode()
    whole = {**written, following.PAGE: following.followed(page).encode()} if follows else written
    paths = tuple(_write(folder / path, content) for path, content in whole.items())
    remove_stale(folder, last, whole)
    _signal(folder, page if follows else None)
    return paths


def _replaced(last: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """The file and experiment of the manifest that was there, if they are not those of the new one."""
    whose = [(manifest.get("spec"), manifest.get("experiment")) for manifest in (last, now)]
    return "" if not last or whose[0] == whose[1] else f"{whose[0][0]}, experiment '{whose[0][1]}'"


def _read(
    record: Record, sweeps: Sequence[ExpectedSweep], beside: Mapping[str, Record]
) -> tuple[tuple[SweepResults, ...], RunLinks]:
    """The results of one record, or of several side by side, and where their runs' pages are."""
    if not beside:
        return read_results(record, sweeps), RunLinks.of(record.tracking_uri, record.experiment_id())
    held = {name: read_results(other, sweeps) for name, other in beside.items()}
    ports = ui_ports(other.tracking_uri for other in beside.values())
    links = {
        name: RunLinks.of(other.tracking_uri, other.experiment_id(), ports.get(other.tracking_uri, 0))
        for name, other in beside.items()
    }
    own = next(links[name] for name, other in beside.items() if other is record)
    return side_by_side(held), replace(own, ports=ports, elsewhere=_elsewhere(links, held))


def _elsewhere(links: Mapping[str, RunLinks], held: Mapping[str, Sequence[SweepResults]]) -> dict[str, str]:
    """The experiment that has each run, by its address in its UI."""
    return {
        result.run.run_id: links[name].experiment
        for name, sweeps in held.items()
        for sweep in sweeps
        for result in sweep.results
        if result.run
    }


def _pictures(
    record: Record, sweeps: Sequence[SweepResults], folder_of: Callable[[RunRecord], Path | None]
) -> dict[str, Pictures]:
    """What the run of each sweep's best setting drew, by the sweep; the frames of the video's trainer are figures."""
    files, taken, found = Artifacts(record), set[str](), {}
    for sweep in sweeps:
        judging = ranking_ones(sweep.criteria)
        if sweep.is_scored_by_psnr or not judging:
            continue
        best = first_of_best(sweep.results, judging[0])
        if best is None or best.run is None:
            continue
        place = f"{slug(sweep.expected.name)}/pictures"
        shown = [
            ShownPicture(
                f"{place}/{free(slug(picture.name.rpartition('.')[0]), taken)}.png", picture.name, picture.png
            )
            for picture in pictures_of(best.run.run_id, files, folder_of(best.run))
        ]
        if shown:
            which = "the first run of the best setting" if is_repeated(sweep.results) else "the best trial"
            whose = f"The pictures that {best.trial.name} left, {which} by {judging[0].judge}; at most {MOST_PICTURES}."
            found[sweep.expected.name] = Pictures(whose, tuple(shown))
    return found


def _searched(searches: Sequence[SearchResults], band: Band) -> DrawnSearches:
    if not searches:
        return DrawnSearches()  # Optuna takes a second to import
    from analysis.figures.searches.search_figures import search_figures

    found, taken = comparisons(searches), set[str]()
    folders = [free(search.name, taken) for search in searches]
    drawn = course_figures(found, folders, band)
    return DrawnSearches(
        tuple((one, search_figures(one, folder)) for one, folder in zip(searches, folders, strict=True)),
        tuple(zip(found, drawn, strict=True)),
    )


def _signal(folder: Path, page: str | None) -> None:
    """Have open pages load this one; None: the last one, which is there now."""
    if page is None:
        (folder / following.SIGNAL).unlink(missing_ok=True)
    else:
        _write(folder / following.SIGNAL, following.signal(page).encode())


def _write(path: Path, content: bytes) -> Path:
    # Whole or not at all: a reader may have the last report open, and another process may write the same one.
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        half.write_bytes(content)
        half.replace(path)
    finally:
        half.unlink(missing_ok=True)
    return path
