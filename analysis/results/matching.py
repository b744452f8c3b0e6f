"""The wish beside the record: each expected trial finds its run, and the runs their curves and marks."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from analysis.read.standing import standing_runs
from analysis.results.provenance_marks import with_marks
from analysis.results.results import KEYS, LARGEST, Curve, Result, StudyResults, is_of_video

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from analysis.read.record import Record
    from analysis.read.store import RunRecord
    from analysis.results.study import Study


def read_results(record: Record, studies: Sequence[Study]) -> tuple[StudyResults, ...]:
    """Find the run of every expected trial, and read the curves of these runs alone.

    Raises:
        AnalysisError: As `load_curves`.
    """
    from analysis.read.frames import curves_of

    record.require()
    matched = [match(study, record.runs) for study in studies]
    wanted: dict[Collection[str] | None, set[str]] = {KEYS: set(), None: set()}
    for found in matched:
        wanted[KEYS if is_of_video(found.study) else None].update(
            result.run.run_id for result in found.results if result.run
        )
    curves: defaultdict[str, dict[str, Curve]] = defaultdict(dict)
    for keys, run_ids in wanted.items():
        if not run_ids:
            continue
        frame = curves_of(record, keys, run_ids)
        for (run_id, key), points in frame.groupby(["run_id", "key"], sort=True):
            values = (value if abs(value) < LARGEST else math.nan for value in points["value"].tolist())
            curves[str(run_id)][str(key)] = Curve(tuple(points["step"].tolist()), tuple(values))
    return with_marks(
        [
            StudyResults(
                found.study,
                tuple(
                    replace(result, curves=curves[result.run.run_id]) if result.run else result
                    for result in found.results
                ),
            )
            for found in matched
        ]
    )


def match(study: Study, runs: Iterable[RunRecord]) -> StudyResults:
    """Find the run that stands for each expected trial (see `standing_runs`), by its fingerprint."""
    runs = tuple(runs)
    standing = standing_runs(runs)
    several = Counter(run.fingerprint for run in runs if run.is_trial)
    return StudyResults(
        study,
        tuple(
            Result(trial, standing.get(trial.fingerprint), others=max(0, several[trial.fingerprint] - 1))
            for trial in study.trials
        ),
    )
