"""Reads Hydra's `-m lr=0.1,0.01 seed=range(1,4)` as the command lines that it would run."""

from __future__ import annotations

import itertools
import re
from decimal import Decimal
from typing import TYPE_CHECKING

from sweeps.importing.shell.values import Unreadable, decimals
from sweeps.spec.model import MAX_TRIALS

if TYPE_CHECKING:
    from collections.abc import Sequence

MULTIRUN = frozenset({"-m", "--multirun"})
_OVERRIDE = re.compile(r"(?:~|\+{0,2})[A-Za-z_][\w./@-]*=", re.DOTALL)
_CALL = re.compile(r"(range|choice|shuffle|sort|interval|glob|tag)\((.*)\)", re.DOTALL)
_OWN = "hydra"


def command_lines(words: Sequence[str]) -> tuple[list[tuple[str, ...]], list[str]]:
    """The command lines of a multirun, each without `-m`, and what of it does not carry over.

    Raises:
        Unreadable: A value is drawn, or found when it runs.
    """
    columns: list[list[str]] = []
    notes = []
    for word in words:
        match = _OVERRIDE.match(word)
        if word in MULTIRUN:
            continue
        if match is None:
            columns.append([word])
        elif word.lstrip("+~").startswith((f"{_OWN}.", f"{_OWN}/")):
            notes.append(f"{word} is left out: sweep takes the place of Hydra's launcher and sweeper")
        else:
            columns.append([f"{match[0]}{value}" for value in values_of(word[match.end() :])])
    count = 1
    for column in columns:
        count *= len(column)
    if count > MAX_TRIALS:
        raise Unreadable(
            f"the values make {count:,} commands, and a file holds {MAX_TRIALS:,}; vary fewer keys at once"
        )
    return list(itertools.product(*columns)), notes


def values_of(text: str) -> list[str]:
    """The values of an override that Hydra sweeps over; one where it does not.

    Raises:
        Unreadable: They are drawn, or found when it runs.
    """
    pieces = _divided(text)
    if len(pieces) > 1:
        return pieces
    match = _CALL.fullmatch(text.strip())
    if match is None:
        return [text]
    name, inner = match[1], _divided(match[2])
    if name == "range":
        return _range(inner, text)
    if name in {"choice", "sort", "shuffle"}:
        values = [piece for piece in inner if not piece.startswith(("reverse=", "key="))]
        if len(values) == 1 and values[0].startswith("[") and values[0].endswith("]"):
            values = _divided(values[0][1:-1])
        return values if len(values) != 1 else values_of(values[0])
    raise Unreadable(
        f"{text}: what it stands for is drawn or found when Hydra runs; write its values, or a `search:`"
    )


def _range(inner: Sequence[str], text: str) -> list[str]:
    match decimals(piece.partition("=")[2] or piece for piece in inner):
        case [stop]:
            start, step = Decimal(0), Decimal(1)
        case [start, stop]:
            step = Decimal(1)
        case [start, stop, step] if step:
            pass
        case _:
            raise Unreadable(f"{text} is no range of numbers of ordinary size; write range(start,stop,step)")
    found: list[str] = []
    value = start
    while (value < stop) if step > 0 else (value > stop):
        found.append(str(value))
        value += step
        if len(found) > MAX_TRIALS:
            raise Unreadable(f"{text} has more than {MAX_TRIALS:,} values; write fewer")
    return found


def _divided(text: str) -> list[str]:
    """A text divided at the commas that stand in no bracket and no quotes."""
    pieces, depth, quote, begin = [], 0, "", 0
    for at, here in enumerate(text):
        if quote:
            quote = "" if here == quote else quote
        elif here in "'\"":
            quote = here
        elif here in "([{":
            depth += 1
        elif here in ")]}":
            depth -= 1
        elif here == "," and depth == 0:
            pieces.append(text[begin:at].strip())
            begin = at + 1
    return [*pieces, text[begin:].strip()]
