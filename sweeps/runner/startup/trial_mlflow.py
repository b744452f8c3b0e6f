"""Makes MLflow's usual calls reach the trial's run, where MLflow by itself would refuse them.

MLflow continues the run that `MLFLOW_RUN_ID` names, but not after `set_experiment` of another experiment; and it refuses
`log_params(vars(args))` where `dropout: 0` has become the float 0.0. In a trial both mean the trial's run and its params.
Nothing is patched before the program imports MLflow itself.
"""

from __future__ import annotations

import functools
import importlib.abc
import importlib.util
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType

FLUENT = "mlflow.tracking.fluent"
"""The module of MLflow's functions for a run that is active."""
_WORDS = {"true": True, "false": False, "null": None, "none": None}


def install() -> None:
    """Have MLflow's functions fit a trial, as soon as they are imported, or now if they are."""
    fluent = sys.modules.get(FLUENT)
    if fluent is None:
        sys.meta_path.insert(0, _Finder())
        return
    fit(fluent)
    mlflow = sys.modules.get("mlflow")
    for name in ("start_run", "log_params", "log_param"):
        if mlflow is not None and hasattr(mlflow, name):
            setattr(mlflow, name, getattr(fluent, name))


def fit(fluent: Any) -> None:
    """Wrap the functions that a trial's run needs to be otherwise."""
    start, log_all, log_one = fluent.start_run, fluent.log_params, fluent.log_param
    if getattr(start, "fits_trials", False):
        return

    @functools.wraps(start)
    def start_run(run_id: str | None = None, *args: Any, **kwargs: Any) -> Any:
        asked = run_id or os.environ.get("MLFLOW_RUN_ID")
        if not asked or asked != _trial_run():
            return start(run_id, *args, **kwargs)
        # The trial's run stands in the sweep's experiment, whichever one the program has set for runs of its own.
        chosen, fluent._active_experiment_id = fluent._active_experiment_id, None  # noqa: SLF001 - MLflow offers no other way
        try:
            return start(run_id, *args, **kwargs)
        finally:
            fluent._active_experiment_id = chosen  # noqa: SLF001

    @functools.wraps(log_all)
    def log_params(params: Mapping[str, Any], *args: Any, **kwargs: Any) -> Any:
        return log_all(as_recorded(params, _config()), *args, **kwargs)

    @functools.wraps(log_one)
    def log_param(key: str, value: Any, *args: Any, **kwargs: Any) -> Any:
        return log_one(key, as_recorded({key: value}, _config())[key], *args, **kwargs)

    start_run.fits_trials = True  # type: ignore[attr-defined]
    fluent.start_run, fluent.log_params, fluent.log_param = start_run, log_params, log_param


def as_recorded(params: Mapping[str, Any], config: Mapping[str, Any]) -> dict[str, Any]:
    """Params as the trial's config has them wherever they are the same value: 0.0 for 0, `true` for True."""
    return {
        key: config[key] if key in config and _is_same(value, config[key]) else value
        for key, value in params.items()
    }


def _is_same(given: Any, configured: Any) -> bool:
    if isinstance(configured, bool) or configured is None:
        return given is configured or (
            isinstance(given, str) and _WORDS.get(given.lower(), given) is configured
        )
    if isinstance(configured, (int, float)):
        try:
            return not isinstance(given, bool) and float(given) == configured
        except (TypeError, ValueError, OverflowError):
            return False
    if isinstance(configured, list):
        return _json(given) == configured or (isinstance(given, tuple) and list(given) == configured)
    return False


def _json(given: Any) -> Any:
    try:
        return json.loads(given) if isinstance(given, str) else None
    except ValueError:
        return None


def _trial_run() -> str | None:
    """The id of the trial's run: its config lies in the directory of that name."""
    config = os.environ.get("SWEEP_CONFIG")
    return Path(config).parent.name if config else None


@functools.lru_cache(maxsize=1)
def _config() -> dict[str, Any]:
    try:
        return dict(json.loads(Path(os.environ["SWEEP_CONFIG"]).read_text(encoding="utf-8")))
    except (KeyError, OSError, ValueError):
        return {}


class _Finder(importlib.abc.MetaPathFinder):
    """Finds MLflow's module as everybody else does, and has `fit` called once it is there."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The module's spec, for the one module that matters here."""
        del path, target
        if fullname != FLUENT:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(fullname)
        if spec is not None and spec.loader is not None:
            loader: Any = spec.loader
            execute = loader.exec_module

            def exec_module(module: ModuleType) -> None:
                execute(module)
                fit(module)

            loader.exec_module = exec_module
        return spec
