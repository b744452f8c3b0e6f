"""Says which trial of each sweep is the best by the file's measures: one line a sweep."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.stats.measures import number
from sweeps.record.best_trial import best_of, last_scores, signs_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sweeps.commands.session import Session


def best_lines(session: Session) -> Iterator[str]:
    """Yield `best by val/f1: a/lr0.1, 0.91 % (worst 0.84 %, of 6 finished trials)` for each sweep that has measures.

    Raises:
        AnalysisError: The record cannot be read.
    """
    measured = {sweep.name: session.spec.measures_of(sweep.name) for sweep in session.sweeps}
    signs = {name: signs_of(criteria) for name, criteria in measured.items() if criteria}
    keys = {key for own in signs.values() for key in own}
    if not keys:
        return
    finals, standing = last_scores(session.record, keys), session.record.standing
    for sweep in session.sweeps:
        runs = {
            run.run_id: run for trial in sweep.trials if (run := standing.get(trial.fingerprint)) is not None
        }
        best = best_of(runs.values(), finals, signs.get(sweep.name, {}))
        if best is not None:
            unit = next(one.unit_after for one in measured[sweep.name] if one.metric == best.metric)
            worst = f" (worst {number(best.worst, '.4g')}{unit}, of {best.compared} finished trials)"
            yield (
                f"best by {best.metric}: {sweep.name}/{best.trial}, {number(best.value, '.4g')}{unit}"
                f"{worst if best.compared > 1 else ''}"
            )
