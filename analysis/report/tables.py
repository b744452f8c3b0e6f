"""The tables of every trial: results, settings, provenance. Pure."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from analysis.read.provenance import (
    BY_NAME,
    Part,
    code_of,
    identity,
    is_watched,
    shared_names,
    shortened,
    spelled_out,
    told,
)
from analysis.results.curves import LARGEST
from analysis.results.document import Cell, Listing, Table, told_apart
from analysis.results.grouping import value_text
from analysis.results.metric_names import EPOCH
from analysis.results.results import from_zero
from analysis.stats.columns import Column, not_shown, score_columns
from analysis.stats.measures import NONE, duration, number

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from analysis.read.provenance import Identity
    from analysis.read.store import RunRecord
    from analysis.report.links import RunLinks
    from analysis.results.document import ColumnType
    from analysis.results.results import Result, SweepResults

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

NOT_WATCHED = "not watched"
"""Said of code of which neither a digest nor a commit, and no file of a command was recorded: an edit makes no difference."""
TIME = Column("time", "s", lambda result: result.wall_s, lambda result: duration(result.wall_s))
COSTS = (
    Column("cores, mean", "", lambda run: run.load.cores, lambda run: number(run.load.cores, ".1f")),
    Column(
        "memory, most", "bytes", lambda run: run.load.memory_bytes, lambda run: size(run.load.memory_bytes)
    ),
    Column(
        "GPU, mean",
        "%",
        lambda run: run.load.gpu_percent,
        lambda run: NONE if run.load.gpu_percent is None else f"{run.load.gpu_percent:.0f}%",
    ),
    Column(
        "GPU memory, most",
        "bytes",
        lambda run: run.load.gpu_memory_bytes,
        lambda run: size(run.load.gpu_memory_bytes),
    ),
)
"""What a run cost beside time, where it was sampled."""

SWEEP = "sweep"
"""The column that tells apart the trials of several sweeps in one table."""
OF_A_TRIAL = (SWEEP, "trial", "fingerprint", "run")
"""The columns beside its settings."""
NUMBER: ColumnType = "number"


def results_listing(sweep: SweepResults, links: RunLinks) -> Listing:
    """Return the results of one sweep: a row a trial."""
    marked = any(result.mark for result in sweep.results)
    lengths = [result.epochs for result in sweep.results]
    costs = [cost for cost in COSTS if any(cost.text(result) != NONE for result in sweep.results)]
    before: tuple[tuple[str, ColumnType], ...] = (
        ("trial", "name"),
        ("outcome", "text"),
        *(((f"{sweep.expected.unit}s", NUMBER),) if (is_counted := have_length(lengths)) else ()),
    )
    behind: tuple[tuple[str, ColumnType], ...] = (
        *((column.head, "number") for column in (TIME, *costs)),
        ("MLflow run", "name"),
        *((("provenance", "text"),) if marked else ()),
    )
    own = {SWEEP, *(head for head, _ in (*before, *behind)), *sweep.setting_names}
    scores = [replace(one, head=told_apart(one.head, own, "metric")) for one in score_columns(sweep)]
    numbers = (*scores, TIME, *costs)
    columns = (*before, *((column.head, NUMBER) for column in scores), *behind)
    rows = []
    for result in sweep.results:
        values = [Cell(column.text(result), value=column.value(result)) for column in numbers]
        state = f"{result.state} (adopted)" if result.run and result.run.adopted else result.state
        run = Cell(result.run.run_id[:8], links.to(result.run.run_id)) if result.run else Cell(NONE)
        mark = (Cell(f"[{result.mark}]" if result.mark else NONE),) if marked else ()
        done = NONE if result.epochs is None else str(result.epochs)
        length = (Cell(done, value=result.epochs),) if is_counted else ()
        head = (Cell(result.trial.name), Cell(state), *length)
        rows.append((*head, *values, run, *mark))
    units = {column.head: column.unit for column in (TIME, *costs, *scores) if column.unit}
    below = " ".join(filter(None, (_numbered(sweep), _not_shown(sweep))))
    return Listing(sweep.expected.name, Table(columns, tuple(rows), units), below)


def have_length(lengths: Sequence[int | None]) -> bool:
    """Whether a column of how far trials are tells anything: of some it is known, or nothing has been recorded of any."""
    return any(lengths) or None not in lengths


def _numbered(sweep: SweepResults) -> str:
    """How epochs are numbered where that differs from how they are counted."""
    counts = [result.epochs for result in sweep.results if result.epochs]
    if sweep.expected.unit != EPOCH or not counts or not from_zero(sweep.results, *sweep.metrics):
        return ""
    most = max(counts)
    lasts = [one.curves[key].steps[-1] for one in sweep.results for key in sweep.metrics if key in one.curves]
    last = f": the last of {most} is epoch {most - 1}" if max(lasts) == most - 1 else ""
    return f"The column epochs counts them; anywhere else an epoch has the number that was recorded, from 0{last}."


def merged(listings: Sequence[Listing]) -> tuple[Listing, ...]:
    """Put tables of the same columns into one, with a column that names the sweep; in the order of the first of each."""
    alike: defaultdict[tuple[tuple[str, str], ...], list[Listing]] = defaultdict(list)
    for listing in listings:
        alike[listing.table.columns].append(listing)
    found = []
    for members in alike.values():
        first = members[0].table
        if len(members) == 1:
            found.append(members[0])
            continue
        rows = tuple((Cell(one.name), *row) for one in members for row in one.table.rows)
        below = " ".join(dict.fromkeys(one.below for one in members if one.below))
        name = ", ".join(one.name for one in members)
        found.append(Listing(name, Table(((SWEEP, "text"), *first.columns), rows, first.units), below))
    return tuple(found)


def _not_shown(sweep: SweepResults) -> str:
    rest = not_shown(sweep)
    return (
        f"Recorded too, and not shown for want of room: {', '.join(map(sweep.called, rest))}." if rest else ""
    )


def settings_listing(sweeps: Sequence[SweepResults], links: RunLinks) -> Listing:
    """Return the settings of every trial of the grids: what varies, and what the report always lists."""
    results = [result for sweep in sweeps for result in sweep.results]
    configs = [result.trial.config for result in results]
    every = dict.fromkeys(key for config in configs for key in config)
    varying = [key for key in every if len({repr(config.get(key)) for config in configs}) > 1]
    axes = [axis for sweep in sweeps for axis in sweep.expected.axes]
    shown = list(dict.fromkeys([*axes, *(key for key in SETTINGS if key in every), *varying]))
    several = len(sweeps) > 1
    columns: tuple[tuple[str, ColumnType], ...] = (
        *(((SWEEP, "text"),) if several else ()),
        ("trial", "name"),
        *((told_apart(key, OF_A_TRIAL, "setting"), "number") for key in shown),
        ("fingerprint", "name"),
        ("run", "name"),
    )
    rows = tuple(
        (
            *((Cell(sweep.expected.name),) if several else ()),
            Cell(result.trial.name),
            *(_setting(result.trial.config.get(key, NONE)) for key in shown),
            Cell(result.trial.fingerprint),
            Cell(result.run.run_id, links.to(result.run.run_id)) if result.run else Cell(NONE),
        )
        for sweep in sweeps
        for result in sweep.results
    )
    shared = sorted(
        f"{key} {value_text(value)}"
        for key, value in (configs[0] if configs else {}).items()
        if key not in shown
    )
    return Listing("Settings", Table(columns, rows), f"Shared by all: {', '.join(shared)}." if shared else "")


def _setting(value: object) -> Cell:
    return Cell(value_text(value), value=plain_number(value))


def plain_number(value: object) -> float | None:
    """Return what a cell with this value is sorted by; None for what is no number, or too large for one."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) < LARGEST else None


