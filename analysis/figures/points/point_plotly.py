"""Draws the values of a metric by setting as an interactive chart: the same marks, in the JSON that plotly.js reads.

Source: https://plotly.com/javascript/reference/scatter/ for the names of attributes.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from analysis.figures.averages.band import Band
from analysis.figures.plotly import AXIS_FONT, SYMBOLS, above_legend, level_trace, plain, scale_axis
from analysis.figures.points.point_data import ROW_COLUMNS, SPREAD
from analysis.results.grouping import short_number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from analysis.figures.points.point_data import Point, PointFigure, PointRow

ROW_PX, LEAST_PX = 34, 110
"""The height of a row, and of all rows at least."""


def point_chart(figure: PointFigure) -> dict[str, Any]:
    """Return `{"data": traces, "layout": layout}`: for each row its spread with its mean, and its runs."""
    count = len(figure.rows)
    names = ["<br>".join(map(plain, row.label_lines(ROW_COLUMNS))) for row in figure.rows]
    layout = {
        "xaxis": {
            "title": {"text": plain(figure.x_label), "standoff": 4, "font": AXIS_FONT},
            "zeroline": False,
            **scale_axis(figure),
        },
        "yaxis": {
            "tickvals": list(range(count)),
            "ticktext": names,
            "range": [count - 0.5, -0.5],
            "automargin": True,
            "zeroline": False,
        },
        "hovermode": "closest",
        **above_legend(max(LEAST_PX, ROW_PX * count), [name for name, _ in figure.levels]),
    }
    if not figure.levels:
        del layout["legend"]
    traces = [trace for place, row in enumerate(figure.rows) for trace in _traces(figure, row, place)]
    levels = [level_trace(name, (value, value), (-0.5, count - 0.5)) for name, value in figure.levels]
    return {"data": [*traces, *levels], "layout": layout}


def _traces(figure: PointFigure, row: PointRow, place: int) -> Iterator[dict[str, Any]]:
    common = {"type": "scatter", "mode": "markers", "name": plain(row.label), "showlegend": False}
    if math.isfinite(row.mean):
        mean = figure.shown(row.mean)
        low, high = map(figure.shown, row.ends)
        yield common | {
            "x": [mean],
            "y": [place],
            "marker": {"symbol": "line-ns-open", "size": 20, "color": row.style.color, "line": {"width": 3}},
            "error_x": {
                "type": "data",
                "symmetric": False,
                "array": [high - mean],
                "arrayminus": [mean - low],
                "thickness": 1.5,
                "width": 5,
            },
            "customdata": [
                f"{plain(row.label)}<br>mean {short_number(row.mean)}, standard deviation {row.spread:.2g}"
                + (f", {Band.IQR.ends_words(*row.ends, short_number)}" if figure.band == Band.IQR else "")
            ],
            "hovertemplate": "%{customdata}<extra></extra>",
        }
    finite = [point for point in row.points if math.isfinite(point.value)]
    left = figure.ends[0] if figure.ends else min((point.value for point in finite), default=0.0)
    yield common | {
        "x": [figure.shown(point.value) if math.isfinite(point.value) else left for point in row.points],
        "y": [place + SPREAD * point.place for point in row.points],
        "marker": {
            "symbol": [_symbol(figure, row, point) for point in row.points],
            "size": 8,
            "color": row.style.color,
        },
        "customdata": [_told(point) for point in row.points],
        "hovertemplate": "%{customdata}<extra></extra>",
    }


def _symbol(figure: PointFigure, row: PointRow, point: Point) -> str:
    if not math.isfinite(point.value):
        return "x-thin-open"
    shown = figure.shown(point.value)
    if shown != point.value:
        return "triangle-right" if point.value > shown else "triangle-left"
    symbol = SYMBOLS.get(row.style.marker, "circle")
    return symbol if point.is_finished else f"{symbol}-open"


def _told(point: Point) -> str:
    value = short_number(point.value) if math.isfinite(point.value) else "not a finite number"
    return f"{plain(point.name)}: {value}{'' if point.is_finished else ', not finished'}"
