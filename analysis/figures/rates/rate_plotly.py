"""Draws rate against distortion as an interactive chart: the same marks, in the JSON that plotly.js reads.

Source: https://plotly.com/javascript/reference/scatter/ for the names of attributes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from analysis.figures.plotly import (
    AXIS_FONT,
    SINGLE_HEIGHT_PX,
    SYMBOLS,
    above_legend,
    log_axis,
    plain,
    y_title,
)
from analysis.figures.rates.rate_data import ends_words

if TYPE_CHECKING:
    from analysis.figures.rates.rate_data import RateFigure, RateGroup, RateMark


def rate_chart(figure: RateFigure) -> dict[str, Any]:
    """Return `{"data": traces, "layout": layout}`: a trace for each look."""
    rate_type = log_axis(figure.rates) if figure.is_log else {}
    layout = {
        "xaxis": {
            "title": {"text": _in_two(figure.x_label, " ("), "standoff": 4, "font": AXIS_FONT},
            "zeroline": False,
            **rate_type,
        },
        "yaxis": {**y_title(_in_two(figure.y_label, ": ")), "zeroline": False},
        "hovermode": "closest",
        **above_legend(SINGLE_HEIGHT_PX, [group.label for group in figure.groups]),
    }
    return {"data": [_trace(group) for group in figure.groups], "layout": layout}


def _in_two(label: str, at: str) -> str:
    """A label on two lines, as a phone has no room for one."""
    first, _, second = plain(label).partition(at)
    return f"{first}<br>{at.strip(': ')}{second}"


def _trace(group: RateGroup) -> dict[str, Any]:
    symbol, marks = SYMBOLS.get(group.style.marker, "circle"), group.marks
    trace: dict[str, Any] = {
        "type": "scatter",
        "mode": "markers",
        "name": plain(group.label),
        "x": [mark.rate for mark in marks],
        "y": [mark.distortion for mark in marks],
        "marker": {
            "symbol": [symbol if mark.is_alive else f"{symbol}-open" for mark in marks],
            "size": 11,
            "color": group.style.color,
            "line": {"width": [0 if mark.is_alive else 2 for mark in marks]},
        },
        "customdata": [_told(mark) for mark in marks],
        "hovertemplate": "%{customdata}<extra></extra>",
    }
    if any(mark.n > 1 for mark in marks):
        trace["error_x"] = _bars([(mark.rate, *mark.rate_ends) for mark in marks])
        trace["error_y"] = _bars([(mark.distortion, *mark.distortion_ends) for mark in marks])
    return trace


def _bars(ends: list[tuple[float, float, float]]) -> dict[str, Any]:
    return {
        "type": "data",
        "symmetric": False,
        "array": [high - middle for middle, _, high in ends],
        "arrayminus": [middle - low for middle, low, _ in ends],
        "thickness": 1.5,
        "width": 3,
    }


def _told(mark: RateMark) -> str:
    many = "" if mark.active == (1, 1) else "s"
    n = f", n = {mark.n}" if mark.n > 1 else ""
    return f"{plain(mark.label)}<br>{mark.rate:.3g} nats a frame, {mark.distortion:.4g}{n}<br>{ends_words(mark.active)} active unit{many}"
