"""Draws a response curve as an interactive chart: the same marks, bars and points, in the JSON that plotly.js reads.

Source: https://plotly.com/javascript/reference/scatter/ for the names of attributes.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from analysis.figures.averages.band import Band
from analysis.figures.plotly import (
    AXIS_FONT,
    SINGLE_HEIGHT_PX,
    SYMBOLS,
    above_legend,
    dash,
    level_trace,
    plain,
    scale_axis,
    y_title,
)
from analysis.results.grouping import short_number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from analysis.figures.responses.response_data import (
        ResponseFigure,
        ResponseLine,
        ResponseMark,
        ResponseRun,
    )

FAINT = 0.4


def response_chart(figure: ResponseFigure) -> dict[str, Any]:
    """Return `{"data": traces, "layout": layout}`: of each curve its runs, and its means with their bars."""
    names = [line.label for line in figure.lines if line.label] + [name for name, _ in figure.levels]
    ends = [math.log10(end) if figure.x_is_log else end for end in figure.x_ends]
    layout: dict[str, Any] = {
        "xaxis": {
            "title": {"text": plain(figure.x_label), "standoff": 4, "font": AXIS_FONT},
            "type": "log" if figure.x_is_log else "linear",
            "range": ends,
            "tickvals": [x for x, _ in figure.ticks],
            "ticktext": ["<br>".join(map(plain, text.splitlines())) for _, text in figure.ticks],
            "ticks": "outside",
            "zeroline": False,
        },
        "yaxis": {
            **y_title("<br>".join(map(plain, figure.y_lines))),
            "zeroline": False,
            **scale_axis(figure),
        },
        "hovermode": "closest",
        **above_legend(SINGLE_HEIGHT_PX, names),
    }
    if not names:
        del layout["legend"]
    traces = [trace for line in figure.lines for trace in _traces(figure, line)]
    levels = [level_trace(name, figure.x_ends, (value, value)) for name, value in figure.levels]
    return {"data": [*traces, *levels], "layout": layout}


def _traces(figure: ResponseFigure, line: ResponseLine) -> Iterator[dict[str, Any]]:
    color, name = line.style.color, plain(line.label)
    common = {
        "type": "scatter",
        "name": name,
        "legendgroup": name,
        "hovertemplate": "%{customdata}<extra></extra>",
    }
    is_repeated = any(mark.n > 1 for mark in line.marks)
    drawn = [run for run in line.runs if is_repeated or not _is_inside(figure, run)]
    finite = [run.value for one in figure.lines for run in one.runs if math.isfinite(run.value)]
    bottom = figure.ends[0] if figure.ends else min(finite, default=0.0)
    if drawn:
        yield common | {
            "mode": "markers",
            "cliponaxis": False,
            "showlegend": False,
            "x": [figure.place(line, run.x) for run in drawn],
            "y": [figure.shown(run.value) if math.isfinite(run.value) else bottom for run in drawn],
            "marker": {
                "symbol": [_symbol(figure, run) for run in drawn],
                "size": [6 if _is_inside(figure, run) else 9 for run in drawn],
                "opacity": [FAINT if _is_inside(figure, run) else 1.0 for run in drawn],
                "color": color,
            },
            "customdata": [_told_run(run) for run in drawn],
        }
    means = [figure.shown(mark.mean) for mark in line.marks]
    yield common | {
        "mode": "lines+markers",
        "showlegend": bool(line.label),
        "x": [figure.place(line, mark.x) for mark in line.marks],
        "y": [mean if math.isfinite(mean) else None for mean in means],
        "line": {"color": color, "width": 2, "dash": dash(line.style)},
        "marker": {"symbol": SYMBOLS.get(line.style.marker, "circle"), "size": 8, "color": color},
        "customdata": [_told(figure, line, mark) for mark in line.marks],
        **({"error_y": _bars(figure, line)} if is_repeated else {}),
    }


def _bars(figure: ResponseFigure, line: ResponseLine) -> dict[str, Any]:
    ends = [
        tuple(map(figure.shown, (mark.low, mark.mean, mark.high))) if mark.n > 1 else None
        for mark in line.marks
    ]
    return {
        "type": "data",
        "symmetric": False,
        "array": [one[2] - one[1] if one else None for one in ends],
        "arrayminus": [one[1] - one[0] if one else None for one in ends],
        "thickness": 1.5,
        "width": 3,
    }


def _is_inside(figure: ResponseFigure, run: ResponseRun) -> bool:
    return math.isfinite(run.value) and not figure.is_outside(run.value)


def _symbol(figure: ResponseFigure, run: ResponseRun) -> str:
    if not math.isfinite(run.value):
        return "x-thin-open"
    if not figure.is_outside(run.value):
        return "circle"
    return "triangle-up" if run.value > figure.shown(run.value) else "triangle-down"


def _told(figure: ResponseFigure, line: ResponseLine, mark: ResponseMark) -> str:
    name = f"{plain(line.label)}, {plain(mark.label)}" if line.label else plain(mark.label)
    if mark.n < 2:  # noqa: PLR2004 - no mean
        return f"{name}: {short_number(mark.mean)}" if mark.n else name
    ends = Band(figure.band).ends_words(mark.low, mark.high, short_number)
    return f"{name}<br>mean {short_number(mark.mean)}, {ends}, n = {mark.n}"


def _told_run(run: ResponseRun) -> str:
    return (
        f"{plain(run.name)}: {short_number(run.value) if math.isfinite(run.value) else 'not a finite number'}"
    )
