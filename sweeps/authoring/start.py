"""How a script is started: by its path, or by `python -m` as the module that it is."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from sweeps.errors import ScriptError, did_you_mean
from sweeps.program.modules import MAIN, file_of_module, module_of_script
from sweeps.program.named_paths import is_file
from sweeps.program.surroundings import PYTHONPATH, module_places
from sweeps.spec.trainer.surroundings import Surroundings


@dataclass(frozen=True, slots=True)
class Start:
    """How a script is started.

    Attributes:
        script: Its file.
        typed: What was typed for it, where that is not its path.
        module: The module that it is run as; empty: it is run by its path.
        base: The folder that its package is found from, where Python does not look by itself; empty: it does.
        needs_module: Whether it does not run by its path, wherever Python looks.
    """

    script: Path
    typed: str = ""
    module: str = ""
    base: str = ""
    needs_module: bool = False

    @property
    def shown(self) -> str:
        """What stands behind `sweep init`."""
        return self.typed or str(self.script)


def start_of(named: Path, *, is_module: bool = False) -> Start:
    """How what was typed is started: a script, a folder with a `__main__.py`, or the name of a module.

    Raises:
        ScriptError: There is no such module.
    """
    if is_module:
        return _of_module(str(named))
    script = named / f"{MAIN}.py" if is_file(named / f"{MAIN}.py") else named
    typed = "" if script is named else str(named)
    module = module_of_script(script)
    if module is None:
        return Start(script, typed)
    base = ""
    if module.base not in module_places(Surroundings(), os.environ):
        base = str(module.base) if script.is_absolute() else os.path.relpath(module.base)
    return Start(script, typed, module.name, base, needs_module=module.is_relative)


def _of_module(name: str) -> Start:
    places = [*module_places(Surroundings(), os.environ), *(Path(place) for place in sys.path if place)]
    found = file_of_module(name, places)
    if found is None:
        if name.endswith(".py") or os.sep in name:
            raise ScriptError(
                f"-m {name}: behind -m stands the name of a module, as lab.train; for a file leave out -m"
            )
        package = Path(*name.split("."))
        if is_file(package / "__init__.py"):
            raise ScriptError(
                f"-m {name}: the package has no {MAIN}.py, so that `-m` cannot run it; name the module that is started"
            )
        beside = sorted(
            path.stem
            for path in package.parent.glob("*")
            if path.suffix == ".py" or (path / f"{MAIN}.py").is_file()
        )
        hint = (
            did_you_mean(package.name, beside)
            or f"; run `sweep` in the folder that it is found from, or set {PYTHONPATH}"
        )
        raise ScriptError(
            f"-m {name}: there is no such module here, on {PYTHONPATH} or among the installed packages{hint}"
        )
    script = found[0]
    here = Path.cwd()
    script = script.relative_to(here) if script.is_relative_to(here) else script
    return Start(script, f"-m {name}", name, needs_module=True)
