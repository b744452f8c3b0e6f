import math
from dataclasses import replace

import pytest

from analysis.figures.heatmaps.heat_panel import HeatCell, HeatPanel
from analysis.figures.heatmaps.heatmap_data import LEAST_SCALE, heatmaps
from analysis.results.criterion import HIGHER, Criterion
from analysis.results.results import PSNR, SweepResults
from tests.analysis.figures.heatmaps.test_heatmap_data import grid, scored

F1 = "val/f1"
GRID = grid(lr=[0.1, 0.2], width=[1, 2], seed=[1, 2, 3])


def figure_of(score, *, measures=(), seeds=True):
    """The heatmap of runs that end with the score of their settings, which each seed moves by 1."""
    sweep = scored(
        GRID if seeds else grid(lr=[0.1, 0.2], width=[1, 2]),
        lambda axes: score(axes["width"]) + axes.get("seed", 2) - 2,
    )
    if measures:  # of another trainer than the video's
        own = [replace(one, curves={F1: one.curves[PSNR]}) for one in sweep.results]
        sweep = SweepResults(replace(sweep.expected, criteria=measures), tuple(own))
    (figure,) = heatmaps(sweep, "a.png")
    return figure


def shares(panel):
    return [panel.share(cell) for row in panel.cells for cell in row]


def test_the_scale_spans_four_spreads_of_the_seeds_so_that_noise_looks_like_noise():
    panel, _ = (figure := figure_of(lambda width: 22 + 0.1 * width)).panels
    assert panel.high - panel.low == pytest.approx(LEAST_SCALE * 1.0)
    assert max(shares(panel)) - min(shares(panel)) == pytest.approx(0.1 / 4)
    assert (
        "the cells lie less than 4 standard deviations of the seeds apart, so their colours are alike"
        in figure.notes
    )


def test_settings_further_apart_than_that_span_the_scale_themselves():
    panel, _ = (figure := figure_of(lambda width: 22 + 10 * width)).panels
    assert sorted(set(shares(panel))) == [0.0, 1.0]
    assert not [note for note in figure.notes if "colours" in note]


def test_without_repeats_nothing_is_known_of_noise_and_the_cells_span_the_scale():
    panel, _ = figure_of(lambda width: 22 + 0.1 * width, seeds=False).panels
    assert sorted(set(shares(panel))) == [0.0, 1.0]
    assert math.isclose(panel.pooled, 0.0)


def test_the_values_of_a_measure_have_the_digits_that_they_have_anywhere_in_the_report():
    (panel,) = figure_of(lambda width: 22 + width / 7, measures=(Criterion(F1, HIGHER),)).panels
    assert panel.words(panel.cells[0][0]) == ("22.1", "\N{PLUS-MINUS SIGN} 1.0")


def test_counts_that_seeds_scatter_widely_have_no_decimals():
    cells = ((HeatCell(633.5, 393.86, 4), HeatCell(120.25, 310.4, 4)),)
    panel = HeatPanel("I", "x", "y", ("1", "2"), ("1",), cells, 0.0, 800.0)
    assert [panel.words(cell) for cell in cells[0]] == [
        ("634", "\N{PLUS-MINUS SIGN} 394"),
        ("120", "\N{PLUS-MINUS SIGN} 310"),
    ]
    close = ((HeatCell(633.5, 12.86, 4), HeatCell(620.25, 10.4, 4)),)
    assert replace(panel, cells=close).words(close[0][0]) == ("634", "\N{PLUS-MINUS SIGN} 13")
