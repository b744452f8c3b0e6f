"""A sweep of the file with its trials."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from analysis.results.searches.prunings import PruningSearch
    from sweeps.planning.search_trials import SearchTrials
    from sweeps.planning.trial import Trial
    from sweeps.spec.model import SweepSpec
    from sweeps.spec.resources import Keep


@dataclass(frozen=True, slots=True)
class Sweep:
    """One sweep of the spec, expanded.

    Attributes:
        spec: What the file says.
        axes: The keys that vary.
        trials: The trials; of a search, those that the record has.
        search: Makes trials of suggestions, for a search.
    """

    spec: SweepSpec
    axes: tuple[str, ...]
    trials: tuple[Trial, ...]
    search: SearchTrials | None = field(default=None, repr=False, compare=False)

    @property
    def name(self) -> str:
        """The sweep's name."""
        return self.spec.name

    @property
    def pruning(self) -> PruningSearch | None:
        """Its search where that has a pruner; None: it prunes nothing."""
        return self.search.pruning if self.search is not None else None

    @property
    def size(self) -> int:
        """How many trials there are to be."""
        return len(self.trials) if self.search is None else self.search.spec.total


def keeps_of(sweeps: Iterable[Sweep]) -> dict[str, frozenset[Keep]]:
    """What the sweeps keep of each trial's checkpoints, by fingerprint: all their wishes where they share one."""
    keeps: dict[str, frozenset[Keep]] = {}
    for sweep in sweeps:
        own = frozenset({sweep.spec.keep})
        for trial in sweep.trials:
            keeps[trial.fingerprint] = keeps.get(trial.fingerprint, own) | own
    return keeps
