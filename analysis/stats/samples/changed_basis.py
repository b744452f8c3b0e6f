"""Says how a comparison stands where its runs are of different code, data or environment: what is left out, or that all settings have both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.read.provenance import claims
from analysis.results.provenance_marks import run_differences

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from analysis.results.results import Result

MOST_NAMED = 2
"""How many settings that are left out are named one by one."""


def changed_basis(left_out: Sequence[str], of: int, blocks: Iterable[Sequence[Result]], metric: str) -> str:
    """Return the words that stand behind a line of the head; empty where nothing is to be said.

    Args:
        left_out: The settings of the other axes whose runs differ, and are not compared.
        of: How many such settings there are.
        blocks: All runs, or where nothing is left out those that are compared with each other: these differ in the same seeds of each
            setting, or from one such group to another.
        metric: By what they are compared.
    """
    blocks = [*blocks]
    differ = claims(run_differences([run for runs in blocks for run in runs], {metric}))
    if left_out:
        which = " and ".join(left_out) if len(left_out) <= MOST_NAMED else f"{len(left_out)} of {of} settings"
        return f"compared without {which}, where runs {differ}"
    if differ and not any(run_differences(runs, {metric}) for runs in blocks):
        return f"runs {differ} between settings of the other axes, not within them"
    return f"runs {differ}, by seed and in all settings alike" if differ else ""


def as_sentence(basis: str) -> str:
    """The same behind an answer."""
    return f" {basis[:1].upper()}{basis[1:]}." if basis else ""
