"""What the numbers of a printed line are called, and which of them count."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sweeps.authoring.literals import text_of
from sweeps.authoring.outputs.prints.line_shares import has_decimals, is_of_right_ones, is_same, share_of
from sweeps.authoring.outputs.prints.number_names import (
    NUMBER_HOLE,
    STRONG,
    TEXT_HOLE,
    chain_names,
    clause_name,
    is_behind_count,
    is_of_each,
    is_of_process,
    is_part_of_sentence,
    is_size,
    is_spread,
    is_value,
    is_weak,
    own_name,
    plain_metric,
    says_how_many,
    without_unit,
)
from sweeps.sources.counters import COUNTERS
from sweeps.sources.proposals.phases import Phases
from sweeps.sources.proposals.printed import OF, name_before
from sweeps.sources.proposals.shares import is_score

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sweeps.authoring.outputs.prints.print_text import Hole, Piece
    from sweeps.sources.proposals.shares import Share

_METRICS = re.compile(
    r"(?i)loss|acc|err|score|auc|f1|psnr|ssim|fid|bleu|rouge|ppl|perplex|reward|return|mse|mae|rmse|r2|precision|recall|kl|elbo|nll|mean|avg|average|std|lr|learning_rate|grad|norm|reg|dice|iou|metric|val|train|test|top|mfu|rank|length|time|elapsed|rate|cost|gap|beta|alpha|epsilon|eps|exploit"
)
_TEXT_MAKERS = frozenset(
    {"str", "repr", "type", "format", "join", "lower", "upper", "get", "now", "strftime"}
)
"""What gives a text, or anything, whatever stands before it."""
_CASTS = ("float", "int", "round", "len", "abs", "sum", "min", "max", "mean", "item", "avg", "std", "average")
_PAIR, _SHARE = 2, 5
"""How many pieces lie between a number and what its name depends on."""
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
        share: The share that it is a part of; None: it is none.
    """

    name: str
    is_counter: bool
    hole: Hole
    share: Share | None = None


def tells(group: Group) -> bool:
    """Whether a number is surely a metric: by its name, or as a number with decimals."""
    if group.share is not None or is_of_right_ones(group.hole.node):
        return True
    is_thing = any(word in group.name for word in _THINGS)
    return STRONG.search(group.name) is not None or (
        not is_thing and re.search(r"\.\d|[feEgG]$", group.hole.spec) is not None
    )


def groups_of(line: Sequence[Piece], printed: str = "") -> list[Group]:
    """What each hole of a line is called, behind what the same call has printed before; the names are unlike."""
    groups: list[Group] = []
    between, since_metric = "", ""
    shares = _shares(line)
    phases = Phases(printed)
    for at, piece in enumerate(line):
        if isinstance(piece, str):
            between += piece
            since_metric += piece
            continue
        if len(groups) in shares:
            groups.append(_phased(shares[len(groups)], phases, between))
            between = since_metric = ""
            continue
        name = _name(line, at, between, since_metric, groups)
        with_decimals = has_decimals(piece)
        is_counter = name in COUNTERS and not with_decimals
        taken = {group.name for group in groups} | {group.share.name for group in groups if group.share}
        name = phases.named(name, between, taken, is_counter=is_counter)
        groups.append(Group(name, is_counter or name == "batch", piece))
        between = ""
        is_metric = name and not is_counter and name not in {OF, "batch"}
        since_metric = "" if is_metric else since_metric + _mark(piece, is_counter=is_counter)
    return groups


def _name(line: Sequence[Piece], at: int, between: str, since_metric: str, groups: Sequence[Group]) -> str:
    """What a hole of a line is called."""
    piece = line[at]
    assert not isinstance(piece, str)  # noqa: S101 - the caller asks for holes
    by_place = _by_place(line, at, between, groups)
    if by_place is not None:
        return by_place
    with_decimals = has_decimals(piece)
    behind = without_unit(between) if groups else between
    name = "" if groups and is_behind_count(between) else name_before(behind)
    if is_of_right_ones(piece.node) and not STRONG.search(name):
        name = "accuracy"
    elif not name or len(name) == 1:
        name = own_name(piece.node) if is_number(piece, "") else ""
    counter = "" if with_decimals or _is_made_of(piece.node) else own_name(piece.node)
    if name not in {*COUNTERS, OF, "batch"} and counter in COUNTERS:
        if STRONG.search(name):
            return ""  # such as `acc: {acc_step}`: one of them is wrong
        name = name if is_value(name) else counter
    if name in COUNTERS and not with_decimals:
        return name
    is_part = not with_decimals and _is_next_total(line, at)
    if is_part and (STRONG.search(name) is None or _of_share(line, at + _SHARE - 1)):
        return ""  # as much of the work as is done, or how many were right before their share
    return _of_metric(piece, name, since_metric)


