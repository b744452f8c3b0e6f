import math
from dataclasses import replace

import pytest

from analysis.figures.catalogue import lay_out
from analysis.figures.groups import grouped
from analysis.figures.lab.drift import drifted, drifts, slope
from analysis.results.results import FRAME_COPY_FIRST, FRAME_PSNR, Curve
from tests.analysis.recorded import ratio_sweep, results_of, seed_sweep, strategy_sweep

FALLING = Curve(tuple(range(1, 21)), tuple(30.0 - 0.5 * frame for frame in range(1, 21)))


def test_a_curve_becomes_the_change_of_its_windows_from_the_first():
    assert drifted(FALLING, 5) == Curve((3, 8, 13, 18), (0.0, -2.5, -5.0, -7.5))


def test_a_window_of_gaps_is_a_gap_and_one_gap_is_left_out():
    values = (1.0, math.nan, math.nan, math.nan, 4.0, 5.0)
    changed = drifted(Curve(tuple(range(6)), values), 2)
    assert changed.values[0] == 0.0
    assert math.isnan(changed.values[1])
    assert changed.values[2] == 3.5


def test_the_slope_is_that_of_the_line_through_all_frames():
    assert slope(FALLING) == pytest.approx(-0.5)
    assert math.isnan(slope(Curve((1,), (2.0,))))


def sweep_with(sweep, slopes):
    """A sweep whose runs lose so many dB a frame, and copying the first frame one."""
    results = []
    for result in results_of(sweep).results:
        curves = {}
        for key, fall in ((FRAME_PSNR, slopes.get(result.trial.name, 0.1)), (FRAME_COPY_FIRST, 1.0)):
            curves[key] = Curve(tuple(range(1, 41)), tuple(30 - fall * frame for frame in range(1, 41)))
        results.append(replace(result, curves={**result.curves, **curves}))
    return replace(results_of(sweep), results=tuple(results))


def figure_of(found, path):
    return {figure.path: figure for figure in lay_out([found])[found.expected.name]}[path]


def test_strategies_are_compared_with_their_slopes_in_the_legend_and_the_baseline_below():
    found = sweep_with(strategy_sweep(), {"None": 0.25})
    (panel,) = figure_of(found, "psnr_per_frame/drift.png").panels
    assert [line.label for line in panel.lines] == [
        "Monotonic: -1.00 dB",
        "Cyclical: -1.00 dB",
        "no annealing: -2.50 dB",
        "copy first frame: -10.00 dB",
    ]
    assert all(line.y[0] == 0.0 and len(line.y) == 10 for line in panel.lines)
    assert panel.y_label == "PSNR against the first 4 frames (dB)"


def test_repeats_are_a_mean_and_a_band():
    found = sweep_with(seed_sweep(), {"Cyclical-seed1": 0.4, "Cyclical-seed2": 0.1})
    line = next(
        line
        for line in figure_of(found, "psnr_per_frame/drift.png").panels[0].lines
        if line.label == "Cyclical: -2.00 dB (n = 3)"
    )
    assert (line.low[-1], line.high[-1]) == (pytest.approx(-0.4 * 36), pytest.approx(-0.1 * 36))


def test_of_a_grid_each_strategy_has_a_panel_on_one_scale_and_the_notes_tell_slopes():
    figure = figure_of(sweep_with(ratio_sweep(), {"Cyclical-tfr1.0": 0.5}), "diff_tfr/drift.png")
    assert [panel.title for panel in figure.panels] == [
        "no KL annealing",
        "Cyclical KL annealing",
        "Monotonic KL annealing",
    ]
    assert len({panel.y_range for panel in figure.panels}) == 1
    assert "slopes, Cyclical KL annealing: TFR 1 -5.00 dB, TFR 0.5 -1.00 dB, TFR 0 -1.00 dB" in figure.notes


def test_a_rollout_of_few_frames_has_no_drift():
    found = results_of(strategy_sweep())
    short = tuple(replace(one, curves={FRAME_PSNR: Curve((1, 2), (1.0, 2.0))}) for one in found.results)
    groups = grouped(short, "kl_anneal_type", ("None",))
    assert drifts("a.png", "t", [("", groups)]) == drifts("a.png", "t", []) == []
