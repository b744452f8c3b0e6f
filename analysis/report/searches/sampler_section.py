"""Writes the section in which searches of one task are compared: what they have in common, the question, its figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.results.document import Question, Section
from analysis.stats.remarks import of_few_repeats
from analysis.stats.words.phrases import capital

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analysis.results.document import Figure, Finding
    from analysis.results.searches.courses import Comparison


def sampler_section(
    comparison: Comparison, finding: Finding, figures: Sequence[Figure], *, alone: bool = True
) -> Section:
    """Return the section of one comparison; `finding` and `figures` are its own, `alone` says whether there is no other."""
    first = comparison.every[0].search
    of = "" if alone else f", {first.name} and others"
    return Section(
        name=f"{capital(comparison.axis)}s compared{of}",
        summary=_summary(comparison),
        incomplete=(),
        warnings=(),
        differences=(),
        questions=(Question(finding.question, finding, tuple(figures)),),
        results=None,
        commands=(),
        remarks=of_few_repeats([finding]),
    )


def _summary(comparison: Comparison) -> str:
    searched = ", ".join(comparison.every[0].search.space)
    of_each = "; ".join(
        f"{label} in {', '.join(course.search.name for course in courses)}"
        for label, courses in comparison.courses.items()
    )
    return f"Searches of the same space ({searched}), objective and fixed settings: {of_each}."
