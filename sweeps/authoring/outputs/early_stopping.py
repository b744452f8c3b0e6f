"""Whether a script ends its training early, where a metric has not improved for some epochs."""

from __future__ import annotations

import ast
import re
from itertools import islice
from typing import TYPE_CHECKING

from sweeps.authoring.literals import last_name, text_of, value_of
from sweeps.authoring.script import in_order

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sweeps.authoring.script import Script

_STOPPERS = re.compile(r"(?i)_*(\w+_)?early_?stop\w*|\w*stops?_early")
_KEYWORDS = re.compile(r"(?i)early_?stop(ping)?(_rounds?|_patience)?")
"""What a library's own training is told: `early_stopping_rounds=10`."""
_PATIENCE = re.compile(r"(?i)(?!.*(lr|plateau|sched))\w*(patience|early_?stop\w*)\w*")
_WAITING = re.compile(r"(?i)\w*(no|not|without)_?improv\w*|\w*bad_epochs?\w*|\w*since_(best|improv\w*)")
"""What counts epochs without improvement is called."""
_ENDS = (ast.Break, ast.Return)
_MOST = 300


def stops_early(script: Script) -> bool:
    """Whether its training ends early: by a class or option of that name, by patience, or by a count that a new best sets back."""
    counts = set(_counters(script))
    for node in script.nodes:
        match node:
            case ast.Call(func=func, keywords=words):
                if _STOPPERS.fullmatch(_name(func)) or any(map(_is_asked, words)):
                    return True
            case ast.If(test=test, body=body) if _ends(body):
                names = {_name(part) for part in in_order(test)}
                if names & counts or any(map(_WAITING.fullmatch, names)):
                    return True
            case ast.Compare(left=left, comparators=others):
                if any(
                    _PATIENCE.fullmatch(_name(part)) for side in (left, *others) for part in in_order(side)
                ):
                    return True
    return False


def _is_asked(word: ast.keyword) -> bool:
    off = value_of(word.value, {}) if isinstance(word.value, ast.Constant) else 1
    return _KEYWORDS.fullmatch(word.arg or "") is not None and off not in (None, False, 0)


def _counters(script: Script) -> Iterator[str]:
    """What is set to 0 where something is the best so far, and counted otherwise."""
    for node in script.each(ast.If):
        for better, worse in ((node.body, node.orelse), (node.orelse, node.body)):
            set_there = {_name(target): value for target, value in _assigned(better)}
            if any("best" in name.lower() for name in set_there):
                counted = {_name(part.target) for part in _below(worse) if isinstance(part, ast.AugAssign)}
                yield from (name for name in counted & set_there.keys() if value_of(set_there[name], {}) == 0)


def _assigned(body: Sequence[ast.stmt]) -> Iterator[tuple[ast.expr, ast.expr]]:
    for node in _below(body):
        if not isinstance(node, ast.Assign):
            continue
        for target in node.targets:
            if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                yield from zip(target.elts, node.value.elts, strict=False)
            else:
                yield target, node.value


def _ends(body: Sequence[ast.stmt]) -> bool:
    """Whether a loop or a function ends there, or is told to: `stop = True`."""
    return any(isinstance(part, _ENDS) for part in _below(body)) or any(
        "stop" in _name(target).lower() for target, _ in _assigned(body)
    )


def _below(body: Sequence[ast.stmt]) -> Iterator[ast.AST]:
    """The nodes of statements, so many at most: where so much happens, nothing is told."""
    yield from islice((node for statement in body for node in in_order(statement)), _MOST)


def _name(node: ast.AST) -> str:
    """The last part of a name, such as `patience` of `self.patience`; of another element of a list all of it."""
    return last_name(node) or (text_of(node) if isinstance(node, ast.Subscript) else "")
