"""Finds the run of each expected trial in the record, and reads the curves of these runs."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from analysis.read.standing import standing_runs
from analysis.results import machine
from analysis.results.curves import LARGEST, Curve
from analysis.results.provenance_marks import with_marks
from analysis.results.results import KEYS, PSNR, Result, SweepResults, is_of_video
from analysis.results.searches.prunings import as_seen

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from analysis.read.record import Record
    from analysis.read.store import RunRecord
    from analysis.results.expected import ExpectedSweep


def read_results(record: Record, sweeps: Sequence[ExpectedSweep]) -> tuple[SweepResults, ...]:
    """Find the run of every expected trial, and read the curves of these runs alone.

    Raises:
        AnalysisError: As `load_curves`.
    """
    from analysis.read.frames import curves_of

    record.require()
    matched = [match(sweep, record.runs) for sweep in sweeps]
    curves: defaultdict[str, dict[str, Curve]] = defaultdict(dict)
    sampled: defaultdict[str, dict[str, Curve]] = defaultdict(dict)

    def read(keys: Collection[str] | None, sweeps: Iterable[SweepResults]) -> None:
        run_ids = {run_id for sweep in sweeps for run_id in _run_ids(sweep)}
        if not run_ids:
            return
        frame = curves_of(record, keys, run_ids)
        for (run_id, key), points in frame.groupby(["run_id", "key"], sort=True):
            values = (value if abs(value) < LARGEST else math.nan for value in points["value"].tolist())
            kind = sampled if str(key).startswith(machine.OF_MACHINE) else curves
            kind[str(run_id)][str(key)] = Curve(tuple(points["step"].tolist()), tuple(values))

    judging = {key for sweep in sweeps for criterion in sweep.criteria for key in criterion.keys}
    keys = dict.fromkeys((*KEYS, *machine.KEYS, *sorted(judging)))
    read(list(keys), [sweep for sweep in matched if is_of_video(sweep.expected)])
    # A script may have the video trainer's settings, and metrics of its own.
    read(None, [sweep for sweep in matched if not any(PSNR in curves[run_id] for run_id in _run_ids(sweep))])
    return with_marks(
        [
            SweepResults(
                sweep.expected,
                tuple(
                    _with_curves(result, curves[result.run.run_id], sampled[result.run.run_id])
                    if result.run
                    else result
                    for result in sweep.results
                ),
            )
            for sweep in matched
        ]
    )


def _with_curves(result: Result, curves: Mapping[str, Curve], sampled: Mapping[str, Curve]) -> Result:
    return replace(
        result, curves=curves, load=machine.Load.over({key: curve.values for key, curve in sampled.items()})
    )


def _run_ids(sweep: SweepResults) -> set[str]:
    return {result.run.run_id for result in sweep.results if result.run}


def match(sweep: ExpectedSweep, runs: Iterable[RunRecord]) -> SweepResults:
    """Find the run that stands for each expected trial (see `standing_runs`), by its fingerprint; what a search pruned is unfinished."""
    runs = tuple(runs)
    # Of a grid, which prunes nothing.
    standing = {own: as_seen(run, None) for own, run in standing_runs(runs).items()}
    several = Counter(run.fingerprint for run in runs if run.is_trial)
    return SweepResults(
        sweep,
        tuple(
            Result(
                trial,
                standing.get(trial.fingerprint),
                others=max(0, several[trial.fingerprint] - 1),
            )
            for trial in sweep.trials
        ),
    )
