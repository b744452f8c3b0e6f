"""Which settings of a search its scores depend on more than chance gives: a permutation test of each setting. Pure.

An importance of fANOVA is a share of what a forest of trees explains, and the forest explains noise as well: the shares of settings without any
effect add up to 1, too. So each setting is tested by itself. Its values are put into groups: choices as they are, numbers by their quantiles.
What is compared is how far the mean ranks of the scores differ between the groups (Kruskal and Wallis), with what it is where the scores
are shuffled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np

SHUFFLES = 999
ALPHA = 0.05
PER_GROUP, MOST_GROUPS = 5, 5
"""About so many trials make a group of numbers, and there are at most so many groups."""
_SLACK = 1e-9


def above_chance(
    settings: Mapping[str, Sequence[Any]], scores: Sequence[float], seed: int = 0
) -> tuple[str, ...]:
    """Return the settings whose p is below 0.05, corrected for how many are tested (Holm), in the order in which they are given.

    Args:
        settings: By setting its value in each trial.
        scores: What each trial scored.
        seed: Of the shuffles.
    """
    import numpy as np

    ranks = _ranks(np.asarray(scores, dtype=float))
    shuffler = np.random.default_rng(seed)
    shuffled = np.stack([ranks, *(shuffler.permutation(ranks) for _ in range(SHUFFLES))])
    chances = {key: _chance(shuffled, _groups(values)) for key, values in settings.items()}
    found: set[str] = set()
    for place, key in enumerate(sorted(chances, key=chances.__getitem__)):
        if chances[key] * (len(chances) - place) >= ALPHA:
            break
        found.add(key)
    return tuple(key for key in settings if key in found)


def _chance(shuffled: np.ndarray, groups: np.ndarray) -> float:
    """How often the groups of shuffled ranks, one row each, differ at least as much as those of the first row, which are as they were."""
    import numpy as np

    members = np.eye(groups.max() + 1)[groups]
    differ = ((shuffled @ members) ** 2 / members.sum(axis=0)).sum(axis=1)
    return float(np.mean(differ >= differ[0] * (1 - _SLACK)))


def _groups(values: Sequence[Any]) -> np.ndarray:
    """The number of each value's group, from 0 without a gap."""
    import numpy as np

    numbers = all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)
    if not numbers:
        return np.unique([repr(value) for value in values], return_inverse=True)[1]
    count = min(MOST_GROUPS, max(2, len(values) // PER_GROUP))
    if len(set(values)) <= count:
        return np.unique(np.asarray(values, dtype=float), return_inverse=True)[1]
    found = np.asarray(_ranks(np.asarray(values, dtype=float)) * count // len(values), dtype=int)
    return np.unique(np.minimum(found, count - 1), return_inverse=True)[1]


def _ranks(values: np.ndarray) -> np.ndarray:
    """The ranks from 0, of equals their mean."""
    import numpy as np

    _, where, counts = np.unique(values, return_inverse=True, return_counts=True)
    return ((np.cumsum(counts) - (counts + 1) / 2)[where]).astype(float)
