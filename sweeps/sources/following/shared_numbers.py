"""Notices where two patterns read one number of a printed line under different names: one of them reads another's lines."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sweeps.sources.following.steps import StepRule
from sweeps.sources.reader import Row

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sweeps.sources.formats.output import Pattern
    from sweeps.spec.trainer.source_model import Source

BOTH_READ = " both read the number "
"""What a note of such a number says."""
_MOST_LOOKS = 100
"""Two patterns that so many lines did not show to share a number are not looked at any more."""
_LONGEST = 60


class SharedNumbers:
    """Looks at the lines that several patterns read; `notes` says what was noticed, of two patterns once."""

    def __init__(self, patterns: Sequence[tuple[Source, Pattern]]) -> None:
        self._patterns = patterns
        self._rules = [StepRule(source) for source, _ in patterns]
        self._looks: Counter[tuple[int, int]] = Counter()
        self.notes: list[str] = []

    def look(self, line: str, matching: Sequence[int]) -> None:
        """Look at a line that these patterns read, by their place among all."""
        for at, first in enumerate(matching):
            for second in matching[at + 1 :]:
                self._looks[first, second] += 1
                if self._looks[first, second] <= _MOST_LOOKS:
                    self._compare(line, first, second)

    def _compare(self, line: str, first: int, second: int) -> None:
        known = dict(self._metrics(line, first))
        for place, name in self._metrics(line, second):
            if place in known and known[place] != name:
                self._looks[first, second] = _MOST_LOOKS
                one, other = self._patterns[first][0].label, self._patterns[second][0].label
                shown = line.strip()[:_LONGEST]
                self.notes.append(
                    f"{one} and {other}{BOTH_READ}{line[slice(*place)]} of the line {shown!r}, as {known[place]!r} and {name!r}; "
                    "a pattern that begins with ^ reads no part of another's lines"
                )
                return

    def _metrics(self, line: str, at: int) -> Iterator[tuple[tuple[int, int], str]]:
        """Where the metrics of a pattern stand in a line, with their names."""
        for match in self._patterns[at][1].matches(line):
            metrics = self._rules[at].of(Row(match.values)).values
            yield from ((match.places[name], name) for name in metrics if name in match.places)
