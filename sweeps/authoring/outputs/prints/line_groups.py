"""What the numbers of a printed line are called, and which of them count."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sweeps.authoring.literals import text_of
from sweeps.sources.printed import COUNTERS, OF, name_before

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sweeps.authoring.outputs.prints.print_text import Hole, Piece

_METRICS = re.compile(
    r"(?i)loss|acc|err|score|auc|f1|psnr|ssim|fid|bleu|rouge|ppl|perplex|reward|return|mse|mae|rmse|r2|precision|recall|kl|elbo|nll|mean|avg|average|std|lr|learning_rate|grad|norm|reg|dice|iou|metric|val|train|test|top|mfu|rank|length|time|elapsed|rate|cost|gap|beta|alpha|epsilon|eps|exploit"
)
STRONG = re.compile(
    r"(?i)(^|_)\w*(loss|acc|accuracy|err|error|score|auc|f1|psnr|ssim|fid|bleu|rouge|ppl|perplexity|rewards?|returns?|mse|mae|rmse|r2|precision|recall|nll|elbo|dice|iou|exploitability)\d*(_|$)"
)
_CASTS = ("float", "int", "round", "len", "abs", "sum", "min", "max", "mean", "item", "avg", "std", "average")
_SIZED = re.compile(r"[dfeEgGn%]$")
_THINGS = (
    "param",
    "vocab",
    "token",
    "sample",
    "dataset",
    "device",
    "size",
    "version",
    "world",
    "seed",
    "count",
    "gpu",
    "number_of",
    "num_",
)


@dataclass(frozen=True, slots=True)
class Group:
    """A number of a line.

    Attributes:
        name: What it is called; empty: nothing.
        is_counter: Whether it counts.
        hole: Where it comes from.
    """

    name: str
    is_counter: bool
    hole: Hole


def tells(group: Group) -> bool:
    """Whether a number is surely a metric: by its name, or as a number with decimals."""
    is_thing = any(word in group.name for word in _THINGS)
    return STRONG.search(group.name) is not None or (
        not is_thing and re.search(r"\.\d|[feEgG]$", group.hole.spec) is not None
    )


def groups_of(line: Sequence[Piece]) -> list[Group]:
    """What each hole of a line is called; the names are unlike."""
    groups: list[Group] = []
    before, since = "", None
    for at, piece in enumerate(line):
        if isinstance(piece, str):
            before += piece
            continue
        name = name_before(before)
        between = before
        if groups and re.fullmatch(r"\s*(?:/|of)\s*", between) and since is not None:
            name = OF if groups[-1].is_counter and groups[-1].name != "epoch" else ""
        elif (
            groups
            and groups[-1].name == "epoch"
            and re.fullmatch(r"\s*[\[(]\s*", between)
            and _is_next_total(line, at)
        ):
            name = "batch"
        elif not name or len(name) == 1:
            name = own_name(piece.node) if is_number(piece, "") else ""
        has_decimals = re.search(r"\.\d|[feEgG%]$", piece.spec) is not None
        counter = "" if has_decimals or _is_made_of(piece.node) else own_name(piece.node)
        if name not in {*COUNTERS, OF, "batch"} and counter in COUNTERS:
            name = counter
        is_counter = name in COUNTERS and not has_decimals
        if name and not is_counter and name not in {OF, "batch"} and not is_number(piece, name):
            name = ""
        if any(thing in name for thing in _THINGS) and not _METRICS.search(name):
            name = ""
        taken = {group.name for group in groups}
        groups.append(Group("" if name in taken else name, is_counter or name == "batch", piece))
        before, since = "", piece
    return groups


def _is_made_of(node: ast.expr | None) -> bool:
    """Whether a function makes something else of its arguments, such as `bar(batch)`, and not the same number of them."""
    return (
        isinstance(node, ast.Call)
        and bool(node.args)
        and text_of(node.func).rpartition(".")[2] not in {*_CASTS, "str"}
    )


def _is_next_total(line: Sequence[Piece], at: int) -> bool:
    after = line[at + 1] if at + 1 < len(line) else None
    return isinstance(after, str) and re.fullmatch(r"\s*(?:/|of)\s*", after) is not None


def is_number(hole: Hole, name: str) -> bool:
    """Whether what a run fills in is a number, as far as its format, its expression or its name tells."""
    if _SIZED.search(hole.spec) or re.search(r"\.\d", hole.spec):
        return True
    match hole.node:
        case ast.Call(func=func):
            return text_of(func).rpartition(".")[2] in _CASTS
        case ast.BinOp(op=ast.Add() | ast.Sub() | ast.Mult() | ast.Div() | ast.FloorDiv() | ast.Pow()):
            return not any(
                isinstance(part, ast.Constant) and isinstance(part.value, str) for part in ast.walk(hole.node)
            )
        case ast.Constant(value=value):
            return isinstance(value, int | float)
        case None:
            return False
        case _:
            return _METRICS.search(f"{name} {own_name(hole.node)}") is not None


def own_name(node: ast.expr | None) -> str:
    """What an expression is called: `train_loss` of `train_loss / n`, `loss` of `loss.item()`, `val` of `losses["val"]`."""
    name = ""
    while node is not None and not name:
        node, name = _inner_name(node)
    cleaned = re.sub(r"\W+", "_", name).strip("_").lower()
    for word in (cleaned, cleaned.rpartition("_")[2], cleaned.partition("_")[0]):
        if word in COUNTERS:
            return word
    return cleaned


def _inner_name(node: ast.expr) -> tuple[ast.expr | None, str]:
    """An expression's name, or else the expression that has it."""
    match node:
        case ast.Attribute(value=value, attr="item" | "val" | "avg" | "value" | "data"):
            return value, ""
        case (
            ast.Name(id=name) | ast.Attribute(attr=name) | ast.Subscript(slice=ast.Constant(value=str(name)))
        ):
            return None, name
        case (
            ast.Subscript(value=inner)
            | ast.Call(func=ast.Attribute() as inner, args=[])
            | ast.Call(args=[inner, *_])
            | ast.BinOp(left=inner)
        ):
            return inner, ""
        case _:
            return None, ""
