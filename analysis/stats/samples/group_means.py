"""Means of differences in groups of settings, with the variance that a test may take each of them to have."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True)
class GroupMeans:
    """The mean difference of each group.

    Attributes:
        means: By the name of the group.
        variances: Of each of these means; 0 of all where no difference varies.
        free: The degrees of freedom of the variance of all groups.
    """

    means: Mapping[str, float]
    variances: Mapping[str, float]
    free: int


def group_means(groups: Mapping[str, Sequence[float]], noise: float) -> GroupMeans:
    """Average the differences of each group. The variance is that of all groups, or the group's own where that is more.

    Args:
        groups: Of each group its differences, two at least.
        noise: The least variance that a difference can have.
    """
    means = {name: math.fsum(values) / len(values) for name, values in groups.items()}
    squares = {name: math.fsum((one - means[name]) ** 2 for one in values) for name, values in groups.items()}
    free = sum(len(values) - 1 for values in groups.values())
    pooled = max(math.fsum(squares.values()) / free, noise)
    variances = {
        name: max(pooled, squares[name] / (len(values) - 1)) / len(values) for name, values in groups.items()
    }
    return GroupMeans(means, variances, free)
