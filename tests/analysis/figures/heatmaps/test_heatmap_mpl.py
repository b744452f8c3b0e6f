from dataclasses import replace

import pytest
from matplotlib.colors import to_rgb

from analysis.figures.heatmaps.heat_panel import HeatCell
from analysis.figures.heatmaps.heatmap_data import heatmaps
from analysis.figures.heatmaps.heatmap_mpl import draw_heatmap, heatmap_images
from analysis.results.criterion import LOWER
from tests.analysis.colours import contrast
from tests.analysis.figures.test_mpl import inside
from tests.analysis.recorded import FAILED, ratio_sweep, results_of

(FIGURE,) = heatmaps(results_of(ratio_sweep(), {"Cyclical-tfr1.0": FAILED}), "a.png")
DRAWN = draw_heatmap(FIGURE)


def test_each_cell_has_its_words_on_a_colour_that_they_can_be_read_on():
    for panel, ax in zip(FIGURE.panels, DRAWN.subfigs[0].axes, strict=True):
        words = {text.get_position(): text for text in ax.texts}
        fields = {patch.get_xy(): patch for patch in ax.patches if patch.get_fill()}
        for row, cells in enumerate(panel.cells):
            for column, cell in enumerate(cells):
                text, field = words[column + 0.5, row + 0.5], fields[column, row]
                assert text.get_text() == "\n".join(panel.words(cell))
                assert contrast(to_rgb(text.get_color()), to_rgb(field.get_facecolor())) >= 4.5
                assert (text.get_color() == "black") is panel.has_dark_words(cell)


def test_axes_are_named_and_the_first_row_is_at_the_top():
    _, ax = DRAWN.subfigs[0].axes
    assert [label.get_text() for label in ax.get_yticklabels()] == ["no annealing", "Cyclical", "Monotonic"]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["1", "0.5", "0"]
    assert ax.yaxis_inverted()


def test_nothing_overlaps_and_nothing_is_cut():
    assert inside(DRAWN)


def test_the_same_figure_gives_the_same_bytes():
    first = heatmap_images(FIGURE)
    assert first == heatmap_images(FIGURE)
    assert first[0].startswith(b"\x89PNG")
    assert b"<svg" in first[1]


@pytest.mark.parametrize("value", [0.0, 1e299])
def test_equal_values_are_drawn_too(value):
    cell = HeatCell(value, 0.0, 2)
    panel = replace(FIGURE.panels[0], cells=((cell,),), rows=("a",), columns=("b",), low=value, high=value)
    draw_heatmap(replace(FIGURE, panels=(panel,)))


def test_of_a_loss_the_least_value_is_the_lightest():
    panel = replace(FIGURE.panels[0], better=LOWER)
    drawn = draw_heatmap(replace(FIGURE, panels=(panel,)))
    (ax,) = drawn.subfigs[0].axes
    fields = {patch.get_xy(): sum(to_rgb(patch.get_facecolor())) for patch in ax.patches if patch.get_fill()}
    found = {
        cell.value: fields[column, row]
        for row, cells in enumerate(panel.cells)
        for column, cell in enumerate(cells)
        if not cell.missing
    }
    assert max(found, key=found.get) == min(found)
    assert min(found, key=found.get) == max(found)
