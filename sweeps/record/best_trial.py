"""The best setting of a sweep, for the line that a terminal shows, and the note and the pictures on the sweep's run."""

from __future__ import annotations

import functools
import math
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from analysis.read.outcomes import Outcome
from analysis.read.provenance import claims, differences
from analysis.results.criterion import ranking_ones
from analysis.results.curves import Curve
from analysis.results.metric_names import is_loss
from analysis.results.searches.search import is_drawable
from analysis.stats.samples.near_best import is_near
from analysis.stats.samples.ties import are_close, ranks_by_each
from sweeps.planning.search_history import curves_by_run
from sweeps.spec.sweep_parser import SEED

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from analysis.read.record import Record
    from analysis.read.store import RunRecord
    from analysis.results.criterion import Criterion
    from sweeps.planning.trial import Trial
    from sweeps.rundir.paths import RunPaths

SCORES = {"val/psnr": 1, "accuracy": 1, "val/loss": -1, "loss": -1}
"""Metrics that rank trials where the file names none; 1: higher is better, -1: lower."""
SHOWN = (".gif", ".png")
"""Files of the best trial that are shown on the sweep's run."""
MOST_EQUALS = 3
"""How many of those that are equal to it are named."""


@dataclass(frozen=True, slots=True)
class Repeats:
    """The trials of one setting, which differ in their seed alone.

    Attributes:
        name: The setting's; of one that is not repeated, its trial's.
        runs: Those of its trials that have one.
        are_several: Whether the setting is to be repeated, however many of its runs there are.
        trials: All of them.
    """

    name: str
    runs: tuple[RunRecord, ...]
    are_several: bool = False
    trials: tuple[Trial, ...] = ()

    def ends(self, values: Mapping[str, float]) -> dict[str, float]:
        """The values, by run id, of its finished runs; one that stands for an infinity is none."""
        return {
            run.run_id: values[run.run_id]
            for run in self.runs
            if run.outcome is Outcome.FINISHED and is_drawable(values.get(run.run_id, math.nan))
        }

    def by_seed(self, values: Mapping[str, float]) -> dict[object, float]:
        """The same ends by seed; by run id where that is not known."""
        seeds = {
            trial.fingerprint: trial.settings[SEED].value for trial in self.trials if SEED in trial.settings
        }
        ends = self.ends(values)
        return {
            seeds.get(run.fingerprint or "", run.run_id): ends[run.run_id]
            for run in self.runs
            if run.run_id in ends
        }

    def is_spoiled(self, values: Mapping[str, float]) -> bool:
        """Whether a run ended without a number: a setting whose bad seed failed looks better than it is."""
        return sum(run.has_ended for run in self.runs) > len(self.ends(values))

    def is_unfinished(self, values: Mapping[str, float]) -> bool:
        """Whether a trial may still get a number, and none ended without."""
        return not self.is_spoiled(values) and len(self.ends(values)) < len(self.trials)

    def mean(self, values: Mapping[str, float]) -> float:
        """The mean of its ends; no number where it has none."""
        ends = self.ends(values)
        if not ends:
            return math.nan
        return math.fsum(end / len(ends) for end in ends.values())  # the sum may be infinite


