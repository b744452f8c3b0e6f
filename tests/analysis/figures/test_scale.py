import math
from dataclasses import replace

import pytest

from analysis.figures.averages.repeats import Tail
from analysis.figures.figure_data import FigureData, Line, Panel
from analysis.figures.palette import BASELINE, Style
from analysis.figures.scale import (
    Scale,
    clipped,
    even_steps,
    gaps_of,
    limits,
    log_wanted,
    on_one_scale,
    outside,
    scale_of,
)
from analysis.results.criterion import HIGHER, LOWER

LOOK = Style("#000000")
FALLING = (0.9, 0.7, 0.6, 0.55, 0.5)


def line(*values, style=LOOK, label="a"):
    return Line(label, style, tuple(range(len(values))), values)


def panel(*lines, key="train/loss", loss=True):
    return Panel("epoch", "training loss", lines, key=key, may_log=loss)


def figure(*panels):
    return FigureData("a.png", "A title", panels, (), (), ())


def ranges(*figures):
    return [one.y_range for figure in on_one_scale(figures) for one in figure.panels]


def test_panels_of_one_metric_have_one_scale_in_all_figures_and_others_their_own():
    first, second = panel(line(1.0, 2.0)), panel(line(3.0, 5.0))
    other = panel(line(7.0, 9.0), key="val/psnr", loss=False)
    assert ranges(figure(first, other), figure(second)) == [(1.0, 5.0), (7.0, 9.0), (1.0, 5.0)]


def test_bands_and_baselines_lie_within_the_scale():
    band = replace(line(2.0, 2.5), low=(1.0, 2.0), high=(3.0, 4.0))
    assert ranges(figure(panel(band, line(0.5, 0.5, style=BASELINE)))) == [(0.5, 4.0)]


def test_a_first_epoch_far_above_the_rest_does_not_squeeze_the_curves_and_the_figure_says_so():
    (drawn,) = on_one_scale([figure(panel(line(6e3, *FALLING, label="None"), line(0.8, *FALLING)))])
    (one,) = drawn.panels
    assert one.y_range == (0.5, 0.9)
    assert not one.log
    assert drawn.notes == ("outside the scale, marked by triangles: training loss at epoch 0: up to 6e+03",)
    assert [outside(each, one) for each in one.lines] == [[(0, 6e3, True)], []]


def test_several_epochs_outside_the_scale_are_several():
    longer = (
        0.9,
        0.8,
        0.7,
        0.65,
        0.6,
        0.58,
        0.56,
        0.55,
        0.54,
        0.53,
        0.52,
        0.51,
        0.5,
        0.5,
        0.5,
        0.5,
        0.5,
        0.5,
    )
    (drawn,) = on_one_scale([figure(panel(line(6e3, 5e3, *longer), line(0.8, 0.7, *longer)))])
    assert drawn.notes == (
        "outside the scale, marked by triangles: training loss at epochs 0, 1: up to 6e+03",
    )


def test_a_spike_in_the_middle_and_a_drop_are_far_off_too():
    lost = line(20.0, 21.0, -100.0, 22.0, 22.5, 22.4)
    (one,) = on_one_scale([figure(panel(lost, key="val/psnr", loss=False))])[0].panels
    assert one.y_range == (20.0, 22.5)
    assert outside(lost, one) == [(2, -100.0, False)]


def test_a_failed_run_does_not_set_the_scale_and_the_figure_says_what_lies_outside():
    failed = replace(line(1e4, 7e23, math.nan, label="b"), scaling=())
    (drawn,) = on_one_scale([figure(panel(line(-2.0, -1.0), failed, loss=False))])
    assert drawn.panels[0].y_range == (-2.0, -1.0)
    assert drawn.notes[0].endswith("at epochs 0, 1: up to 7e+23")
    assert ranges(figure(panel(replace(line(3.0, 4.0), scaling=()), loss=False))) == [(3.0, 4.0)]


def test_of_repeats_those_that_did_not_fail_set_the_scale():
    band = replace(line(5e5, 5e23), low=(1.0, 2.0), high=(1e6, 1e24), scaling=((1.0, 2.0, 3.0),))
    assert ranges(figure(panel(band, loss=False))) == [(1.0, 3.0)]


def test_a_line_beyond_all_proportion_is_far_off_though_it_is_short_and_its_run_finished():
    (drawn,) = on_one_scale([figure(panel(line(-2.0, -1.0), line(-2.5, -1.5), line(1e20, 1e24), loss=False))])
    assert drawn.panels[0].y_range == (-2.5, -1.0)
    assert drawn.notes[0].endswith("up to 1e+24")


def test_a_loss_that_some_settings_bring_far_lower_is_all_shown_on_a_log_scale():
    assert ranges(figure(panel(line(1e-9, 2e-9), line(1e-8, 1e-9), line(0.5, 0.1)))) == [(1e-9, 0.5)]


def test_a_whole_line_is_never_far_off():
    apart = panel(line(*FALLING), line(*(1e4 * value for value in FALLING)), loss=False)
    assert ranges(figure(apart)) == [(0.5, 9e3)]


