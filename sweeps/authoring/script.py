"""A script with the files of its folder that it imports, as far as it uses them."""

from __future__ import annotations

import ast
import functools
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeVar

from sweeps.authoring.literals import text_of
from sweeps.authoring.source_file import read_source
from sweeps.authoring.syntax import Function, name_of
from sweeps.errors import ScriptError
from sweeps.program.modules import above_package

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from sweeps.authoring.source_file import SourceFile

TRAINING = ("train", "fit", "run", "main")
"""What the command or function is called that trains, where there are several; the first that there is counts."""
_MOST_FILES = 40
"""No more files of the folder are read."""
_MOST_BYTES = 1 << 20
_T = TypeVar("_T")
_N = TypeVar("_N", bound=ast.AST)


@dataclass(frozen=True, slots=True)
class Script:
    """A script, read and not run.

    Attributes:
        source: The script's own file.
        others: The files of its folder that it imports, the nearest first.
        nodes: Every node of what is used, the script's own first, in the order of the source.
        imports: What a name stands for that was imported, such as `np` for `numpy`.
        constants: Names that a module binds once, with their expressions.
        functions: The functions of modules by name.
        classes: The classes by name.
        home: The file that a function or a class stands in, by its name.
        words: What is typed behind its name, where somebody says it.
    """

    source: SourceFile
    others: tuple[SourceFile, ...] = ()
    nodes: tuple[ast.AST, ...] = ()
    imports: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, ast.expr] = field(default_factory=dict)
    functions: Mapping[str, Function] = field(default_factory=dict)
    classes: Mapping[str, ast.ClassDef] = field(default_factory=dict)
    home: Mapping[str, SourceFile] = field(default_factory=dict)
    words: tuple[str, ...] = ()
    _made: dict[Callable[[Script], Any], Any] = field(
        init=False, default_factory=dict, repr=False, compare=False
    )

    def once(self, make: Callable[[Script], _T]) -> _T:
        """What a function, or a class, makes of the script: made at the first call, and given again by all others."""
        if make not in self._made:
            self._made[make] = make(self)
        found: _T = self._made[make]
        return found

    @property
    def scopes(self) -> Mapping[int, Function]:
        """The innermost function that a node stands in, by the node's identity; none of those that stand in none."""
        return self.once(_scopes)

    def returns(self, function: Function) -> Sequence[ast.expr]:
        """What a function gives back, and those inside it: every expression behind a `return`, in the order of the source."""
        return self.once(_returns).get(id(function), ())

    def each(self, kind: type[_N]) -> Sequence[_N]:
        """The nodes of one kind, in the order of the source."""
        found: Sequence[_N] = self.once(_by_kind).get(kind, ())
        return found

    def definitions(self) -> Iterator[Function]:
        """The functions, wherever they are defined."""
        return (node for node in self.nodes if isinstance(node, Function))

    def bindings(self) -> Sequence[tuple[ast.expr, ast.expr]]:
        """What `=` and `with` bind, each target with its value."""
        return self.once(_bindings)

    def bound_to(self, name: str) -> list[ast.expr]:
        """What a variable of this name is bound to, whichever function it is in."""
        return [value for one, value in self.bindings() if isinstance(one, ast.Name) and one.id == name]

    def variables(self, holds: Callable[[ast.expr], bool]) -> set[str]:
        """The variables that are bound to something of which this holds."""
        return {one.id for one, value in self.bindings() if isinstance(one, ast.Name) and holds(value)}

    @property
    def folder(self) -> Path:
        """The folder that it stands in."""
        return self.source.path.parent

    def calls(self, *names: str) -> Iterator[ast.Call]:
        """The calls of functions whose dotted names end so, such as `tyro.cli` or `SummaryWriter`; in the order of the source."""
        by_last, lasts = self.once(_by_last), {name.rpartition(".")[2] for name in names}
        found = sorted(one for last in lasts for one in by_last.get(last, ()))
        yield from (call for _, call in found if self.is_named(call.func, *names))

    def is_named(self, node: ast.expr, *names: str) -> bool:
        """Whether an expression is one of these names; imported under another name, it is what it was."""
        return f".{self.dotted(node)}".endswith(_ends(names))

    def dotted(self, node: ast.expr) -> str:
        """The dotted name that an expression is, as it was before imports renamed it; empty: it is none."""
        known = self.once(_dotted).get(id(node))
        return self.spelled(node) if known is None else known

    def last_word(self, node: ast.expr) -> str:
        """The last word of that name."""
        return self.dotted(node).rpartition(".")[2]

    def spelled(self, node: ast.expr) -> str:
        """The same, worked out anew."""
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if isinstance(node, ast.Call):
            parts.append(f"{self.spelled(node.func)}()")
        elif isinstance(node, ast.Name):
            parts.append(self.imports.get(node.id, node.id))
        else:
            return ""
        return ".".join(reversed(parts))

    def imports_from(self, *packages: str) -> bool:
        """Whether it imports one of these packages."""
        tops = {origin.partition(".")[0] for origin in self.imports.values()}
        return not tops.isdisjoint(packages)

    def comment_at(self, name: str, line: int) -> str:
        """The comment behind a line of the file that a class or function stands in."""
        return self.home.get(name, self.source).comments.get(line, "")

    def typed(self, names: Iterable[str]) -> str | None:
        """Which of these names is typed behind the script's, such as that of a subcommand: the first; None: none is."""
        known = set(names)
        return next((word for word in self.words if word in known), None)

    def typed_value(self, *flags: str) -> str | None:
        """What is typed behind one of these flags, or their `=`, the last time; None: nothing."""
        found = None
        for at, word in enumerate(self.words):
            name, equals, value = word.partition("=")
            if name in flags and (equals or at + 1 < len(self.words)):
                found = value if equals else self.words[at + 1]
        return found


