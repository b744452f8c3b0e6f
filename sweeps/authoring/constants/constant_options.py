"""Settings of a script that takes no options: the constants at its top."""

from __future__ import annotations

import ast
import re
from collections import Counter
from typing import TYPE_CHECKING

from sweeps.authoring.constants.runner import NAME
from sweeps.authoring.literals import value_of
from sweeps.authoring.option import Interface, Option, kind_of
from sweeps.authoring.parsers.texts import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sweeps.authoring.script import Script

KIND = "constants at its top"
_UPPER = re.compile(r"[A-Z][A-Z0-9_]*")
_PATH = re.compile(r"[/\\]|\.\w{1,5}$|^[~.]")


def read(script: Script) -> Interface | None:
    """What another file may set of a script; None: it has no numbers at its top."""
    options = tuple(_constants(script))
    if not any(option.is_number for option in options):
        return None
    return Interface(KIND, "literal", options, runner=NAME)


def names_set(tree: ast.Module) -> frozenset[str]:
    """All names that a script sets at its top, each of which may be given another value."""
    return frozenset(name for name, _, _ in _assignments(tree))


def _constants(script: Script) -> Iterator[Option]:
    """The constants in capitals, and other names that are set once before anything is done."""
    tree = script.source.tree
    stored = Counter(
        node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    )
    first = next((node.lineno for node in tree.body if _does_something(node)), None)
    for name, value, line in _assignments(tree):
        is_constant = _UPPER.fullmatch(name) or (not name.startswith("_") and (first is None or line < first))
        default = value_of(value, script.constants)
        if not is_constant or stored[name] > 1 or not isinstance(default, bool | int | float | str):
            continue
        if isinstance(default, str) and _PATH.search(default):
            continue  # where it writes and reads is told by its calls
        said = one_line(script.source.comments.get(value.end_lineno or 0, ""))
        yield Option(name, kind_of(default), default, help=said, flag=name)


def _does_something(node: ast.stmt) -> bool:
    """Whether a statement is no import and no assignment, as a definition, a loop or a call is none."""
    is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return not is_text and not isinstance(node, ast.Import | ast.ImportFrom | ast.Assign | ast.AnnAssign)


def _assignments(tree: ast.Module) -> Iterator[tuple[str, ast.expr, int]]:
    for node in tree.body:
        match node:
            case (
                ast.Assign(targets=[ast.Name(id=name), *_], value=value)
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
            ):
                yield name, value, node.lineno
