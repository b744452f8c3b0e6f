"""Makes the table of `sweep explain`: the origin of each key of a trial's config, or how two trials differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sweeps.cli.views.table import print_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from sweeps.planning.trial import Trial
    from sweeps.rows import Row


def explain_rows(trial: Trial) -> list[Row]:
    """Make a row for each key: its value and where the value comes from."""
    rows = []
    for key, value in sorted(trial.config.items()):
        setting = trial.settings.get(key)
        origin = "the trainer's default" if setting is None else _origin(setting.layer, str(setting.place))
        rows.append({"key": key, "value": value, "from": origin})
    return rows


def difference_rows(one: Trial, other: Trial) -> list[Row]:
    """Make a row for each key in which two trials differ."""
    left, right = one.config, other.config
    return [
        {"key": key, one.name: left.get(key), other.name: right.get(key)}
        for key in sorted(left.keys() | right.keys())
        if left.get(key) != right.get(key)
    ]


def print_explain(console: Console, trial: Trial, rows: Sequence[Row]) -> None:
    """Print the rows of `explain_rows` or `difference_rows` as a table."""
    console.print(f"{trial.sweep}/{trial.name}  {trial.fingerprint}")
    print_table(console, rows, tuple(rows[0]) if rows else ())
    if not rows:
        console.print("no difference")


def _origin(layer: str, place: str) -> str:
    return place if layer == "--set" else f"{place} ({layer})"