def read_script(path: Path, root: Path | None = None, words: Sequence[str] = ()) -> Script:
    """Read a script and the files beside it that it imports.

    Args:
        path: The script.
        root: A folder above the script, such as a project's own: what it imports is looked for up to there, too.
        words: What is typed behind its name: by it a reader knows which subcommand, or which config, is meant.

    Raises:
        ScriptError: The script itself cannot be read. A file that it imports and that cannot be read is left out.
    """
    source = read_source(path)
    others = tuple(_imported(source, _homes(path, root)))
    try:
        nodes = _used_nodes(source, others)
    except RecursionError:
        raise ScriptError(f"{path}: its expressions are nested too deeply to be read") from None
    sources = (source, *others)
    home: dict[str, SourceFile] = {}
    functions: dict[str, Function] = {}
    classes: dict[str, ast.ClassDef] = {}
    constants: dict[str, ast.expr] = {}
    for file in sources:
        for name, value in _constants(file.tree).items():
            constants.setdefault(name, value)
        for node in _statements(file.tree.body):
            if isinstance(node, Function):
                functions.setdefault(node.name, node)
            elif isinstance(node, ast.ClassDef):
                classes.setdefault(node.name, node)
            else:
                continue
            home.setdefault(node.name, file)
    names = _import_names(nodes)
    return Script(source, others, nodes, names, constants, functions, classes, home, tuple(words))


class ScriptReader:
    """Reads the scripts of one command, each file once.

    Args:
        root: A folder above the scripts, as `read_script` takes it.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._scripts: dict[tuple[Path, tuple[str, ...]], Script] = {}

    def read(self, path: Path, words: Sequence[str] = ()) -> Script:
        """A script with what is typed behind its name.

        Raises:
            ScriptError: As `read_script`.
        """
        place = path.resolve()
        key = (place, tuple(words))
        if key not in self._scripts:
            known = next((script for (file, _), script in self._scripts.items() if file == place), None)
            self._scripts[key] = (
                replace(known, words=key[1]) if known is not None else read_script(path, self.root, words)
            )
        return self._scripts[key]


def _homes(path: Path, root: Path | None) -> list[Path]:
    """The folders that modules are looked for in: the script's, and those above it up to the root, or to where its package lies."""
    folder = path.absolute().parent
    tops = [above_package(folder), *([root.absolute()] if root is not None else [])]
    above = [parent for parent in folder.parents if any(map(parent.is_relative_to, tops))]
    return [path.parent, *above]


def _imported(source: SourceFile, homes: list[Path]) -> Iterator[SourceFile]:
    """The files below the script's folders that it imports, and those that they import."""
    seen = {source.path.resolve()}
    waiting, size = [source], 0
    while waiting and len(seen) <= _MOST_FILES:
        for path in _imported_paths(waiting.pop(0), homes):
            if path.resolve() in seen or len(seen) > _MOST_FILES:
                continue
            seen.add(path.resolve())
            try:
                size += path.stat().st_size
                if size > _MOST_BYTES:
                    return
                found = read_source(path)
            except (ScriptError, OSError):
                continue
            waiting.append(found)
            yield found


