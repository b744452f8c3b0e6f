"""The tags and the note of an adopted run: whose trial it is, where it was found, and what nobody knows of it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.read import tags
from analysis.read.outcomes import Outcome
from analysis.report.markdown import words
from sweeps.record.notes import next_command

if TYPE_CHECKING:
    from collections.abc import Mapping

    from analysis.read.store import RunRecord
    from sweeps.adoption.decisions import Decision
    from sweeps.planning.trial import Trial

_KEPT = ("mlflow.source.", "mlflow.user")
"""Of MLflow's own tags those that say who ran what; others speak of the run that they stand on."""
_PROVENANCE = (tags.CODE, tags.FILES, tags.METRICS, tags.DATA, tags.ENV, tags.EPOCHS, tags.SECONDS)
"""Tags of a run that `sweep` itself ran in another experiment: what it knew of it holds."""


def identity_tags(decision: Decision, trial: Trial, parent: str, shared: Mapping[str, str]) -> dict[str, str]:
    """The tags that make a run this trial's, the shared ones of the file's runs included, but for `sweeps.kind`, which makes it count."""
    return {
        tags.SWEEP: trial.sweep,
        tags.TRIAL: trial.name,
        tags.FINGERPRINT: trial.fingerprint,
        tags.PARENT: parent,
        tags.OUTCOME: Outcome.FINISHED.value,
        tags.ADOPTED: decision.found.origin,
        **shared,
    }


def taken_over(run: RunRecord) -> dict[str, str]:
    """The tags of a run that hold for its copy, too."""
    own = {key: value for key, value in run.tags.items() if key in _PROVENANCE}
    others = {
        key: value
        for key, value in run.tags.items()
        if key.startswith(_KEPT) or not key.startswith(("mlflow.", "sweeps."))
    }
    return own | others


def note(decision: Decision, trial: Trial, repeat: str) -> str:
    """Markdown for `mlflow.note.content`."""
    parts = [
        f"**{words(trial.name)}**, a trial of the sweep *{words(trial.sweep)}*, adopted from {words(decision.found.origin)}.",
        "`sweep` did not run it, and knows of its code, data and environment no more than its tags say.",
    ]
    if decision.match.assumed:
        parts.append(
            f"It does not say {words(', '.join(decision.match.assumed))}: the values of the file are taken for these."
        )
    return "\n\n".join([*parts, next_command(repeat, Outcome.FINISHED)])
