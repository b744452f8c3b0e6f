"""How far searches are, as rows and as lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sweeps.planning.trial import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sweeps.planning.plan import Plan
    from sweeps.planning.search_trials import Params


def search_rows(plan: Plan) -> list[dict[str, Any]]:
    """One row a search, as JSON."""
    return [
        {
            "sweep": search.sweep,
            "wanted": search.wanted,
            "ended": dict(search.ended),
            "begun": search.begun,
            "to_begin": search.to_begin,
            "starting_points": list(search.points),
        }
        for search in plan.searches
    ]


def search_lines(plan: Plan) -> Iterator[str]:
    """How far each search is, and which starting points come first."""
    for search in plan.searches:
        told = ", ".join(f"{count} {outcome}" for outcome, count in search.ended.items())
        begun = f", {search.begun} under way" if search.begun else ""
        yield (
            f"{search.sweep}: {search.done} of {search.wanted} trials done{f' ({told})' if told else ''}{begun}, "
            f"{search.to_begin} to be suggested by {search.how}"
        )
        for params in search.points[: search.to_begin]:
            yield f"{search.sweep}: starting point to come: {point_text(params)}"


def point_text(params: Params) -> str:
    """`lr 0.001, kind Cyclical`."""
    return ", ".join(f"{key} {shown(value).removeprefix('-')}" for key, value in params.items())
