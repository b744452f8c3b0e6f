"""Looks into the one thing of a study that Optuna unpickles, the optimizer of CMA-ES, before it does: it could run code.

Whoever may write to a study's storage may put it there; everything else in a storage is numbers and JSON.
"""

from __future__ import annotations

import io
import pickle
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_OPTIMIZER = "optimizer"
"""Optuna keeps it in attributes of trials: `cma:optimizer:0`, `cma:optimizer:1` and so on, in hex."""
_CLASSES = frozenset({("cmaes._cma", "CMA"), ("cmaes._sepcma", "SepCMA"), ("cmaes._cmawm", "CMAwM")})
_NUMPY = frozenset({"numpy", "numpy._core.multiarray", "numpy.core.multiarray"})
_ARRAYS = frozenset({"dtype", "ndarray", "_reconstruct", "scalar"})


def runs_code(attributes: Mapping[str, Any]) -> bool:
    """Whether a trial's system attributes hold a pickled optimizer that is not one of CMA-ES alone, with its arrays."""
    for content in _pickles(attributes):
        try:
            _OptimizerReader(io.BytesIO(bytes.fromhex(content))).load()
        except Exception:  # noqa: BLE001 - a broken pickle raises whatever its bytes lead to
            return True
    return False


def _pickles(attributes: Mapping[str, Any]) -> Iterator[str]:
    parts: dict[str, dict[int, str]] = {}
    for key, value in attributes.items():
        name, _, number = key.rpartition(":")
        if name.rpartition(":")[2] == _OPTIMIZER and number.isdecimal():
            parts.setdefault(name, {})[int(number)] = str(value)
    for one in parts.values():
        yield "".join(text for _, text in sorted(one.items()))


class _OptimizerReader(pickle.Unpickler):
    """Reads the classes of CMA-ES and NumPy's arrays; nothing else that a pickle names is looked up."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) in _CLASSES or (module in _NUMPY and name in _ARRAYS):
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"{module}.{name}")
