import json
import math
from dataclasses import replace

import plotly.graph_objects as go
import pytest

from analysis.figures.averages.repeats import Tail
from analysis.figures.catalogue import lay_out
from analysis.figures.figure_data import FigureData, Line, Panel
from analysis.figures.palette import BASELINE, BLUE, DASHED, ORANGE, Style
from analysis.figures.plotly import chart
from tests.analysis.recorded import FAILED, Recording, ratio_sweep, results_of, seed_sweep, strategy_sweep

FIRST = Line("TFR 1", Style(BLUE, marker="o"), (0, 1, 2), (1.0, math.nan, 3.0))
REPEATED = Line("b <i>", Style(ORANGE, DASHED, "s"), (0, 1), (1.0, 2.0), (0.5, 1.5), (1.5, 2.5))
COPY = Line("copy first frame: 2.00 dB", BASELINE, (0, 1), (2.0, 2.0))


def chart_of(*panels, columns=1):
    return chart(FigureData("a.png", "A title", panels, (), (), (), columns))


def traces(made, **wanted):
    return [trace for trace in made["data"] if all(trace.get(key) == value for key, value in wanted.items())]


EVERY = [
    figure
    for sweep in (ratio_sweep(), strategy_sweep(), seed_sweep())
    for figure in lay_out([results_of(sweep, {sweep.trials[0].name: FAILED, sweep.trials[1].name: None})])[
        sweep.name
    ]
    if isinstance(figure, FigureData)
]


@pytest.mark.parametrize("figure", EVERY, ids=lambda figure: figure.path)
def test_every_figure_is_a_chart_that_plotly_accepts_and_shows_the_same_lines(figure):
    made = chart(figure)
    go.Figure(made)  # refuses names and values that plotly.js does not know
    json.dumps(made, allow_nan=False)
    shown = {trace["name"] for trace in traces(made, showlegend=True)}
    assert shown == {line.label for panel in figure.panels for line in panel.lines}


def test_of_few_epochs_each_has_a_tick_and_none_is_between_them():
    assert chart_of(Panel("epoch", "loss", (FIRST,)))["layout"]["xaxis"]["dtick"] == 1
    long = Line("TFR 1", Style(BLUE), tuple(range(20)), (1.0,) * 20)
    assert "dtick" not in chart_of(Panel("epoch", "loss", (long,)))["layout"]["xaxis"]


def test_panels_share_x_and_a_run_is_toggled_in_all_of_them():
    made = chart_of(Panel("epoch", "loss", (FIRST,)), Panel("epoch", "PSNR (dB)", (FIRST, COPY)))
    first, second, copy = (
        made["data"][0],
        *traces(made, yaxis="y2", mode="lines+markers"),
        *traces(made, yaxis="y2", mode="lines"),
    )
    assert (first["xaxis"], second["xaxis"]) == ("x", "x")
    assert second["hovertemplate"] == "%{y:.4g} PSNR (dB)"  # pointing lists the lines of all panels
    assert first["legendgroup"] == second["legendgroup"] == "TFR 1"
    assert [trace["showlegend"] for trace in (first, second, copy)] == [True, False, True]
    assert copy["line"] == {"color": BASELINE.color, "width": 2, "dash": "dot"}
    assert made["layout"]["xaxis"]["anchor"] == "y2"
    assert [made["layout"][axis]["title"]["text"] for axis in ("yaxis", "yaxis2")] == ["loss", "PSNR (dB)"]
    assert made["layout"]["yaxis"]["domain"][0] > made["layout"]["yaxis2"]["domain"][1]


def test_a_value_that_is_no_number_is_a_gap_with_a_mark():
    line, mark = chart_of(Panel("epoch", "loss", (FIRST,)))["data"]
    assert line["y"] == [1.0, None, 3.0]
    assert (mark["mode"], mark["x"], mark["hovertemplate"]) == ("markers", [1], "not a finite number")


def test_repeats_are_a_band_around_their_mean():
    low, high, mean = chart_of(Panel("epoch", "loss", (REPEATED,)))["data"]
    assert (low["y"], high["y"], high["fill"]) == ([0.5, 1.5], [1.5, 2.5], "tonexty")
    assert mean["line"]["dash"] == "10px,3.2px"
    assert {trace["legendgroup"] for trace in (low, high, mean)} == {"b &lt;i>"}


def test_a_run_that_goes_on_beyond_the_mean_has_its_name_and_each_end_a_stroke():
    tail = Tail("seed 2", (1, 2, 3), (1.5, 1.2, 1.0))
    line = Line("a", Style(BLUE), (0, 1), (3.0, 2.0), (2.5, 1.5), (3.5, 2.5), (tail,), ((1, 2.5), (3, 1.0)))
    *_, thin, ends = chart_of(Panel("epoch", "loss", (line,)))["data"]
    assert (thin["name"], thin["x"], thin["showlegend"], thin["legendgroup"]) == (
        "a, seed 2",
        [1, 2, 3],
        False,
        "a",
    )
    assert (ends["x"], ends["y"], ends["marker"]["symbol"]) == ([1, 3], [2.5, 1.0], "line-ns-open")


