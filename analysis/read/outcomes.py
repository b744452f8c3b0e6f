"""How an attempt ended, and the MLflow status that goes with it."""

from __future__ import annotations

from enum import StrEnum


class Outcome(StrEnum):
    """How the last attempt of a trial ended, as the tag `sweeps.outcome` says it."""

    FINISHED = "finished"
    FAILED = "failed"
    PRUNED = "pruned"
    INTERRUPTED = "interrupted"
    ORPHANED = "orphaned"

    @classmethod
    def read(cls, text: str) -> Outcome | None:
        """The outcome that a tag names; None for a text that is none."""
        return next((outcome for outcome in cls if outcome == text), None)

    @property
    def status(self) -> str:
        """MLflow's status of a run with this outcome."""
        return _STATUSES[self]

    @property
    def is_result(self) -> bool:
        """Whether the trial is done: it finished, or a search stopped it for good."""
        return self in {Outcome.FINISHED, Outcome.PRUNED}


_STATUSES = {
    Outcome.FINISHED: "FINISHED",
    Outcome.FAILED: "FAILED",
    Outcome.PRUNED: "FINISHED",
    Outcome.INTERRUPTED: "KILLED",
    Outcome.ORPHANED: "KILLED",
}
