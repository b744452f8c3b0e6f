"""Lines of a `ProgressMeter`, as PyTorch's ImageNet example prints them and many scripts after it."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from sweeps.authoring.literals import value_of
from sweeps.authoring.outputs.prints.print_text import Hole, pieces_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sweeps.authoring.outputs.prints.print_text import Piece
    from sweeps.authoring.script import Script

_PROGRESS, _METER = "ProgressMeter", "AverageMeter"


def meter_text(call: ast.Call, script: Script) -> list[Piece] | None:
    """The pieces of the line that `progress.display(i)` prints: `Epoch: [3][10/500]  Loss 0.5 (0.6)`; None: it is no such call."""
    func = call.func
    if not (isinstance(func, ast.Attribute) and func.attr == "display" and isinstance(func.value, ast.Name)):
        return None
    if _PROGRESS not in script.classes or not call.args:
        return None
    made = _nearest(func.value.id, _PROGRESS, call.lineno, script)
    if made is None:
        return None
    said = dict(zip(("num_batches", "meters", "prefix"), made.args, strict=False))
    said.update({keyword.arg: keyword.value for keyword in made.keywords if keyword.arg})
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
            yield "\t"
            yield Hole(None)
            continue
        spec = next((text[1:] for text in texts if text.startswith(":")), "f")
        shown: list[Piece] = [f"\t{name} ", Hole(None), " (", Hole(ast.Name(_plain(name)), spec), ")"]
        yield from shown


def _plain(name: str) -> str:
    """The name of a meter as one of a metric: `acc_1` of `Acc@1`."""
    return "".join(char if char.isalnum() else "_" for char in name).lower()


def _nearest(name: str, made_by: str, line: int, script: Script) -> ast.Call | None:
    """What a name is bound to nearest to a line, of several functions that have the same name; None: nothing of this kind."""
    found = [
        (abs(node.lineno - line), node.value)
        for node in script.nodes
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Call)
        and script.is_named(node.value.func, made_by)
        and any(isinstance(target, ast.Name) and target.id == name for target in node.targets)
    ]
    return min(found, key=lambda one: one[0], default=(0, None))[1]