@dataclass(frozen=True, slots=True)
class Ranking:
    """The settings of a sweep that have finished runs with a number, ranked by the mean over their seeds.

    Attributes:
        metric: The metric that ranked them.
        first: The best.
        equals: Those whose means are equal to its own.
        near: Further ones that the seeds do not tell apart from the best.
        last: The worst.
        ranked: How many there are.
        behind: How many rank behind the others, as runs of theirs ended without a number.
        unfinished: How many settings of the sweep may change their rank, as runs of theirs are still to finish.
        differ: In what their runs differ that are to be alike: `differ in code`; empty where in nothing.
        means_of: Of how many values the mean of a run is, at least and at most; None where no means rank them.
    """

    metric: str
    first: Repeats
    equals: tuple[Repeats, ...]
    near: tuple[Repeats, ...]
    last: Repeats
    ranked: int
    behind: int
    unfinished: int
    differ: str
    means_of: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Best:
    """The setting of a sweep whose finished runs have the best last value in the mean.

    Attributes:
        run_id: The best run of it.
        name: Its name.
        metric: The metric that ranked the settings.
        value: Its last value of that metric, the mean over seeds.
        worst: The worst one among the settings; equal to the value where all are equal by this metric.
        compared: How many settings have one.
        seeds: How many runs its value is the mean of; 0 where it is not to be repeated.
        equals: The other settings whose means are equal to its own.
        near: How many further ones the seeds do not tell apart from it.
        behind: How many rank behind the others, as runs of theirs ended without a number.
        unfinished: How many settings of the sweep may change their rank, as runs of theirs are still to finish.
        differ: In what the compared runs differ that are to be alike; empty where in nothing.
        means_of: As in `Ranking`.
    """

    run_id: str
    name: str
    metric: str
    value: float
    worst: float
    compared: int
    seeds: int = 0
    equals: tuple[str, ...] = ()
    near: int = 0
    behind: int = 0
    unfinished: int = 0
    differ: str = ""
    means_of: tuple[int, int] | None = None

    def words(self, shown: Callable[[float], str]) -> str:
        """Everything but the name: `mean of 3 seeds 0.9 (2 others not told apart by seeds; worst 0.7, of 5 settings)`; `shown` writes a value."""
        mean = {0: "", 1: "one seed "}.get(self.seeds, f"mean of {self.seeds} seeds ")
        more = " and others" if len(self.equals) > MOST_EQUALS else ""
        kind = "settings" if self.seeds else "finished trials"
        if self.compared > 1 and len(self.equals) == self.compared - 1:
            which = "both" if self.compared == 2 else f"all {self.compared}"  # noqa: PLR2004 - both are two
            doubts = "; ".join(self._doubts())
            return f"{mean}{shown(self.value)}, as {which} {kind}{f' ({doubts})' if doubts else ''}"
        equal = f", equal to {', '.join(self.equals[:MOST_EQUALS])}{more}" if self.equals else ""
        others = f"{self.near} other{'s' if self.near > 1 else ''}"
        near = f"{others} not significantly worse; " if self.near else ""
        # Of equals, or one alone, the worst is the best one itself.
        worst = "" if are_close(self.worst, self.value) else f"worst {shown(self.worst)}, "
        among = "; ".join([f"{near}{worst}of {self.compared} {kind}", *self._doubts()])
        return f"{mean}{shown(self.value)}{equal}{f' ({among})' if self.compared > 1 else ''}"

    def _doubts(self) -> Iterator[str]:
        if self.behind:
            yield f"{self.behind} with runs that gave no number"
        if self.unfinished:
            yield f"{self.unfinished} unfinished, so the order may change"
        if self.differ:
            yield f"runs {self.differ}"
        if text := uneven(self.means_of):
            yield text


def uneven(means_of: tuple[int, int] | None) -> str:
    """That means are of more values in one run than in another, as of a cross-validation in which a fold is lacking; empty where they are not."""
    least, most = means_of or (0, 0)
    return f"their means are of {least} to {most} values" if least < most else ""


def repeats_of(pairs: Iterable[tuple[Trial, RunRecord | None]]) -> list[Repeats]:
    """Put trials that differ in their seed alone together, with their runs."""
    found: defaultdict[tuple[tuple[str, str], ...], list[tuple[Trial, RunRecord | None]]] = defaultdict(list)
    for trial, run in pairs:
        found[trial.setting].append((trial, run))
    return [
        Repeats(
            having[0][0].setting_name,
            tuple(run for _, run in having if run is not None),
            SEED in having[0][0].axes,
            tuple(trial for trial, _ in having),
        )
        for having in found.values()
    ]


def signs_of(criteria: Iterable[Criterion]) -> dict[str, int]:
    """What ranks the trials of a sweep, as `SCORES` has it; of metrics over frames the last value says nothing.

    Empty where the file has measures, and no way is better by any.
    """
    criteria = tuple(criteria)
    judging = ranking_ones(criteria)
    return {one.metric: one.sign for one in judging if not one.is_per_frame} if criteria else SCORES


def ranking_of(
    settings: Iterable[Repeats],
    finals: Mapping[str, Mapping[str, float]],
    signs: Mapping[str, int] = SCORES,
    lengths: Mapping[str, Mapping[str, int]] | None = None,
) -> Ranking | None:
    """Rank some settings by the mean over their seeds, as the report does; those of which a run gave no number behind the others.

    Args:
        settings: Of one sweep; runs that did not finish do not count.
        finals: Metric -> run id -> last value, for the metrics of `signs`.
        signs: The metrics that rank them, each with 1 where higher is better, else -1; the first that any run logged counts,
            among equals the next.
        lengths: As `lengths_of` has them.

    Returns:
        None where no finished run has a number to be ranked by; one that stands for an infinity is none.
    """
    settings = list(settings)
    for metric in signs:
        values = finals.get(metric, {})
        having = [one for one in settings if one.ends(values)]
        if having:
            whole = [one for one in having if not one.is_spoiled(values)]
            beside = whole or having
            equals, *others = ranks_by_each(
                beside,
                [functools.partial(_badness, finals.get(key, {}), sign) for key, sign in signs.items()],
            )
            first = equals[0]
            ends, is_ratio = first.by_seed(values), is_loss(metric)
            near = (
                one
                for rank in others
                for one in rank
                if is_near(ends, one.by_seed(values), is_ratio=is_ratio)
            )
            return Ranking(
                metric,
                first,
                tuple(equals[1:]),
                tuple(near),
                (others or [equals])[-1][-1],
                len(having),
                len(having) - len(beside),
                sum(one.is_unfinished(values) for one in settings),
                _differ(having, values, metric),
                _means_of(having, values, (lengths or {}).get(metric)),
            )
    return None


