"""Patterns that read the lines a script prints, made from the calls that print them."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from analysis.escapes import without_escapes
from sweeps.authoring.literals import text_of
from sweeps.authoring.outputs.call_places import call_places
from sweeps.authoring.outputs.finding import FoundSource
from sweeps.authoring.outputs.print_text import Hole, printed_text
from sweeps.sources.printed import COUNT, COUNTERS, OF, name_before

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sweeps.authoring.outputs.call_places import CallPlace
    from sweeps.authoring.outputs.print_text import Piece
    from sweeps.authoring.script import Script

_METRICS = re.compile(
    r"(?i)loss|acc|err|score|auc|f1|psnr|ssim|fid|bleu|rouge|ppl|perplex|reward|return|mse|mae|rmse|r2|precision|recall|kl|elbo|nll|mean|avg|average|std|lr|learning_rate|grad|norm|reg|dice|iou|metric|val|train|test|top|mfu|rank|length|time|elapsed|rate|cost|gap|beta|alpha|epsilon|eps|exploit"
)
_STRONG = re.compile(
    r"(?i)(^|_)\w*(loss|acc|accuracy|err|error|score|auc|f1|psnr|ssim|fid|bleu|rouge|ppl|perplexity|rewards?|returns?|mse|mae|rmse|r2|precision|recall|nll|elbo|dice|iou|exploitability)\d*(_|$)"
)
_CASTS = ("float", "int", "round", "len", "abs", "sum", "min", "max", "mean", "item", "avg", "std", "average")
_PHASES = ("train", "training", "val", "valid", "validation", "test", "testing", "eval", "evaluation", "dev")
_SIZED = re.compile(r"[dfeEgGn%]$")
_BATCHES = ("step", "iteration", "iter", "it", "batch", "update")
_NUMBER = r"[-+.\w]+"
_DECIMAL = r"[-+.\de]+"
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
MOST = 6
"""So many patterns are written; a script that prints more has too many to guess."""


def printed_by(script: Script) -> list[FoundSource]:
    """The patterns of the lines that it prints with metrics: those of loops first."""
    found: list[tuple[int, FoundSource, CallPlace]] = []
    around = call_places(script)
    for node in script.nodes:
        place = around.get(id(node))
        if place is None or not isinstance(node, ast.Call):
            continue
        pieces = printed_text(node, script)
        for line in _lines(pieces or []):
            source = _source_of(line, place, node)
            if source is not None:
                found.append((0 if place.in_loop else 1, source, place))
    found.sort(key=lambda entry: entry[0])
    has_epochs = any("epoch" in source.step for _, source, _ in found)
    sources = [(_of_epoch(source) if has_epochs else source, place) for _, source, place in found]
    return list(_told_apart(sources))[:MOST]


def _of_epoch(source: FoundSource) -> FoundSource:
    """A source that counts batches alone, as those of a validation, begins anew each epoch: its lines belong to the step before."""
    if source.step != "batch":
        return source
    return replace(source, text=source.text.replace("(?P<batch>", "(?:"), step="carried")


def _lines(pieces: Sequence[Piece]) -> Iterator[list[Piece]]:
    """The pieces of each line of a text."""
    line: list[Piece] = []
    for piece in pieces:
        if isinstance(piece, Hole):
            line.append(piece)
            continue
        parts = re.split(r"[\n\r]", piece)
        for at, part in enumerate(parts):
            if at:
                yield line
                line = []
            if part:
                line.append(part)
    yield line


@dataclass(frozen=True, slots=True)
class _Group:
    """A number of a line.

    Attributes:
        name: What it is called; empty: nothing.
        is_counter: Whether it counts.
        hole: Where it comes from.
    """

    name: str
    is_counter: bool
    hole: Hole


def _source_of(line: Sequence[Piece], place: CallPlace, call: ast.Call) -> FoundSource | None:
    """The pattern of a line; None where it shows no metric."""
    groups = _groups(line)
    metrics = [group.name for group in groups if group.name and not group.is_counter and group.name != OF]
    if not metrics or not any(isinstance(piece, str) and piece.strip() for piece in line):
        return None
    telling = [group for group in groups if group.name in metrics and _tells(group)]
    named = [group for group in groups if group.name]
    if not telling or not re.search(r"[A-Za-z]", _text_before(line)):
        return None
    step = _step([group for group in named if group.is_counter or group.name == OF], place)
    if not place.in_loop and not place.is_repeated and step in {COUNT, ""}:
        if not any(_STRONG.search(group.name) and _is_number(group.hole, "") for group in telling):
            return None
        step = "final"
    elif not place.in_loop and step == COUNT:
        step = "carried"
    if OF not in step:
        groups = [replace(group, name="") if group.name == OF else group for group in groups]
    return FoundSource("stdout", _pattern(line, groups), step if step != "step" else "", told=text_of(call))


def _tells(group: _Group) -> bool:
    """Whether a number is surely a metric: by its name, or as a number with decimals."""
    is_thing = any(word in group.name for word in _THINGS)
    return _STRONG.search(group.name) is not None or (
        not is_thing and re.search(r"\.\d|[feEgG]$", group.hole.spec) is not None
    )


def _text_before(line: Sequence[Piece]) -> str:
    """The text of a line without what a run fills in."""
    return "".join(piece for piece in line if isinstance(piece, str))


def _groups(line: Sequence[Piece]) -> list[_Group]:
    """What each hole of a line is called; the names are unlike."""
    groups: list[_Group] = []
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
            name = _own_name(piece.node) if _is_number(piece, "") else ""
        has_decimals = re.search(r"\.\d|[feEgG%]$", piece.spec) is not None
        if not has_decimals and name not in {*COUNTERS, OF, "batch"} and _own_name(piece.node) in COUNTERS:
            name = _own_name(piece.node)
        is_counter = name in COUNTERS and not has_decimals
        if name and not is_counter and name not in {OF, "batch"} and not _is_number(piece, name):
            name = ""
        if any(thing in name for thing in _THINGS) and not _METRICS.search(name):
            name = ""
        taken = {group.name for group in groups}
        groups.append(_Group("" if name in taken else name, is_counter or name == "batch", piece))
        before, since = "", piece
    return groups


def _is_next_total(line: Sequence[Piece], at: int) -> bool:
    after = line[at + 1] if at + 1 < len(line) else None
    return isinstance(after, str) and re.fullmatch(r"\s*(?:/|of)\s*", after) is not None


def _is_number(hole: Hole, name: str) -> bool:
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
            return _METRICS.search(f"{name} {_own_name(hole.node)}") is not None


def _own_name(node: ast.expr | None) -> str:
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


def _step(counters: Sequence[_Group], place: CallPlace) -> str:
    """What counts the lines: a counter of its own, or the epoch with the batch in it."""
    names = [group.name for group in counters]
    batch = next((name for name in _BATCHES if name in names), "")
    if "epoch" in names and batch:
        if OF in names and names.index(OF) > names.index(batch):
            epoch = next(group for group in counters if group.name == "epoch")
            return f"(epoch - 1) * {OF} + {batch}" if _first(epoch.hole, place) else f"epoch * {OF} + {batch}"
        return COUNT
    return next((word for word in COUNTERS if word in names), COUNT)


def _first(hole: Hole, place: CallPlace) -> int:
    """The number that a counter begins with."""
    more = 0
    node = hole.node
    if (
        isinstance(node, ast.BinOp)
        and isinstance(node.op, ast.Add)
        and isinstance(node.right, ast.Constant)
        and isinstance(node.right.value, int)
    ):
        more = node.right.value
        node = node.left
    name = text_of(node) if node is not None else ""
    return place.firsts.get(name, place.firsts.get(_own_name(node), 0)) + more


def _pattern(line: Sequence[Piece], groups: Sequence[_Group]) -> str:
    """The line as a regular expression, up to the last of its numbers."""
    last = max(at for at, group in enumerate(groups) if group.name)
    waiting = iter(groups)
    parts: list[str] = []
    seen = -1
    for at, piece in enumerate(line):
        if isinstance(piece, str):
            parts.append(_literal(piece))
            continue
        seen += 1
        group = next(waiting)
        after = line[at + 1] if at + 1 < len(line) else ""
        padded = (
            r"\s*" if re.match(r"[ <>^=]?\d|[<>^]", piece.spec) or re.match(r"[-+ #]*\d", piece.spec) else ""
        )
        number = (
            r"\d+"
            if group.is_counter or group.name == OF
            else _DECIMAL
            if isinstance(after, str) and after[:1].isalnum()
            else _NUMBER
        )
        parts.append(f"{padded}(?P<{group.name}>{number})" if group.name else f"{padded}.*?")
        if seen == last:
            break
    pattern = "".join(parts)
    return re.sub(r"^(?:\\s\+|\.\*\?)+", "", pattern)


def _literal(text: str) -> str:
    pieces = re.split(r"(\s+)", without_escapes(text))
    return "".join(r"\s+" if piece.isspace() else re.escape(piece) if piece else "" for piece in pieces)


def _told_apart(found: Sequence[tuple[FoundSource, CallPlace]]) -> Iterator[FoundSource]:
    """The sources with names that are unlike: a second `loss` takes the phase of its line before it, such as `test_loss`."""
    taken: dict[str, str] = {}
    patterns: set[str] = set()
    for source, place in found:
        if source.text in patterns:
            continue
        patterns.add(source.text)
        text = source.text
        for name in re.findall(r"\(\?P<(\w+)>", text):
            if name in COUNTERS or name == OF:
                continue
            if name in taken and taken[name] != source.text:
                phase = next(
                    (
                        word
                        for word in re.findall(r"[a-z]+", f"{source.told} {place.function}".lower())
                        if word in _PHASES
                    ),
                    place.function,
                )
                new = f"{phase}_{name}" if phase and not name.startswith(phase) else name
                if new in taken or new == name:
                    continue
                text = text.replace(f"(?P<{name}>", f"(?P<{new}>")
                taken[new] = source.text
            else:
                taken[name] = source.text
        yield replace(source, text=text)
