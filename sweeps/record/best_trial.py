"""The best trial of a sweep, for the note and the pictures on the sweep's run."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.read.outcomes import Outcome
from analysis.results.search import is_drawable

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from analysis.read.record import Record
    from analysis.read.store import RunRecord
    from analysis.results.criterion import Criterion
    from sweeps.rundir.paths import RunPaths

SCORES = {"val/psnr": 1, "accuracy": 1, "val/loss": -1, "loss": -1}
"""Metrics that rank trials where the file names none; 1: higher is better, -1: lower."""
SHOWN = (".gif", ".png")
"""Files of the best trial that are shown on the sweep's run."""


@dataclass(frozen=True, slots=True)
class Best:
    """The finished trial of a sweep with the best last value.

    Attributes:
        run_id: Its run.
        trial: Its name.
        metric: The metric that ranked the trials.
        value: Its last value of that metric.
        worst: The worst last value among the finished trials.
        compared: How many finished trials have one.
    """

    run_id: str
    trial: str
    metric: str
    value: float
    worst: float
    compared: int


def signs_of(criteria: Iterable[Criterion]) -> dict[str, int]:
    """What ranks the trials of a sweep, as `SCORES` has it; of metrics over frames the last value says nothing."""
    criteria = tuple(criteria)
    return {one.metric: one.sign for one in criteria if not one.is_per_frame} if criteria else SCORES


def best_of(
    runs: Iterable[RunRecord],
    finals: Mapping[str, Mapping[str, float]],
    signs: Mapping[str, int] = SCORES,
) -> Best | None:
    """The best of some runs.

    Args:
        runs: Of one sweep; those that did not finish do not count.
        finals: Metric -> run id -> last value, for the metrics of `signs`.
        signs: The metrics that rank them, each with 1 where higher is better, else -1; the first that any run logged counts,
            among equals the next.

    Returns:
        None where no finished run has a number to be ranked by; one that stands for an infinity is none.
    """
    finished = [run for run in runs if run.outcome is Outcome.FINISHED]
    for metric in signs:
        values = finals.get(metric, {})
        ranked = sorted(
            (run for run in finished if is_drawable(values.get(run.run_id, math.nan))),
            key=lambda run: (*_goodness(run.run_id, finals, signs), run.name),
        )
        if ranked:
            first, last = ranked[0], ranked[-1]
            return Best(
                first.run_id, first.name, metric, values[first.run_id], values[last.run_id], len(ranked)
            )
    return None


def _goodness(
    run_id: str, finals: Mapping[str, Mapping[str, float]], signs: Mapping[str, int]
) -> Iterator[float]:
    """The less, the better, metric by metric: of equals by the first the next tells."""
    for metric, sign in signs.items():
        value = finals.get(metric, {}).get(run_id, math.nan)
        yield -sign * value if is_drawable(value) else math.inf


def last_scores(record: Record, metrics: Collection[str] = ()) -> dict[str, dict[str, float]]:
    """The last values of these metrics, or of those of `SCORES`: metric -> run id -> value.

    Raises:
        AnalysisError: The record cannot be read.
    """
    scores: dict[str, dict[str, float]] = {}
    for point in record.finals(metrics or SCORES):
        scores.setdefault(point.key, {})[point.run_id] = point.value
    return scores


def shown_files(paths: RunPaths) -> Sequence[Path]:
    """The pictures and films that a trial left in its own directory; none where it ran on another machine."""
    return sorted(path for path in paths.files.glob("*") if path.suffix in SHOWN and path.is_file())
