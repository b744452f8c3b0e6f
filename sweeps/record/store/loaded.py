"""Exceptions of libraries that take long to import: where a library is not loaded, nobody can have raised them."""

from __future__ import annotations

import sys
from typing import Any


def loaded(module: str, *names: str) -> Any:
    """Classes of a module, to be given to `isinstance`; none where the module is not imported."""
    found = sys.modules.get(module)
    return tuple(named for name in names if isinstance(named := getattr(found, name, None), type))


def is_mlflow_error(error: BaseException) -> bool:
    """Whether MLflow raised it: an answer of the store, as a rule."""
    return isinstance(error, loaded("mlflow.exceptions", "MlflowException"))
