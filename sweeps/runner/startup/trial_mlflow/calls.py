"""The methods of MLflow's client that every call about a run passes, as the trial's run needs them.

Fluent functions, `MlflowClient`, autologging, asynchronous logging and other libraries' loggers all end in one class,
`TrackingServiceClient`. What they say of the trial's run goes to the trial's store, whatever URI they were given; its
metrics go to the run's journal, its params are compared with the config, and its status is the supervisor's.
"""

from __future__ import annotations

import functools
import threading
import time
from typing import TYPE_CHECKING, Any

from .metrics_file import MetricsFile
from .params import Params
from .trial import RUN_NAME

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from .metrics_file import Journal
    from .trial import Trial

PARENT, NAME = "mlflow.parentRunId", "mlflow.runName"
OF_SWEEP = "sweeps."
"""How the tags of `sweep`'s own runs begin."""
NEEDED = (
    *("log_metric", "log_batch", "log_param", "get_run", "get_metric_history"),
    *("create_run", "set_terminated", "update_run"),
)
REPEATED = "log_inputs"
"""A method that MLflow 2.4 brought; of trials that log the same dataset at the same moment, the store refuses all but one."""
REDIRECTED = (
    *("set_tag", "delete_tag", "log_outputs", "_record_logged_model", "log_artifact", "log_artifacts"),
    *("_log_artifact_async", "list_artifacts", "download_artifacts"),
)
"""Methods that need nothing but the trial's own store."""

unstepped = threading.local()
"""Its attribute `now` is true while a fluent function runs that was given no step: below it, that has become 0."""


def fit_client(module: Any, trial: Trial, journal: Journal | None = None) -> Sequence[str]:
    """Fit the class of a module, `TrackingServiceClient`; without a journal metrics go into a file.

    Raises:
        AttributeError: It is not as expected; nothing is changed then.
    """
    cls = module.TrackingServiceClient
    originals = {name: getattr(cls, name) for name in NEEDED}
    if hasattr(cls, REPEATED):
        originals[REPEATED] = getattr(cls, REPEATED)
    if hasattr(cls.log_batch, "fits_trials"):
        return ()
    calls = TrialCalls(module, trial, originals, MetricsFile(trial, journal))
    replaced = {name: getattr(calls, name) for name in originals}
    for name in (*replaced, *REDIRECTED):
        if hasattr(cls, name):
            setattr(cls, name, _of_run(name, getattr(cls, name), replaced.get(name), calls))
    return ()


def _of_run(name: str, original: Any, ours: Any, calls: TrialCalls) -> Any:
    """A method that does `ours` about the trial's run (None: as MLflow), and about others what it did by itself."""
    is_creation = name == "create_run"
    first = "experiment_id" if is_creation else "run_id"

    @functools.wraps(original)
    def method(client: Any, *args: Any, **kwargs: Any) -> Any:
        named, *rest = args or (kwargs.pop(first),)
        if is_creation:
            return ours(client, named, *rest, **kwargs)
        if named != calls.trial.run_id:
            return original(client, named, *rest, **kwargs)
        if not calls.trial.has_store(client.tracking_uri):
            client = calls.client
        return (ours or original)(client, named, *rest, **kwargs)

    method.fits_trials = True  # type: ignore[attr-defined]
    return method


