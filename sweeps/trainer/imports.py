"""Finds a user's modules beside the spec as a script there would, and keeps sweep's own modules what they are.

A user may have a package `analysis`, a `utils.py` or a `random.py` beside the spec. While the trainer's modules are
looked for, these places come first; what was found there under a name that others have too is forgotten afterwards,
so that sweep, Python and the installed packages still get their own.
"""

from __future__ import annotations

import contextlib
import sys
from importlib.machinery import PathFinder
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from importlib.machinery import ModuleSpec

    from sweeps.spec.trainer.model import TrainerSpec

HOME = Path(__file__).resolve().parents[2]
"""The folder that sweep's own packages lie in."""
OWN = ("analysis", "cvae", "sweeps")
"""Sweep's own packages."""


def places_of(trainer: TrainerSpec) -> tuple[str, ...]:
    """Where a trainer's modules are looked for first: beside the spec, then in the working directory."""
    return tuple(dict.fromkeys((str(Path(trainer.place.file).resolve().parent), str(Path.cwd()))))


@contextlib.contextmanager
def found_in(places: Sequence[str], targets: Iterable[str | None]) -> Iterator[None]:
    """In here modules are found in these places first, and the modules named are those of the places.

    Args:
        places: The folders.
        targets: What is to be imported, as `module:name` or `module`; None is passed over.
    """
    hidden = {name for target in targets if target and is_hidden(name := top_of(target), places)}
    # Mostly there is none, and thousands of modules may be loaded.
    loaded = sys.modules.items() if hidden else ()
    aside = {name: module for name, module in loaded if top_of(name) in hidden}
    for name in aside:
        del sys.modules[name]
    known = set(sys.modules)
    put_first(places)
    try:
        yield
    finally:
        put_last(places)
        mine = {name: top_of(name) for name in sys.modules if name not in known}
        shared = {top for top in set(mine.values()) if top in hidden or _is_ambiguous(top, places)}
        for name, top in mine.items():
            if top in shared:
                del sys.modules[name]
        sys.modules.update(aside)


def make_way(target: str, places: Sequence[str]) -> None:
    """Have the next import of a module find that of the places, whatever of its name is loaded."""
    top = top_of(target)
    if is_hidden(top, places):
        for name in [name for name in sys.modules if top_of(name) == top]:
            del sys.modules[name]


def is_hidden(name: str, places: Sequence[str]) -> bool:
    """Whether a module of the places is hidden by another one of its name that is loaded."""
    loaded = sys.modules.get(name)
    spec = _spec_in(name, places)
    if loaded is None or spec is None:
        return False
    return getattr(loaded, "__file__", None) is None or not _is_same(str(loaded.__file__), spec.origin)


def put_first(places: Sequence[str]) -> None:
    """Have modules looked for in these places before all others."""
    sys.path[:] = [*places, *(place for place in sys.path if place not in places)]


def put_last(places: Sequence[str]) -> None:
    """Have modules looked for in these places where no other one has them."""
    sys.path[:] = [*(place for place in sys.path if place not in places), *places]


def collisions(places: Sequence[str]) -> list[str]:
    """The modules and packages of the places that have the name of one of Python's or of sweep's own, in sentences."""
    found: dict[str, list[str]] = {"Python's": [], "sweep's": []}
    for place in places:
        for path in sorted(_entries(place)):
            spec = _spec_in(path.stem, [place]) if path.stem in {*OWN, *sys.stdlib_module_names} else None
            if spec is not None and not _is_same(spec.origin, _own(path.stem)):
                found["sweep's" if path.stem in OWN else "Python's"].append(path.name)
    return [
        f"{', '.join(dict.fromkeys(names))} beside the spec: named as {owner} own; a trial gets yours if its trainer "
        "is in there, else perhaps the other; better rename"
        for owner, names in found.items()
        if names
    ]


def top_of(target: str) -> str:
    """`pkg` for `pkg.module:name`."""
    return target.partition(":")[0].partition(".")[0]


def _entries(place: str) -> list[Path]:
    try:
        return [path for path in Path(place).iterdir() if path.suffix in {"", ".py"}]
    except OSError:
        return []


def _own(name: str) -> str | None:
    spec = PathFinder.find_spec(name, [str(HOME)]) if name in OWN else None
    return spec.origin if spec else None


def _spec_in(name: str, places: Sequence[str]) -> ModuleSpec | None:
    """The module or package of that name in the places; a folder without `__init__.py` is none: others come first."""
    spec = PathFinder.find_spec(name, list(places))
    return spec if spec is not None and spec.origin is not None else None


def _is_ambiguous(name: str, places: Sequence[str]) -> bool:
    """Whether both the places and the rest of the path have a module of that name; the places stand last there."""
    spec = _spec_in(name, places)
    if spec is None:
        return False
    for finder in sys.meta_path:
        other = finder.find_spec(name, None)
        if other is not None:
            return other.origin != spec.origin
    return False


def _is_same(one: str | None, other: str | None) -> bool:
    return one is not None and other is not None and Path(one).resolve() == Path(other).resolve()
