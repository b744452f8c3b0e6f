import json
from dataclasses import replace

import matplotlib as mpl
import plotly.graph_objects as go
from matplotlib.colors import to_rgb

from analysis.figures.heatmaps.heatmap_data import heatmaps
from analysis.figures.heatmaps.heatmap_plotly import heatmap_chart
from analysis.results.criterion import LOWER
from tests.analysis.colours import contrast
from tests.analysis.recorded import FAILED, ratio_sweep, results_of

(FIGURE,) = heatmaps(results_of(ratio_sweep(), {"Cyclical-tfr1.0": FAILED}), "a.png")


def test_a_heatmap_is_a_chart_that_plotly_accepts_and_shows_the_same_values():
    made = heatmap_chart(FIGURE)
    go.Figure(made)  # refuses names and values that plotly.js does not know
    json.dumps(made, allow_nan=False)
    for trace, panel in zip(made["data"], FIGURE.panels, strict=True):
        assert trace["z"][0] == [cell.value for cell in panel.cells[0]]
        assert trace["text"][0][0] == panel.words(panel.cells[0][0])[0]
        assert (trace["x"], trace["y"]) == (["1", "0.5", "0"], ["no annealing", "Cyclical", "Monotonic"])
    assert (made["data"][0]["z"][1][0], made["data"][0]["customdata"][1][0]) == (None, "failed")


def test_panels_stand_above_each_other_with_their_titles():
    layout = heatmap_chart(FIGURE)["layout"]
    assert layout["yaxis"]["domain"][0] > layout["yaxis2"]["domain"][1]
    titles = [note["text"] for note in layout["annotations"] if note["xref"] == "paper"]
    assert titles == [panel.title for panel in FIGURE.panels]
    assert layout["yaxis"]["autorange"] == "reversed"


def test_a_panel_of_which_lower_is_better_has_its_colours_reversed():
    first, second = FIGURE.panels
    made = heatmap_chart(replace(FIGURE, panels=(first, replace(second, better=LOWER))))
    assert [trace["reversescale"] for trace in made["data"]] == [False, True]


def test_the_words_of_a_cell_are_black_or_white_whichever_reads_better_on_it():
    made = heatmap_chart(FIGURE)
    for number, panel in (("", FIGURE.panels[0]), ("2", FIGURE.panels[1])):
        words = {
            (one["y"], one["x"]): one for one in made["layout"]["annotations"] if one["xref"] == f"x{number}"
        }
        for row, cells in enumerate(panel.cells):
            for column, cell in enumerate(cells):
                assert words[row, column]["text"] == "<br>".join(panel.words(cell))
                if cell.missing:
                    assert "font" not in words[row, column]
                    continue
                color = mpl.colormaps["cividis"](panel.share(cell))[:3]
                assert contrast(to_rgb(words[row, column]["font"]["color"]), color) >= 4.5
    assert len({one["font"]["color"] for one in made["layout"]["annotations"] if "font" in one}) == 2
