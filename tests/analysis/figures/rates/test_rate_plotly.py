from dataclasses import replace

from analysis.figures.rates.rate_data import RateMark, rate_figures
from analysis.figures.rates.rate_plotly import rate_chart
from tests.analysis.figures.rates.test_rate_data import ceiling

(FIGURE,) = rate_figures([ceiling()])


def test_the_chart_has_the_marks_of_the_image():
    chart = rate_chart(FIGURE)
    assert [
        (trace["name"], trace["x"], trace["y"], trace["marker"]["symbol"]) for trace in chart["data"]
    ] == [
        ("kl_beta_max 1: 0 active", [0.001], [21.0], ["circle-open"]),
        ("kl_beta_max 0.001: 0 active", [0.5], [22.5], ["square-open"]),
        ("kl_beta_max 1e-07: 2 active", [250.0], [22.0], ["triangle-up"]),
    ]
    assert (chart["layout"]["xaxis"]["type"], chart["layout"]["xaxis"]["dtick"]) == ("log", 1)
    assert chart["data"][2]["customdata"][0] == "kl_beta_max 1e-07<br>250 nats a frame, 22<br>2 active units"


def test_a_log_scale_of_few_decades_has_more_labels_than_its_powers_of_ten():
    (figure,) = rate_figures([ceiling({1: (2.0, 21.0, 0), 0: (80.0, 22.0, 1)})])
    assert rate_chart(figure)["layout"]["xaxis"]["dtick"] == "D2"
    assert rate_chart(figure)["layout"]["xaxis"]["tickformat"] == "~g"  # else 0.02 reads as 2


def test_repeats_have_bars_to_their_ends():
    mark = RateMark("s", 2.0, 22.0, (1.0, 4.0), (21.0, 22.5), (0, 1), 3)
    chart = rate_chart(replace(FIGURE, groups=(replace(FIGURE.groups[0], marks=(mark,)),)))
    bars = chart["data"][0]["error_x"]
    assert (bars["array"], bars["arrayminus"]) == ([2.0], [1.0])
    assert chart["data"][0]["customdata"] == ["s<br>2 nats a frame, 22, n = 3<br>0 to 1 active units"]
