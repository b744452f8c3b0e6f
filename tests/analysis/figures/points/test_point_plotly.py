import math

from analysis.figures.points.point_plotly import point_chart
from tests.analysis.figures.points.test_point_data import ending, figure_of


def test_the_chart_has_the_marks_means_and_spreads_of_the_image():
    chart = point_chart(figure_of(ending()))
    mean, runs, *_ = chart["data"]
    assert (mean["x"], mean["error_x"]["array"], mean["error_x"]["arrayminus"]) == ([2.0], [1.0], [1.0])
    assert mean["customdata"] == ["optimizer a (n = 3)<br>mean 2, standard deviation 1"]
    assert (runs["x"], runs["customdata"][0]) == ([1.0, 3.0, 2.0], "a-seed0: 1")
    assert mean["error_x"]["width"] > 0  # without caps mean and bar look like a plus
    assert len(chart["data"]) == 4
    axis = chart["layout"]["yaxis"]
    assert (axis["ticktext"], axis["range"]) == (["optimizer a (n = 3)", "optimizer b (n = 3)"], [1.5, -0.5])
    assert "legend" not in chart["layout"]


def test_a_baseline_is_a_line_with_its_name_in_the_legend():
    chart = point_chart(figure_of(ending(), 2.5))
    level = chart["data"][-1]
    assert (level["name"], level["x"], level["line"]["dash"]) == ("baseline: 2.5", [2.5, 2.5], "dot")
    assert "legend" in chart["layout"]


def test_what_is_no_finite_number_stands_at_the_edge_and_says_so():
    chart = point_chart(figure_of(ending({"a": (1.0, math.nan, 2.0), "b": (4.0, 5.0, 6.0)})))
    runs = chart["data"][1]
    assert runs["marker"]["symbol"][1] == "x-thin-open"
    assert runs["customdata"][1] == "a-seed1: not a finite number"
    assert all(math.isfinite(x) for x in runs["x"])


def test_losses_decades_apart_have_a_log_axis():
    chart = point_chart(figure_of(ending({"a": (0.001, 0.002, 0.003), "b": (1.0, 2.0, 3.0)})))
    assert chart["layout"]["xaxis"]["type"] == "log"
    low, high = chart["layout"]["xaxis"]["range"]
    assert low < -3 < 0 < high < 2
