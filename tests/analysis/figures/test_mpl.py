import io
import itertools
import math
from dataclasses import replace

import matplotlib as mpl
import pytest
from matplotlib.figure import Figure
from PIL import Image

from analysis.figures.averages.repeats import Tail
from analysis.figures.catalogue import lay_out
from analysis.figures.figure_data import FigureData, Line, Panel
from analysis.figures.mpl import curve_images, draw_figure, draw_panel, numbered
from analysis.figures.palette import BASELINE, BLUE, DASHED, ORANGE, Style
from analysis.results.expected import ExpectedSweep
from tests.analysis.recorded import FAILED, Recording, ratio_sweep, results_of, trial

FIRST = Line("TFR 1", Style(BLUE, marker="o"), (0, 1, 2), (1.0, math.nan, 3.0))
SECOND = Line(
    "TFR 0.5", Style(ORANGE, DASHED, "s"), (0, 1, 2), (1.0, 2.0, 3.0), (0.5, 1.5, 2.5), (1.5, 2.5, 3.5)
)
COPY = Line("copy first frame: 2.00 dB", BASELINE, (0, 1, 2), (2.0, 2.0, 2.0))


def curves_of(sweep):
    return [figure for figure in lay_out([sweep])[sweep.expected.name] if isinstance(figure, FigureData)]


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
    assert lines["TFR 1"].get_linewidth() > lines["TFR 0.5"].get_linewidth()  # which covers it


def test_lines_that_cover_no_other_are_equally_thick():
    apart = replace(FIRST, y=(9.0, 8.0, 7.0))
    widths = {line.get_linewidth() for line in ax_of(Panel("epoch", "loss", (apart, SECOND))).lines}
    assert len(widths) == 1


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("running/Train/RunningLoss", ["running/Train/", "RunningLoss"]),
        ("validation_loss_of_the_best_epoch", ["validation_loss_of_the_", "best_epoch"]),
        ("loss (bits a pixel and a frame)", ["loss", "(bits a pixel and a", "frame)"]),
        ("val/psnr", ["val/psnr"]),
    ],
)
def test_a_long_name_of_a_metric_is_broken_behind_a_slash_or_a_line_and_not_within_a_word(name, lines):
    (ax,) = draw_figure(figure_data(Panel("epoch", name, (FIRST,)))).axes
    assert ax.get_ylabel().splitlines() == lines


def test_a_gap_is_marked_on_the_floor_in_the_colour_of_its_line():
    ax = ax_of(Panel("epoch", "loss", (FIRST,)))
    mark = next(line for line in ax.lines if line.get_marker() == "x")
    assert (mark.get_xdata().tolist(), mark.get_color()) == ([1], BLUE)
    assert mark.get_transform().transform((1, 0))[1] == ax.transAxes.transform((0, 0))[1]


def test_repeats_have_a_band():
    (band,) = ax_of(Panel("epoch", "loss", (SECOND,))).collections
    heights = band.get_paths()[0].vertices[:, 1]
    assert (heights.min(), heights.max()) == (0.5, 3.5)


def test_a_run_that_goes_on_beyond_the_mean_is_a_thin_line_and_each_end_a_stroke():
    tail = Tail("seed 2", (1, 2, 3), (1.5, 1.2, 1.0))
    line = Line(
        "a",
        Style(BLUE, marker="o"),
        (0, 1),
        (3.0, 2.0),
        (2.5, 1.5),
        (3.5, 2.5),
        (tail,),
        ((1, 2.5), (3, 1.0)),
    )
    mean, thin, ends = ax_of(Panel("epoch", "loss", (line,))).lines
    assert tuple(thin.get_xdata()) == (1, 2, 3)
    assert thin.get_linewidth() < mean.get_linewidth()
    assert {one.get_color() for one in (mean, thin, ends)} == {BLUE}
    assert (ends.get_marker(), tuple(ends.get_xdata()), ends.get_linestyle()) == ("|", (1, 3), "None")


def test_a_log_panel_is_on_a_log_scale():
    ax = ax_of(
        Panel(
            "epoch", "loss (log scale)", (replace(SECOND, y=(0.02, 0.5, 3.0)),), log=True, y_range=(0.02, 3.0)
        )
    )
    ax.figure.canvas.draw()
    assert ax.get_yscale() == "log"
    shown = [label.get_text() for label in ax.get_yticklabels()]
    assert {"0.05", "0.1", "0.2", "0.5", "1", "2"} <= set(shown)


def test_a_known_range_is_shown_whole():
    low, high = ax_of(Panel("epoch", "beta", (COPY,), y_range=(0.0, 1.0))).get_ylim()
    assert low < 0
    assert high > 1


def test_a_point_outside_the_scale_is_marked_at_the_edge_where_it_lies():
    ax = ax_of(Panel("epoch", "loss", (replace(FIRST, y=(1.0, -400.0, 3.0)),), y_range=(1.0, 3.0)))
    mark = next(line for line in ax.lines if line.get_marker() == "v")
    assert (mark.get_xdata().tolist(), mark.get_color()) == ([1], BLUE)
    assert ax.get_ylim() == pytest.approx((0.9, 3.1))


