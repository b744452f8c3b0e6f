"""Draws a `HeatmapFigure` as an interactive chart: the same cells and colours, in the JSON that plotly.js reads.

Source: https://plotly.com/javascript/reference/heatmap/ for the names of attributes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from analysis.figures.plotly import AXIS_FONT, plain

if TYPE_CHECKING:
    from analysis.figures.heatmaps.heat_panel import HeatCell, HeatPanel
    from analysis.figures.heatmaps.heatmap_data import HeatmapFigure

ROW_PX, AROUND_PX, HEAD_PX = 46, 76, 40


def heatmap_chart(figure: HeatmapFigure) -> dict[str, Any]:
    """Return `{"data": traces, "layout": layout}`; a cell without a value is left open."""
    heights = [ROW_PX * len(panel.rows) + HEAD_PX for panel in figure.panels]
    total = sum(heights)
    traces: list[dict[str, Any]] = []
    layout: dict[str, Any] = {"annotations": []}
    below = 1.0
    for index, (panel, height) in enumerate(zip(figure.panels, heights, strict=True)):
        number = "" if index == 0 else str(index + 1)
        last = index == len(figure.panels) - 1
        top = below - HEAD_PX / total
        below -= height / total
        traces.append(_trace(panel, number))
        layout[f"yaxis{number}"] = {
            "domain": [round(max(0.0, below), 6), round(top, 6)],
            "anchor": f"x{number}",
            "title": {"text": plain(panel.y_label), "font": AXIS_FONT},
            "autorange": "reversed",
            "type": "category",
            "automargin": True,
        }
        layout[f"xaxis{number}"] = {
            "anchor": f"y{number}",
            "type": "category",
            "showticklabels": last,
            **({"title": {"text": plain(panel.x_label), "standoff": 4, "font": AXIS_FONT}} if last else {}),
        }
        layout["annotations"] += _words(panel, number)
        layout["annotations"].append(
            {
                "xref": "paper",
                "yref": "paper",
                "x": 0,
                "xanchor": "left",
                "y": round(top, 6),
                "yanchor": "bottom",
                "showarrow": False,
                "text": plain(panel.title),
            }
        )
    layout |= {"height": total + AROUND_PX, "margin": {"l": 64, "r": 12, "t": 12, "b": 48}}
    return {"data": traces, "layout": layout}


def _words(panel: HeatPanel, number: str) -> list[dict[str, Any]]:
    """What stands in each cell, in black or white: of its own, plotly.js takes a grey that is hard to read on a middle colour."""
    places = [
        (place, column, cell) for place, row in enumerate(panel.cells) for column, cell in enumerate(row)
    ]
    return [
        {
            "xref": f"x{number}",
            "yref": f"y{number}",
            "x": column,
            "y": place,
            "showarrow": False,
            "text": "<br>".join(map(plain, panel.words(cell))),
            **(
                {}
                if cell.missing
                else {"font": {"color": "#000000" if panel.has_dark_words(cell) else "#ffffff"}}
            ),
        }
        for place, column, cell in places
    ]


def _trace(panel: HeatPanel, number: str) -> dict[str, Any]:
    return {
        "type": "heatmap",
        "xaxis": f"x{number}",
        "yaxis": f"y{number}",
        "x": list(map(plain, panel.columns)),
        "y": list(map(plain, panel.rows)),
        "z": [[None if cell.missing else cell.value for cell in row] for row in panel.cells],
        "zmin": None if panel.low > panel.high else panel.low,
        "zmax": None if panel.low > panel.high else panel.high,
        "text": [["<br>".join(panel.words(cell)) for cell in row] for row in panel.cells],
        "customdata": [[_told(panel, cell) for cell in row] for row in panel.cells],
        "hovertemplate": "%{y}, %{x}<br>%{customdata}<extra></extra>",
        "colorscale": "Cividis",
        "reversescale": panel.is_flipped,
        "showscale": False,
        "xgap": 2,
        "ygap": 2,
    }


def _told(panel: HeatPanel, cell: HeatCell) -> str:
    words = ", ".join(panel.words(cell))
    return words if cell.missing else f"{words} (n = {cell.n})"
