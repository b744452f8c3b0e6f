"""Makes the table of `sweep gc`: a row for each run and kind of thing that can go, and what stays, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.read.provenance import shortened
from sweeps.cli.views.table import print_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from sweeps.freeing.collect import Freed
    from sweeps.freeing.decisions import Decisions
    from sweeps.rows import Row

_STEP = 1000
"""Sizes are told in kB, MB and GB, as disks are sold and `ls --si` has them."""
_SMALL = 10


def item_rows(decisions: Decisions) -> list[Row]:
    """Make a row for each thing that can go; sizes in bytes."""
    return [
        {
            "kind": item.kind.value,
            "of": item.label,
            "path": str(item.path),
            "bytes": item.size,
            "reason": item.why,
            **({"original": str(item.original)} if item.original is not None else {}),
        }
        for item in decisions.items
    ]


def left_rows(decisions: Decisions) -> list[Row]:
    """Make a row for each reason for which something stays; sizes in bytes."""
    return [
        {"what": left.what, "reason": left.why, "count": left.count, "bytes": left.size}
        for left in decisions.left
    ]


def print_items(console: Console, command: str, decisions: Decisions, freed: Freed | None) -> None:
    """Print what can go, or went, what stays, and what comes next.

    Args:
        console: Where to print.
        command: What frees it.
        decisions: What can go.
        freed: What went; None: nothing yet.
    """
    if decisions.items:
        print_table(console, _rows(decisions), ("kind", "of", "files", "size", "reason"))
    for left in decisions.left:
        many = "" if left.count == 1 else "s"
        size = size_text(left.size)
        console.print(f"kept: {left.count} {left.what}{many}, {size}: {left.why}", soft_wrap=True)
    if decisions.undecided:
        names = shortened(decisions.undecided)
        console.print(
            f"kept: all checkpoints of {names}: nothing says which is the best, or the last",
            soft_wrap=True,
        )
    if freed is None and decisions.items:
        console.print(f"{size_text(decisions.size)} can go; `{command}` frees them", soft_wrap=True)
    elif freed is None or not (decisions.items or freed.troubles):
        console.print("nothing can go", soft_wrap=True)
    else:
        for trouble in freed.troubles:
            console.print(trouble, soft_wrap=True)
        console.print(f"freed {size_text(freed.size)}", soft_wrap=True)


def size_text(size: int) -> str:
    """`1.2 GB`, `340 kB`, `12 bytes`."""
    if size < _STEP:
        return f"{size} bytes"
    value, unit = float(size), ""
    for unit in ("kB", "MB", "GB", "TB"):  # noqa: B007 - the last one stays
        value /= _STEP
        if value < _STEP:
            break
    return f"{value:.1f} {unit}" if value < _SMALL else f"{value:.0f} {unit}"


def _rows(decisions: Decisions) -> Sequence[Row]:
    """A row for all that is of one kind, of one run, for one reason."""
    rows: dict[tuple[str, str, str], Row] = {}
    for item in decisions.items:
        key = (item.kind.value, item.label, item.why)
        row = rows.setdefault(key, {"kind": key[0], "of": key[1], "files": 0, "bytes": 0, "reason": key[2]})
        row["files"] += len(item.files)
        row["bytes"] += item.size
    return [{**row, "size": size_text(row["bytes"])} for row in rows.values()]
