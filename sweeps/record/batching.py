"""Batches of params, tags and metric points for MLflow, as few as its limits allow. Pure."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TypedDict

from sweeps.rundir.journal import Metrics

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from mlflow.entities import Metric, Param, RunTag

    from sweeps.spec.yaml_reader import Value

MAX_BATCH = 1000
"""Points, params and tags together that MLflow takes in one call."""
MAX_PARAMS = 100
"""Params that MLflow takes in one call."""
MAX_PARAM = 6000
"""Characters that MLflow takes in one param."""


class Batch(TypedDict):
    """The arguments of one `MlflowClient.log_batch`."""

    metrics: list[Metric]
    params: list[Param]
    tags: list[RunTag]


def batches(metrics: list[Metric], params: list[Param], tags: list[RunTag]) -> Iterator[Batch]:
    """Divide everything into as few batches as possible; the tags (100 at most) are in the last."""
    while metrics or params or tags:
        first_params = params[:MAX_PARAMS]
        first_metrics = metrics[: MAX_BATCH - len(first_params) - len(tags)]
        params, metrics = params[len(first_params) :], metrics[len(first_metrics) :]
        is_last = not params and not metrics
        yield {"metrics": first_metrics, "params": first_params, "tags": tags if is_last else []}
        if is_last:
            return


def params_of(config: Mapping[str, Value]) -> list[Param]:
    """A config as params."""
    from mlflow.entities import Param

    return [Param(key, param_text(value)) for key, value in config.items()]


def tags_of(tags: Mapping[str, str]) -> list[RunTag]:
    """Tags as a run has them."""
    from mlflow.entities import RunTag

    return [RunTag(key, value) for key, value in tags.items()]


def points_of(entries: Iterable[object], model_id: str | None = None) -> list[Metric]:
    """The metrics among a journal's entries as points of a run, and of a model where one is given.

    Of a key and step that was logged more than once the last value alone is a point.
    """
    from mlflow.entities import Metric

    last = {
        (key, entry.step): (value, entry.time_ms)
        for entry in entries
        if isinstance(entry, Metrics)
        for key, value in entry.values.items()
    }
    return [
        Metric(key, value, time_ms, step, model_id=model_id) for (key, step), (value, time_ms) in last.items()
    ]


def param_text(value: Value) -> str:
    """A config value as a param: a string as it is, anything else as JSON; cut where MLflow would refuse it."""
    text = value if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= MAX_PARAM else text[: MAX_PARAM - 1] + "…"
