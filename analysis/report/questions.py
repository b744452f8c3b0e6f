"""Puts each figure beside the question that it helps to answer. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.results.document import Question

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from analysis.results.document import Figure, Finding

FURTHER, RECORDED = "What else was recorded?", "What was recorded?"
"""The question for figures that belong to no other one, and where there is no other one."""
OTHER = "Other metrics"
"""The last one, which is folded: for figures of metrics that runs are not compared by."""


def questions(
    found: Sequence[Finding],
    figures: Sequence[Figure],
    beyond: Sequence[Figure] = (),
    minor: Mapping[str, str] | None = None,
) -> tuple[Question, ...]:
    """Return the questions of a sweep in the order of its findings, each with its figures, in their order.

    A question without any names those that show its metric, among the sweep's others and those `beyond` it.

    A figure stands with the finding that judges the same metric first of all and compares the same setting; else with one
    that judges the metric first of all; else with one that looks at it among others. The rest stands behind these, and last of
    all, folded, what shows `minor` metrics, each of which comes with what it is; where there is nothing else, it is not folded.
    """
    places = [_place(found, figure) for figure in figures]

    def at(place: int | None) -> tuple[Figure, ...]:
        return tuple(figure for figure, own in zip(figures, places, strict=True) if own == place)

    asked = [
        Question(
            finding.question,
            finding,
            at(number),
            () if number in places else _of(finding, [*figures, *beyond]),
        )
        for number, finding in enumerate(found)
    ]
    rest, lesser = _apart(at(None), minor or {})
    if not asked and not rest:
        rest, lesser = lesser, ()
    if rest:
        asked.append(Question(FURTHER if found else RECORDED, None, rest))
    if lesser:
        told = dict.fromkeys(f"{_about(one)} ({minor[_about(one)]})" for one in lesser) if minor else {}
        asked.append(Question(OTHER, None, lesser, folded=f"Runs are not compared by {', '.join(told)}."))
    return tuple(asked)


def _apart(
    figures: Sequence[Figure], minor: Mapping[str, str]
) -> tuple[tuple[Figure, ...], tuple[Figure, ...]]:
    """The figures that show more than minor metrics, and the others."""
    is_minor = [bool(one.keys) and minor.keys() >= set(one.keys) for one in figures]
    pairs = list(zip(figures, is_minor, strict=True))
    return tuple(one for one, own in pairs if not own), tuple(one for one, own in pairs if own)


def _of(finding: Finding, figures: Sequence[Figure]) -> tuple[Figure, ...]:
    """The figures of a finding's metrics, for a question that has none of its own."""
    return tuple(figure for figure in figures if _about(figure) in finding.keys)


def _place(found: Sequence[Finding], figure: Figure) -> int | None:
    fits = [_fit(finding, figure) for finding in found]
    best = max(fits, default=0)
    return fits.index(best) if best else None


def _fit(finding: Finding, figure: Figure) -> int:
    about = _about(figure)
    if about not in finding.keys:
        return 0
    if about != finding.keys[0]:
        return 1
    return 3 if finding.axis and finding.axis == figure.axis else 2


def _about(figure: Figure) -> str:
    return figure.about or next(iter(figure.keys), "")
