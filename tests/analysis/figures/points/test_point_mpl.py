import math

from analysis.figures.points.point_mpl import draw_points, point_images
from tests.analysis.figures.points.test_point_data import ending, figure_of
from tests.analysis.figures.test_mpl import inside


def drawn_of(*args, **more):
    figure = draw_points(figure_of(ending(*args, **more)))
    (ax,) = [*figure.axes, *(ax for part in figure.subfigs for ax in part.axes)][:1]
    return figure, ax


def test_each_run_is_a_mark_and_each_setting_a_stroke_at_its_mean_with_a_bar():
    figure, ax = drawn_of()
    marks = [line for line in ax.lines if len(line.get_xdata()) == 1]
    assert [float(line.get_xdata()[0]) for line in marks if line.get_marker() == "|"] == [2.0, 6.0]
    assert sorted(float(line.get_xdata()[0]) for line in marks if line.get_marker() != "|") == [
        1,
        2,
        3,
        4,
        6,
        8,
    ]
    assert [tuple(line.get_xdata()) for line in ax.lines if len(line.get_xdata()) == 2] == [
        (1.0, 3.0),
        (4.0, 8.0),
    ]
    bars = [line for line in ax.lines if len(line.get_xdata()) == 2]
    strokes = [line for line in marks if line.get_marker() == "|"]
    assert {line.get_marker() for line in bars} == {"|"}  # caps: without them mean and bar look like a plus
    assert max(line.get_markersize() for line in bars) < min(line.get_markersize() for line in strokes) / 2
    assert [tick.get_text() for tick in ax.get_yticklabels()] == [
        "optimizer a (n = 3)",
        "optimizer b (n = 3)",
    ]
    assert ax.get_ylim() == (1.5, -0.5)
    assert inside(figure)


def test_what_is_no_finite_number_is_marked_at_the_edge_and_the_same_data_give_the_same_bytes():
    ends = {
        "a very long name of an optimizer, longer than the room that it has": (1.0, math.nan),
        "b": (4.0, 5.0),
    }
    figure, ax = drawn_of(ends)
    assert [line.get_marker() for line in ax.lines].count("x") == 1
    assert inside(figure)
    data = figure_of(ending(ends))
    assert point_images(data) == point_images(data)
