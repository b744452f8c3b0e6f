"""What stands at the head of a report: what was run, in one paragraph, and the figure that shows the most. Pure."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from analysis.figures.figure_data import shows_something
from analysis.figures.rates.rate_data import PATH as RATES
from analysis.results.expected import SEED_AXIS
from analysis.results.grouping import short_name, value_text
from analysis.results.results import FINISHED, RUNNING, counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from analysis.results.document import Figure
    from analysis.results.results import SweepResults
    from analysis.results.searches.search import SearchResults

HEROES = ("psnr_per_frame/comparison.png", RATES)
"""The figures that show the most, each of its study: every strategy, frame by frame; what z carries, and what for."""
MOST_NAMED, MOST_VALUES = 3, 4
"""How many sweeps the paragraph describes, and how many values of a setting it spells out."""


def lead(
    spec_name: str,
    profile: str | None,
    sweeps: Sequence[SweepResults],
    searches: Sequence[SearchResults],
    chosen: str = "",
) -> str:
    """Say in one paragraph what was run, and from what; `chosen`: which part of all trials these are."""
    described = [*map(_grid, sweeps), *map(_search, searches)]
    shown = "; ".join(described[:MOST_NAMED])
    more = len(described) - MOST_NAMED
    rest = f"; and {more} more sweep{'' if more == 1 else 's'}" if more > 0 else ""
    part = f": {chosen}" if chosen else ""
    source = f"Made from {spec_name}{f', profile {profile}' if profile else ''}{part}."
    trials = counts(state for _, state in states(sweeps, searches)) + _shared(sweeps)
    return f"{trials} {shown}{rest}. {source}" if described else f"{trials} {source}"


def _shared(sweeps: Sequence[SweepResults]) -> str:
    """How many runs the trials of grids are, where some stand in several."""
    runs = [result.run.run_id for sweep in sweeps for result in sweep.results if result.run is not None]
    shared = len(runs) - len(set(runs))
    return (
        f" {shared} of them belong{'s' if shared == 1 else ''} to several sweeps and ran once."
        if shared
        else ""
    )


def _grid(sweep: SweepResults) -> str:
    expected = sweep.expected
    axes = " and ".join(
        f"{short_name(axis, expected.names)} ({_values(expected.values(axis))})" for axis in expected.settings
    )
    seeds = len(expected.values(SEED_AXIS)) if SEED_AXIS in expected.axes else 1
    lengths = {result.epochs for result in sweep.results if result.is_whole}
    epochs = lengths.pop() if len(lengths) == 1 else None
    if epochs == 1 and any((result.trial.epochs or 1) > 1 for result in sweep.results):
        epochs = None  # one value at the end of a longer training
    length = "" if epochs is None else f" of {counted(epochs, expected.unit)}"
    count = len(sweep.results)
    once = "one run a setting" if seeds == 1 else f"{seeds} seeds a setting"
    return f"{expected.name} varies {axes or 'nothing'}: {count} trial{'' if count == 1 else 's'}{length}, {once}"


def _search(search: SearchResults) -> str:
    objectives = " and ".join(objective.metric for objective in search.objectives)
    return f"{search.name} searches {', '.join(search.space)} for {objectives}: {len(search.trials)} of {counted(search.wanted, 'trial')}"


def _values(values: Sequence[object]) -> str:
    if len(values) > MOST_VALUES:
        return f"{len(values)} values"
    return ", ".join(map(value_text, values))


def states(sweeps: Sequence[SweepResults], searches: Sequence[SearchResults]) -> tuple[tuple[str, str], ...]:
    """Return every trial's name with its state."""
    grids = ((result.trial.name, result.state) for sweep in sweeps for result in sweep.results)
    found = ((trial.name, trial.outcome or RUNNING) for search in searches for trial in search.trials)
    return (*grids, *found)


def in_progress(named_states: Iterable[tuple[str, str]]) -> str:
    """Say which trials still run; empty where none does."""
    running = list(dict.fromkeys(name for name, state in named_states if state == RUNNING))
    if not running:
        return ""
    return (
        f"In progress: {', '.join(running)} still running. Their curves end where they stand, and settings are "
        "compared by finished runs only."
    )


def counts(of_states: Iterable[str]) -> str:
    """Count trials by state: `12 trials: 11 finished, 1 failed.`."""
    counted = Counter(of_states)
    words = ", ".join(
        f"{count} {state}" for state, count in sorted(counted.items(), key=lambda item: item[0] != FINISHED)
    )
    count = counted.total()
    return f"{count} trial{'' if count == 1 else 's'}: {words}." if count else "No trials."


def hero(figures: Sequence[Figure]) -> Figure | None:
    """Return the figure for the head: the first of `HEROES` that there is, else the first that has something to show."""
    shown = {figure.path: figure for figure in figures if shows_something(figure)}
    return next((shown[path] for path in (*HEROES, *shown) if path in shown), None)