@pytest.mark.parametrize("values", [(6e3, 0.9, 0.8), (1.0, 0.9, 0.8, 0.7, 0.6), (6e3, 0.5, 0.5, 0.5, 0.5)])
def test_few_points_near_points_and_points_beside_a_flat_line_are_all_shown(values):
    assert ranges(figure(panel(line(*values), loss=False))) == [(min(values), max(values))]


def test_a_loss_that_falls_by_decades_is_on_a_log_scale_and_its_label_says_so():
    (one,) = on_one_scale([figure(panel(line(*(10.0**-n for n in range(6)))))])[0].panels
    assert (one.log, one.y_label, one.y_range) == (True, "training loss (log scale)", (1e-5, 1.0))


def test_on_a_log_scale_too_the_first_epochs_do_not_squeeze_the_rest():
    values = tuple(10.0 ** (-n / 4) for n in range(8))
    assert scale_of([panel(line(1e9, 1e7, *values))]) == Scale(values[-1], 1.0, log=True)


def test_a_loss_that_falls_by_decades_in_its_first_epochs_and_little_then_is_on_a_linear_scale():
    scale = scale_of([panel(line(325.0, 45.0, *(0.9 - 0.01 * n for n in range(20))))])
    assert (scale.high, scale.log) == (0.9, False)


@pytest.mark.parametrize("values", [[1.0, 2.0], [0.0, 100.0], [-1.0, 100.0], [math.nan], []])
def test_no_log_scale_where_it_is_not_needed_or_not_possible(values):
    assert not log_wanted([line(*values)])


@pytest.mark.parametrize("values", [[], [math.nan], [2.0, 2.0]])
def test_values_that_do_not_differ_leave_the_scale_open(values):
    assert ranges(figure(panel(line(*values)))) == [None]


def test_a_known_range_is_kept():
    assert ranges(figure(replace(panel(line(0.5, 0.6)), y_range=(0.0, 1.0)))) == [(0.0, 1.0)]


def test_any_finite_numbers_have_a_scale():
    for values in ([1e299, -1e299], [1e-300, 1e299], [1e299, *FALLING]):
        (one,) = on_one_scale([figure(panel(line(*values)))])[0].panels
        assert all(math.isfinite(end) for end in limits(one.y_range, log=one.log))
        assert all(abs(value) < 1e308 for value in clipped(one.lines[0], one).y)


def test_a_clipped_line_still_leaves_the_panel_where_it_did():
    one = replace(panel(line(6e3, *FALLING)), y_range=(0.5, 0.9))
    first, *rest = clipped(one.lines[0], one).y
    assert limits(one.y_range, log=False)[1] < first < 2
    assert tuple(rest) == FALLING


def test_runs_that_go_on_beyond_their_mean_lie_within_the_scale_and_tell_of_gaps():
    tail = Tail("seed 2", (4, 5, 6, 7), (0.5, 0.3, math.nan, 0.2))
    longer = replace(line(*FALLING), tails=(tail,), ends=((4, 0.5), (7, 0.2)))
    assert ranges(figure(panel(longer))) == [(0.2, 0.9)]
    assert gaps_of(longer) == [6]
    known = Panel("epoch", "loss", (longer,), y_range=(0.4, 0.9))
    assert outside(longer, known) == [(5, 0.3, False), (7, 0.2, False)]
    cut = clipped(longer, known)
    assert min(cut.tails[0].y[0::3]) == cut.ends[1][1] < limits((0.4, 0.9), log=False)[0]


def test_what_is_better_than_the_rest_is_never_left_out_and_what_is_worse_is_earlier():
    flat = tuple(0.10 + 0.001 * (place % 5) for place in range(30))
    jump = figure(panel(line(*flat, 0.95, 0.97), key="val/acc", loss=False))
    bad = figure(panel(line(1.7, *FALLING), key="val/acc", loss=False))
    for better, shown in ((HIGHER, (0.1, 0.97)), (LOWER, (0.1, 0.104)), ("", (0.1, 0.104))):
        ((one,),) = [each.panels for each in on_one_scale([jump], better={"val/acc": better})]
        assert one.y_range == pytest.approx(shown)
    for better, shown in ((HIGHER, (0.5, 1.7)), (LOWER, (0.5, 0.9)), ("", (0.5, 1.7))):
        ((one,),) = [each.panels for each in on_one_scale([bad], better={"val/acc": better})]
        assert one.y_range == pytest.approx(shown)


def test_a_loss_that_falls_at_its_very_end_is_shown_on_a_log_scale_too():
    held = line(*(1.0 + 0.01 * (place % 3) for place in range(30)), 1e-3, 1e-5)
    assert scale_of([panel(held)], better=LOWER) == Scale(1e-5, 1.02, log=True)


def test_a_few_even_steps_have_a_tick_each():
    def panel_at(*steps):
        return Panel("step", "loss", (Line("a", LOOK, steps, (0.0,) * len(steps)),))

    assert even_steps(panel_at(500, 1000), 10) == [500, 1000]
    assert (
        even_steps(panel_at(1, 2, 10), 10)
        == even_steps(panel_at(*range(20)), 10)
        == even_steps(panel_at(3), 10)
        == []
    )
