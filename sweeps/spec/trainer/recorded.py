"""What is recorded of the keys of `trainer:` that change what a command does, and are neither its words nor settings."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sweeps.spec.trainer.arguments import Spelling

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sweeps.spec.trainer.arguments import Arguments
    from sweeps.spec.trainer.model import TrainerSpec

_LONGEST_TEXT = 80
"""A longer text is recorded by its digest."""
_MOST = 1500
"""More characters are recorded by one digest of all of them: a tag holds few thousand."""


def recorded_keys(trainer: TrainerSpec) -> dict[str, str]:
    """What the file says around a command, by its keys: `cwd`, `python`, `args`, `env NAME`, `link NAME`.

    Of variables and of `args` there is a digest, of the others the text as it is written. A variable that is taken from
    the caller's environment counts by the name that it has there. Nothing is in it that the file does not say.
    """
    found = dict(_pairs(trainer))
    text = json.dumps(found)
    return found if len(text) <= _MOST else {"": _digest(text)}


def _pairs(trainer: TrainerSpec) -> Iterator[tuple[str, str]]:
    said = trainer.surroundings
    if said.cwd is not None:
        yield "cwd", _short(said.cwd.text)
    if said.python is not None:
        yield "python", _short(said.python)
    if choices := _choices(trainer.arguments):
        yield "args", _digest(json.dumps(choices, sort_keys=True))
    for variable in said.env:
        yield f"env {variable.name}", _digest(json.dumps([variable.text, variable.caller]))
    for link in said.link:
        yield f"link {(link.name or link.target).text}", _short(link.target.text)


def _choices(arguments: Arguments) -> dict[str, Any]:
    """How arguments are spelled, as far as it is not the usual way; empty: in the usual way."""
    special = {
        key: None if spelling is None else _chosen(spelling, arguments.usual)
        for key, spelling in arguments.special.items()
    }
    return {**_chosen(arguments.usual, Spelling()), **({"keys": special} if special else {})}


def _chosen(spelling: Spelling, base: Spelling) -> dict[str, Any]:
    before = asdict(base)
    return {name: value for name, value in asdict(spelling).items() if value != before[name]}


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_TEXT else _digest(text)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]
