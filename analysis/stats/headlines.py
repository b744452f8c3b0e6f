"""Chooses what stands at the head of a report: three to five findings, one line each. Pure."""

from __future__ import annotations

from itertools import chain, zip_longest
from typing import TYPE_CHECKING

from analysis.results.document import Headline
from analysis.stats.copying import copying_headline

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

    Whether models beat copying the first frame is one line for all sweeps. Then each sweep and search in turn has its next
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
    video = [place for place, one in enumerate(sweeps) if one.is_of_video]
    copied = copying_headline([(sweeps[place].expected.name, sweeps[place].results) for place in video])
    # One line for all sweeps leads to the first that asks.
    first = [Headline(copied, video[0] if len(sweeps) == 1 else None, 0)] if copied else []
    in_turn = [line for line in chain.from_iterable(zip_longest(*queues)) if line is not None]
    return (*first, *in_turn)[:MOST]
