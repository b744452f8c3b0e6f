"""Says how a run stands: whether anybody is at work on it, goes on with it, or has it in the file. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.read import tags
from sweeps.freeing.facts import Standing

if TYPE_CHECKING:
    from collections.abc import Collection

    from analysis.read.store import RunPlace, RunRecord


@dataclass(frozen=True, slots=True)
class Wish:
    """What the file stands for, with the flags of the command line.

    Attributes:
        fingerprints: Its trials.
        sweeps: The sweeps of the file; none where only some were asked for, as another one may have a trial now.
        profile: The profile in force; empty for none.
        words: The file's name with the flags in force, as runs are tagged with them.
    """

    fingerprints: Collection[str]
    sweeps: Collection[str]
    profile: str
    words: str

    def began(self, run: RunRecord) -> bool:
        """Whether a run was begun in the same way; one that does not say how was not."""
        return run.tags.get(tags.PROFILE, "") == self.profile and run.tags.get(tags.WISH) == self.words

    def dropped(self, run: RunRecord) -> bool:
        """Whether it had the trial of a run once: one that it would run in the same way, if it still had it.

        What was run with other flags or another profile, for another sweep or file, is left alone, and so is a run that does
        not say what it was run with.
        """
        also = filter(None, run.tags.get(tags.ALSO, "").split(","))
        return {run.sweep, *also} <= set(self.sweeps) and self.began(run) and not run.adopted


@dataclass(frozen=True, slots=True)
class Doings:
    """What is going on with a run.

    Attributes:
        may_work: Whether a process may be at work on it.
        is_held: Whether a `sweep run` holds a sweep of the experiment.
        is_sent: Whether the store has all that was logged and handed over.
        is_refused: Whether the store refused some of that for good.
    """

    may_work: bool
    is_held: bool
    is_sent: bool
    is_refused: bool


def standing_of(
    place: RunPlace | None, run: RunRecord | None, wish: Wish, doings: Doings, *, is_others: bool = False
) -> Standing:
    """Say how a run stands.

    Args:
        place: What the store says of it; None: it does not know it.
        run: Its record; None where it is deleted, or not of a trial.
        wish: What the file stands for.
        doings: What is going on with it.
        is_others: Whether another trainer ran it.
    """
    if place is None:
        return Standing.UNKNOWN
    if place.is_deleted:
        return Standing.LIVE if doings.may_work or doings.is_held else Standing.DELETED
    if run is None:
        return Standing.FOREIGN
    return _of_trial(run, wish, doings, is_others=is_others)


def _of_trial(run: RunRecord, wish: Wish, doings: Doings, *, is_others: bool) -> Standing:
    if doings.may_work:
        return Standing.LIVE
    if run.is_open or not run.has_result:
        return Standing.RESUMABLE
    if not doings.is_sent:
        return Standing.UNSENT
    if not is_others and run.fingerprint in wish.fingerprints:
        return Standing.DONE
    if is_others or not wish.dropped(run):
        return Standing.FOREIGN
    return Standing.REFUSED if doings.is_refused else Standing.REMOVED
