import json
from dataclasses import replace

from analysis.figures.responses.response_plotly import response_chart
from tests.analysis.figures.responses.test_response_data import ACCURACY, ENDS, FAR, response_of
from tests.analysis.figures.responses.test_response_mpl import ODD


def test_the_chart_has_the_means_bars_and_runs_of_the_image():
    chart = response_chart(response_of(ENDS, ACCURACY))
    runs, means = chart["data"]
    assert (means["x"], means["y"]) == ([0.001, 0.01, 0.1], [72.0, 91.0, 55.0])
    assert (means["error_y"]["array"], means["error_y"]["arrayminus"]) == ([2.0, 1.0, 5.0], [2.0, 1.0, 5.0])
    assert means["customdata"][0] == "lr 0.001<br>mean 72, 70 to 74, n = 3"
    assert (len(runs["x"]), runs["customdata"][0]) == (9, "0.001-seed0: 70")
    axis = chart["layout"]["xaxis"]
    assert (axis["type"], axis["tickvals"], axis["ticktext"]) == (
        "log",
        [0.001, 0.01, 0.1],
        ["0.001", "0.01", "0.1"],
    )
    assert axis["range"][0] < -3 < -1 < axis["range"][1] < 0
    assert "legend" not in chart["layout"]


def test_lines_of_another_setting_stand_in_the_legend_and_take_their_runs_along():
    chart = response_chart(response_of(ENDS, ACCURACY, others=("optimizer", ("adam", "sgd"))))
    named = [trace for trace in chart["data"] if trace["showlegend"]]
    assert [trace["name"] for trace in named] == ["optimizer adam", "optimizer sgd"]
    assert len({trace["line"]["dash"] for trace in named}) == 2
    assert [trace["legendgroup"] for trace in chart["data"]] == ["optimizer adam"] * 2 + ["optimizer sgd"] * 2
    assert "legend" in chart["layout"]


def test_gaps_and_what_is_no_number_are_plain_json():
    chart = response_chart(response_of(ODD, ACCURACY))
    runs, means = chart["data"]
    assert means["y"] == [2.0, None, None, 2.0, 4.5]
    assert runs["marker"]["symbol"].count("x-thin-open") == 2
    assert runs["customdata"][2] == "0.1-seed0: not a finite number"
    json.dumps(chart, allow_nan=False)


def test_a_run_outside_the_scale_is_a_triangle_at_its_edge_and_tells_its_value():
    data = response_of(FAR, ACCURACY)
    runs, means = response_chart(data)["data"]
    (place,) = (at for at, symbol in enumerate(runs["marker"]["symbol"]) if symbol == "triangle-up")
    assert (runs["y"][place], runs["customdata"][place]) == (data.ends[1], "8-seed0: 1000000")
    assert max(means["y"]) <= data.ends[1]


def test_single_runs_have_no_bars_and_a_baseline_is_a_line():
    chart = response_chart(response_of({1: (1.0,), 2: (2.0,), 3: (4.0,)}, replace(ACCURACY, baseline=1.5)))
    means, level = chart["data"]
    assert "error_y" not in means
    assert means["customdata"] == ["lr 1: 1", "lr 2: 2", "lr 3: 4"]
    assert (level["name"], level["y"]) == ("baseline: 1.5", [1.5, 1.5])


def test_a_title_on_two_lines_gets_room_beside_the_numbers():
    axis = response_chart(response_of(ENDS, ACCURACY))["layout"]["yaxis"]
    assert "<br>" in axis["title"]["text"]
    assert axis["automargin"]
    assert axis["title"]["standoff"] > 0