class TrialCalls:
    """What becomes of calls about the trial's run, given the methods as MLflow has them."""

    def __init__(self, module: Any, trial: Trial, originals: Mapping[str, Any], file: MetricsFile) -> None:
        self.trial = trial
        self._module = module
        self._mlflow = originals
        self._own: Any = None
        self._file = file
        self._params = Params(trial, self._recorded_params, self._send_params)

    @property
    def client(self) -> Any:
        """A client of the trial's store."""
        if self._own is None:
            self._own = self._module.TrackingServiceClient(self.trial.uri)
        return self._own

    def log_metric(
        self,
        client: Any,
        run_id: str,
        key: str,
        value: Any,
        timestamp: Any = None,
        step: Any = None,
        *args: Any,
        **more: Any,
    ) -> Any:
        """Log one value."""
        point = _Point(key, value, timestamp, None if _is_unstepped() else step, more)
        if not self._diverted([point]):
            return self._mlflow["log_metric"](client, run_id, key, value, timestamp, step, *args, **more)
        if point.is_linked:
            return self._mlflow["log_metric"](
                client, run_id, key, point.value, point.time_ms, point.step, *args, **more
            )
        return self._done(more)

    def log_batch(
        self,
        client: Any,
        run_id: str,
        metrics: Sequence[Any] = (),
        params: Sequence[Any] = (),
        tags: Sequence[Any] = (),
        **more: Any,
    ) -> Any:
        """Log values, params and tags."""
        if params:
            self._params.log((param.key, param.value) for param in params)
        left: list[Any] = list(metrics)
        points = [_Point.of(metric) for metric in metrics]
        if points and self._diverted(points):
            left = [point.linked(metric) for point, metric in zip(points, metrics) if point.is_linked]  # noqa: B905 - Python 3.8
        if left or tags:
            return self._mlflow["log_batch"](client, run_id, metrics=left, params=[], tags=tags, **more)
        return self._done(more)

    def log_param(self, client: Any, run_id: str, key: str, value: Any, *args: Any, **more: Any) -> Any:
        """Log one param; returns its value, as MLflow does."""
        del client, run_id, args
        self._params.log([(key, value)])
        return self._done(more) if more.get("synchronous") is False else value

    def get_run(self, client: Any, run_id: str) -> Any:
        """The run, with the last values of what has been logged."""
        run = self._mlflow["get_run"](client, run_id)
        try:
            entity = _entity("Metric")
            last = {metric.key: metric for metric in run.data._metric_objs}  # noqa: SLF001 - values alone are public
            for key, (step, time_ms, value) in self._file.latest().items():
                if key not in last or last[key].step <= step:
                    last[key] = entity(key, value, time_ms, step)
            run.data._metric_objs = list(last.values())  # noqa: SLF001
            run.data._metrics = {key: metric.value for key, metric in last.items()}  # noqa: SLF001
        except Exception as error:  # noqa: BLE001 - another version's inside: what the store has will do
            self.trial.tell(f"get_run shows the metrics that are in the store already ({error!r})")
        return run

    def get_metric_history(self, client: Any, run_id: str, key: str) -> Any:
        """The values of a metric, with those that the store does not have yet."""
        waiting = self._file.history(key)
        try:
            found = self._mlflow["get_metric_history"](client, run_id, key)
        except self._module.MlflowException:
            if not waiting:
                raise
            found = []  # a folder as a store raises for a metric that it does not have
        stored = {metric.step for metric in found}
        entity = _entity("Metric")
        found.extend(
            entity(key, value, ms, step) for step, (ms, value) in waiting.items() if step not in stored
        )
        return found

    def log_inputs(self, client: Any, run_id: str, *args: Any, **more: Any) -> Any:
        """Log datasets; once more where another run brought one of them in between."""
        log = self._mlflow[REPEATED]
        try:
            return log(client, run_id, *args, **more)
        except self._module.MlflowException:
            return log(client, run_id, *args, **more)  # what is there already is left as it is

    def create_run(
        self,
        client: Any,
        experiment_id: Any,
        start_time: Any = None,
        tags: Any = None,
        *args: Any,
        **more: Any,
    ) -> Any:
        """The trial's run, for the first run without a parent that a program creates; else a run below it."""
        given = dict(tags or {})
        is_sweeps = any(key.startswith(OF_SWEEP) for key in given)
        if self.trial.is_unclaimed and PARENT not in given and not is_sweeps:
            self.trial.claim()
            if not self.trial.has_store(client.tracking_uri):
                self.trial.tell_of_store(client.tracking_uri)
            own = {key: value for key, value in given.items() if not key.startswith("mlflow.")}
            if NAME in given or more.get("run_name"):
                own[RUN_NAME] = more.get("run_name") or given[NAME]
            if own:
                tag = _entity("RunTag")
                entities = [tag(key, str(value)) for key, value in own.items()]
                self._mlflow["log_batch"](
                    self.client, self.trial.run_id, metrics=[], params=[], tags=entities
                )
            return self.get_run(self.client, self.trial.run_id)
        if PARENT not in given and not is_sweeps and self.trial.has_store(client.tracking_uri):
            given[PARENT] = self.trial.run_id
            self.trial.tell(
                "the program starts a run of its own, below the trial's run; what it logs there is not in the trial's record",
                "own",
            )
        return self._mlflow["create_run"](client, experiment_id, start_time, given, *args, **more)

    def set_terminated(self, client: Any, run_id: str, *args: Any, **more: Any) -> None:
        """Let what is logged asynchronously go on its way; the run ends with the attempt."""
        del run_id, args, more
        end = getattr(client.store, "shut_down_async_logging", None)
        if end is not None:
            end()

    def update_run(self, client: Any, run_id: str, *args: Any, **more: Any) -> None:
        """Nothing: the run's status and name are the trial's."""

    def _diverted(self, points: Sequence[_Point]) -> bool:
        """Give values their steps, and write them to the file; False where MLflow itself has to take or refuse them."""
        try:
            if not all(point.is_valid() for point in points):
                return False
            counted: dict[str, int] = {}
            for point in points:
                given = counted.get(point.key) if point.step is None else point.step
                point.step = counted[point.key] = self._file.step(point.key, given)
            for together in _rows(points):
                first = together[0]
                values = {point.key: point.value for point in together}
                time_ms = self._file.append(first.time_ms, first.step, values)
                for point in together:
                    point.is_linked = (
                        point.is_linked and time_ms is not None
                    )  # the store keeps nothing of other ranks
                    point.time_ms = point.time_ms if time_ms is None else time_ms
        except Exception as error:  # noqa: BLE001 - whatever is not as expected must not end the program
            self.trial.tell(
                f"metrics go straight to MLflow's store, and not through the journal: {error!r}", "straight"
            )
            return False
        return True

    def _done(self, more: Mapping[str, Any]) -> Any:
        """What a call returns that has nothing left to do."""
        if more.get("synchronous", True) is not False:
            return None
        from mlflow.utils.async_logging import run_operations

        operations: Any = run_operations.RunOperations
        return operations([])

    def _recorded_params(self) -> Mapping[str, str]:
        params: Mapping[str, str] = self._mlflow["get_run"](self.client, self.trial.run_id).data.params
        return params

    def _send_params(self, params: Sequence[tuple[str, str]]) -> None:
        entity = _entity("Param")
        entities = [entity(key, text) for key, text in params]
        self._mlflow["log_batch"](self.client, self.trial.run_id, metrics=[], params=entities, tags=[])


