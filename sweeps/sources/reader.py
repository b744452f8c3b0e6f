"""What a reader of a metric source answers: rows, and where to read on.

A reader is a function of one file and of a position in it, `read(path, position) -> Read`, and keeps nothing itself: positions
stand in the run's journal beside what was read up to them, so that each row is recorded once, whatever dies meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

_MOST_MS = 2**63 - 1
CHUNK_BYTES = 1 << 20
"""About how much a reader reads at once; it is asked again until its position stays."""

Position: TypeAlias = Mapping[str, Any]
"""How far a file is read: values that JSON can write, which only its reader understands; empty: not at all."""


@dataclass(frozen=True, slots=True)
class Row:
    """What stands together in a source.

    Attributes:
        values: The metrics, as the source names them.
        step: Their step as the source says it; None: it says none.
        time_ms: When they were written, since the epoch; None: it is not known.
        images: Pictures as PNG, by the name of their series.
        is_again: Whether it may have been read before, as of a file that was rewritten: what is recorded of it stands.
        before: Numbers of lines before it, which its step may ask for.
    """

    values: Mapping[str, float]
    step: int | None = None
    time_ms: int | None = None
    images: Mapping[str, bytes] = field(default_factory=dict)
    is_again: bool = False
    before: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Read:
    """What was read.

    Attributes:
        rows: In the order of the file; what is written half is left for the next time.
        position: Where to read on.
        odd: Values that are no numbers, each with its name, as they are written.
        notes: What could not be read, for the log; each is said once, as the position is beyond it.
    """

    rows: Sequence[Row]
    position: Position
    odd: Sequence[tuple[str, str]] = ()
    notes: Sequence[str] = ()


Reader: TypeAlias = Callable[[Path, Position], Read]


def time_ms_of(time_s: float) -> int | None:
    """A time since the epoch in milliseconds; None where it is none."""
    return int(1000 * time_s) if 0 < 1000 * time_s < _MOST_MS else None