def test_many_points_outside_are_one_mark_a_side():
    high = replace(FIRST, x=tuple(range(300)), y=(1.0, 400.0, -400.0) * 100)
    ax = ax_of(Panel("epoch", "loss", (high,), y_range=(1.0, 3.0)))
    marks = {line.get_marker(): len(line.get_xdata()) for line in ax.lines[1:]}
    assert (len(ax.lines), marks) == (3, {"^": 100, "v": 100})


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
    assert text.get_text().endswith("... and 12 more lines: see report.md")


def inside(figure):
    """Whether every word lies within the image, and none of legend and notes on the axes or on each other."""
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


SWEEP = ratio_sweep()
ODD = {"Cyclical-tfr1.0": None, "Cyclical-tfr0.5": FAILED, "None-tfr0.5": Recording(nan=(("val/psnr", 3),))}


@pytest.mark.parametrize("data", curves_of(results_of(SWEEP, ODD)), ids=lambda data: data.path)
def test_nothing_overlaps_and_nothing_is_cut(data):
    assert inside(draw_figure(data))


def test_the_same_data_give_the_same_bytes_whatever_the_users_style(monkeypatch):
    data = figure_data(Panel("epoch", "loss", (FIRST, SECOND)), notes=("a: failed",))
    first = curve_images(data)
    before = dict(mpl.rcParams)
    with mpl.rc_context({"lines.linewidth": 9, "font.size": 20, "svg.hashsalt": "other"}):
        assert curve_images(data) == first
    assert dict(mpl.rcParams) == before
    png, svg = first
    assert Image.open(io.BytesIO(png)).info.keys() <= {"dpi"}
    assert b"<dc:date>" not in svg
    assert b"Matplotlib" not in svg


def wide_sweep(*counts):
    axes = ("width", "depth")[: len(counts)]
    values = itertools.product(*(range(count) for count in counts))
    trials = tuple(
        trial("-".join(map(str, at)), dict(zip(axes, at, strict=True)), kl_anneal_type="None")
        for at in values
    )
    return ExpectedSweep("wide", axes, trials)


@pytest.mark.parametrize("counts", [(4, 5), (30,)])
def test_side_by_side_too_nothing_overlaps_and_nothing_is_cut(counts):
    for data in curves_of(results_of(wide_sweep(*counts))):
        assert inside(draw_figure(data))


def test_panels_side_by_side_share_a_legend_where_it_is_short_enough():
    loss, *_ = curves_of(results_of(wide_sweep(4, 5)))
    above = draw_figure(loss).subfigs[0]
    assert [text.get_text() for text in above.legends[0].get_texts()] == [f"depth {n}" for n in range(5)]
    assert [ax.get_title() for ax in above.axes] == [f"width {n}" for n in range(4)]


def test_panels_side_by_side_have_their_own_legends_where_they_share_no_settings():
    loss, *_ = curves_of(results_of(wide_sweep(30)))
    above = draw_figure(loss).subfigs[0]
    assert above.legends == []
    assert [len(ax.get_legend().get_texts()) for ax in above.axes if ax.axison] == [7, 7, 7, 7, 2]


def test_the_parts_of_an_svg_are_named_by_their_order_not_by_the_last_bit_of_a_layout():
    one = b'<g clip-path="url(#p0123456789)"/><use xlink:href="#mabcdef0123"/><clipPath id="p0123456789"/><a id="figure_1"/>'
    other = one.replace(b"p0123456789", b"pfedcba9876")
    assert numbered(one) == numbered(other)
    assert numbered(one).count(b"part0") == 2
    assert b"figure_1" in numbered(one)


def multiples(last, panels=3, values=(1.0, 2.0)):
    """Panels side by side, with steps up to `last`."""
    steps = tuple(round(last * share / 9) for share in range(10))
    line = Line("a", Style(BLUE, marker="o"), steps, (*values, *values[-1:] * 8))
    return replace(
        figure_data(*(Panel("step", "loss", (line,), title=f"lr {number}") for number in range(panels))),
        columns=2,
    )


@pytest.mark.parametrize(
    ("last", "values", "columns"),
    [
        (7, (1.0, 2.0), 2),
        (175, (0.00012, 0.00018), 2),
        (999, (-1234.5, 9876.5), 2),
        (4500, (1.0, 2.0), 1),
        (99_999, (1.0, 2.0), 2),
        (987_654, (-1234.5, 9876.5), 1),
        (987_654, (0.00012, 0.00018), 2),
        (3_000_000, (1.0, 2.0), 2),
    ],
)
def test_labels_along_x_stand_apart(last, values, columns):
    data = replace(multiples(last, values=values), columns=columns)
    figure = draw_figure(data)
    figure.canvas.draw()
    for ax in figure.subfigs[0].axes:
        boxes = [
            label.get_window_extent()
            for label in ax.get_xticklabels()
            if label.get_text()
            and label.get_visible()
            and ax.viewLim.x0 <= label.get_position()[0] <= ax.viewLim.x1
        ]
        assert all(right.x0 - left.x1 > 2 for left, right in itertools.pairwise(boxes))


def test_a_panel_with_nothing_below_it_has_labels_along_x():
    figure = draw_figure(multiples(175))
    figure.canvas.draw()
    axes = figure.subfigs[0].axes[:3]
    shown = [any(label.get_visible() and label.get_text() for label in ax.get_xticklabels()) for ax in axes]
    assert (shown, [ax.get_xlabel() for ax in axes]) == ([False, True, True], ["", "step", "step"])