def _imported_paths(file: SourceFile, homes: list[Path]) -> Iterator[Path]:
    for node in ast.walk(file.tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield from _files_of(homes, alias.name)
        elif isinstance(node, ast.ImportFrom):
            bases = homes
            if node.level:
                above = file.path.parents[min(node.level, len(file.path.parents)) - 1]
                bases = (
                    [above] if any(above.absolute().is_relative_to(home.absolute()) for home in homes) else []
                )
            yield from _files_of(bases, node.module or "")
            for alias in node.names:
                yield from _files_of(bases, f"{node.module}.{alias.name}" if node.module else alias.name)


def _files_of(bases: list[Path], dotted: str) -> Iterator[Path]:
    for base in bases if dotted else ():
        path = base.joinpath(*dotted.split("."))
        for place in (path.with_name(f"{path.name}.py"), path / "__init__.py"):
            if place.is_file():
                yield place
                return


def _used_nodes(source: SourceFile, others: tuple[SourceFile, ...]) -> tuple[ast.AST, ...]:
    """All nodes of the script, and of other files the statements that run and the definitions that are named somewhere."""
    taken = list(in_order(source.tree))
    waiting: dict[str, list[ast.AST]] = {}
    for other in others:
        for statement in other.tree.body:
            if isinstance(statement, Function | ast.ClassDef):
                waiting.setdefault(statement.name, []).append(statement)
            elif not is_main_guard(statement):
                taken += in_order(statement)
    at = 0
    while at < len(taken):
        for found in waiting.pop(name_of(taken[at]), ()):
            taken += in_order(found)
        at += 1
    return tuple(taken)


def in_order(node: ast.AST) -> Iterator[ast.AST]:
    """A node and all below it, in the order of the source; however deep they are."""
    waiting = [node]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += reversed(list(ast.iter_child_nodes(node)))


def _dotted(script: Script) -> dict[int, str]:
    """The dotted name of all that is called, by its node's identity."""
    return {id(call.func): script.spelled(call.func) for call in script.each(ast.Call)}


def _by_last(script: Script) -> dict[str, list[tuple[int, ast.Call]]]:
    """The calls by the last word of what they call, numbered in the order of the source."""
    found: dict[str, list[tuple[int, ast.Call]]] = {}
    for at, call in enumerate(script.each(ast.Call)):
        found.setdefault(script.last_word(call.func), []).append((at, call))
    return found


@functools.cache
def _ends(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f".{name}" for name in names)


def _by_kind(script: Script) -> dict[type[ast.AST], list[Any]]:
    found: dict[type[ast.AST], list[Any]] = {}
    for node in script.nodes:
        found.setdefault(type(node), []).append(node)
    return found


def _bindings(script: Script) -> list[tuple[ast.expr, ast.expr]]:
    found: list[tuple[ast.expr, ast.expr]] = []
    for node in script.nodes:
        match node:
            case ast.Assign(targets=targets, value=value):
                found += [(target, value) for target in targets]
            case ast.withitem(context_expr=value, optional_vars=ast.expr() as target):
                found.append((target, value))
    return found


def _scopes(script: Script) -> dict[int, Function]:
    found: dict[int, Function] = {}
    for node in script.nodes:  # what a node stands in comes before it
        around = node if isinstance(node, Function) else found.get(id(node))
        if around is not None:
            found.update((id(inner), around) for inner in ast.iter_child_nodes(node))
    return found


def _returns(script: Script) -> dict[int, list[ast.expr]]:
    found: dict[int, list[ast.expr]] = {}
    for node in script.each(ast.Return):
        if node.value is not None:
            around = script.scopes.get(id(node))
            while around is not None:
                found.setdefault(id(around), []).append(node.value)
                around = script.scopes.get(id(around))
    return found


def is_main_guard(node: ast.AST) -> bool:
    """Whether a statement is `if __name__ == "__main__":`."""
    return isinstance(node, ast.If) and "__name__" in text_of(node.test)


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of a module, with those in its `if`, `try` and `with`."""
    for node in body:
        yield node
        for inner in ("body", "orelse", "finalbody"):
            if isinstance(node, ast.If | ast.Try | ast.With):
                yield from _statements(getattr(node, inner, []))


def _constants(tree: ast.Module) -> dict[str, ast.expr]:
    """The names that a module binds exactly once, to one expression."""
    found: dict[str, list[ast.expr]] = {}
    for node in _statements(tree.body):
        match node:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    if isinstance(target, ast.Name):
                        found.setdefault(target.id, []).append(value)
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                found.setdefault(name, []).append(value)
            case ast.AugAssign(target=ast.Name(id=name), value=value):
                found.setdefault(name, []).extend([value, value])
    return {name: values[0] for name, values in found.items() if len(values) == 1}


def _import_names(nodes: tuple[ast.AST, ...]) -> dict[str, str]:
    names: dict[str, str] = {}
    for node in nodes:
        for alias in node.names if isinstance(node, ast.Import | ast.ImportFrom) else ():
            top = alias.name.partition(".")[0]
            if isinstance(node, ast.ImportFrom):
                names.setdefault(alias.asname or alias.name, f"{node.module or ''}.{alias.name}".lstrip("."))
            else:
                names.setdefault(alias.asname or top, alias.name if alias.asname else top)
    return names
