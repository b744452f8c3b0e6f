"""The text that a call prints or logs, in pieces: what stands there, and what a run fills in."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from sweeps.authoring.literals import text_of, value_of
from sweeps.authoring.outputs.prints.printers import LEVELS, is_printer, is_to_file
from sweeps.authoring.syntax import argument, keywords_of
from sweeps.sources.counters import COUNTERS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sweeps.authoring.script import Script

_PRINTS = frozenset({"print", "rprint"})
_LOGGERS = re.compile(r"(?i)(^|[._])(log|logger|logging|_logger|_log)$")
_PERCENT = re.compile(
    r"%(?:\((?P<key>[^)]*)\))?(?P<spec>[-+ #0]*[\d*]*(?:\.[\d*]+)?)[hlL]?(?P<kind>[a-zA-Z%])"
)
_BRACES = re.compile(r"\{\{|\}\}|\{(?P<key>[^{}!:]*)(?:![rsa])?(?::(?P<spec>[^{}]*(?:\{[^{}]*\}[^{}]*)*))?\}")


@dataclass(frozen=True, slots=True)
class Hole:
    """What a run fills in.

    Attributes:
        node: The expression; None: unknown.
        spec: How it is formatted, such as `.4f`.
    """

    node: ast.expr | None
    spec: str = ""


Piece: TypeAlias = "str | Hole"


_BARS = (
    "tqdm",
    "rich",
    "alive_progress",
    "progressbar",
    "lightning",
    "pytorch_lightning",
    "transformers",
    "keras",
    "tensorflow",
)
"""Packages that draw progress bars."""


def printed_text(
    call: ast.Call, script: Script, printers: frozenset[str] = frozenset()
) -> list[Piece] | None:
    """The pieces of the text that a call of `print`, of a logger or of `tqdm.write` gives; None: it is none of them.

    Returns:
        The pieces; empty where nothing of the text is known.
    """
    func = call.func
    if (isinstance(func, ast.Name) and func.id in _PRINTS) or is_printer(func, printers):
        if is_to_file(call):
            return None
        separator = value_of(keywords_of(call).get("sep", ast.Constant(" ")), {})
        pieces: list[Piece] = []
        for at, argument in enumerate(call.args):
            pieces += ([str(separator)] if at else []) + pieces_of(argument, script)
        return pieces
    if isinstance(func, ast.Attribute) and func.attr == "set_postfix":
        return postfix_text(call, script)
    if not isinstance(func, ast.Attribute) or not call.args:
        is_listed = script.dotted(func).endswith("torch_geometric.logging.log")
        return _keyword_text(call) if is_listed else None
    owner = script.dotted(func.value) or text_of(func.value)
    if func.attr in LEVELS and _LOGGERS.search(owner):
        first = call.args[0]
        text = value_of(first, script.constants)
        if len(call.args) > 1 and isinstance(text, str):
            return _percent(text, list(call.args[1:]))
        return pieces_of(first, script)
    if (
        (func.attr == "write" and ("tqdm" in owner or owner in {"sys.stdout", "sys.stderr"}))
        or (func.attr == "echo" and owner in {"click", "typer"})
        or func.attr in {"set_description", "set_description_str", "set_postfix_str"}
    ):
        return pieces_of(call.args[0], script)
    return None


def _keyword_text(call: ast.Call) -> list[Piece]:
    """The pieces of `log(Epoch=epoch, Loss=loss)` of PyTorch Geometric: `Epoch: 003, Loss: 0.5000`."""
    pieces: list[Piece] = []
    for keyword in call.keywords:
        spec = "03d" if (keyword.arg or "").lower() in COUNTERS else ".4f"
        pieces += [f"{', ' if pieces else ''}{keyword.arg}: ", Hole(keyword.value, spec)]
    return pieces


def draws_bars(script: Script) -> bool:
    """Whether it may draw progress bars, behind which a line may be printed."""
    return script.imports_from(*_BARS)


def is_logged(call: ast.Call) -> bool:
    """Whether something else than `print` prints it, such as a logger, which may write something before it."""
    if isinstance(call.func, ast.Attribute):
        return call.func.attr in {*LEVELS, "print"}
    return isinstance(call.func, ast.Name) and call.func.id not in _PRINTS


def leaves_line_open(call: ast.Call, pieces: Sequence[Piece]) -> bool:
    """Whether what is printed next stands on the same line, as behind `print(..., end=" ")`."""
    if isinstance(call.func, ast.Attribute) and call.func.attr == "write":
        last = pieces[-1] if pieces else ""
        return text_of(call.func.value).startswith("sys.std") and not str(last).endswith("\n")
    return any(k.arg == "end" and "\n" not in str(value_of(k.value, {})) for k in call.keywords)


def pieces_of(node: ast.expr, script: Script) -> list[Piece]:
    """The pieces of an expression that is a text."""
    match node:
        case ast.Constant(value=value):
            return [str(value)]
        case ast.JoinedStr(values=parts):
            return [piece for part in parts for piece in _of_part(part)]
        case ast.BinOp(left=ast.Constant(value=str(text)), op=ast.Mod(), right=right):
            return _percent(text, list(right.elts) if isinstance(right, ast.Tuple) else [right])
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return [*pieces_of(left, script), *pieces_of(right, script)]
        case ast.Call(func=ast.Attribute(value=ast.Constant(value=str(text)), attr="format")):
            return list(_braces(text, node))
        case ast.Call(func=ast.Name(id="str"), args=[inner]):
            return [Hole(inner)]
        case ast.Dict(keys=[_, *_] as keys, values=values) if all(
            isinstance(key, ast.Constant) for key in keys
        ):
            return _of_mapping(keys, values)
        case _:
            return [Hole(node)]


def _of_mapping(keys: Sequence[ast.expr | None], values: Sequence[ast.expr]) -> list[Piece]:
    """A mapping that is written out, as it is printed: `{'step': 3, 'loss': 0.5}`."""
    pieces: list[Piece] = []
    for key, value in zip(keys, values, strict=True):
        name = repr(value_of(key, {}))
        pieces += [f"{', ' if pieces else '{'}{name}: ", Hole(value)]
    return [*pieces, "}"]


def _of_part(part: ast.expr) -> list[Piece]:
    match part:
        case ast.Constant(value=value):
            return [str(value)]
        case ast.FormattedValue(value=ast.Constant(value=str(text))):
            return [f"{text} "]  # some blanks, as it is padded
        case ast.FormattedValue(value=node, format_spec=form):
            parts = form.values if isinstance(form, ast.JoinedStr) else []
            return [Hole(node, "".join(str(one.value) for one in parts if isinstance(one, ast.Constant)))]
    return [Hole(None)]


def _percent(text: str, values: Sequence[ast.expr]) -> list[Piece]:
    pieces: list[Piece] = []
    at, taken = 0, 0
    for match in _PERCENT.finditer(text):
        pieces.append(text[at : match.start()])
        at = match.end()
        if match["kind"] == "%":
            pieces.append("%")
            continue
        node = values[taken] if taken < len(values) else None
        if match["key"] is not None:
            node = _keyed(values, match["key"])
        taken += 1
        kind = match["kind"] if match["kind"] in "dfeEgGiu" else ""
        pieces.append(Hole(node, f"{match['spec'].strip()}{kind}"))
    return [*pieces, text[at:]]


def _keyed(values: Sequence[ast.expr], key: str) -> ast.expr | None:
    first = values[0] if values else None
    for name, value in zip(first.keys, first.values, strict=True) if isinstance(first, ast.Dict) else ():
        if value_of(name, {}) == key:
            return value
    return ast.Name(key) if key.isidentifier() else None


def _braces(text: str, call: ast.Call) -> Iterator[Piece]:
    named = keywords_of(call)
    at, taken = 0, 0
    for match in _BRACES.finditer(text):
        yield text[at : match.start()]
        at = match.end()
        if match[0] in {"{{", "}}"}:
            yield match[0][0]
            continue
        key = match["key"].strip()
        top = key.partition(".")[0].partition("[")[0]
        if not top or top.isdigit():
            place = int(top) if top else taken
            taken += 1
            has_stars = any(isinstance(one, ast.Starred) for one in call.args)
            node = None if has_stars else argument(call, place)
        else:
            node = named.get(top, ast.Name(top))
        yield Hole(node, match["spec"] or "")
    yield text[at:]


def postfix_text(call: ast.Call, script: Script) -> list[Piece]:
    """The pieces of a line of tqdm's bar up to the numbers that `set_postfix` shows behind it: `Epoch 3: ..., loss=0.5, lr=1e-3`."""
    values = list(_postfix(call, script))
    if not values:
        return []
    is_counted = any(name in COUNTERS for name, _ in values)
    described = [] if is_counted else _description(call, script)
    pieces: list[Piece] = [*described, ":", Hole(None), ", "] if described else []
    for at, (name, value) in enumerate(values):
        shown = pieces_of(value, script) if isinstance(value, ast.JoinedStr) else [Hole(value)]
        is_plain = (
            len(shown) == 1 and isinstance(shown[0], Hole) and not shown[0].spec and name not in COUNTERS
        )
        pieces += [f"{', ' if at else ''}{name}=", *([Hole(value, ".3g")] if is_plain else shown)]
    return pieces


