import itertools
import math

import pytest

from analysis.figures.responses.response_mpl import draw_response, response_images
from tests.analysis.figures.responses.test_response_data import ACCURACY, ENDS, FAR, response_of
from tests.analysis.figures.test_mpl import inside

ODD = {0.001: (1.0, 3.0), 0.01: (None, None), 0.1: (math.nan, math.nan), 1.0: (2.0, None), 10.0: (4.0, 5.0)}


def axes_of(data):
    figure = draw_response(data)
    return figure, figure.subfigs[0].axes[0]


def test_means_are_joined_with_a_bar_each_from_the_least_to_the_greatest_and_every_run_is_a_faint_point():
    figure, ax = axes_of(response_of(ENDS, ACCURACY))
    drawn = [(list(line.get_xdata()), list(line.get_ydata())) for line in ax.lines]
    assert ([0.001, 0.01, 0.1], [72.0, 91.0, 55.0]) in drawn
    assert [y for x, y in drawn if len(set(x)) == 1] == [[70.0, 74.0], [90.0, 92.0], [50.0, 60.0]]
    faint = [line for line in ax.lines if line.get_alpha()]
    assert [len(line.get_xdata()) for line in faint] == [9]
    assert ax.get_xscale() == "log"
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["0.001", "0.01", "0.1"]
    assert list(ax.get_xticks()) == [0.001, 0.01, 0.1]
    assert inside(figure)


def test_a_value_without_a_run_breaks_the_line_and_what_is_no_number_is_marked_at_the_bottom():
    figure, ax = axes_of(response_of(ODD, ACCURACY))
    means = next(list(line.get_ydata()) for line in ax.lines if len(line.get_xdata()) == 5)
    assert [math.isnan(mean) for mean in means] == [False, True, True, False, False]
    assert [line.get_marker() for line in ax.lines].count("x") == 2
    assert inside(figure)


def test_a_run_outside_the_scale_is_a_triangle_at_the_edge_that_points_to_it():
    data = response_of(FAR, ACCURACY)
    figure, ax = axes_of(data)
    assert [line.get_marker() for line in ax.lines if line.get_marker() in "^v"] == ["^"]
    assert ax.get_ylim() == data.ends
    assert max(y for line in ax.lines for y in line.get_ydata()) <= data.ends[1]
    assert inside(figure)


@pytest.mark.parametrize("count", [3, 15])
def test_no_words_touch_with_lines_for_another_setting(count):
    ends = {10.0**-place: (place, place + 1.0) for place in range(count)}
    figure, ax = axes_of(response_of(ends, ACCURACY, others=("optimizer", ("adam", "sgd", "lion"))))
    assert inside(figure)
    assert len(figure.subfigs[0].legends[0].get_texts()) == 3
    renderer = figure.canvas.get_renderer()
    boxes = [tick.get_window_extent(renderer) for tick in ax.get_xticklabels() if tick.get_text()]
    assert not any(one.overlaps(other) for one, other in itertools.pairwise(boxes))


def test_the_same_data_give_the_same_bytes():
    data = response_of(ENDS, ACCURACY)
    assert response_images(data) == response_images(data)
