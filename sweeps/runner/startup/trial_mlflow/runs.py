"""MLflow's functions for the active run: which of a program's runs is the trial's, and which values have no step."""

from __future__ import annotations

import functools
import inspect
import os
from typing import TYPE_CHECKING, Any

from .calls import unstepped
from .trial import RUN_NAME

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .trial import Trial

AUTOLOGGED = "mlflow.autologging"


def fit_fluent(fluent: Any, trial: Trial) -> Sequence[str]:
    """Fit the module of these functions; returns their names.

    Raises:
        AttributeError: It is not as expected; nothing is changed then.
    """
    start, one, several = fluent.start_run, fluent.log_metric, fluent.log_metrics
    if hasattr(start, "fits_trials"):
        return ()
    if not hasattr(fluent, "active_run") or "run_id" not in inspect.signature(start).parameters:
        raise AttributeError("start_run continues no run")
    fluent.log_metric, fluent.log_metrics = _counted(one), _counted(several)
    fluent.start_run = _Starts(fluent, trial, start).function()
    return ("start_run", "log_metric", "log_metrics")


def _counted(log: Callable[..., Any]) -> Callable[..., Any]:
    """Have values that are logged without a step known as such."""
    place = list(inspect.signature(log).parameters).index("step")

    @functools.wraps(log)
    def counted(*args: Any, **kwargs: Any) -> Any:
        given = args[place] if len(args) > place else kwargs.get("step")
        unstepped.now = given is None
        try:
            return log(*args, **kwargs)
        finally:
            unstepped.now = False

    return counted


class _Starts:
    """`start_run` of a trial's program."""

    def __init__(self, fluent: Any, trial: Trial, start: Callable[..., Any]) -> None:
        self._fluent = fluent
        self._trial = trial
        self._start = start
        self._parameters = inspect.signature(start)

    def function(self) -> Callable[..., Any]:
        @functools.wraps(self._start)
        def start_run(*args: Any, **kwargs: Any) -> Any:
            given = dict(self._parameters.bind(*args, **kwargs).arguments)
            return self._continue(given) if self._is_trials(given) else self._begin(given)

        start_run.fits_trials = True  # type: ignore[attr-defined]
        return start_run

    def _is_trials(self, given: dict[str, Any]) -> bool:
        """Whether the trial's run is meant.

        That is the first run that is started, and each later one with the same name or none: a program may train under
        one `start_run` and test under another. A later run with a name of its own is another run, as is one within a run,
        and one for each further model that autologging sees.
        """
        if given.get("run_id"):
            return bool(given["run_id"] == self._trial.run_id)
        if self._fluent.active_run() is not None or given.get("parent_run_id"):
            return False
        if self._trial.is_unclaimed:
            return True
        is_plain = not given.get("nested") and given.get("experiment_id") is None
        is_autologged = AUTOLOGGED in (given.get("tags") or {})
        return is_plain and not is_autologged and given.get("run_name") in (None, self._trial.name_asked)

    def _continue(self, given: dict[str, Any]) -> Any:
        """Start the trial's run, which stands in the sweep's experiment and store, whichever the program has set."""
        fluent, trial = self._fluent, self._trial
        name = given.pop("run_name", None)
        if name is not None:
            trial.name_asked = trial.name_asked or name
            given["tags"] = {**(given.get("tags") or {}), RUN_NAME: name}
        self._return_to_store()
        had, fluent._active_experiment_id = getattr(fluent, "_active_experiment_id", None), None  # noqa: SLF001 - MLflow has no other way
        trial.claim()
        try:
            return self._start(**{**given, "run_id": trial.run_id})
        finally:
            fluent._active_experiment_id = had  # noqa: SLF001

    def _begin(self, given: dict[str, Any]) -> Any:
        """Start another run; unless the program says in which experiment, in that of the trial's run."""
        waiting = os.environ.pop("MLFLOW_RUN_ID", None) if not given.get("run_id") else None
        try:
            if not given.get("run_id") and given.get("experiment_id") is None and self._has_chosen_none():
                given["experiment_id"] = self._trials_experiment()
            return self._start(**given)
        finally:
            if waiting is not None:
                os.environ["MLFLOW_RUN_ID"] = waiting

    def _has_chosen_none(self) -> bool:
        names = ("MLFLOW_EXPERIMENT_ID", "MLFLOW_EXPERIMENT_NAME")
        return getattr(self._fluent, "_active_experiment_id", None) is None and not any(
            map(os.environ.get, names)
        )

    def _trials_experiment(self) -> Any:
        active = self._fluent.active_run()
        if active is not None:
            return active.info.experiment_id
        return self._fluent.MlflowClient().get_run(self._trial.run_id).info.experiment_id

    def _return_to_store(self) -> None:
        """Have the functions talk to the store that has the trial's run."""
        from mlflow.tracking._tracking_service import utils

        chosen = utils.get_tracking_uri()
        if not self._trial.has_store(chosen):
            utils.set_tracking_uri(self._trial.uri)
            self._fluent._active_experiment_id = None  # noqa: SLF001 - it is another store's
            self._trial.tell_of_store(chosen)
