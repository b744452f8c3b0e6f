"""Changes a module of a library right after it is imported, whenever that is."""

from __future__ import annotations

import importlib.abc
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType


class LateFits(importlib.abc.MetaPathFinder):
    """Finds modules as everybody else does, and has each fitted once it is there.

    Args:
        fits: What is called with the module, by the module's name; it returns the names that it gave another value.
        tell: Called with a sentence where a module is not as expected: it stays as it is.
    """

    def __init__(
        self, fits: Mapping[str, Callable[[Any], Sequence[str]]], tell: Callable[[str], None]
    ) -> None:
        self.waiting = dict(fits)
        self._tell = tell

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The module's spec, for the modules that matter here."""
        if fullname not in self.waiting:
            return None
        spec = None
        for finder in sys.meta_path:
            if finder is not self and spec is None and hasattr(finder, "find_spec"):
                spec = finder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            loader: Any = spec.loader
            execute = loader.exec_module

            def exec_module(module: ModuleType) -> None:
                execute(module)
                self.fit(module)

            loader.exec_module = exec_module
        return spec

    def fit(self, module: ModuleType) -> Sequence[str]:
        """Fit a module, once; returns the names that have another value now."""
        fit = self.waiting.pop(module.__name__, None)
        if not self.waiting and self in sys.meta_path:
            sys.meta_path.remove(self)
        try:
            return fit(module) if fit is not None else ()
        except Exception as error:  # noqa: BLE001 - another version's internals must not end the program
            name = module.__name__
            self._tell(
                f"MLflow's {name} is not as expected and stays as it is; what passes there is not followed ({error!r})"
            )
            return ()


def already_there(fits: LateFits, also: str) -> None:
    """Fit the modules that are imported already, and the package that took functions from them (`also`)."""
    package = sys.modules.get(also)
    for name in tuple(fits.waiting):
        module = sys.modules.get(name)
        for changed in fits.fit(module) if module is not None else ():
            if package is not None and hasattr(package, changed):
                setattr(package, changed, getattr(module, changed))
