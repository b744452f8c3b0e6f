"""Settings of a script that takes `--key=value` for its own constants, as nanoGPT's `configurator.py` does."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from sweeps.authoring.literals import text_of, value_of
from sweeps.authoring.option import Formula, Interface, Option, asked, kind_of
from sweeps.authoring.parsers.texts import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sweeps.authoring.script import Script


def read(script: Script) -> Interface | None:
    """What a script takes through `exec(open("configurator.py").read())`; None: it has no such line."""
    at = place_of(script)
    if at is None:
        return None
    options = tuple(_constants(script.source.tree.body[:at], script))
    return Interface("a configurator", "literal", options, takes_files=True)


def place_of(script: Script) -> int | None:
    """Which of the script's statements reads the command line; None: there is no such line."""
    statements = enumerate(script.source.tree.body)
    return next((at for at, statement in statements if _is_configurator(statement)), None)


def _is_configurator(node: ast.stmt) -> bool:
    match node:
        case ast.Expr(value=ast.Call(func=ast.Name(id="exec")) as call):
            return "config" in text_of(call)
    return False


def _constants(body: list[ast.stmt], script: Script) -> Iterator[Option]:
    """The constants that the script binds before; those of other types cannot be set."""
    found: dict[str, Option] = {}
    for node in body:
        match node:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=value)
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
            ):
                if name.startswith("_"):
                    continue
                default = value_of(value, script.constants)
                said = one_line(script.source.comments.get(node.end_lineno or 0, ""))
                if isinstance(
                    value, ast.ListComp | ast.DictComp | ast.Dict | ast.List | ast.Tuple | ast.Lambda
                ):
                    continue
                if isinstance(default, Formula):
                    found[name] = asked(Option(name, help=said, flag=f"--{name}"), default.text)
                elif isinstance(default, bool | int | float | str):
                    found[name] = Option(name, kind_of(default), default, help=said, flag=f"--{name}")
            case _:
                continue
    yield from found.values()
