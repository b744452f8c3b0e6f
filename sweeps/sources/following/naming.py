"""What the file says of metrics by their names: what they are recorded by (`rename`), and what several values at one step become."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sweeps.rundir.store_limits import of_name, plain_name
from sweeps.spec.trainer.source_model import MEAN

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sweeps.spec.trainer.source_model import Source

_PART = re.compile(r"\{(\w+)\}")
_NUMBER = re.compile(r"(\d+)")
BOTH_AS = "both be recorded as"
"""What a note of two names that become one says."""
STEP = "step"
"""The part of a name that is the step of the value."""


@dataclass(frozen=True, slots=True)
class Name:
    """What a metric is recorded by.

    Attributes:
        key: The name in the record.
        step: Its step, where the name says that.
        series: Which of several series that become one it is of, to be compared; None: it is the only one.
    """

    key: str
    step: int | None = None
    series: tuple[tuple[int, str], ...] | None = None


class Naming:
    """Knows the names of metrics.

    A `{part}` of an old name stands for anything but a slash. Where the new name has it, too, it is carried over. The part
    `{step}` is the step of the value. Where another part is not in the new name, several series become one: the last of
    them stands, as numbers are ordered, and it is recorded when the program has finished. Names that would become one because no
    store takes them as they are stay apart, the later ones with a number behind them.

    Attributes:
        notes: What the user should know of names, each once.
    """

    def __init__(self, rename: Mapping[str, str]) -> None:
        self._exact = {old: new for old, new in rename.items() if not _PART.search(old)}
        self._patterns = [(fits(old), new) for old, new in rename.items() if _PART.search(old)]
        self._known: dict[str, Name] = {}
        self._sources: dict[str, str] = {}
        self._chosen: set[str] = set()
        self.notes: list[str] = []

    def of(self, name: str) -> Name:
        """The name that a metric of a source is recorded by."""
        if name not in self._known:
            self._known[name] = self._found(name)
        return self._known[name]

    def _found(self, name: str) -> Name:
        if name in self._exact:
            return Name(self._storable(self._exact[name], name, is_chosen=True))
        for pattern, new in self._patterns:
            if match := pattern.fullmatch(name):
                return self._by_pattern(name, new, match.groupdict())
        return Name(self._storable(name, name, is_chosen=False))

    def _by_pattern(self, name: str, new: str, parts: dict[str, str]) -> Name:
        kept = set(_PART.findall(new))
        key = _PART.sub(lambda part: parts[part[1]], new)
        step = int(parts[STEP]) if STEP in parts and STEP not in kept and parts[STEP].isdecimal() else None
        dropped = [
            parts[part] for part in parts if part not in kept and not (part == STEP and step is not None)
        ]
        series = tuple(rank for text in dropped for rank in _rank(text)) if dropped else None
        return Name(self._storable(key, name, is_chosen=True), step, series)

    def _storable(self, key: str, name: str, *, is_chosen: bool) -> str:
        """The key as every store takes it, and no other metric has it; what had to be changed is noted."""
        wrong = of_name(key)
        stored = key if wrong is None else plain_name(key)
        apart = stored if is_chosen else self._apart(stored, name)
        if wrong is not None:
            self.notes.append(
                f"the metric {key!r} is recorded as {apart!r}: its name {wrong.partition(';')[0]}"
            )
        other = self._sources.setdefault(stored, name)
        self._sources.setdefault(apart, name)
        if is_chosen:
            self._chosen.add(stored)
        elif apart != stored:
            self.notes.append(
                f"the metrics {other!r} and {name!r} would {BOTH_AS} {stored!r}, so that the second one is {apart!r}; "
                f"rename: {{{name!r}: NAME}} gives it another name"
            )
        elif other != name:
            remedy = f"give one of them a name of its own, such as rename: {{{name!r}: {stored}_2}}"
            self.notes.append(f"the metrics {other!r} and {name!r} will {BOTH_AS} {stored!r}; {remedy}")
        return apart

    def _apart(self, stored: str, name: str) -> str:
        """A key that no other metric has, but for one that the file gave it to."""
        if stored in self._chosen or self._sources.get(stored, name) == name:
            return stored
        return next(key for at in itertools.count(2) if (key := f"{stored}_{at}") not in self._sources)


class LastSeries:
    """Keeps, of series that become one metric, the last one, until the program has finished."""

    def __init__(self) -> None:
        self._series: dict[str, tuple[tuple[tuple[int, str], ...], dict[int, float]]] = {}

    def note(self, name: Name, step: int, value: float) -> None:
        """Take a value of a series; one of an earlier series than the last is dropped."""
        series = name.series or ()
        kept, points = self._series.get(name.key, ((), {}))
        if series > kept:
            kept, points = series, {}
        if series == kept:
            points[step] = value
        self._series[name.key] = (kept, points)

    def points(self) -> Iterable[tuple[str, int, float]]:
        """The metric, the step and the value of each point of the last series."""
        for key, (_, points) in self._series.items():
            yield from ((key, step, value) for step, value in sorted(points.items()))


class Several:
    """What a source's `several` says of its metrics, by their names in the source or in the record."""

    def __init__(self, source: Source) -> None:
        self._usual = source.several
        self._said = [(fits(name), fate) for name, fate in source.several_of]
        self._known: dict[str, str] = {}
        self.has_means = MEAN in (source.several, *(fate for _, fate in source.several_of))

    def of(self, name: str, key: str) -> str:
        """What becomes of a metric that the source calls `name`, and the record `key`: what fits first."""
        if not self._said:
            return self._usual
        if name not in self._known:
            said = (fate for pattern, fate in self._said if pattern.fullmatch(name) or pattern.fullmatch(key))
            self._known[name] = next(said, self._usual)
        return self._known[name]


def fits(old: str) -> re.Pattern[str]:
    """A pattern that fits the names that an old name with parts means."""
    pieces, end = [], 0
    for part in _PART.finditer(old):
        pieces += [re.escape(old[end : part.start()]), f"(?P<{part[1]}>[^/]+?)"]
        end = part.end()
    return re.compile("".join([*pieces, re.escape(old[end:])]))


def _rank(text: str) -> Iterable[tuple[int, str]]:
    """What orders texts with numbers in them as people do: `9` before `10`."""
    for piece in filter(None, _NUMBER.split(text)):
        yield (int(piece), "") if piece.isdecimal() and piece.isascii() else (-1, piece)
