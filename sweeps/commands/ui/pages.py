"""The pages of MLflow's UI that `sweep ui` names, and which columns they show: what varies, and the results."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from analysis.read.errors import AnalysisError, masked
from analysis.read.record import Record
from analysis.report.links import TRAINING
from sweeps.errors import RecordError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_ONLY_TRIALS = {
    "searchFilter": "tags.`sweeps.kind` = 'trial'",
    "orderByKey": "tags.`mlflow.runName`",
    "orderByAsc": True,
}
"""Trials alone and by name: by time they are folded away below their sweeps, and charts show what is unfolded."""
_SHARED_VIEW = "mlflow.sharedViewState."
"""The experiment's tags in which MLflow keeps the views that its button *Share* makes; a page's address names one."""
_VIEWS: Mapping[str, Mapping[str, object]] = {"sweep-trials": _ONLY_TRIALS, "sweep-sweeps": {}}
MOST_COLUMNS = 10
"""A table shows at most so many settings: it has to leave room for the results."""
ROOM = 5
"""How many columns of settings and results a screen of 1280 pixels shows: MLflow puts settings to the right of all results."""


@dataclass(frozen=True)
class Recorded:
    """What of an experiment its pages show.

    Attributes:
        experiment_id: MLflow's id of the experiment.
        varied: The settings that differ between its trials, by name.
        metrics: The metrics that its trials recorded, by name.
    """

    experiment_id: str
    varied: tuple[str, ...]
    metrics: tuple[str, ...]

    @classmethod
    def of(cls, tracking_uri: str, experiment: str) -> Recorded | None:
        """Read it; None where nothing is recorded yet, or the store does not say."""
        record = Record(tracking_uri, experiment)
        try:
            trials = {run.run_id for run in record.runs if run.is_trial}
            params = ((key, value) for run_id, key, value in record.params() if run_id in trials)
            metrics = {point.key for point in record.finals() if point.run_id in trials}
            return cls(record.experiment_id(), varied(params), tuple(sorted(metrics)))
        except AnalysisError:
            return None


def varied(params: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """The keys that have more than one value, by name; of (key, value)."""
    values: dict[str, set[str]] = {}
    for key, value in params:
        values.setdefault(key, set()).add(value)
    return tuple(sorted(key for key, found in values.items() if len(found) > 1))


def views(settings: Sequence[str], metrics: Sequence[str]) -> dict[str, str]:
    """What MLflow keeps of the views, by tag: their columns, and which runs they show.

    Results, the most important first, give way to what varies, all but the first.
    """
    columns = [f"params.`{key}`" for key in settings[:MOST_COLUMNS]]
    columns += [f"metrics.`{key}`" for key in metrics[: max(1, ROOM - len(settings))]]
    return {
        f"{_SHARED_VIEW}{name}": json.dumps({**shown, "selectedColumns": columns})
        for name, shown in _VIEWS.items()
    }


def keep_views(tracking_uri: str, experiment: str, wanted: Mapping[str, str]) -> bool:
    """Keep views with the experiment, as MLflow's *Share* does; returns whether they are there, as a store may be read only."""
    from sweeps.record.ledger import Ledger

    try:
        Ledger.open(tracking_uri, experiment).tag_experiment(wanted)
    except (AnalysisError, RecordError):
        return False
    return True


def addresses(recorded: Recorded | None, server: str, *, has_views: bool) -> dict[str, str]:
    """Where in the UI of `server` an experiment is: the table of its trials, their charts, and its sweeps.

    Args:
        recorded: The experiment; None: the UI's first page alone.
        server: The address of the UI.
        has_views: Whether the store keeps the views of these pages.
    """
    server = masked(server.rstrip("/"))
    if recorded is None:
        return {"MLflow": server}
    page = f"{server}/#/experiments/{recorded.experiment_id}/runs?{TRAINING}"
    order = "&".join(f"{key}={quote(_text(value))}" for key, value in _ONLY_TRIALS.items())
    trials, sweeps = (f"&viewStateShareKey={name}" for name in _VIEWS)
    return {
        "trials": page + (trials if has_views else f"&{order}"),
        # A page whose address says which runs it shows is of no view.
        "charts of all trials": f"{page}&compareRunsMode=CHART&{order}",
        "sweeps": page + (sweeps if has_views else ""),
    }


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)