class _Point:
    """One value on its way."""

    def __init__(self, key: str, value: Any, timestamp: Any, step: Any, links: Mapping[str, Any]) -> None:
        self.key = key
        self.value = _number(value)
        self.time_ms: int = int(time.time() * 1000) if timestamp is None else timestamp
        self.step: Any = step
        self.is_linked = links.get("model_id") is not None or links.get("dataset_name") is not None
        """Whether the store keeps it for a model or a dataset too. It is sent there with the same time, and so is one point."""

    @classmethod
    def of(cls, metric: Any) -> _Point:
        """The point of an entity of MLflow's."""
        names = ("model_id", "dataset_name")
        links = {name: getattr(metric, name, None) for name in names}
        if links["model_id"] is None:
            links["model_id"] = _active_model()
        return cls(
            metric.key, metric.value, metric.timestamp, None if _is_unstepped() else metric.step, links
        )

    def is_valid(self) -> bool:
        """Whether it is one that MLflow takes: what it refuses, it should refuse in its own words."""
        from mlflow.utils import validation

        try:
            validate: Any = validation._validate_metric  # noqa: SLF001 - there is no other place that says it
            validate(self.key, self.value, self.time_ms, self.step or 0)
            self.time_ms = int(self.time_ms)
            self.step = None if self.step is None else int(self.step)
        except Exception:  # noqa: BLE001 - MLflow says what
            return False
        return True

    def linked(self, metric: Any) -> Any:
        """The entity with the step and time that the point was given."""
        metric._step, metric._timestamp = self.step, self.time_ms  # noqa: SLF001 - an entity has no way to be changed
        return metric


def _rows(points: Sequence[_Point]) -> Sequence[Sequence[_Point]]:
    """Points that are one row each: of one time and step, and no name with two values."""
    rows: list[list[_Point]] = []
    for point in points:
        row = rows[-1] if rows else [point]
        is_together = (row[0].time_ms, row[0].step) == (point.time_ms, point.step)
        # The same value twice is that of two models.
        if (
            rows
            and is_together
            and all(other.key != point.key or other.value == point.value for other in row)
        ):
            row.append(point)
        else:
            rows.append([point])
    return rows


def _number(value: Any) -> Any:
    """A value as MLflow reads it; what is no number as it is."""
    if type(value) is float:
        return value
    try:
        from mlflow.tracking import metric_value_conversion_utils

        return metric_value_conversion_utils.convert_metric_value_to_float_if_possible(value)
    except Exception:  # noqa: BLE001 - not in every version; what is wrong with the value is said where it is checked
        return value


def _is_unstepped() -> bool:
    return getattr(unstepped, "now", False)


def _active_model() -> Any:
    from mlflow.tracking import fluent

    find: Callable[[], Any] | None = getattr(fluent, "get_active_model_id", None)
    return find() if find is not None else None


def _entity(name: str) -> Any:
    import mlflow.entities

    return getattr(mlflow.entities, name)
