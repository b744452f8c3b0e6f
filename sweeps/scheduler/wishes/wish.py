"""A wish: what a file asks for from now on, and who brings wishes to a supervisor."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from sweeps.scheduler.job import Job


@dataclass(frozen=True, slots=True)
class Wish:
    """What the file asks for from now on; of grids alone, searches go on as they began.

    Attributes:
        trials: The fingerprints of all its trials, those that are done too.
        jobs: A fresh job for each of them that may be to do, by fingerprint, in the order in which they are to start.
        parents: The runs of the sweeps.
        said: What brings it, as the beginning of a line: `e.yaml was saved`.
        is_whole: Whether all that the record lacks is asked for; else only what was not asked for before.
        retry_failed: Whether failed trials are taken up again.
        commit: Called first when it is taken up: the file is in force from then on.
        answer: Called once it is taken up, with the line that tells of it.
    """

    trials: frozenset[str]
    jobs: Mapping[str, Job]
    parents: Sequence[str]
    said: str = ""
    is_whole: bool = False
    retry_failed: bool = False
    commit: Callable[[], None] = field(default=lambda: None, repr=False, compare=False)
    answer: Callable[[str], None] = field(default=lambda _: None, repr=False, compare=False)

    def in_order(self, jobs: Iterable[Job]) -> list[Job]:
        """Jobs in the order in which they are to start; one that was done elsewhere comes first, and is found so."""
        place = {fingerprint: number for number, fingerprint in enumerate(self.jobs)}
        return sorted(jobs, key=lambda job: place.get(job.step.trial.fingerprint, -1))


class WishSource(Protocol):
    """Brings wishes to a supervisor, which asks it from one thread.

    Attributes:
        trials: The fingerprints of all trials that are wished for from the start, those that are done too.
    """

    trials: frozenset[str]

    @property
    def is_settled(self) -> bool:
        """Whether nothing is on its way; until then the supervisor does not end."""

    def due(self) -> Iterator[Wish | str]:
        """What has come since it was asked last: wishes, and sentences that the user is to read."""


class NoWishes:
    """Brings none: what is to be run stays as it was."""

    trials: frozenset[str] = frozenset()
    is_settled = True

    def due(self) -> Iterator[Wish | str]:
        """Nothing."""
        return iter(())


NO_WISHES = NoWishes()