def test_scales_are_those_of_the_picture():
    wide = Line("a", Style(BLUE), (0, 1), (0.001, 100.0))
    made = chart_of(
        Panel("epoch", "loss (log scale)", (wide,), log=True, y_range=(0.001, 100.0)),
        Panel("epoch", "beta", (COPY,), y_range=(0.0, 1.0)),
    )
    assert (made["layout"]["yaxis"]["type"], made["layout"]["yaxis"]["dtick"]) == ("log", 1)
    assert made["layout"]["yaxis"]["range"] == pytest.approx([-3.25, 2.25])
    assert made["layout"]["yaxis2"]["range"] == [-0.05, 1.05]


def test_a_point_outside_the_scale_is_a_triangle_that_tells_its_value():
    far = Line("a", Style(BLUE), (0, 1, 2), (6e3, 0.9, 0.5))
    mark = chart_of(Panel("epoch", "loss", (far,), y_range=(0.5, 0.9)))["data"][-1]
    assert (mark["x"], mark["y"], mark["customdata"]) == ([0], [0.9], [6e3])
    assert mark["marker"]["symbol"] == ["triangle-up"]


def test_what_looks_like_a_tag_in_a_unit_is_shown_as_it_stands():
    made = chart_of(Panel("epoch", "f1 (<s>) (log scale)", (FIRST,)))
    assert made["layout"]["yaxis"]["title"]["text"] == "f1 (&lt;s>)<br>(log scale)"
    assert made["layout"]["yaxis"]["automargin"]  # the second line has room beside the numbers


def test_a_panel_without_lines_says_why():
    made = chart_of(Panel("frame", "PSNR (dB)", (), empty="recorded when training ends\nCyclical: running"))
    assert [note["text"] for note in made["layout"]["annotations"]] == [
        "recorded when training ends<br>Cyclical: running"
    ]


def test_panels_side_by_side_are_zoomed_together_and_titled():
    panels = [Panel("epoch", "loss", (FIRST,), title=f"width {n}") for n in range(3)]
    layout = chart_of(*panels, columns=2)["layout"]
    assert [layout[axis].get("matches") for axis in ("xaxis", "xaxis2", "xaxis3")] == [None, "x", "x"]
    assert [note["text"] for note in layout["annotations"]] == ["width 0", "width 1", "width 2"]
    assert layout["xaxis"]["domain"][1] < layout["xaxis2"]["domain"][0]
    go.Figure(chart_of(*panels, columns=2))


def test_labels_of_axes_that_panels_share_stand_at_the_left_and_below_alone():
    panels = [Panel("epoch", "loss", (FIRST,), title=f"width {n}") for n in range(3)]
    layout = chart_of(*panels, columns=2)["layout"]
    assert [layout[axis].get("showticklabels") for axis in ("yaxis", "yaxis2", "yaxis3")] == [
        None,
        False,
        None,
    ]
    assert [layout[axis].get("showticklabels") for axis in ("xaxis", "xaxis2", "xaxis3")] == [
        False,
        None,
        None,
    ]
    other = [replace(panel, y_label=f"m{n}") for n, panel in enumerate(panels)]
    assert chart_of(*other, columns=2)["layout"]["yaxis2"]["title"]["text"] == "m1"


def test_a_long_title_takes_rows_of_its_panels_width_and_the_chart_grows_by_them():
    short, long = (
        chart_of(*[Panel("epoch", "loss", (FIRST,), title=f"{start} {n}") for n in range(2)], columns=2)[
            "layout"
        ]
        for start in ("width", "optimizer sgd to optimizer adam-with-decoupled-weight-decay")
    )
    rows = [note["text"].split("<br>") for note in long["annotations"]]
    assert max(len(row) for title in rows for row in title) <= 20
    assert {note["xanchor"] for note in long["annotations"]} == {"center"}
    grown = long["height"] - short["height"]
    assert grown == long["margin"]["t"] - short["margin"]["t"] == 16 * (len(rows[0]) - 1) > 0


def test_the_page_keeps_room_for_a_legend_whose_names_take_a_row_each_on_a_phone():
    lines = [replace(FIRST, label=f"{n} {'name ' * 8}") for n in range(6)]
    one, six = (chart_of(Panel("epoch", "loss", tuple(lines[:count])))["layout"] for count in (1, 6))
    assert six["height"] - one["height"] == 5 * 29


def test_a_gap_alone_draws_nothing_and_breaks_nothing():
    lost = Line("a", Style(BLUE), (0,), (math.nan,))
    assert chart_of(Panel("epoch", "loss", (lost,)))["data"][0]["y"] == [None]
    assert Recording().nan == ()
