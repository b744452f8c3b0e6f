"""What is drawn around the mean of repeats, in every figure."""

import math
from dataclasses import replace

import pytest

from analysis.figures.averages.band import Band
from analysis.figures.catalogue import lay_out
from analysis.figures.charts import chart_of
from analysis.figures.figure_data import FigureData
from analysis.figures.files.images import DrawnFigure, images
from analysis.figures.files.manifest import data_sha256, manifest
from analysis.figures.points.point_data import PointFigure
from analysis.figures.rates.rate_data import rate_figures
from analysis.figures.responses.response_data import ResponseFigure
from analysis.figures.searches.course_figures import course_figures
from analysis.results.expected import ExpectedSweep
from analysis.results.results import Curve, SweepResults
from analysis.results.searches.courses import comparisons
from tests.analysis.compared import RANDOM, TPE
from tests.analysis.figures.points.test_point_data import TEST, ending
from tests.analysis.figures.rates.test_rate_data import of_z, sweep_of
from tests.analysis.figures.responses.test_response_data import ACCURACY, ENDS, responding

WORDS = {
    Band.MINMAX: "goes from their minimum to their maximum",
    Band.SD: "is the mean ± standard deviation",
    Band.IQR: "goes from the lower to the upper quartile",
}
OTHERS = [Band.SD, Band.IQR]


def listed(figure):
    drawn = DrawnFigure.of(figure, data_sha256(figure), images([figure])[0])
    (entry,) = manifest("e", "f.yaml", None, [drawn], (), drawn_by="")["figures"]
    return entry


def test_three_kinds_of_band():
    values = (1.0, 2.0, 3.0, 4.0, 10.0)
    assert Band.MINMAX.of(values) == (1.0, 10.0)
    assert Band.SD.of(values) == pytest.approx((4 - math.sqrt(12.5), 4 + math.sqrt(12.5)))  # n - 1
    assert Band.IQR.of(values) == (2.0, 4.0)


def test_of_two_repeats_the_quartiles_lie_a_quarter_of_the_way_in():
    assert Band.IQR.of((8.0, 4.0)) == (5.0, 7.0)
    assert Band.SD.of((8.0, 4.0)) == pytest.approx((6 - math.sqrt(8), 6 + math.sqrt(8)))


@pytest.mark.parametrize("band", OTHERS)
def test_one_run_or_an_infinite_one_has_no_spread(band):
    for values in ((), (1.0,), (1.0, math.nan), (1.0, math.inf, 3.0)):
        assert all(map(math.isnan, band.of(values)))


@pytest.mark.parametrize("band", Band)
def test_curves_have_it_in_their_data_and_captions_and_the_manifest_says_which(band):
    figures = lay_out([ending()], band=band)["mine"]
    (curves,) = (one for one in figures if isinstance(one, FigureData) and one.keys[0] == "loss")
    found = {
        (line.low[0], line.high[0], line.band) for panel in curves.panels for line in panel.lines if line.low
    }
    values = [one.curves["loss"].values[0] for one in ending().results[:3]]
    assert (*band.of(values), band) in found
    assert any(f"its band {WORDS[band]}" in note for note in curves.notes)
    assert listed(curves)["band"] == band.value


def test_a_figure_without_repeats_has_no_band():
    figures = lay_out([responding({0.1: (1.0,), 0.2: (2.0,), 0.4: (4.0,)}, ACCURACY)], band=Band.SD)["mine"]
    assert {one.band for one in figures} == {""}
    assert not any("standard deviation" in note for one in figures for note in one.notes)
    assert "band" not in listed(figures[0])