def _postfix(call: ast.Call, script: Script) -> Iterator[tuple[str, ast.expr]]:
    """The names and values of a postfix, in the order in which tqdm shows them: those of keywords by name."""
    for given in call.args[:1]:
        yield from _entries(given, script)
    named: list[tuple[str, ast.expr]] = []
    for keyword in call.keywords:
        if keyword.arg == "ordered_dict":
            yield from _entries(keyword.value, script)
        elif keyword.arg is None:
            named += _entries(keyword.value, script)
        elif keyword.arg != "refresh":
            named.append((keyword.arg, keyword.value))
    yield from sorted(named, key=lambda entry: entry[0])


def _entries(node: ast.expr, script: Script) -> Iterator[tuple[str, ast.expr]]:
    """The entries of a mapping, or of the one that a name was given last in the source."""
    if isinstance(node, ast.Name):
        bound = [value for value in script.bound_to(node.id) if isinstance(value, ast.Dict)]
        node = bound[-1] if bound else node
    for key, value in zip(node.keys, node.values, strict=True) if isinstance(node, ast.Dict) else ():
        if isinstance(name := value_of(key, {}), str):
            yield name, value


def _description(call: ast.Call, script: Script) -> list[Piece]:
    """What stands before a bar: what `set_description` says, or else the bar's `desc`."""
    owner = text_of(call.func.value) if isinstance(call.func, ast.Attribute) else ""
    for other in script.calls("set_description"):
        if isinstance(other.func, ast.Attribute) and text_of(other.func.value) == owner and other.args:
            return pieces_of(other.args[0], script)
    for target, value in script.bindings():
        if isinstance(value, ast.Call) and text_of(target) == owner and "desc" in keywords_of(value):
            return pieces_of(keywords_of(value)["desc"], script)
    return []