def provenance_listing(sweeps: Sequence[SweepResults]) -> Listing:
    """Return what the runs were made from: a row for all that share trainer, code, data and environment, the content of files, and how metrics are read where that differs."""
    groups: defaultdict[tuple[str, ...], list[Result]] = defaultdict(list)
    compared = [part for part in Part if part not in BY_NAME]
    for sweep in sweeps:
        for result in sweep.results:
            if result.run:
                groups[(result.mark, *(_part(result.run, part) for part in compared))].append(result)
    marked = any(mark for mark, *_ in groups)
    differing = shared_names(readings for own in groups.values() for readings in _named(own, Part.METRICS))
    named = {
        Part.FILES: [_listed(_named(own, Part.FILES)) for own in groups.values()],
        Part.METRICS: [
            _listed(differing[one] for one in _named(own, Part.METRICS)) for own in groups.values()
        ],
    }
    named = {part: cells for part, cells in named.items() if any(cells)}
    columns: tuple[tuple[str, ColumnType], ...] = (
        *((("provenance", "text"),) if marked else ()),
        ("runs", "text"),
        *((str(part), "text") for part in compared),
        *((str(part), "text") for part in named),
    )
    rows = []
    for at, ((mark, *parts), results) in enumerate(groups.items()):
        names = f"{len(results)}: {shortened(list(dict.fromkeys(one.trial.name for one in results)))}"
        cells = [*([f"[{mark}]"] if marked else []), names, *parts]
        cells += [own[at] or NONE for own in named.values()]
        rows.append(tuple(map(Cell, cells)))
    return Listing("Provenance", Table(columns, tuple(rows)))


def _named(results: Iterable[Result], part: Part) -> Iterator[Identity]:
    """The files that runs of one group name, or the readings of their metrics."""
    return (found for one in results if one.run and (found := identity(one.run, part)))


def _listed(named: Iterable[Identity]) -> str:
    """Those of runs of one group, which are the same for all that have them, in words."""
    return shortened([told(*pair) for pair in sorted({pair for one in named for pair in one})])


def _part(run: RunRecord, part: Part) -> str:
    """A part of a run's provenance in words; of its code also the commit, by which it is not compared."""
    own = identity(run, part) or ()
    known = [told(key, value) for key, value in spelled_out(own) if value]
    if part is Part.CODE and run.tags.get(part.tag) and not (is_watched(own) or run.tags.get(Part.FILES.tag)):
        known.insert(0, NOT_WATCHED)
    words = ", ".join(known) or NONE
    if part is not Part.CODE or "commit" in words:
        return words
    recorded = code_of(run.tags.get(part.tag, ""))
    if not recorded.get("commit"):
        return words
    dirty = " with uncommitted changes" if recorded.get("dirty") else ""
    return f"{words}, commit {recorded['commit']}{dirty}"


def size(count: float | None) -> str:
    """Return bytes as a person reads them: `512 MB`, `8.2 GB`."""
    if count is None:
        return NONE
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"  # noqa: PLR2004 - a gigabyte
