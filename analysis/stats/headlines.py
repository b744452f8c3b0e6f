"""Chooses what stands at the head of a report: three to five findings, one line each. Pure."""

from __future__ import annotations

from collections import defaultdict
from itertools import chain, zip_longest
from typing import TYPE_CHECKING

from analysis.results.document import Headline

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analysis.results.document import Finding
    from analysis.results.results import SweepResults

MOST = 5
"""How many lines a reader takes in at a glance."""


def headlines(
    sweeps: Sequence[SweepResults], found: Sequence[Sequence[Finding]], searched: Sequence[Finding] = ()
) -> tuple[Headline, ...]:
    """Return the lines for the head of the report, the most important first.

    Those of a rank below 0 stand first: whether a baseline is beaten, such as copying the first frame. Then each sweep and
    search in turn has its next line, by the rank of its findings. What sweeps pool is one line, where the first has its turn.

    Args:
        sweeps: The grids.
        found: For each grid its findings.
        searched: For each search, whose sections come after those of the grids, its finding.
    """
    pooled = _pooled(sweeps, found)
    queues = [
        [
            (finding.rank, pooled.get(finding.question) or Headline(finding.headline, place, number))
            for number, finding in sorted(enumerate(own), key=lambda item: item[1].rank)
            if finding.headline
        ]
        for place, own in enumerate([*found, *([one] for one in searched)])
    ]
    first = [line for queue in queues for rank, line in queue if rank < 0]
    later = [[line for rank, line in queue if rank >= 0] for queue in queues]
    in_turn = [line for line in chain.from_iterable(zip_longest(*later)) if line is not None]
    return tuple(dict.fromkeys((*first, *in_turn)))[:MOST]


def _pooled(sweeps: Sequence[SweepResults], found: Sequence[Sequence[Finding]]) -> dict[str, Headline]:
    """The lines that stand for several sweeps, by the question that all of these have an answer to."""
    asked: defaultdict[str, list[tuple[SweepResults, Finding]]] = defaultdict(list)
    for sweep, own in zip(sweeps, found, strict=True):
        for finding in own:
            if finding.pooled and finding.headline:
                asked[finding.question].append((sweep, finding))
    lines = {}
    for question, having in asked.items():
        _, first = having[0]
        if first.pooled and len(having) > 1:
            lines[question] = Headline(
                first.pooled([(sweep.expected.name, sweep.results) for sweep, _ in having])
            )
    return lines
