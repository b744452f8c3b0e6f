"""Finds the shares that a line prints as two numbers, such as `Accuracy: 527/540`: what is counted, and of how many."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from sweeps.authoring.syntax import name_of
from sweeps.sources.proposals.shares import SEPARATOR, Share, is_correct, share_named

if TYPE_CHECKING:
    from sweeps.authoring.outputs.prints.print_text import Hole

_COUNT = re.compile(
    r"(^|_)(n|num|total|count|counted|size|len|length|samples?|examples?|seen)\d*(_|$)|dataset"
)
_DECIMALS = re.compile(r"\.\d|[feEgG%]$")
_WHOLE = re.compile(r"[d,n]$")


def share_of(
    said: str, part: Hole, part_name: str, between: str, whole: Hole, whole_name: str
) -> Share | None:
    """The share that two numbers make up; None: they are two numbers.

    Args:
        said: What the text before the first calls it; empty: nothing.
        part: The first.
        part_name: What its expression is called.
        between: What stands between them.
        whole: The second.
        whole_name: What its expression is called.
    """
    if not SEPARATOR.fullmatch(between) or any(map(has_decimals, (part, whole))):
        return None
    if not (_counts(whole, whole_name) or (_WHOLE.search(part.spec) and _WHOLE.search(whole.spec))):
        return None
    return share_named(said, part_name, whole_name if isinstance(whole.node, ast.Name) else "")


def has_decimals(hole: Hole) -> bool:
    """Whether a number is printed with decimals, or in percent, as far as its format tells."""
    return _DECIMALS.search(hole.spec) is not None


def is_same(between: str, hole: Hole, after: str) -> bool:
    """Whether a number behind a share is the same in percent."""
    return re.search(r"\w", between) is None and (hole.spec.endswith("%") or after.lstrip()[:1] == "%")


def is_of_right_ones(node: ast.expr | None) -> bool:
    """Whether an expression divides a number of correct answers, as `100 * correct / total` does."""
    return any(
        isinstance(one, ast.BinOp)
        and isinstance(one.op, ast.Div)
        and any(is_correct(name_of(part)) for part in ast.walk(one.left))
        for one in (ast.walk(node) if node is not None else ())
    )


def _counts(hole: Hole, name: str) -> bool:
    """Whether a number says how many there are."""
    match hole.node:
        case (
            ast.Constant(value=int())
            | ast.Call(func=ast.Name(id="len") | ast.Attribute(attr="size" | "numel" | "__len__"))
            | ast.Subscript(value=ast.Attribute(attr="shape"))
        ):
            return True
    return _COUNT.search(name) is not None
