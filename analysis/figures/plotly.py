"""Draws a `FigureData` as an interactive chart: the same panels, lines and looks, in the JSON that plotly.js reads.

Source: https://plotly.com/javascript/reference/ for the names of traces, axes and layout.
"""

from __future__ import annotations

import math
import textwrap
from typing import TYPE_CHECKING, Any

from analysis.figures.palette import BASELINE
from analysis.figures.scale import gaps_of, has_few_decades, limits, outside
from analysis.visible import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from analysis.figures.figure_data import FigureData, Line, Panel
    from analysis.figures.palette import Style
    from analysis.figures.scale import OnScale

PANEL_HEIGHT_PX, SINGLE_HEIGHT_PX = 190, 320
LEGEND_ROW_PX, AROUND_PX = 29, 76
HANDLE_CHARACTERS, ROW_CHARACTERS = 8, 48
"""How many characters a line's sample takes in the legend, and how many fit in a row on a phone."""
AXIS_FONT = {"size": 12}
"""Of the titles of both axes: as large as the numbers beside them."""
TITLE_ROW_PX, TITLE_CHARACTERS = 16, 40
"""A row of a panel's title, and how many characters one has room for where a panel is as wide as a phone."""
GAP_SHARE = 0.08
"""How much of the height between two rows of panels stays free, as a share of one panel."""
SYMBOLS = {
    "o": "circle",
    "s": "square",
    "^": "triangle-up",
    "D": "diamond",
    "v": "triangle-down",
    "*": "star",
    "X": "x",
}
MARKED_POINTS = 60
"""Up to how many points each is marked; beyond, markers hide the line."""
BAND_OPACITY = 0.18
FEW_STEPS = 8
"""Up to how many steps plotly.js would put ticks between them."""


def chart(figure: FigureData) -> dict[str, Any]:
    """Return `{"data": traces, "layout": layout}`: plain values, a gap where a value is not a finite number."""
    rows = math.ceil(len(figure.panels) / figure.columns)
    title_rows = max((len(_title(panel, figure.columns)) for panel in figure.panels), default=0)
    named: dict[str, None] = {}  # in the order of the legend
    traces: list[dict[str, Any]] = []
    layout: dict[str, Any] = {"annotations": []}
    for index, panel in enumerate(figure.panels):
        x, y = _axis_names(index, figure.columns)
        domain_x, domain_y = _domains(index, rows, figure.columns, title_rows)
        last_of_column = index + figure.columns >= len(figure.panels)
        layout[f"yaxis{y[1:]}"] = _y_axis(panel, domain_y, x, shared=figure.columns > 1 and index > 0)
        if index % figure.columns and panel.y_label == figure.panels[index - 1].y_label:
            layout[f"yaxis{y[1:]}"] |= {"title": None, "showticklabels": False}  # they stand to the left
        if figure.columns > 1 or last_of_column:
            layout[f"xaxis{x[1:]}"] = _x_axis(
                panel, domain_x, y, labelled=last_of_column, shared=figure.columns > 1 and index > 0
            )
        layout["annotations"] += _words(panel, domain_x, domain_y, figure.columns)
        unit = f" {plain(panel.y_label)}" if figure.columns == 1 and len(figure.panels) > 1 else ""
        for line in panel.lines:
            traces += _traces(line, panel, x, y, first=line.label not in named, unit=unit)
            named[line.label] = None
    height_px = SINGLE_HEIGHT_PX if len(figure.panels) == 1 else PANEL_HEIGHT_PX * rows
    further_px = TITLE_ROW_PX * max(0, title_rows - 1)
    layout |= {"hovermode": "x unified", "hoversubplots": "axis", **above_legend(height_px, named)}
    layout["height"] += further_px * rows
    layout["margin"]["t"] += further_px
    return {"data": traces, "layout": layout}


def above_legend(height_px: int, names: Iterable[str]) -> dict[str, Any]:
    """Return a layout's height, margins and legend: panels of that height, and below them room for these names on a phone."""
    rows, filled = 0, ROW_CHARACTERS
    for name in names:
        own = len(name) + HANDLE_CHARACTERS
        if filled + own > ROW_CHARACTERS:
            rows, filled = rows + 1, 0
        filled += own
    legend_px = LEGEND_ROW_PX * rows
    return {
        "height": height_px + AROUND_PX + legend_px,
        "legend": {"orientation": "h", "yref": "container", "yanchor": "bottom", "y": 0, "x": 0},
        "margin": {"l": 64, "r": 12, "t": 32, "b": 48 + legend_px},
    }