def _by_place(line: Sequence[Piece], at: int, between: str, groups: Sequence[Group]) -> str | None:
    """What a hole is called by what stands around it and the numbers before; None: its words say it."""
    piece = line[at]
    assert not isinstance(piece, str)  # noqa: S101 - as above
    listed = _of_chain(line, at) or _of_share(line, at)
    if listed:
        return listed
    if groups and groups[-1].name and is_spread(between):
        return f"{groups[-1].name}_std"
    if groups and re.fullmatch(r"\s*(?:/|of)\s*", between):
        return OF if groups[-1].is_counter and groups[-1].name != "epoch" else ""
    if has_decimals(piece):
        return None
    is_size_or_sum = is_size(piece.node) or says_how_many(_text_at(line, at + 1))
    if is_size_or_sum and name_before(between) not in COUNTERS:
        own = "" if is_size(piece.node) else own_name(piece.node)
        return own if own in COUNTERS else ""
    return "batch" if _is_within_epoch(line, at, between, groups) else None


def _of_metric(piece: Hole, name: str, since_metric: str) -> str:
    """The name of what is no counter, if it may be a metric."""
    name = plain_metric(name)
    if is_of_each(since_metric):
        return ""
    if STRONG.search(name) is None and is_number(piece, ""):
        name = clause_name(since_metric) or name
    with_decimals = has_decimals(piece)
    if name and name != OF and not is_number(piece, name):
        return ""
    if any(thing in name for thing in _THINGS) and not _METRICS.search(name):
        return ""
    if is_of_process(name) or (not with_decimals and (is_weak(name) or is_part_of_sentence(name))):
        return ""
    return name


def _mark(hole: Hole, *, is_counter: bool) -> str:
    """What stands for a hole in the text before the next."""
    is_one = is_counter or is_size(hole.node) or is_number(hole, "")
    return NUMBER_HOLE if is_one else TEXT_HOLE


def _of_chain(line: Sequence[Piece], at: int) -> str:
    """The name of one of several numbers with slashes between, where the names have slashes, too: `train/val loss: 0.5/0.6`."""
    first = last = at
    while (
        first >= _PAIR and _text_at(line, first - 1).strip() == "/" and not isinstance(line[first - 2], str)
    ):
        first -= 2
    while (
        last + _PAIR < len(line)
        and _text_at(line, last + 1).strip() == "/"
        and not isinstance(line[last + 2], str)
    ):
        last += 2
    names = chain_names(_text_at(line, first - 1)) if first else []
    return names[(at - first) // 2] if len(names) == (last - first) // 2 + 1 else ""


def _of_share(line: Sequence[Piece], at: int) -> str:
    """The name of a share in brackets behind its numbers: that of `Accuracy: 90/100 (90%)`."""
    if at < _SHARE or at >= len(line) or isinstance(piece := line[at], str):
        return ""
    is_behind = _text_at(line, at - 3).strip() == "/" and re.fullmatch(r"\s*\(\s*", _text_at(line, at - 1))
    is_percent = piece.spec.endswith("%") or _text_at(line, at + 1).startswith("%")
    name = name_before(_text_at(line, at - _SHARE)) if is_behind and is_percent else ""
    return name if STRONG.search(name) else ""


def _text_at(line: Sequence[Piece], at: int) -> str:
    """The text at a place of a line; empty where a hole is there, or nothing."""
    piece = line[at] if at < len(line) else ""
    return piece if isinstance(piece, str) else ""


def _is_within_epoch(line: Sequence[Piece], at: int, between: str, groups: Sequence[Group]) -> bool:
    """Whether a hole counts within the epoch before it: `epoch 3 [10/100]`, `[3/90][10/100]`, `[3, 10]`."""
    named = [group for group in groups if group.name]
    if not named or named[-1].name != "epoch":
        return False
    if _is_next_total(line, at):
        return re.fullmatch(r"[\s\])|,:]*[\[(]\s*", between) is not None
    is_opened = _text_at(line, at - 3).endswith("[") and len(groups) == 1
    return is_opened and between.strip() == "," and _text_at(line, at + 1).startswith("]")


def _phased(group: Group, phases: Phases, between: str) -> Group:
    """A number of a share, which has the name with the phase before it."""
    if group.share is None or group.name == group.share.whole:
        return group
    name = phases.named(group.share.name, between, (), is_counter=False)
    return replace(group, share=replace(group.share, name=name))


def _shares(line: Sequence[Piece]) -> dict[int, Group]:
    """The numbers that make up shares, by their place among the holes; those that say a share again in percent have no name."""
    holes: list[Hole] = []
    texts = [""]
    for piece in line:
        if isinstance(piece, str):
            texts[-1] += piece
        else:
            holes.append(piece)
            texts.append("")
    found: dict[int, Group] = {}
    for at, hole in enumerate(holes[1:], 1):
        last = found.get(at - 1)
        if last is not None and last.share is not None and is_same(texts[at], hole, texts[at + 1]):
            found[at] = Group("", is_counter=False, hole=hole)
        said, part, whole = name_before(texts[at - 1]), own_name(holes[at - 1].node), own_name(hole.node)
        if last is not None or {said, part} & set(COUNTERS):
            continue
        others = (name_before(text) for text in texts[at + 1 : -1])
        if not is_score(said) and any(map(is_score, others)):
            continue  # the line says it again as one number
        if share := share_of(said, holes[at - 1], part, texts[at], hole, whole):
            found[at - 1] = Group(share.part, is_counter=False, hole=holes[at - 1], share=share)
            found[at] = Group(share.whole, is_counter=False, hole=hole, share=share)
    return found


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
            called = text_of(func).rpartition(".")[2]
            return called in _CASTS or (STRONG.search(name) is not None and called not in _TEXT_MAKERS)
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
