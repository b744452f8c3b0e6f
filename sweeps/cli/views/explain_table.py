"""Makes the table of `sweep explain`: the origin of each key of a trial's config, or how two trials differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sweeps.cli.views.table import print_table
from sweeps.errors import SweepError
from sweeps.program.config_file import CONFIG_FILE
from sweeps.program.template import NoFileError, TrialValues

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from sweeps.commands.session import Session
    from sweeps.planning.trial import Trial
    from sweeps.program.config_file import ConfigFile
    from sweeps.rows import Row

_HASH = "a hash of its settings; trials with the same one run once"


def explain_rows(trial: Trial, file: ConfigFile | None = None) -> list[Row]:
    """Make a row for each key: its value and where the value comes from.

    Args:
        trial: The trial.
        file: The program's own config file, whose own value of a key is in the row, too.
    """
    rows: list[Row] = []
    for key, value in sorted(trial.config.items()):
        setting = trial.settings.get(key)
        origin = "the trainer's default" if setting is None else _origin(setting.layer, str(setting.place))
        rows.append({"key": key, "value": value, "from": origin})
        if file is not None:
            rows[-1][f"in {file.path}"] = file.value(key)
    return rows


def difference_rows(one: Trial, other: Trial) -> list[Row]:
    """Make a row for each key in which two trials differ."""
    left, right = one.config, other.config
    return [
        {"key": key, one.name: left.get(key), other.name: right.get(key)}
        for key in sorted(left.keys() | right.keys())
        if left.get(key) != right.get(key)
    ]


def print_explain(console: Console, trials: Sequence[Trial], rows: Sequence[Row]) -> None:
    """Print the rows of `explain_rows` or `difference_rows` as a table, below the trials that they are of."""
    for at, trial in enumerate(trials):
        told = "" if at else f"  ({_HASH})"
        console.print(f"{trial.sweep}/{trial.name}  fingerprint {trial.fingerprint}{told}", soft_wrap=True)
    print_table(console, rows, tuple(rows[0]) if rows else ())
    if not rows:
        console.print("no difference")


def own_config(session: Session, trial: Trial) -> str:
    """The text of a trial's copy of its program's config file; what only a run tells, such as `{run_dir}`, stands as it is written.

    Raises:
        SweepError: There is no such file.
    """
    own = {name: f"{{{name}}}" for name in ("run_dir", "run_id", CONFIG_FILE)}
    values = TrialValues.of(trial.config, trial=trial.name, **own)
    try:
        text = session.trainer.own_text(values)
    except NoFileError as error:
        raise SweepError(f"{trial.name}: a file that matches {error} is there only after a run") from None
    if text is None:
        raise SweepError(f"{session.request.file}: has no `config_file:`, so that no trial has a copy of one")
    return text


def _origin(layer: str, place: str) -> str:
    return place if layer == "--set" else f"{place} ({layer})"
