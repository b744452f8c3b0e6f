"""What `import sweeps` offers on what is recorded: `load_runs` and `load_curves` of a file, its `best` settings, and `compare`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sweeps.api.asked import in_python, opened, path_of
from sweeps.api.notes import noted, warn

if TYPE_CHECKING:
    from collections.abc import Collection
    from os import PathLike
    from typing import Unpack

    import pandas as pd

    from analysis.read.record import Record
    from sweeps.api.asked import Asked


@in_python
def load_runs(
    file: str | PathLike[str],
    *,
    tracking_uri: str | None = None,
    parents: bool = False,
    superseded: bool = False,
) -> pd.DataFrame:
    """One row a run of the file's experiment: `analysis.load_runs`, which says what the columns are.

    Args:
        file: The experiments.yaml; it alone tells the experiment.
        tracking_uri: The MLflow store; else $MLFLOW_TRACKING_URI, else `sqlite:///mlflow.db`.
        parents: Whether the sweeps' own runs are rows too.
        superseded: Whether runs are rows too that another run of the same trial has taken the place of.

    Raises:
        SweepError: The file is wrong.
        AnalysisError: The record cannot be read, or has nothing of this experiment.
    """
    from analysis.read.frames import load_runs

    record = _record("load_runs", file, tracking_uri)
    return load_runs(record.tracking_uri, record.experiment, parents=parents, superseded=superseded)


@in_python
def load_curves(
    file: str | PathLike[str],
    keys: str | Collection[str] | None = None,
    *,
    run_ids: str | Collection[str] | None = None,
    tracking_uri: str | None = None,
    superseded: bool = False,
) -> pd.DataFrame:
    """Every metric over its steps of the file's experiment: `analysis.load_curves`, which says what the columns are.

    Args:
        file: The experiments.yaml; it alone tells the experiment.
        keys: Which metrics, or which one; None means all.
        run_ids: Which runs, or which one; None means those of `load_runs`.
        tracking_uri: As for `load_runs`.
        superseded: As for `load_runs`.

    Warns:
        SweepWarning: No run has recorded a key; says which keys are recorded.

    Raises:
        SweepError: The file is wrong.
        AnalysisError: The record cannot be read, or has nothing of this experiment.
    """
    import warnings

    from analysis.read.frames import load_curves

    record = _record("load_curves", file, tracking_uri)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        frame = load_curves(
            record.tracking_uri, record.experiment, keys, run_ids=run_ids, superseded=superseded
        )
    warn(str(one.message) for one in caught)
    return frame


@in_python
def best(file: str | PathLike[str], metric: str | None = None, **asked: Unpack[Asked]) -> pd.DataFrame:
    """The best setting of each sweep, one row each, as `sweep best` has it; reads only.

    Args:
        file: The experiments.yaml.
        metric: What judges; None: the objective, the first of the file's `measures` that is recorded, or a usual name.
        asked: See `Asked`.

    Returns:
        `sweep`, `metric`, `better` (higher or lower), `value_is` (last, best or tail), `value`, the mean over the seeds, and `values`, that of each; `varied`
        and `settings`, mappings of keys to values; `equals` and `not_told_apart`, what varies in the settings that are as good, or not significantly worse;
        `ranked` and `of`, how many settings have a result, and how many there are; `unfinished`; `runs_differ`; `folders`, `trials` and `commands` of its runs.

    Warns:
        SweepWarning: A sweep has no best setting, and why.

    Raises:
        SweepError: No sweep has one, or nothing says whether high or low is better.
        AnalysisError: The record cannot be read.
    """
    import pandas as pd

    from sweeps.cli.views.best_settings import best_rows
    from sweeps.commands.seeds import seeds_hint
    from sweeps.rows.best import best_settings

    session = opened("best", file, asked, ("metric",), needs_program=False)
    found, lacking = best_settings(session, metric)
    hint = seeds_hint(session, "best")
    return noted(pd.DataFrame(best_rows(session, found)), [*lacking, *([hint] if hint else [])])


@in_python
def compare(file: str | PathLike[str], measure: str | None = None, **asked: Unpack[Asked]) -> pd.DataFrame:
    """The comparisons of the report as values, one row for each pair of settings that is tested; reads only.

    Args:
        file: The experiments.yaml.
        measure: The metric whose rows are wanted; None: all that the report compares by. p is corrected for all of them in any case.
        asked: See `Asked`.

    Returns:
        `sweep`; `axis`, the setting that the two differ in; `within`, what they share where other settings vary, empty for the mean over these;
        `measure`; `low` and `high`, the one with the lower and the one with the higher mean; `n_low`, `n_high`, their runs; `mean_low`, `mean_high`,
        geometric for losses; `difference` of the two over the seeds that both have, with its 95 % interval `ci_low`, `ci_high`, in `unit`, which is `%` of `mean_low`
        for losses; `p` by itself and `p_corrected` for all that the report compares; `significant`; `better`, `low` or `high`, missing where neither way is.

    Warns:
        SweepWarning: Nothing is tested, and why.

    Raises:
        SweepError: The file is wrong, or nothing is compared by that measure.
        AnalysisError: The record cannot be read.
    """
    import pandas as pd

    from sweeps.rows.comparison import pairs_of

    pairs, notes = pairs_of(opened("compare", file, asked, ("measure",), needs_program=False), measure)
    columns = {name: [getattr(pair, name) for pair in pairs] for name in _pair_columns()}
    return noted(pd.DataFrame(columns), notes)


def _pair_columns() -> tuple[str, ...]:
    """The columns of `compare`."""
    from dataclasses import fields

    from analysis.stats.values.pairs import Pair

    return tuple(field.name for field in fields(Pair))


def _record(verb: str, file: str | PathLike[str], given: str | None) -> Record:
    from analysis.read.record import Record
    from sweeps.extras import need
    from sweeps.record.store_uri import recorded_uri
    from sweeps.spec.parser import read_spec

    need(f"sweeps.{verb}", "pandas")
    path = path_of(verb, file)
    return Record(recorded_uri(given, path), read_spec(path).experiment)
