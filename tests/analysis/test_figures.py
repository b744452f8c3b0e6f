import io
import math
from dataclasses import replace

import matplotlib as mpl
import pytest
from matplotlib.figure import Figure
from PIL import Image

from analysis.curves import FigureData, Line, Panel
from analysis.figures import draw_figure, draw_panel, png
from analysis.layout import lay_out
from analysis.palette import BASELINE, BLUE, DASHED, ORANGE, Style
from tests.analysis.recorded import FAILED, Recording, ratio_study, results_of

FIRST = Line("TFR 1", Style(BLUE, marker="o"), (0, 1, 2), (1.0, math.nan, 3.0))
SECOND = Line(
    "TFR 0.5", Style(ORANGE, DASHED, "s"), (0, 1, 2), (1.0, 2.0, 3.0), (0.5, 1.5, 2.5), (1.5, 2.5, 3.5)
)
COPY = Line("copy first frame: 2.00 dB", BASELINE, (0, 1, 2), (2.0, 2.0, 2.0))


def ax_of(panel):
    ax = Figure().subplots()
    draw_panel(panel, ax)
    return ax


def figure_data(*panels, notes=()):
    return FigureData("a.png", "A title", panels, notes, ("val/psnr",), ())


def test_a_panel_draws_its_lines_with_their_looks_and_labels():
    ax = ax_of(Panel("epoch", "PSNR (dB)", (FIRST, SECOND, COPY)))
    lines = {line.get_label(): line for line in ax.lines}
    assert (ax.get_xlabel(), ax.get_ylabel(), ax.get_yscale()) == ("epoch", "PSNR (dB)", "linear")
    assert lines["TFR 0.5"].get_ydata().tolist() == [1.0, 2.0, 3.0]
    assert (lines["TFR 0.5"].get_color(), lines["TFR 0.5"].get_marker()) == (ORANGE, "s")
    assert lines["TFR 1"].get_linewidth() > lines["TFR 0.5"].get_linewidth()


def test_a_gap_is_marked_on_the_floor_in_the_colour_of_its_line():
    ax = ax_of(Panel("epoch", "loss", (FIRST,)))
    mark = next(line for line in ax.lines if line.get_marker() == "x")
    assert (mark.get_xdata().tolist(), mark.get_color()) == ([1], BLUE)
    assert mark.get_transform().transform((1, 0))[1] == ax.transAxes.transform((0, 0))[1]


def test_repeats_have_a_band():
    (band,) = ax_of(Panel("epoch", "loss", (SECOND,))).collections
    heights = band.get_paths()[0].vertices[:, 1]
    assert (heights.min(), heights.max()) == (0.5, 3.5)


def test_a_log_panel_is_on_a_log_scale():
    ax = ax_of(Panel("epoch", "loss (log scale)", (replace(SECOND, y=(0.02, 0.5, 3.0)),), log=True))
    ax.figure.canvas.draw()
    assert ax.get_yscale() == "log"
    shown = [label.get_text() for label in ax.get_yticklabels()]
    assert {"0.05", "0.1", "0.2", "0.5", "1", "2"} <= set(shown)


def test_a_known_range_is_shown_whole():
    low, high = ax_of(Panel("epoch", "beta", (COPY,), y_range=(0.0, 1.0))).get_ylim()
    assert low < 0
    assert high > 1


@pytest.mark.parametrize("epochs", [1, 2, 5, 200])
def test_epochs_are_whole_numbers(epochs):
    line = Line("a", Style(BLUE, marker="o"), tuple(range(epochs)), (1.0,) * epochs)
    (above,) = draw_figure(figure_data(Panel("epoch", "loss", (line,)))).subfigs
    ticks = above.axes[0].get_xticks()
    assert all(float(tick).is_integer() for tick in ticks)


def test_a_baseline_of_one_epoch_can_be_seen():
    ax = ax_of(Panel("epoch", "PSNR (dB)", (Line("copy", BASELINE, (4,), (2.0,)),)))
    assert list(ax.lines[0].get_xdata()) == [3.5, 4.5]


def test_a_panel_without_lines_says_why():
    ax = ax_of(Panel("epoch", "loss", (), empty="no run has recorded train/loss yet"))
    assert [text.get_text() for text in ax.texts] == ["no run has recorded train/loss yet"]


def test_one_legend_names_each_line_once():
    figure = draw_figure(
        figure_data(Panel("epoch", "loss", (FIRST, SECOND)), Panel("epoch", "beta", (FIRST, COPY)))
    )
    (above,) = figure.subfigs
    (legend,) = above.legends
    assert [text.get_text() for text in legend.get_texts()] == [FIRST.label, SECOND.label, COPY.label]
    assert not any(ax.get_legend() for ax in above.axes)


def test_notes_stand_below_the_picture():
    figure = draw_figure(figure_data(Panel("epoch", "loss", (FIRST,)), notes=("a: failed", "b: missing")))
    assert [text.get_text() for text in figure.subfigs[1].texts] == ["a: failed\nb: missing"]


def test_too_many_notes_end_with_where_to_read_on():
    figure = draw_figure(
        figure_data(Panel("epoch", "loss", ()), notes=tuple(f"{n}: missing" for n in range(20)))
    )
    (text,) = figure.subfigs[1].texts
    assert text.get_text().endswith("... and 14 more lines: see report.md")


def inside(figure):
    """Whether every word lies within the picture, and none of legend and notes on the axes or on each other."""
    renderer = figure.canvas.get_renderer()
    figure.canvas.draw()
    above = figure.subfigs[0]
    boxes = [ax.get_tightbbox(renderer) for ax in above.axes]
    boxes += [legend.get_window_extent(renderer) for legend in above.legends]
    boxes += [text.get_window_extent(renderer) for part in figure.subfigs[1:] for text in part.texts]
    boxes.append(above._suptitle.get_window_extent(renderer))
    within = all(
        box.x0 >= 0 and box.y0 >= 0 and box.x1 <= figure.bbox.x1 and box.y1 <= figure.bbox.y1 for box in boxes
    )
    return within and not any(
        one.overlaps(other) for at, one in enumerate(boxes) for other in boxes[at + 1 :]
    )


STUDY = ratio_study()
ODD = {"Cyclical-tfr1.0": None, "Cyclical-tfr0.5": FAILED, "None-tfr0.5": Recording(nan=(("val/psnr", 3),))}


@pytest.mark.parametrize("data", lay_out([results_of(STUDY, ODD)])[STUDY.name], ids=lambda data: data.path)
def test_nothing_overlaps_and_nothing_is_cut(data):
    assert inside(draw_figure(data))


def test_the_same_data_give_the_same_bytes_whatever_the_users_style(monkeypatch):
    data = figure_data(Panel("epoch", "loss", (FIRST, SECOND)), notes=("a: failed",))
    first = png(data)
    before = dict(mpl.rcParams)
    with mpl.rc_context({"lines.linewidth": 9, "font.size": 20, "axes.facecolor": "black"}):
        assert png(data) == first
    assert dict(mpl.rcParams) == before
    assert Image.open(io.BytesIO(first)).info.keys() <= {"dpi"}
