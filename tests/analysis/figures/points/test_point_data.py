import math
from dataclasses import replace

import pytest

from analysis.figures.catalogue import lay_out
from analysis.figures.figure_data import FigureData
from analysis.figures.figure_request import FigureRequest
from analysis.figures.points.point_data import MOST_ROWS, PLAIN, PointFigure, is_of_points, point_figures
from analysis.results.criterion import HIGHER, LOWER, NEITHER, Criterion
from analysis.results.results import Curve, SweepResults
from tests.analysis.judged import judged

TEST = "test/loss"
ENDS = {"a": (1.0, 3.0, 2.0), "b": (4.0, 6.0, 8.0)}


def ending(ends=ENDS, *criteria, steps=(9, 7, 5), **more):
    """A sweep whose runs end at different steps, and record `test/loss` there; None stands for a run that failed before."""
    sweep = judged(*criteria, ends=ends, **more)
    results = []
    for place, one in enumerate(sweep.results):
        value = [value for of_seeds in ends.values() for value in of_seeds][place]
        curves = (
            {}
            if value is None
            else {
                **one.curves,
                TEST: Curve((steps[place % len(steps)],), (value,)),
                "params": Curve((0,), (7.0,)),
            }
        )
        results.append(replace(one, curves=curves))
    return SweepResults(sweep.expected, tuple(results))


def figure_of(sweep, baseline=None):
    (figure,) = point_figures(sweep, FigureRequest("s/test", "test", TEST, "test/loss", baseline))
    return figure


def test_a_metric_with_one_value_a_run_is_shown_by_setting_with_mean_and_spread():
    figure = figure_of(ending())
    assert [row.label for row in figure.rows] == ["optimizer a (n = 3)", "optimizer b (n = 3)"]
    assert [(row.mean, row.spread) for row in figure.rows] == [(2.0, 1.0), (6.0, 2.0)]
    assert [point.value for point in figure.rows[0].points] == [1.0, 3.0, 2.0]
    assert len({row.style for row in figure.rows}) == 2


def test_the_bar_goes_from_the_least_to_the_greatest_run_that_counts_as_bands_do():
    figure = figure_of(ending({"a": (1.0, 9.0, 2.0), "b": (4.0, math.nan, 8.0)}))
    assert [row.ends for row in figure.rows] == [(1.0, 9.0), (4.0, 8.0)]
    assert "the bar with caps goes from their minimum to their maximum" in figure.notes[0]
    assert all(map(math.isnan, figure_of(ending({"a": (1.0,), "b": (4.0,)})).rows[0].ends))


def test_a_seed_has_the_same_height_in_every_row_though_others_are_missing():
    first, second = figure_of(ending({"a": (1.0, 3.0, 2.0), "b": (4.0, None, 8.0)})).rows
    assert [point.place for point in first.points] == [-1.0, 0.0, 1.0]  # from top to bottom
    assert [point.place for point in second.points] == [-1.0, 1.0]
    assert second.label == "optimizer b (n = 2 of 3)"


def test_the_report_draws_it_in_place_of_curves_where_runs_end_at_different_steps():
    drawn = {figure.keys[0]: figure for figure in lay_out([ending()])["mine"]}
    assert isinstance(drawn[TEST], PointFigure)
    assert drawn[TEST].path == "mine/test-loss.png"
    assert isinstance(drawn["params"], PointFigure)
    assert isinstance(drawn["loss"], FigureData)


@pytest.mark.parametrize("state", ["RUNNING", "FINISHED"])
def test_a_curve_that_has_only_begun_is_still_a_curve(state):
    sweep = ending()
    tags = {} if state == "RUNNING" else {"sweeps.outcome": "finished"}
    running = tuple(replace(one, run=replace(one.run, status=state, tags=tags)) for one in sweep.results)
    assert is_of_points(SweepResults(sweep.expected, running), TEST) is (state == "FINISHED")
    assert not is_of_points(sweep, "loss")