def _axis_names(index: int, columns: int) -> tuple[str, str]:
    """Panels above each other share one x axis, so that hovering over one shows them all."""
    number = "" if index == 0 else str(index + 1)
    return ("x" if columns == 1 else f"x{number}"), f"y{number}"


def _domains(index: int, rows: int, columns: int, title_rows: int) -> tuple[list[float], list[float]]:
    row, column = divmod(index, columns)
    gap = (
        GAP_SHARE * (2 if title_rows else 1) + TITLE_ROW_PX / PANEL_HEIGHT_PX * max(0, title_rows - 1)
    ) / rows
    height = (1 - gap * (rows - 1)) / rows
    top = 1 - row * (height + gap)
    width = 1 / columns - (0.04 if columns > 1 else 0.0)
    left = column / columns + (0.04 if column else 0.0)
    return [round(left, 6), round(left + width, 6)], [round(max(0.0, top - height), 6), round(top, 6)]


def _x_axis(panel: Panel, domain: list[float], y: str, *, labelled: bool, shared: bool) -> dict[str, Any]:
    axis: dict[str, Any] = {"domain": domain, "anchor": y, "zeroline": False}
    steps = [step for line in panel.lines for step in line.places]
    if steps and max(steps) - min(steps) <= FEW_STEPS:
        axis["dtick"] = 1  # there is no epoch 0.5
    if labelled:
        axis["title"] = {"text": panel.x_label, "standoff": 4, "font": AXIS_FONT}
    else:
        axis["showticklabels"] = False  # they stand below the last panel of the column
    return axis | ({"matches": "x"} if shared else {})


def _y_axis(panel: Panel, domain: list[float], x: str, *, shared: bool) -> dict[str, Any]:
    axis: dict[str, Any] = {
        "domain": domain,
        "anchor": x,
        **y_title(plain(panel.y_label).replace(" (log scale)", "<br>(log scale)")),
        "zeroline": False,
    }
    if panel.log:
        axis |= log_axis(panel.y_range)
    if panel.y_range:
        ends = limits(panel.y_range, log=panel.log)
        axis["range"] = [math.log10(end) if panel.log else end for end in ends]
    return axis | ({"matches": "y"} if shared else {})


def y_title(text: str) -> dict[str, Any]:
    """Return what gives a y axis its title; one on several lines needs room beside the numbers, whatever their width."""
    title: dict[str, Any] = {"text": text, "font": AXIS_FONT}
    return {"title": title | {"standoff": 6}, "automargin": True} if "<br>" in text else {"title": title}


def log_axis(shown: tuple[float, float] | None) -> dict[str, Any]:
    """Return what puts an axis with that range on a log scale, with as many labels as in the image."""
    # Without a format plotly.js writes what is twice and five times a power of ten as 2 and 5 alone, and 0.0001 as 100µ.
    return {"type": "log", "dtick": "D2" if has_few_decades(shown) else 1, "tickformat": "~g"}


def scale_axis(figure: OnScale) -> dict[str, Any]:
    """Return what puts an axis on the scale of a figure; nothing where the data choose."""
    if not (figure.scale and figure.ends):
        return {}
    scale = log_axis((figure.scale.low, figure.scale.high)) if figure.is_log else {}
    return {**scale, "range": [math.log10(end) if figure.is_log else end for end in figure.ends]}


def level_trace(name: str, x: Sequence[float], y: Sequence[float]) -> dict[str, Any]:
    """Return the line of a baseline's level, from end to end of its axes."""
    return {
        "type": "scatter",
        "mode": "lines",
        "name": plain(name),
        "x": list(x),
        "y": list(y),
        "line": {"color": BASELINE.color, "width": 2, "dash": "dot"},
        "hoverinfo": "name",
    }


