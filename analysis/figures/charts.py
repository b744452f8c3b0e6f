"""The interactive chart of any figure, where it has one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from analysis.figures.figure_data import FigureData
from analysis.figures.heatmaps.heatmap_data import HeatmapFigure
from analysis.figures.heatmaps.heatmap_plotly import heatmap_chart
from analysis.figures.plotly import chart
from analysis.figures.points.point_data import PointFigure
from analysis.figures.points.point_plotly import point_chart
from analysis.figures.rates.rate_data import RateFigure
from analysis.figures.rates.rate_plotly import rate_chart
from analysis.figures.responses.response_data import ResponseFigure
from analysis.figures.responses.response_plotly import response_chart

if TYPE_CHECKING:
    from analysis.results.document import Figure


def chart_of(figure: Figure) -> dict[str, Any] | None:
    """Return a figure as `{"data": traces, "layout": layout}` of plotly.js; None where the image says it all."""
    if isinstance(figure, FigureData):
        return chart(figure)
    if isinstance(figure, PointFigure):
        return point_chart(figure)
    if isinstance(figure, HeatmapFigure):
        return heatmap_chart(figure)
    if isinstance(figure, RateFigure):
        return rate_chart(figure)
    if isinstance(figure, ResponseFigure):
        return response_chart(figure)
    found: dict[str, Any] | None = figure.content.get("chart")  # of a search
    return found
