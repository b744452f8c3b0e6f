"""Writes the report's text as plain values: the whole document, and the section of each grid.

The section of a search is made in `search_section`.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from analysis.report.links import ReportCommands, RunLinks
from analysis.report.search_section import search_section
from analysis.results.document import Cell, Command, Document, Section, Table
from analysis.results.provenance_marks import marked_groups, run_differences
from analysis.results.results import (
    COPY_FIRST,
    FINISHED,
    FOREGROUND,
    MOST_METRICS,
    PSNR,
    RUNNING,
    Result,
    SweepResults,
)
from analysis.stats.findings import findings
from analysis.stats.measures import NONE, number

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from analysis.figures.figure_data import FigureData
    from analysis.figures.search_figures import SearchFigure
    from analysis.results.document import ColumnType, Finding
    from analysis.results.machine import Load
    from analysis.results.search import SearchResults

SETTINGS = (
    "kl_anneal_type",
    "kl_anneal_ratio",
    "kl_anneal_cycle",
    "tfr",
    "tfr_sde",
    "tfr_d_step",
    "num_epoch",
    "lr",
)
"""Settings that the report lists for each run, where the config has them; whatever varies is added."""

PSNR_WORDS = (
    "PSNR is in dB, the mean over predicted frames; copy first is the PSNR of repeating the first frame, skill is PSNR "
    "minus that, moving pixels is PSNR on those alone. "
)
PSNRS = ("PSNR, last", "PSNR, best (epoch)", "copy first", "skill", "moving pixels")
"""Columns for each run that predicts a video; other runs have the metrics that they recorded."""

COSTS: tuple[tuple[str, Callable[[Load], str]], ...] = (
    ("cores, mean", lambda load: number(load.cores, ".1f")),
    ("memory, most", lambda load: size(load.memory_bytes)),
    ("GPU, mean", lambda load: NONE if load.gpu_percent is None else f"{load.gpu_percent:.0f}%"),
    ("GPU memory, most", lambda load: size(load.gpu_memory_bytes)),
)
"""What a run cost beside time, where it was sampled: the column, and its text."""


def document(
    experiment: str,
    spec_name: str,
    profile: str | None,
    links: RunLinks,
    sweeps: Sequence[SweepResults],
    figures: Mapping[str, Sequence[FigureData]],
    *,
    searched: Sequence[tuple[SearchResults, Sequence[SearchFigure]]] = (),
    commands: ReportCommands | None = None,
) -> Document:
    """Return the whole report; `figures` are by the name of their sweep, searches come with theirs."""
    shell = commands or ReportCommands(f"sweep report {spec_name}", f"sweep ui {spec_name}")
    results = [result for sweep in sweeps for result in sweep.results]
    trials = [(trial.name, trial.outcome or RUNNING) for search, _ in searched for trial in search.trials]
    states = [*((result.trial.name, result.state) for result in results), *trials]
    with_profile = f", profile {profile}" if profile else ""
    reading = (
        f"Made again with `{shell.again}`; `manifest.json` lists the runs, metrics and data behind each figure. "
        f"{PSNR_WORDS if searched or any(sweep.is_of_video for sweep in sweeps) else ''}"
        "Time is the sum over epochs, without pauses between attempts. Last values are those of the last epoch recorded."
    )
    if links.needs_sweep_ui:
        reading += f" Links to runs open while `{shell.ui}` is up."
    return Document(
        experiment,
        f"Made from {spec_name}{with_profile}, experiment {experiment} in MLflow. {_counts(state for _, state in states)}",
        reading,
        _in_progress(states),
        (
            *(
                grid_section(sweep, figures[sweep.expected.name], links, found)
                for sweep, found in zip(sweeps, findings(sweeps), strict=True)
            ),
            *(search_section(search, drawn, links) for search, drawn in searched),
        ),
    )


def grid_section(
    sweep: SweepResults, figures: Sequence[FigureData], links: RunLinks, found: Sequence[Finding]
) -> Section:
    """Return the section of one grid; `figures` and `found` are its own."""
    expected, results = sweep.expected, sweep.results
    over = " \N{MULTIPLICATION SIGN} ".join(expected.axes) or "one setting"
    return Section(
        expected.name,
        f"{over}. {_counts(result.state for result in results)}",
        tuple((result.trial.name, result.condition) for result in results if not result.is_whole),
        (*_adopted(results), *_several(results)),
        tuple(
            (
                difference.claim,
                tuple(f"{words}: {', '.join(names)}" for words, names in marked_groups(results, difference)),
            )
            for difference in run_differences(results)
        ),
        tuple(found),
        tuple(figures),
        (
            ("Results", _results(sweep, links), _not_shown(sweep)),
            ("Runs and settings", *_settings(expected.axes, results, links)),
        ),
        tuple(_command(result) for result in results),
    )


def _adopted(results: Iterable[Result]) -> Iterator[str]:
    """Which runs `sweep` did not run, and where they were found."""
    found = [
        (result.trial.name, result.run.adopted) for result in results if result.run and result.run.adopted
    ]
    if found:
        places = "; ".join(f"{name} from {place}" for name, place in found)
        yield f"Adopted, and not run by `sweep`, which knows of them what was recorded there: {places}."


def _several(results: Iterable[Result]) -> Iterator[str]:
    for result in results:
        if result.others:
            yield (
                f"{result.trial.name} is recorded {result.others + 1} times; shown is the latest run with a result, else "
                "one that is running, else the latest."
            )


def _in_progress(states: Iterable[tuple[str, str]]) -> str:
    running = list(dict.fromkeys(name for name, state in states if state == RUNNING))
    if not running:
        return ""
    return (
        f"In progress: {', '.join(running)} still running. Their curves end where they stand, and settings are "
        "compared by finished runs only."
    )


def _results(sweep: SweepResults, links: RunLinks) -> Table:
    marked = any(result.mark for result in sweep.results)
    is_scored = sweep.is_scored_by_psnr
    metrics = () if is_scored else sweep.metrics[:MOST_METRICS]
    loads = [result.load for result in sweep.results]
    costs = [(name, text) for name, text in COSTS if any(text(load) != NONE for load in loads)]
    columns: tuple[tuple[str, ColumnType], ...] = (
        ("trial", "name"),
        ("outcome", "text"),
        ("epochs", "number"),
        *((name, "number") for name in (PSNRS if is_scored else metrics)),
        ("time", "number"),
        *((name, "number") for name, _ in costs),
        ("MLflow run", "name"),
        *((("provenance", "text"),) if marked else ()),
    )
    rows = []
    for result in sweep.results:
        values = _psnrs(result) if is_scored else [number(result.last(key), ".4g") for key in metrics]
        state = f"{result.state} (adopted)" if result.run and result.run.adopted else result.state
        texts = (result.trial.name, state, str(result.epochs), *values, duration(result.wall_s))
        cost = (text(result.load) for _, text in costs)
        run = Cell(result.run.run_id[:8], links.to(result.run.run_id)) if result.run else Cell(NONE)
        mark = (Cell(f"[{result.mark}]" if result.mark else NONE),) if marked else ()
        rows.append((*(Cell(text) for text in (*texts, *cost)), run, *mark))
    return Table(columns, tuple(rows))


def _not_shown(sweep: SweepResults) -> str:
    rest = () if sweep.is_scored_by_psnr else sweep.metrics[MOST_METRICS:]
    return f"Recorded too, and not shown for want of room: {', '.join(rest)}." if rest else ""


def _psnrs(result: Result) -> tuple[str, ...]:
    return (
        number(result.last(PSNR)),
        _best(result),
        number(result.last(COPY_FIRST)),
        number(result.skill_db, "+.2f"),
        number(result.last(FOREGROUND)),
    )


def _settings(axes: Sequence[str], results: Sequence[Result], links: RunLinks) -> tuple[Table, str]:
    configs = [result.trial.config for result in results]
    every = dict.fromkeys(key for config in configs for key in config)
    varying = [key for key in every if len({repr(config.get(key)) for config in configs}) > 1]
    shown = list(dict.fromkeys([*axes, *(key for key in SETTINGS if key in every), *varying]))
    columns: tuple[tuple[str, ColumnType], ...] = (
        ("trial", "name"),
        ("run", "name"),
        ("fingerprint", "name"),
        *((key, "number") for key in shown),
    )
    rows = tuple(
        (
            Cell(result.trial.name),
            Cell(result.run.run_id, links.to(result.run.run_id)) if result.run else Cell(NONE),
            Cell(result.trial.fingerprint),
            *(Cell(str(result.trial.config.get(key, NONE))) for key in shown),
        )
        for result in results
    )
    shared = sorted(
        f"{key} {value}" for key, value in (configs[0] if configs else {}).items() if key not in shown
    )
    return Table(columns, rows), f"Shared by all: {', '.join(shared)}." if shared else ""


def _command(result: Result) -> Command:
    return Command(result.trial.name, (result.trial.command,))


def _counts(states: Iterable[str]) -> str:
    counted = Counter(states)
    words = ", ".join(
        f"{count} {state}" for state, count in sorted(counted.items(), key=lambda item: item[0] != FINISHED)
    )
    count = counted.total()
    return f"{count} trial{'' if count == 1 else 's'}: {words}." if count else "No trials."


def _best(result: Result) -> str:
    best = result.curves[PSNR].best if PSNR in result.curves else None
    return f"{number(best[0])} ({best[1]})" if best else NONE


def size(count: float | None) -> str:
    """Return bytes as a person reads them: `512 MB`, `8.2 GB`."""
    if count is None:
        return NONE
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"  # noqa: PLR2004 - a gigabyte


def duration(seconds: float | None) -> str:
    """Return a time as a person reads it."""
    if seconds is None:
        return NONE
    hours, minutes = divmod(round(seconds) // 60, 60)
    if hours:
        return f"{hours} h {minutes:02d} min"
    return f"{minutes} min {round(seconds) % 60:02d} s" if minutes else f"{seconds:.1f} s"
