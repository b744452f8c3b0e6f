"""Which module a script is, so that `python -m` finds what it imports from its own package; and which file a module is."""

from __future__ import annotations

import ast
import functools
import os
import tokenize
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sweeps.program.named_paths import is_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MAIN = "__main__"
"""The module of a package that `python -m` runs."""
_INIT = "__init__.py"
_MOST_BYTES = 1 << 20
"""A larger file is not read."""
_MOST_KEPT = 2
"""So many syntax trees are held: the script's, and that of what it imports while this is read. More would only take memory."""
_REFUSALS = frozenset({"ImportError", "ModuleNotFoundError", "Exception", "BaseException"})


@dataclass(frozen=True, slots=True)
class Module:
    """A script as `python -m` names it.

    Attributes:
        name: What stands behind `-m`.
        base: The folder that it is found from, absolute.
        own_import: How it imports from its own package, such as `from lab.data import`; empty where it does not.
        is_relative: Whether by a relative import, which no path of modules makes work for a script that is run by its path.
    """

    name: str
    base: Path
    own_import: str = ""
    is_relative: bool = False


@dataclass(frozen=True, slots=True)
class _Import:
    """A module that a file imports, or that may be one.

    Attributes:
        names: Its dotted name, and those that an attribute of it may be.
        level: How many dots stand before it.
    """

    names: tuple[str, ...]
    level: int

    @property
    def words(self) -> str:
        name = self.names[0]
        return (
            f"from {'.' * self.level}{name} import" if self.level or len(self.names) > 1 else f"import {name}"
        )


def module_of_script(script: Path) -> Module | None:
    """The module that a script is; None where it is run by its path, as nothing that it imports asks for more.

    It is run as a module where it imports from its own package, as `from lab.data import` or `from .data import`, and where
    it is called `__main__.py` and imports nothing that lies beside it by a bare name. A script that changes `sys.path`, or
    tries another import where one fails, sees to this itself.
    """
    tree = _tree(script)
    folder = Path(os.path.abspath(script)).parent  # noqa: PTH100 - links stay
    if tree is None or any(map(_is_search_path, ast.walk(tree))):
        return None
    found = list(_imports(tree.body))
    own = sorted((one.level > 0, at) for at, one in enumerate(found) if _base(one, folder) is not None)
    if own:
        base, said = _base(found[own[0][1]], folder), found[own[-1][1]]
        return _named(script, folder, base or folder, said)
    is_beside = any(_lies_in(folder, one.names[0].partition(".")[0]) for one in found if not one.level)
    if script.stem != MAIN or is_beside or not ((folder / _INIT).is_file() or folder != Path.cwd()):
        return None
    return _named(script, folder, above_package(folder, 1), None)


def file_of_module(name: str, places: Iterable[Path]) -> tuple[Path, Path] | None:
    """The file that `python -m NAME` runs, and the folder among the places that it is found from; None: there is none.

    A package is found before a module of its name, and a folder without an `__init__.py` only after all places.
    """
    found: tuple[Path, Path] | None = None
    for place in places:
        folder = place.joinpath(*name.split("."))
        main, file = folder / f"{MAIN}.py", folder.with_name(f"{folder.name}.py")
        if is_file(folder / _INIT):
            return (main, place) if is_file(main) else None
        if is_file(file):
            return file, place
        found = found or ((main, place) if is_file(main) else None)
    return found


def shown_name(file: Path) -> str:
    """A script's name for messages; of a `__main__.py` with its folder's."""
    return f"{file.absolute().parent.name}/{file.name}" if file.stem == MAIN else file.name


def _named(script: Path, folder: Path, base: Path, said: _Import | None) -> Module | None:
    parts = [*folder.relative_to(base).parts, *([] if script.stem == MAIN else [script.stem])]
    if not parts or not all(part.isidentifier() for part in parts):
        return None
    return Module(".".join(parts), base, *((said.words, said.level > 0) if said is not None else ()))


def _base(one: _Import, folder: Path) -> Path | None:
    """The folder from which an import of the script's own package is found; None: it is no such import."""
    if one.level:
        return above_package(folder, one.level)
    top = one.names[0].partition(".")[0]
    if not top or _lies_in(folder, top):
        return None
    for above in (folder, *folder.parents):
        if above.name != top or _lies_in(above, top):
            continue
        if (above / _INIT).is_file():
            return above.parent
        inner = [name.split(".")[1:2] for name in one.names]
        if above.parent.is_relative_to(Path.cwd()) and any(
            has_code(above, part[0]) for part in inner if part
        ):
            return above.parent
    return None


def above_package(folder: Path, levels: int = 0) -> Path:
    """The folder above the outermost package that a folder is in, and above so many folders at least."""
    base = folder
    while levels > 0 or (base / _INIT).is_file():
        if base == base.parent:
            break
        base, levels = base.parent, levels - 1
    return base


def _lies_in(folder: Path, name: str) -> bool:
    return (folder / f"{name}.py").is_file() or (folder / name).is_dir()


def has_code(folder: Path, name: str) -> bool:
    """Whether a folder has a module of that name, or a folder with code."""
    return (folder / f"{name}.py").is_file() or any((folder / name).glob("*.py"))


def _imports(body: Iterable[ast.stmt]) -> Iterator[_Import]:
    """What statements import, wherever they stand, but for what is for types alone, or tried."""
    for node in body:
        if isinstance(node, ast.Import):
            yield from (_Import((alias.name,), 0) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            inner = (f"{module}.{alias.name}" for alias in node.names if module)
            yield _Import((module, *inner), node.level)
        elif isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
            yield from _imports(node.orelse)
        elif isinstance(node, ast.Try) and any(map(_is_of_imports, node.handlers)):
            yield from _imports([*node.orelse, *node.finalbody])
        else:
            yield from _imports(_inner(node))


def _inner(node: ast.AST) -> Iterator[ast.stmt]:
    """The statements in a statement."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt):
            yield child
        elif isinstance(child, ast.ExceptHandler | ast.match_case):
            yield from child.body


def _is_of_imports(handler: ast.ExceptHandler) -> bool:
    """Whether it is for imports that fail."""
    types = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(one is None or (isinstance(one, ast.Name) and one.id in _REFUSALS) for one in types)


def _is_search_path(node: ast.AST) -> bool:
    """Whether it names `sys.path`."""
    if isinstance(node, ast.ImportFrom):
        return node.module == "sys" and any(alias.name == "path" for alias in node.names)
    return (
        isinstance(node, ast.Attribute)
        and node.attr == "path"
        and isinstance(node.value, ast.Name)
        and node.value.id == "sys"
    )


@functools.lru_cache(maxsize=_MOST_KEPT)
def tree_of(text: str) -> ast.Module:
    """The syntax tree of a text, parsed once where several parts of a command look at the same script; nobody may change it.

    Raises:
        SyntaxError: It is not Python.
        ValueError: It is no text of Python.
        RecursionError: Its expressions are nested too deeply.
        MemoryError: So, too.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(text)


def _tree(script: Path) -> ast.Module | None:
    try:
        if script.stat().st_size > _MOST_BYTES:
            return None
        with tokenize.open(script) as opened:
            return tree_of(opened.read())
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return None