@pytest.mark.parametrize("band", Band)
def test_bars_of_points_have_it(band):
    ends = {"a": (1.0, 3.0, 2.0, 9.0), "b": (4.0, 6.0, 8.0, 9.0), "c": (1.0,)}
    figures = lay_out([ending(ends)], band=band)["mine"]
    (points,) = (one for one in figures if isinstance(one, PointFigure) and one.keys[0] == TEST)
    assert [row.ends for row in points.rows[:2]] == [band.of(ends["a"]), band.of(ends["b"])]
    assert all(map(math.isnan, points.rows[2].ends))
    assert f"the bar with caps {WORDS[band]}" in points.notes[0]
    assert points.band == band
    hover = chart_of(points)["data"][0]["customdata"][0]
    assert ("(quartiles)" in hover) == (band is Band.IQR)
    assert images([points])[0][0]


@pytest.mark.parametrize("band", Band)
def test_bars_of_a_response_curve_have_it_and_lie_within_the_axis(band):
    figures = lay_out([responding(ENDS | {0.3: (40.0, 60.0)}, ACCURACY)], band=band)["mine"]
    (found,) = (one for one in figures if isinstance(one, ResponseFigure))
    marks = found.lines[0].marks
    assert [(mark.low, mark.high) for mark in marks] == [
        band.of(values) for values in (*ENDS.values(), (40.0, 60.0))
    ]
    assert any(f"its bar {WORDS[band]}" in note for note in found.notes)
    assert not any(found.is_outside(end) for mark in marks for end in (mark.low, mark.high))
    hover = next(one for one in chart_of(found)["data"] if "error_y" in one)["customdata"][1]
    what = {Band.MINMAX: "90 to 92,", Band.SD: "90 to 92 (± standard deviation)", Band.IQR: "(quartiles)"}
    assert what[band] in hover


@pytest.mark.parametrize("band", Band)
def test_bars_of_rates_have_it_also_where_the_mean_lies_beyond_the_quartiles(band):
    rates = (1.0, 1.0, 1.0, 1.0, 90.0)
    results = [
        of_z(f"b{beta}-{seed}", {"kl_beta_max": beta, "seed": seed}, rate, 20.0 + rate, 1)
        for beta in (1, 0)
        for seed, rate in enumerate(rates)
    ]
    (figure,) = rate_figures([sweep_of("s", ("kl_beta_max", "seed"), results)], band)
    assert figure.groups[0].marks[0].rate_ends == band.of(rates)
    assert any(f"each of its bars {WORDS[band]}" in note for note in figure.notes)
    assert figure.band == band
    assert images([figure])[0][0]


@pytest.mark.parametrize("band", OTHERS)
def test_searches_side_by_side_have_it(band):
    searches = [*TPE, *RANDOM]
    ((first, _),) = course_figures(comparisons(searches), [one.name for one in searches], band)
    line = first.panels[0].lines[0]
    assert (line.low[0], line.high[0]) == band.of([one.trials[0].values[0] for one in TPE])
    assert any(f"its band {WORDS[band]}" in note for note in first.notes)


def test_a_standard_deviation_that_reaches_below_zero_leaves_a_loss_its_log_scale():
    ends = {"a": (0.01, 1.0, 0.02), "b": (0.5, 5.0, 0.6), "c": (90.0, 100.0, 95.0)}
    sweep = ending(ends)
    values = [value for of_seeds in ends.values() for value in of_seeds]
    results = tuple(
        replace(one, curves={"loss": Curve((0, 1, 2), (100.0, 10.0, value))})
        for one, value in zip(sweep.results, values, strict=True)
    )
    expected = ExpectedSweep("mine", sweep.expected.axes, tuple(one.trial for one in results))
    (figure,) = lay_out([SweepResults(expected, results)], band=Band.SD)["mine"]
    (panel,) = figure.panels
    assert panel.lines[0].low[-1] < 0
    assert panel.log
    assert panel.y_range[0] > 0
    edges = [one["y"] for one in chart_of(figure)["data"] if "lower edge" in one["name"]]
    assert all(y is not None and y > 0 for edge in edges for y in edge)
    assert images([figure])[0][0]
