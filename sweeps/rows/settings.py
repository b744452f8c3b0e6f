"""Puts the settings that vary into rows of trials, a column each, so that results can be grouped by them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.results.document import told_apart

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from sweeps.planning.trial import Trial
    from sweeps.rows import Row

_BEHIND = "trial"
"""The column that they follow."""


def with_settings(rows: Sequence[Row], trials: Iterable[Trial], own: Collection[str]) -> list[Row]:
    """The same rows with what varies in the sweeps of these trials, as the file has it.

    Args:
        rows: One for each trial, with its `fingerprint`.
        trials: The trials; a row of another one has no values.
        own: The columns that rows have in any case: a setting that is called as one of them is `epoch (setting)`.
    """
    known = {(trial.sweep, trial.fingerprint): trial for trial in trials}
    keys = dict.fromkeys(key for trial in known.values() for key in trial.axes)
    heads = {key: told_apart(key, own, "setting") for key in keys}
    return [_with(row, known.get((row["sweep"], row["fingerprint"])), heads) for row in rows]


def _with(row: Row, trial: Trial | None, heads: dict[str, str]) -> Row:
    made: Row = {}
    for column, value in row.items():
        made[column] = value
        if column == _BEHIND:
            for key, head in heads.items():
                has = trial is not None and key in trial.settings
                made[head] = trial.settings[key].value if trial is not None and has else None
    return made
