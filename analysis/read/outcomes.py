"""How an attempt ended, or that the trial is given up, and the MLflow status that goes with it."""

from __future__ import annotations

from enum import StrEnum

NOT_STARTED = "not started"
"""What is said in place of an outcome where there was no attempt."""


class Outcome(StrEnum):
    """How the last attempt of a trial ended, as the tag `sweeps.outcome` says it."""

    FINISHED = "finished"
    FAILED = "failed"
    PRUNED = "pruned"
    INTERRUPTED = "interrupted"
    ORPHANED = "orphaned"
    ABANDONED = "abandoned"

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

    @property
    def is_closed(self) -> bool:
        """Whether nobody takes the trial up again unless asked for it by name: it has a result, or the user gave it up."""
        return self.is_result or self is Outcome.ABANDONED

    @property
    def is_end(self) -> bool:
        """Whether it ends the trial for now: it has a result, was given up, or failed; else it is only interrupted."""
        return self.is_closed or self is Outcome.FAILED


_STATUSES = {
    Outcome.FINISHED: "FINISHED",
    Outcome.FAILED: "FAILED",
    Outcome.PRUNED: "FINISHED",
    Outcome.INTERRUPTED: "KILLED",
    Outcome.ORPHANED: "KILLED",
    Outcome.ABANDONED: "KILLED",
}
