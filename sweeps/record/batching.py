"""Batches of params, tags and metric points for MLflow, as few as its limits allow. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypedDict

from analysis.read.params import same_param
from sweeps.record.refusals import Refused
from sweeps.record.store.base import Metric, Param, Tag
from sweeps.rundir import store_limits
from sweeps.rundir.journal import Metrics
from sweeps.rundir.store_limits import MAX_PARAM, storable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sweeps.spec.yaml_reader import Value

MAX_BATCH = 1000
"""Points, params and tags together that MLflow takes in one call."""
MAX_PARAMS = MAX_TAGS = 100
"""Params, and tags, that MLflow takes in one call."""


Kind: TypeAlias = Literal["metrics", "params", "tags"]
_KINDS: tuple[Kind, ...] = ("metrics", "params", "tags")


class Batch(TypedDict):
    """The arguments of one `RunStore.log_batch`."""

    metrics: list[Metric]
    params: list[Param]
    tags: list[Tag]


def batches(metrics: list[Metric], params: list[Param], tags: list[Tag]) -> Iterator[Batch]:
    """Divide everything into as few batches as possible; the tags come last."""
    while metrics or params or tags:
        first_params, first_tags = params[:MAX_PARAMS], tags[:MAX_TAGS]
        first_metrics = metrics[: MAX_BATCH - len(first_params) - len(first_tags)]
        params, metrics = params[len(first_params) :], metrics[len(first_metrics) :]
        if params or metrics:
            first_tags = []
        tags = tags[len(first_tags) :]
        yield {"metrics": first_metrics, "params": first_params, "tags": first_tags}


def params_of(config: Mapping[str, Value]) -> list[Param]:
    """A config as params."""
    return [Param(key, param_text(value)) for key, value in config.items()]


def tags_of(tags: Mapping[str, str]) -> list[Tag]:
    """Tags as a run has them."""
    return [Tag(key, storable(value)) for key, value in tags.items()]


def points_of(entries: Iterable[object], model_id: str | None = None) -> list[Metric]:
    """The metrics among a journal's entries as points of a run, and of a model where one is given.

    Of a key and step that was logged more than once the last value alone is a point.
    """
    last = {
        (key, entry.step): (value, entry.time_of(key))
        for entry in entries
        if isinstance(entry, Metrics)
        for key, value in entry.values.items()
    }
    return [
        Metric(key, value, time_ms, step, model_id=model_id) for (key, step), (value, time_ms) in last.items()
    ]


def param_text(value: Value) -> str:
    """A config value as a param, as `mlflow.log_params` writes it: `True`, `None`, `[1, 'a']`; cut where MLflow cuts it."""
    text = value if isinstance(value, str) else str(value)
    return text[:MAX_PARAM] if text.isascii() and "\0" not in text else storable(text[:MAX_PARAM], MAX_PARAM)


def is_empty(batch: Batch) -> bool:
    """Whether there is nothing in a batch."""
    return not (batch["metrics"] or batch["params"] or batch["tags"])


def sorted_out(batch: Batch) -> tuple[Batch, list[Refused]]:
    """A batch without what no store takes, which is returned beside it."""
    refused = [
        _refused_point(point, f"the name {name}" if name else f"the step {step}")
        for point in batch["metrics"]
        if (name := store_limits.of_name(point.key)) or (step := store_limits.of_step(point.step))
    ]
    refused += [
        Refused("param", param.key, f"the key {wrong}", value=param.value)
        for param in batch["params"]
        if (wrong := store_limits.of_name(param.key))
    ]
    if not refused:
        return batch, refused
    fitting: Batch = {
        "metrics": [
            p for p in batch["metrics"] if not (store_limits.of_name(p.key) or store_limits.of_step(p.step))
        ],
        "params": [param for param in batch["params"] if not store_limits.of_name(param.key)],
        "tags": batch["tags"],
    }
    return fitting, refused


def without_params(batch: Batch, recorded: Mapping[str, str]) -> tuple[Batch, list[Refused]]:
    """A batch without the params that the run has already, and those among them that the run has another value of."""
    refused = [
        Refused("param", param.key, f"the run has {recorded[param.key]!r}, and that stays", value=param.value)
        for param in batch["params"]
        if param.key in recorded and not same_param(recorded[param.key], param.value)
    ]
    rest = [param for param in batch["params"] if param.key not in recorded]
    return {**batch, "params": rest}, refused


def parts_of(batch: Batch) -> list[Batch]:
    """A batch in two or three, by kind and by key first; one that holds a single item as it is."""
    kinds = [kind for kind in _KINDS if batch[kind]]
    if len(kinds) > 1:
        return [_only(kind, batch[kind]) for kind in kinds]
    items: list[Any] = sorted(batch[kinds[0]], key=lambda item: item.key)
    half = len(items) // 2
    return [_only(kinds[0], items[:half]), _only(kinds[0], items[half:])] if half else [batch]


def ends_of(batch: Batch) -> list[Batch]:
    """The first and the last point of a batch that holds points of one metric alone; of any other, nothing."""
    points = batch["metrics"]
    if batch["params"] or batch["tags"] or len({point.key for point in points}) != 1:
        return []
    return [_only("metrics", [points[0]]), _only("metrics", [points[-1]])]


def refused_items(batch: Batch, why: str) -> list[Refused]:
    """All of a batch as refused."""
    return [
        *(_refused_point(point, why) for point in batch["metrics"]),
        *(Refused("param", param.key, why, value=param.value) for param in batch["params"]),
        *(Refused("tag", tag.key, why, value=tag.value) for tag in batch["tags"]),
    ]


def _only(kind: Kind, items: list[Any]) -> Batch:
    batch: Batch = {"metrics": [], "params": [], "tags": []}
    batch[kind] = items
    return batch


def _refused_point(point: Metric, why: str) -> Refused:
    return Refused("metric", point.key, why, step=point.step, value=point.value, time_ms=point.timestamp)
