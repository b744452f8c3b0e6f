"""Lines of a `ProgressMeter`, as PyTorch's ImageNet example prints them and many scripts after it."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from sweeps.authoring.literals import value_of
from sweeps.authoring.outputs.prints.print_text import Hole, pieces_of
from sweeps.authoring.syntax import arguments_of, name_of, owner_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sweeps.authoring.outputs.prints.print_text import Piece
    from sweeps.authoring.script import Script

_PROGRESS, _METER = "ProgressMeter", "AverageMeter"


def meter_text(call: ast.Call, script: Script) -> list[Piece] | None:
    """The pieces of the line that `progress.display(i)` prints: `Epoch: [3][10/500]  Loss 0.5 (0.6)`; None: it is no such call."""
    is_display = name_of(call.func) == "display" and owner_of(call) != ""
    if not is_display or _PROGRESS not in script.classes or not call.args:
        return None
    made = _nearest(owner_of(call), _PROGRESS, call.lineno, script)
    said = arguments_of(made, "num_batches", "meters", "prefix") if made is not None else {}
    meters = said.get("meters")
    if not isinstance(meters, ast.List | ast.Tuple):
        return None
    prefix = pieces_of(said["prefix"], script) if "prefix" in said else []
    pieces: list[Piece] = [*prefix, "[", Hole(call.args[0], "3d"), "/", Hole(said.get("num_batches")), "]"]
    return [*pieces, *_of_meters(meters.elts, call.lineno, script)]


def _of_meters(meters: Sequence[ast.expr], line: int, script: Script) -> Iterator[Piece]:
    """What each meter shows: its name, its value, and in brackets the mean so far, which is what is read."""
    for meter in meters:
        made = _nearest(meter.id, _METER, line, script) if isinstance(meter, ast.Name) else None
        given = [*made.args, *(keyword.value for keyword in made.keywords)] if made is not None else []
        texts = [text for one in given if isinstance(text := value_of(one, script.constants), str)]
        name = next((text for text in texts if not text.startswith(":")), None)
        if name is None:
            yield from ("\t", Hole(None))
            continue
        spec = next((text[1:] for text in texts if text.startswith(":")), "f")
        yield from (f"\t{name} ", Hole(None), " (", Hole(ast.Name(_plain(name)), spec), ")")


def _plain(name: str) -> str:
    """The name of a meter as one of a metric: `acc_1` of `Acc@1`."""
    return "".join(char if char.isalnum() else "_" for char in name).lower()


def _nearest(name: str, made_by: str, line: int, script: Script) -> ast.Call | None:
    """What a name is bound to nearest to a line, of several functions that have the same name; None: nothing of this kind."""
    calls = (value for value in script.bound_to(name) if isinstance(value, ast.Call))
    found = (call for call in calls if script.is_named(call.func, made_by))
    return min(found, key=lambda call: abs(call.lineno - line), default=None)
