"""Compares the settings of a file as its report does, as values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.results.matching import read_results
from analysis.results.searches.courses import comparisons
from analysis.stats.values.pairs import pairs_of as all_pairs
from sweeps.commands.report import expected_sweeps, search_results
from sweeps.errors import SelectionError, did_you_mean

if TYPE_CHECKING:
    from analysis.stats.values.pairs import Pair
    from sweeps.commands.session import Session


def pairs_of(session: Session, measure: str | None = None) -> tuple[tuple[Pair, ...], tuple[str, ...]]:
    """The tested pairs of settings, and why there are none.

    Args:
        session: The checked file.
        measure: The metric whose pairs are wanted; None: all.

    Raises:
        SelectionError: Nothing is compared by that metric.
        AnalysisError: The record cannot be read, or has nothing of this experiment.
    """
    sweeps = read_results(session.record, expected_sweeps(session))
    pairs, asked = all_pairs(sweeps, comparisons(search_results(session)))
    known = list(dict.fromkeys(one.measure.key for _, one in asked))
    if measure is not None and measure not in known:
        hint = did_you_mean(measure, known)
        told = f"the report compares by {', '.join(known)}" if known else _nothing(session)
        raise SelectionError(
            f"{session.request.file}: nothing is compared by {measure}{f'{hint} ' if hint else '; '}{told}"
        )
    wanted = tuple(pair for pair in pairs if measure in {None, pair.measure})
    if wanted:
        return wanted, ()
    if not known:
        return (), (f"{session.request.file}: {_nothing(session)}",)
    why = (
        f"{session.request.file}: nothing is tested: it takes two settings that each have two finished runs with a number, "
        f"which differ; `{session.command('run', None, '--seeds', '3')}` repeats each setting with 3 seeds"
    )
    return (), (why,)


def _nothing(session: Session) -> str:
    if not session.spec.measures_among(sweep.name for sweep in session.sweeps):
        return "the file does not say what is better; write `measures: {METRIC: higher}`, or lower, into it"
    return "no setting varies among these trials"
