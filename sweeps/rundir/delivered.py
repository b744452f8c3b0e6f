"""What MLflow is said to have of a run's journal: a claim, kept in the file `delivered` beside the journal.

The claim can be wrong: a store is put back to a backup, files are lost, a directory is copied. So it says enough to be
held against what the store itself says (`sweeps.record.agreement`): for each metric how many points, and the last step.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from sweeps.rundir.paths import read_object, write_atomically

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from analysis.read.store import Point
    from sweeps.rundir.paths import RunPaths


class Tally(NamedTuple):
    """How many points of a metric there are, and their last step."""

    points: int
    last: int

    def plus(self, step: int) -> Tally:
        """With one more point."""
        return Tally(self.points + 1, max(self.last, step))


@dataclass(frozen=True, slots=True)
class Delivered:
    """A claim.

    Attributes:
        run_id: The run that it speaks of; empty where none was delivered to yet.
        size: How many bytes of the journal are delivered.
        tallies: The points that are, by metric.
    """

    run_id: str = ""
    size: int = 0
    tallies: Mapping[str, Tally] = field(default_factory=dict)

    @classmethod
    def read(cls, paths: RunPaths) -> Delivered:
        """The claim of a run; the empty one where there is none, or its file is damaged."""
        kept = read_object(paths.delivered)
        try:
            tallies = {str(key): Tally(int(points), int(last)) for key, points, last in kept["metrics"]}
            return cls(str(kept["run"]), int(kept["bytes"]), tallies)
        except (ValueError, KeyError, TypeError):
            return cls()

    def plus(self, points: Iterable[tuple[str, int]], size: int) -> Delivered:
        """With further points (metric, step), and the journal delivered up to byte `size`."""
        tallies = dict(self.tallies)
        for key, step in points:
            before = tallies.get(key)
            tallies[key] = before.plus(step) if before else Tally(1, step)
        return Delivered(self.run_id, size, tallies)

    def write(self, paths: RunPaths) -> None:
        """Make this the claim of a run."""
        metrics = [[key, *tally] for key, tally in self.tallies.items()]
        write_atomically(
            paths.delivered,
            json.dumps({"run": self.run_id or paths.run_id, "bytes": self.size, "metrics": metrics}),
        )

    @property
    def last_steps(self) -> dict[str, int]:
        """The last step of each metric."""
        return {key: tally.last for key, tally in self.tallies.items()}


def short_by_points(claims: Mapping[str, Delivered], counts: Mapping[tuple[str, str], int]) -> frozenset[str]:
    """The runs of which a store has fewer points than it was sent.

    Args:
        claims: By run.
        counts: How many points the store has, by run and metric.
    """
    sent = {
        run_id: {key: tally.points for key, tally in claim.tallies.items()}
        for run_id, claim in claims.items()
    }
    return _short(sent, counts)


def short_by_steps(claims: Mapping[str, Delivered], finals: Iterable[Point]) -> frozenset[str]:
    """The runs of which a store lacks a metric, or has a lower last step of it than it was sent.

    Args:
        claims: By run.
        finals: The last point of each metric that the store has, of whatever runs.
    """
    sent = {run_id: claim.last_steps for run_id, claim in claims.items()}
    return _short(sent, {(point.run_id, point.key): point.step for point in finals if point.run_id in sent})


def _short(sent: Mapping[str, Mapping[str, int]], stored: Mapping[tuple[str, str], int]) -> frozenset[str]:
    """The runs that have nothing stored of a metric, or less than was sent."""
    return frozenset(
        run_id
        for run_id, numbers in sent.items()
        if any(
            (found := stored.get((run_id, key))) is None or found < number for key, number in numbers.items()
        )
    )
