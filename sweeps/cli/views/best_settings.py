"""Writes what `sweep best` prints: the best setting of each sweep as YAML, as commands, or as rows."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

from analysis.results.criterion import ADDED_LATER
from analysis.results.grouping import value_text
from analysis.stats.measures import number
from sweeps.commands.plain_commands import command_of
from sweeps.record.best_trial import uneven
from sweeps.rows.folders import missing
from sweeps.rundir.lease import folder_here
from sweeps.spec.yaml_writer import comment, scalar

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from analysis.read.store import RunRecord
    from sweeps.commands.session import Session
    from sweeps.rows import Row
    from sweeps.rows.best import BestSetting, Standing

_MOST_FOLDERS = 5
"""So many runs have a line that says where their files are."""


def best_yaml(found: Sequence[BestSetting]) -> Iterator[str]:
    """Yield the lines: a document a sweep, which can be pasted into a file as it stands."""
    for place, best in enumerate(found):
        if place:
            yield "---"
        yield from _remarks(best)
        yield from _places(best)
        yield "defaults:"
        for key, value in best.first.written.items():
            yield f"  {scalar(key)}: {scalar(value)}"


def best_commands(session: Session, found: Sequence[BestSetting]) -> Iterator[str]:
    """Yield the lines of a shell script: a command a trial of the best settings."""
    for best in found:
        yield from _remarks(best)
        if session.trainer.config_file is None:
            yield from (command_of(session, trial) for trial in best.first.trials)
        else:
            picks = [word for trial in best.first.trials for word in ("--only", f"trial={trial.name}")]
            yield "# each takes a config file of its own: this writes them below best/, and prints the commands that take them"
            yield session.command("commands", None, "--sweep", best.sweep, *picks, "--folder", "best")


def best_rows(session: Session, found: Sequence[BestSetting]) -> list[Row]:
    """Make a row for each sweep."""
    return [
        {
            "sweep": best.sweep,
            "metric": best.criterion.metric,
            "better": best.criterion.better,
            "value_is": best.criterion.of_curve,
            "value": best.value,
            "values": list(best.first.values),
            "varied": best.first.varied,
            "settings": best.first.settings,
            "equals": [one.varied for one in best.equals],
            "not_told_apart": [one.varied for one in best.near],
            "ranked": best.ranked,
            "runs_differ": best.differ,
            "means_of": best.means_of,
            "of": best.of,
            "unfinished": best.unfinished,
            "folders": {name: _text(folder_here(run)) for name, run in _named(best.first)},
            "front": {one.metric: value for one, value in best.front},
            "trials": [trial.name for trial in best.first.trials],
            "commands": [command_of(session, trial) for trial in best.first.trials],
        }
        for best in found
    ]


def _remarks(best: BestSetting) -> Iterator[str]:
    metric, first = best.criterion, best.first
    if best.front:
        values = ", ".join(
            f"{comment(one.judge)} {_number(value)}{one.unit_after}" for one, value in best.front
        )
        yield f"# {best.sweep}: {comment(_label(first))}, on the Pareto front of {best.of}: {values}"
        yield from _of_search(best)
        return
    unit, many = metric.unit_after, len(first.values) > 1
    ends = f", mean of {len(first.values)} runs: {_number(min(first.values))} to {_number(max(first.values))}"
    yield (
        f"# {best.sweep}: {comment(_label(first))}, the best of {best.of}{' so far' if best.unfinished else ''} by {comment(metric.judge)} ({metric.better} is better): "
        f"{_number(best.value)}{unit}{ends if many else ''}"
    )
    yield from _of_search(best)
    if best.lacking:
        yield f"# no finished run has {comment(', '.join(best.lacking))}, which is to judge before that; {ADDED_LATER}"
    for other in best.equals:
        yield f"# equal to it: {comment(_label(other))}"
    for other in best.near:
        mean = math.fsum(value / len(other.values) for value in other.values)
        yield f"# not significantly worse: {comment(_label(other))}, {_number(mean)}{unit}"
    if best.differ and best.ranked > 1:
        yield f"# compare with care: the runs {best.differ}; `sweep status` names them"
    if best.ranked > 1 and (text := uneven(best.means_of)):
        yield f"# compare with care: {text} of {comment(metric.called)}, as where a fold of a cross-validation is lacking"
    if best.behind:
        ranks = "ranks" if best.behind == 1 else "rank"
        yield f"# {best.behind} of {best.of} {ranks} behind the others: runs ended without a number"
    if open_ones := [*_unfinished(best)]:
        yield f"# {'; '.join(open_ones)}"
    if (lacking := len(first.trials) - len(first.values)) > 0:
        yield f"# {lacking} of its {len(first.trials)} runs {'has' if lacking == 1 else 'have'} no number"


def _of_search(best: BestSetting) -> Iterator[str]:
    """That the best of a search is the luckiest of many, and how to learn what it is worth."""
    if best.is_searched and best.ranked > 1:
        yield (
            f"# the luckiest of {best.ranked} trials: with another seed it is likely to do worse. Train it and the default with seeds that the "
            "search did not use (the how-to on searches, `After the search`)"
        )


def _unfinished(best: BestSetting) -> Iterator[str]:
    if best.pruned:
        yield f"{best.pruned} of {best.of} {'was' if best.pruned == 1 else 'were'} pruned"
    if best.unfinished:
        are = "is" if best.unfinished == 1 else "are"
        yield f"not decided: {best.unfinished} of {best.of} {are} unfinished"
    if (unranked := best.of - best.ranked - best.pruned) > 0:
        yield f"{unranked} of {best.of} {'has' if unranked == 1 else 'have'} no finished run with a number"


def _places(best: BestSetting) -> Iterator[str]:
    """Where the files of its runs are, those of the first few; why they are not here, once."""
    runs = _named(best.first)
    for name, run in runs[:_MOST_FOLDERS]:
        folder = folder_here(run)
        if folder is None:
            yield f"# files of {comment(name)}: {comment(missing(run))}"
            return
        empty = "" if any(folder.iterdir()) else " (empty: nothing was written to {run_dir})"
        yield f"# files of {comment(name)}: {comment(_short(folder))}{empty}"
    if len(runs) > _MOST_FOLDERS:
        yield f"# files of {len(runs) - _MOST_FOLDERS} more: `sweep logs FILE TRIAL --folder`"


def _named(standing: Standing) -> list[tuple[str, RunRecord]]:
    """The runs that count, each with the name that its trial has in the file."""
    names = {trial.fingerprint: trial.name for trial in standing.trials}
    return [(names[run.fingerprint], run) for run in standing.runs if run.fingerprint in names]


def _short(folder: Path) -> str:
    """A path, from here where it lies below."""
    here = Path.cwd()
    return str(folder.relative_to(here) if folder.is_relative_to(here) else folder)


def _text(folder: Path | None) -> str | None:
    return None if folder is None else str(folder)


def _label(standing: Standing) -> str:
    """The setting in the words of the report: numbers in their shortest form, text as YAML takes it."""
    named = (
        f"{key} {value_text(value) if isinstance(value, float) else scalar(value)}"
        for key, value in standing.varied.items()
    )
    return ", ".join(named) or "its only setting"


def _number(value: float) -> str:
    return number(value, ".4g")
