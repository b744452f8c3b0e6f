"""Tests whether a difference changes its sign between groups of settings: then no mean over them says which setting is better.

Gail and Simon's likelihood ratio test. Of each group stands the mean difference of two settings by seed, with its variance. Q+ sums
the squared t of the groups above 0, Q- of those below. Under "no group goes against the others" the lesser of the two is largest
where one group is far off and the others lie at 0; there it is a mixture of chi-squared with 1 to k - 1 degrees of freedom, weighed by
how many of k - 1 coins fall on one side. The variance is estimated, so that F stands for chi-squared. It is that of all groups, or
the group's own where that is more: a noisy group is not to look like one that goes against the others.

Source: Gail and Simon, "Testing for qualitative interactions between treatment effects and patient subsets", Biometrics 41, 1985,
https://doi.org/10.2307/2530862.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.stats.samples.group_means import group_means
from analysis.stats.seed_tests import FEWEST, LEVEL

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True)
class Reversal:
    """What is known of a difference in each of some groups.

    Attributes:
        means: Of each group that has it, the difference.
        apart: The groups whose difference is more than noise, each by itself.
        p: That it has the same sign, or is 0, in all of them.
    """

    means: Mapping[str, float]
    apart: frozenset[str]
    p: float


def reversal(groups: Mapping[str, Sequence[float]], noise: float) -> Reversal | None:
    """Test differences by seed of each group; None where fewer than two groups have them of two seeds.

    Args:
        groups: Of each group one difference for each seed.
        noise: The least variance that a difference can have.
    """
    tested = {name: values for name, values in groups.items() if len(values) >= FEWEST}
    if len(tested) < 2:  # noqa: PLR2004 - one group goes against none
        return None
    from scipy.special import fdtrc, stdtr

    found = group_means(tested, noise)
    free = found.free
    t = {
        name: found.means[name] / math.sqrt(variance)
        for name, variance in found.variances.items()
        if variance
    }
    least = min(math.fsum(one**2 for one in t.values() if sign * one > 0) for sign in (1, -1))
    others = len(tested) - 1
    p = math.fsum(
        math.comb(others, count) / 2**others * float(fdtrc(count, free, least / count))
        for count in range(1, others + 1)
    )
    apart = frozenset(name for name, one in t.items() if 2 * float(stdtr(free, -abs(one))) < LEVEL)
    return Reversal(found.means, apart, p if least else 1.0)