def test_a_run_that_has_not_finished_is_shown_and_not_counted():
    sweep = ending()
    first, *others = sweep.results
    failed = replace(first, run=replace(first.run, status="FAILED", tags={"sweeps.outcome": "failed"}))
    figure = figure_of(SweepResults(sweep.expected, (failed, *others)))
    row = figure.rows[0]
    assert [point.is_finished for point in row.points] == [False, True, True]
    assert row.mean == 2.5
    assert "open: the run has not finished, and does not count in the mean" in figure.notes


def test_one_run_a_setting_has_neither_mean_nor_spread():
    figure = figure_of(ending({"a": (1.0,), "b": (2.0,)}, seeds=False))
    assert [row.label for row in figure.rows] == ["optimizer a", "optimizer b"]
    assert all(math.isnan(row.mean) and math.isnan(row.spread) for row in figure.rows)
    assert figure.notes == ()


def test_settings_without_the_value_are_named_below():
    figure = figure_of(ending({"a": (1.0, 3.0, 2.0), "b": (None, None, None)}))
    assert [row.label for row in figure.rows] == ["optimizer a (n = 3)"]
    assert any("b-seed0, b-seed1, b-seed2: failed" in note for note in figure.notes)


def test_a_number_that_is_not_finite_is_no_part_of_the_mean():
    figure = figure_of(ending({"a": (1.0, math.nan, 2.0), "b": (4.0, 5.0, 6.0)}))
    row, notes = figure.rows[0], figure.notes
    assert row.mean == 1.5
    assert any("a-seed1: test/loss is not a finite number at" in note for note in notes)


def test_the_axis_says_which_way_is_better_and_a_baseline_is_a_level():
    figure = figure_of(ending(ENDS, Criterion(TEST, LOWER, baseline=2.5)), 2.5)
    assert figure.x_label == "test/loss, lower is better"
    assert figure_of(ending(ENDS, Criterion(TEST, NEITHER))).x_label == "test/loss"
    assert figure.levels == (("baseline: 2.5", 2.5),)
    beside = figure_of(ending(ENDS, Criterion(TEST, HIGHER, baseline="val/majority")), "val/majority")
    assert beside.levels == (("val/majority: 65", 65.0),)
    assert beside.keys == (TEST, "val/majority")


def test_losses_that_lie_decades_apart_have_a_log_scale_and_a_few_far_ones_do_not_squeeze_the_others():
    wide = figure_of(ending({"a": (0.001, 0.002, 0.003), "b": (1.0, 2.0, 3.0)}))
    assert wide.is_log
    assert "(log scale)" in wide.x_label
    ends = {str(place): (-1.0 + place / 50, 1.0 + place / 50, 0.5) for place in range(7)}
    ends["6"] = (1e6, 1.0, 0.5)
    far = figure_of(ending(ends))
    assert far.shown(1e6) < 1e4
    assert "outside the scale, marked by triangles: 6-seed0 at 1e+06" in far.notes


def test_many_settings_have_one_look_and_several_figures_on_one_scale():
    sweep = ending({f"{place:02}": (1.0 + place, 2.0 + place) for place in range(MOST_ROWS + 1)})
    first, second = point_figures(sweep, FigureRequest("s/test", "test", TEST, "test/loss"))
    assert (first.path, second.path) == ("s/test.png", "s/test-2.png")
    assert (first.title, second.title) == ("test (1 of 2)", "test (2 of 2)")
    assert (len(first.rows), len(second.rows)) == (MOST_ROWS, 1)
    assert {row.style for row in first.rows} == {PLAIN}
    assert first.scale == second.scale


def test_settings_beyond_the_last_figure_are_counted():
    sweep = ending({f"{place:03}": (1.0 + place,) for place in range(4 * MOST_ROWS + 2)})
    *_, last = point_figures(sweep, FigureRequest("s/test", "test", TEST, "test/loss"))
    assert last.title == "test (4 of 4)"
    assert "not drawn, for want of room: 2 settings; see Results" in last.notes
