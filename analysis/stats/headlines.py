"""Chooses what stands at the head of a report: three to five findings, one line each. Pure."""

from __future__ import annotations

from itertools import chain, zip_longest
from typing import TYPE_CHECKING

from analysis.results.document import Headline
from analysis.stats.baseline import baseline_headline

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from analysis.results.criterion import Criterion
    from analysis.results.document import Finding
    from analysis.results.results import Result, SweepResults

MOST = 5
"""How many lines a reader takes in at a glance."""


def headlines(
    sweeps: Sequence[SweepResults], found: Sequence[Sequence[Finding]], searched: Sequence[Finding] = ()
) -> tuple[Headline, ...]:
    """Return the lines for the head of the report, the most important first.

    Whether a baseline is beaten, such as copying the first frame, is one line for all sweeps. Then each sweep and search in turn has its next
    line, by the rank of its findings.

    Args:
        sweeps: The grids.
        found: For each grid its findings.
        searched: For each search, whose sections come after those of the grids, its finding.
    """
    queues = [
        [
            Headline(finding.headline, place, number)
            for number, finding in sorted(enumerate(own), key=lambda item: item[1].rank)
            if finding.headline
        ]
        for place, own in enumerate([*found, *([one] for one in searched)])
    ]
    first = list(_baselines(sweeps))
    in_turn = [line for line in chain.from_iterable(zip_longest(*queues)) if line is not None]
    return (*first, *in_turn)[:MOST]


def _baselines(sweeps: Sequence[SweepResults]) -> Iterator[Headline]:
    """A line for each measure with a baseline, over all sweeps that are judged by it; of one sweep it leads to its question."""
    judged: dict[Criterion, list[tuple[str, Sequence[Result]]]] = {}
    for sweep in sweeps:
        for criterion in sweep.criteria:
            if criterion.baseline is not None:
                judged.setdefault(criterion, []).append((sweep.expected.name, sweep.results))
    for number, (criterion, having) in enumerate(judged.items()):
        if line := baseline_headline(criterion, having):
            yield Headline(line, 0 if len(sweeps) == 1 else None, number if len(sweeps) == 1 else 0)