def _title(panel: Panel, columns: int) -> list[str]:
    """The rows that a panel's title takes, so that it stays above its panel on a phone, too."""
    return textwrap.wrap(panel.title, TITLE_CHARACTERS // columns)


def _words(
    panel: Panel, domain_x: Sequence[float], domain_y: Sequence[float], columns: int
) -> Iterator[dict[str, Any]]:
    middle = (domain_x[0] + domain_x[1]) / 2
    common = {"xref": "paper", "yref": "paper", "x": middle, "xanchor": "center", "showarrow": False}
    if panel.title:
        text = "<br>".join(map(plain, _title(panel, columns)))
        yield common | {"y": domain_y[1], "yanchor": "bottom", "text": text}
    if not panel.lines:
        words = "<br>".join(plain(line) for line in panel.empty.splitlines())
        yield common | {"y": (domain_y[0] + domain_y[1]) / 2, "text": words}


def _traces(line: Line, panel: Panel, x: str, y: str, *, first: bool, unit: str) -> Iterator[dict[str, Any]]:
    name = plain(line.label)
    common = {"xaxis": x, "yaxis": y, "legendgroup": name, "type": "scatter"}
    shape = {"shape": "hv"} if panel.steps else {}
    if line.low:
        edge = common | {
            "mode": "lines",
            "line": {"width": 0, **shape},
            "hoverinfo": "skip",
            "showlegend": False,
            "x": list(line.x),
        }
        yield edge | {"name": f"{name}, lower edge", "y": _values(_low_edge(line, panel))}
        filled = {"fill": "tonexty", "fillcolor": _translucent(line.style.color)}
        yield edge | filled | {"name": f"{name}, upper edge", "y": _values(line.high)}
    marked = line.style.marker and len(line.x) <= MARKED_POINTS
    yield common | {
        "name": name,
        "mode": "lines+markers" if marked or len(line.x) == 1 else "lines",
        "x": list(line.x),
        "y": _values(line.y),
        "line": {"color": line.style.color, "width": 2, "dash": dash(line.style), **shape},
        "marker": {"symbol": SYMBOLS.get(line.style.marker, "circle"), "size": 6, "color": line.style.color},
        "showlegend": first,
        "hovertemplate": f"%{{y:.4g}}{unit}",
    }
    yield from _ended(line, common | {"name": name, "showlegend": False})
    gaps = gaps_of(line)
    finite = [value for other in panel.lines for value in other.y if math.isfinite(value)]
    if gaps and finite:
        yield common | {
            "name": name,
            "mode": "markers",
            "x": gaps,
            "y": [min(finite)] * len(gaps),
            "marker": {"symbol": "x", "size": 9, "color": line.style.color},
            "showlegend": False,
            "hovertemplate": "not a finite number",
        }
    if far := outside(line, panel):
        low, high = panel.y_range or (0.0, 0.0)
        yield common | {
            "name": name,
            "mode": "markers",
            "x": [x for x, _, _ in far],
            "y": [high if above else low for _, _, above in far],
            "marker": {
                "symbol": ["triangle-up" if above else "triangle-down" for _, _, above in far],
                "size": 9,
                "color": line.style.color,
            },
            "showlegend": False,
            "customdata": [y for _, y, _ in far],
            "hovertemplate": "outside the scale: %{customdata:.4g}",
        }


def _low_edge(line: Line, panel: Panel) -> Sequence[float]:
    """The lower edge of a band; on a log scale where it is zero or below the end of the axis: a gap would cut the band."""
    if not (panel.log and panel.y_range):
        return line.low
    least = limits(panel.y_range, log=True)[0]
    return [least if low <= 0 else low for low in line.low]


def _ended(line: Line, common: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The runs that go on beyond a mean, and where each of its runs has ended."""
    for tail in line.tails:
        yield common | {
            "name": plain(f"{line.label}, {tail.label}"),
            "mode": "lines",
            "x": list(tail.x),
            "y": _values(tail.y),
            "line": {"color": line.style.color, "width": 1},
            "hovertemplate": "%{y:.4g}",
        }
    if line.ends:
        x, y = zip(*line.ends, strict=True)
        yield common | {
            "mode": "markers",
            "x": list(x),
            "y": _values(y),
            "marker": {"symbol": "line-ns-open", "size": 12, "color": line.style.color, "line": {"width": 2}},
            "hoverinfo": "skip",
        }


def _values(values: Sequence[float]) -> list[float | None]:
    return [value if math.isfinite(value) else None for value in values]


def dash(style: Style) -> str:
    """What plotly.js calls the dashes of a style."""
    if style == BASELINE:
        return "dot"
    return ",".join(f"{part * 2:g}px" for part in style.dash) or "solid"


def _translucent(color: str) -> str:
    red, green, blue = (int(color[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},{BAND_OPACITY})"


def plain(text: str) -> str:
    """Return text that plotly.js shows as it stands: it reads tags in names and titles."""
    return visible(text).replace("&", "&amp;").replace("<", "&lt;")
