"""Whatever the values and the names are, no word of a figure lies outside its image."""

import math
import os
from dataclasses import replace

import matplotlib as mpl
import pytest

from analysis.figures.facets import small_multiples
from analysis.figures.figure_data import FigureData, Line, Panel
from analysis.figures.figure_request import FigureRequest
from analysis.figures.frames.frames_data import frames_figures
from analysis.figures.frames.frames_mpl import draw_frames
from analysis.figures.heatmaps.heatmap_data import heatmaps
from analysis.figures.heatmaps.heatmap_mpl import draw_heatmap
from analysis.figures.mpl import DPI, draw_figure, fresh_style
from analysis.figures.palette import BLUE, Style
from analysis.figures.points.point_data import point_figures
from analysis.figures.points.point_mpl import draw_points
from analysis.figures.rates.rate_data import rate_figures
from analysis.figures.rates.rate_mpl import draw_rate
from analysis.figures.words import wrapping
from analysis.figures.words.wrapping import legend_labels, legend_rows, width_of, wrapped
from analysis.results.expected import ExpectedSweep
from tests.analysis.figures.points.test_point_data import TEST, ending
from tests.analysis.figures.rates.test_rate_data import ceiling
from tests.analysis.judged import judged
from tests.analysis.pictured import clips_of
from tests.analysis.recorded import ratio_sweep, results_of, strategy_sweep

LONG = "MAXIMUM_WEIGHTED_MEAN_OF_WWWWWWWW/AT_THE_END_OF_THE_WHOLE_TRAINING"
ENDS = [
    (0.6405, 0.76),
    (0.645, 0.7601),
    (0.62, 0.7599),
    (-1e5, 1e5),
    (-99999.0, 100001.0),
    (1e-7, 3e-7),
    (1.0, 1e7),
    (123456.0, 123457.0),
    (0.0, 100.0),
    (0.9995, 1.0),
    (5.0, 5.0),
]


def outside(draw, data):
    """What is drawn of words, and does not lie within the image: axes with their tick labels, titles, captions, legends."""
    with mpl.rc_context(fresh_style()):  # as it is saved
        figure = draw(data)
        figure.set_dpi(DPI)
        figure.canvas.draw()
        renderer = figure.canvas.get_renderer()
        boxes = {what: box for what, box in _boxes(figure, renderer) if box is not None}
    return {
        what: box.bounds
        for what, box in boxes.items()
        if not (box.x0 >= 0 and box.y0 >= 0 and box.x1 <= figure.bbox.x1 and box.y1 <= figure.bbox.y1)
    }


def _boxes(figure, renderer):
    for part in (figure, *figure.subfigs):
        texts = [*part.texts, *([part._suptitle] if part._suptitle else [])]
        texts += [text for legend in part.legends for text in legend.get_texts()]
        for ax in part.axes:
            texts += [ax.title, ax._left_title, *ax.texts]
            texts += ax.get_legend().get_texts() if ax.get_legend() else []
            yield "x", ax.xaxis.get_tightbbox(renderer)
            yield "y", ax.yaxis.get_tightbbox(renderer)
        yield from (
            (one.get_text(), one.get_window_extent(renderer)) for one in texts if one.get_text().strip()
        )


def curves(y, x=(0, 1, 2, 3), name="loss", **more):
    lines = tuple(Line(f"{name} {seed}", Style(BLUE), x, y) for seed in range(2))
    return FigureData(
        "a.png", f"{name}, a title", (Panel("epoch", name, lines, **more),), (name,) * 2, (name,), ()
    )


@pytest.mark.parametrize("ends", ENDS, ids=str)
@pytest.mark.parametrize("name", ["b", "a name of an optimizer that takes more than one line"])
def test_dots_of_any_values(ends, name):
    low, high = ends
    middle = low + 0.3 * (high - low)
    sweep = ending({"a": (low, middle, low), name: (high, high, middle)})
    for figure in point_figures(sweep, FigureRequest("s/test", "test", TEST, "test/loss")):
        assert outside(draw_points, figure) == {}


@pytest.mark.parametrize("ends", ENDS, ids=str)
@pytest.mark.parametrize("last", [3, 20000, 1234567])
def test_curves_of_any_values_over_any_steps(ends, last):
    low, high = ends
    steps = (0, last // 3, last // 2, last)
    assert outside(draw_figure, curves((low, high, low, high), steps)) == {}


def test_small_multiples():
    values = {f"x{number}": (0.6405, 0.76, 0.7) for number in range(9)}
    (figure,) = small_multiples(judged(ends=values), FigureRequest("s/f1", LONG, "val/f1", LONG))
    assert outside(draw_figure, figure) == {}


def test_wide_letters_and_names_without_an_end():
    assert outside(draw_figure, curves((0.1, 0.2, 0.3, 0.76), name=LONG)) == {}
    figure, *_ = point_figures(
        ending({LONG: (1.0, math.nan), "b": (4.0, 5.0)}), FigureRequest("s/test", LONG, TEST, LONG, 0.5)
    )
    assert outside(draw_points, figure) == {}
    ratios = ratio_sweep()
    trials = [
        replace(one, axes={LONG: one.axes["tfr"], "kl": f"{LONG} {one.axes['kl_anneal_type']}"})
        for one in ratios.trials
    ]
    (figure,) = heatmaps(results_of(ExpectedSweep("s", (LONG, "kl"), tuple(trials))), "a.png")
    assert outside(draw_heatmap, figure) == {}


def test_a_line_has_fewer_letters_where_these_are_wide_and_loses_none():
    narrow, wide = "ill " * 20, "WOW " * 20
    for text in (narrow, wide):
        lines = wrapped(text, 40, size_pt=8.0, width_pt=150.0)
        assert " ".join(lines) == text.strip()
        assert all(width_of(line, 8.0) <= 150.0 and len(line) <= 40 for line in lines)
    assert len(wrapped(wide, 40, size_pt=8.0, width_pt=150.0)) > len(
        wrapped(narrow, 40, size_pt=8.0, width_pt=150.0)
    )


def test_a_long_name_in_a_legend_takes_several_lines_which_count():
    assert legend_rows(["a", "b", "c"]) == 1
    assert legend_rows([f"{LONG} {LONG}", "b"]) == 1 + legend_labels([f"{LONG} {LONG}"])[0].count("\n") + 1


def test_heatmaps_frames_and_rates():
    for sweep in (ratio_sweep(), strategy_sweep()):
        results = results_of(sweep)
        for heatmap in heatmaps(results, "a.png"):
            assert outside(draw_heatmap, heatmap) == {}
        names = [result.trial.name for result in results.results]
        errors = dict(zip(names, (9, 20, 30) * 3, strict=False))
        for frames in frames_figures(results, "a.png", clips_of(results, errors)):
            assert outside(draw_frames, frames) == {}
    for rate in rate_figures([ceiling(), ceiling({1: (2.0, 21.0, 0), 0: (80.0, 22.0, 1)})]):
        assert outside(draw_rate, rate) == {}


def test_a_forked_process_opens_the_font_anew_as_processes_would_read_its_file_from_one_place():
    width_of("the font is open", 7.0)
    pid = os.fork()
    if not pid:
        os._exit(wrapping._font.cache_info().currsize)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
