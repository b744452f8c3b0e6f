"""What there is to know of trials beside their table: measures that nobody recorded, files that they share, further seeds."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from analysis.results.criterion import not_recorded
from analysis.results.shared_files import shared_files
from sweeps.commands.seeds import seeds_hint
from sweeps.rows.status import OWN, criteria_of, is_finished

if TYPE_CHECKING:
    from sweeps.commands.session import Session
    from sweeps.planning.plan import Plan
    from sweeps.rows.status import Status


def status_notes(session: Session, plan: Plan, status: Status) -> list[str]:
    """What to know of trials as they stand, in sentences.

    Raises:
        AnalysisError: The record cannot be read.
    """
    columns = (key for row in status.rows[:1] for key in row if key not in OWN)
    having = {
        key.removesuffix(" (metric)") for key in columns if any(row[key] is not None for row in status.rows)
    }
    judging = [replace(criterion, baseline=None) for criterion in criteria_of(session)]
    lacking = not_recorded(judging, having) if any(map(is_finished, plan.steps)) else ()
    runs = [step.record for step in plan.steps if step.record is not None]
    hint = seeds_hint(session, "status")
    return [
        *lacking,
        *shared_files(runs, (step.trial.config for step in plan.steps)),
        *([hint] if hint is not None else []),
    ]