def best_of(
    settings: Iterable[Repeats],
    finals: Mapping[str, Mapping[str, float]],
    signs: Mapping[str, int] = SCORES,
    lengths: Mapping[str, Mapping[str, int]] | None = None,
) -> Best | None:
    """The best of some settings, for people to read; takes and returns what `ranking_of` does."""
    found = ranking_of(settings, finals, signs, lengths)
    if found is None:
        return None
    values, first = finals[found.metric], found.first
    ends = first.ends(values)
    return Best(
        min(ends, key=lambda run_id: -signs[found.metric] * ends[run_id]),
        first.name,
        found.metric,
        first.mean(values),
        found.last.mean(values),
        found.ranked,
        len(ends) if first.are_several else 0,
        tuple(one.name for one in found.equals),
        len(found.near),
        found.behind,
        found.unfinished,
        found.differ,
        found.means_of,
    )


def best_recorded(
    record: Record,
    measures: Iterable[Criterion],
    settings: Sequence[Repeats],
    finals: Mapping[str, Mapping[str, float]],
) -> tuple[Best | None, list[Criterion]]:
    """The best setting of a sweep by its measures, with these as they count in the record; `finals` as `last_scores` has them.

    Raises:
        AnalysisError: The record cannot be read.
    """
    measures, runs = tuple(measures), [run.run_id for one in settings for run in one.runs]
    criteria = as_measured(record, measures, runs)
    judged = {**finals, **scores_of(record, criteria, runs)}
    return best_of(settings, judged, signs_of(measures), lengths_of(record, criteria, runs)), criteria


def _differ(settings: Iterable[Repeats], values: Mapping[str, float], metric: str) -> str:
    """In what the runs that count differ, but for their settings."""
    counting = [(one, one.ends(values)) for one in settings]
    named = [(one.name, run) for one, ends in counting for run in one.runs if run.run_id in ends]
    return claims(differences(named, metrics={metric}))


def _means_of(
    settings: Iterable[Repeats], values: Mapping[str, float], lengths: Mapping[str, int] | None
) -> tuple[int, int] | None:
    found = (
        [lengths[run] for one in settings for run in one.ends(values) if run in lengths] if lengths else []
    )
    return (min(found), max(found)) if found else None


def _badness(values: Mapping[str, float], sign: int, setting: Repeats) -> float:
    """How bad a setting is by one metric: the less, the better."""
    mean = setting.mean(values)
    return math.inf if math.isnan(mean) else -sign * mean


def as_measured(record: Record, criteria: Iterable[Criterion], runs: Collection[str]) -> list[Criterion]:
    """The same measures: of one that no run has more than once, that value counts, whatever `value` says, as in the report.

    Raises:
        AnalysisError: The record cannot be read.
    """
    criteria = list(criteria)
    if not any(one.needs_curve for one in criteria):
        return criteria
    most: dict[str, int] = {}
    for (_, key), count in record.counts(runs).items():
        most[key] = max(count, most.get(key, 0))
    return [replace(one, is_single=True) if most.get(one.metric) == 1 else one for one in criteria]


def scores_of(
    record: Record, criteria: Iterable[Criterion], runs: Collection[str]
) -> dict[str, dict[str, float]]:
    """What these judge some runs by, where that is not the last value: metric -> run id -> what counts of its curve.

    Raises:
        AnalysisError: The record cannot be read.
    """
    by_metric = {one.metric: one for one in criteria if not one.is_last}
    found: dict[str, dict[str, float]] = {key: {} for key in by_metric}
    if not found or not runs:
        return found
    for run_id, own in curves_by_run(record.points([*found], runs)).items():
        for key, curve in own.items():
            one = by_metric[key]
            found[key][run_id] = Curve.by_step(curve).counted(one.of_curve, is_high=one.is_high)
    return found


def lengths_of(
    record: Record, criteria: Iterable[Criterion], runs: Collection[str]
) -> dict[str, dict[str, int]]:
    """Of how many values the means are by which runs are judged: metric -> run id -> count; of other measures nothing.

    Raises:
        AnalysisError: The record cannot be read.
    """
    found: dict[str, dict[str, int]] = {one.metric: {} for one in criteria if one.is_mean}
    for (run_id, key), count in record.counts(runs).items() if found and runs else ():
        if key in found:
            found[key][run_id] = count
    return found


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
