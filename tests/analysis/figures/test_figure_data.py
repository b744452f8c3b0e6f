import math
from dataclasses import replace

import pytest

from analysis.figures.averages.repeats import Averaging
from analysis.figures.figure_data import Line, baselines, lines, notes, panel
from analysis.figures.groups import Group, grouped, grouped_by_settings
from analysis.figures.palette import BASELINE, Style
from analysis.results.results import BETA, COPY_FIRST, LOSS, PSNR, TFR, Curve
from tests.analysis.recorded import (
    COPY_FIRST_DB,
    EPOCHS,
    FAILED,
    RUNNING,
    Recording,
    ratio_sweep,
    result_of,
    results_of,
    seed_sweep,
)

SWEEP = ratio_sweep(strategies=("Cyclical",))
RATIOS = SWEEP.values("tfr")
LOOK = Style("#000000")


def test_of_repeats_a_legend_counts_those_that_failed_and_their_values_set_no_scale():
    sweep = seed_sweep()
    first = results_of(sweep).results[0]
    name = first.trial.name
    (group,) = [
        one
        for one in grouped_by_settings(results_of(sweep, {name: FAILED}).results)
        if name in {result.trial.name for result in one.results}
    ]
    (drawn,) = lines(group, Averaging(LOSS))
    n = len(group.results)
    assert drawn.label.endswith(f"(n = {n}, 1 failed)")
    assert drawn.scaling is not None
    assert len(drawn.scaling) == n - 1
    failed = [replace(result) for result in group.results if result.trial.name == name]
    assert lines(replace(group, results=tuple(failed)), Averaging(LOSS))[0].scaling == ()


def with_curve(result, key, values):
    return replace(result, curves={**result.curves, key: Curve(tuple(range(len(values))), tuple(values))})


def test_a_line_is_its_runs_metric():
    result = result_of(SWEEP.trials[0])
    (drawn,) = lines(Group("TFR 1", LOOK, (result,)), Averaging(PSNR))
    assert drawn == Line("TFR 1", LOOK, tuple(range(EPOCHS)), result.curves[PSNR].values, setting="TFR 1")


@pytest.mark.parametrize(
    ("recording", "label"), [(RUNNING, "TFR 1 (running, 5 epochs)"), (FAILED, "TFR 1 (failed, 4 epochs)")]
)
def test_a_line_of_an_unfinished_run_says_so(recording, label):
    (drawn,) = lines(Group("TFR 1", LOOK, (result_of(SWEEP.trials[0], recording),)), Averaging(LOSS))
    assert drawn.label == label


def test_a_run_without_the_metric_has_no_line():
    assert lines(Group("TFR 1", LOOK, (result_of(SWEEP.trials[0], None),)), Averaging(LOSS)) == ()


def test_repeats_are_drawn_as_mean_and_range_with_their_number():
    repeats = [
        with_curve(result_of(SWEEP.trials[0]), PSNR, values)
        for values in ([1.0, 2.0], [3.0, 6.0], [5.0, 1.0])
    ]
    (drawn,) = lines(Group("Cyclical", LOOK, tuple(repeats)), Averaging(PSNR))
    assert drawn == Line(
        "Cyclical (n = 3)",
        LOOK,
        (0, 1),
        (3.0, 3.0),
        (1.0, 1.0),
        (5.0, 6.0),
        band="minmax",
        setting="Cyclical",
    )


def test_a_repeat_that_is_missing_lowers_n():
    found = results_of(seed_sweep(), {"Cyclical-seed2": None})
    cyclical = next(
        group
        for group in grouped(found.results, "kl_anneal_type", ("Cyclical",))
        if group.label == "Cyclical"
    )
    assert lines(cyclical, Averaging(LOSS))[0].label == "Cyclical (n = 2 of 3)"


def test_a_nan_of_one_repeat_is_a_gap_of_all():
    repeats = [
        with_curve(result_of(SWEEP.trials[0]), PSNR, values) for values in ([1.0, math.nan], [3.0, 6.0])
    ]
    (drawn,) = lines(Group("Cyclical", LOOK, tuple(repeats)), Averaging(PSNR))
    assert [math.isnan(value) for value in drawn.y] == [False, True]
    assert [math.isnan(value) for value in drawn.low + drawn.high] == [False, True] * 2


def test_runs_that_agree_share_one_baseline_named_with_its_level():
    (baseline,) = baselines(results_of(SWEEP).results, COPY_FIRST)
    assert baseline.label == "copy first frame: 19.83 dB"
    assert baseline.style == BASELINE
    assert baseline.y == (COPY_FIRST_DB,) * EPOCHS


def test_the_shared_baseline_is_as_long_as_the_longest_run():
    found = results_of(SWEEP, {SWEEP.trials[0].name: RUNNING})
    (baseline,) = baselines(found.results, COPY_FIRST)
    assert len(baseline.x) == EPOCHS


def test_runs_that_disagree_have_baselines_of_their_own():
    first, second, _ = results_of(SWEEP).results
    labels = [
        drawn.label
        for drawn in baselines([with_curve(first, COPY_FIRST, [25.0] * EPOCHS), second], COPY_FIRST)
    ]
    assert labels == [
        "copy first frame in Cyclical-tfr1.0: 25.00 dB",
        "copy first frame in Cyclical-tfr0.5: 19.83 dB",
    ]


def test_a_psnr_panel_ends_with_the_baseline():
    groups = grouped(results_of(SWEEP).results, "tfr", RATIOS)
    drawn = panel(groups, PSNR, "validation PSNR (dB)", baseline=COPY_FIRST)
    assert [one.label for one in drawn.lines] == ["TFR 1", "TFR 0.5", "TFR 0", "copy first frame: 19.83 dB"]
    assert (drawn.x_label, drawn.y_label, drawn.log) == ("epoch", "validation PSNR (dB)", False)


@pytest.mark.parametrize("key", [TFR, BETA])
def test_schedules_are_shown_in_their_whole_range(key):
    groups = grouped(results_of(SWEEP).results, "tfr", RATIOS)
    assert panel(groups, key, key).y_range == (0.0, 1.0)


def test_a_beta_beyond_one_is_not_cut():
    wide = with_curve(result_of(SWEEP.trials[0]), BETA, [0.0, 4.0])
    assert panel([Group("TFR 1", LOOK, (wide,))], BETA, "beta").y_range is None


def test_notes_say_nothing_where_nothing_is_amiss():
    assert notes(results_of(SWEEP).results, (LOSS, PSNR), COPY_FIRST) == ()


def test_notes_name_every_trial_that_is_not_whole():
    found = results_of(
        SWEEP, {"Cyclical-tfr1.0": None, "Cyclical-tfr0.5": FAILED, "Cyclical-tfr0.0": RUNNING}
    )
    assert notes(found.results, (LOSS,)) == (
        "Cyclical-tfr1.0: missing: no run is recorded",
        "Cyclical-tfr0.5: failed after 4 epochs: loss is NaN in epoch 4, batch 2",
        "Cyclical-tfr0.0: running, 5 epochs so far",
    )


def test_notes_put_trials_of_the_same_condition_together():
    found = results_of(SWEEP, {trial.name: None for trial in SWEEP.trials[:2]})
    assert notes(found.results, (LOSS,)) == ("Cyclical-tfr1.0, Cyclical-tfr0.5: missing: no run is recorded",)


def test_notes_name_gaps_and_metrics_that_are_not_there():
    many = tuple((PSNR, epoch) for epoch in range(6))
    found = results_of(
        SWEEP, {"Cyclical-tfr1.0": Recording(nan=many), "Cyclical-tfr0.5": Recording(without=(PSNR,))}
    )
    assert notes(found.results, (PSNR,), COPY_FIRST) == (
        "Cyclical-tfr1.0: val/psnr is not a finite number at epochs 0, 1, 2, 3 and 2 more, marked x",
        "Cyclical-tfr0.5: recorded no val/psnr",
    )


def test_a_metric_that_repeats_a_setting_where_it_does_not_change_is_not_called_missing():
    found = results_of(SWEEP, {one.name: Recording(without=(LOSS,)) for one in SWEEP.trials[:1]})
    named = [
        replace(one, trial=replace(one.trial, config={**one.trial.config, "optim.loss": 1}))
        for one in found.results
    ]
    key = LOSS.rpartition("/")[2]
    runs = [
        replace(one, curves={key: one.curves[LOSS]} if LOSS in one.curves else {PSNR: one.curves[PSNR]})
        for one in named
    ]
    assert notes(runs, (key,)) == (f"{named[0].trial.name}: recorded no {key} that differs from the setting",)


def test_what_several_trials_lack_is_told_in_words_that_fit_one_and_many():
    found = results_of(SWEEP, {one.name: Recording(without=(PSNR, LOSS)) for one in SWEEP.trials[:2]})
    assert notes(found.results, (PSNR, LOSS)) == (
        "Cyclical-tfr1.0, Cyclical-tfr0.5: recorded no val/psnr and no train/loss",
    )


def test_notes_say_that_there_is_no_baseline():
    found = results_of(SWEEP, {trial.name: Recording(without=(COPY_FIRST,)) for trial in SWEEP.trials})
    assert notes(found.results, (PSNR,), COPY_FIRST) == (
        "no baseline: no run has recorded val/psnr_copy_first",
    )


def test_notes_explain_the_band_of_repeats():
    assert notes(results_of(seed_sweep()).results, (LOSS,))[0].startswith(
        "a line is the mean of n runs with different seeds"
    )


def at_steps(steps_of_seeds):
    """The runs of one setting, seed by seed, with a loss at these steps."""
    sweep = seed_sweep()
    found = [one for one in results_of(sweep).results if one.trial.axes["kl_anneal_type"] == "Cyclical"]
    return tuple(
        replace(one, curves={LOSS: Curve(tuple(steps), (1.0,) * len(steps))})
        for one, steps in zip(found, steps_of_seeds, strict=False)
    )


def test_repeats_with_no_step_in_common_are_drawn_one_by_one_and_the_caption_says_why():
    runs = at_steps([range(21, 176, 22), range(8), range(8)])
    drawn = lines(Group("Cyclical", LOOK, runs), Averaging(LOSS))
    assert [one.x for one in drawn] == [one.curves[LOSS].steps for one in runs]
    assert {(one.label, one.low) for one in drawn} == {("Cyclical (n = 3, each run)", ())}
    said = notes(runs, (LOSS,))
    assert said == (
        "no step in common, and too few points for bins, so each run is drawn: seed 1 has steps 21 to 175, seeds 2, 3 have steps 0 to 7",
    )
    assert notes(runs, (LOSS,), band=None) == ()


def test_repeats_at_many_steps_of_their_own_are_a_mean_of_bins_and_the_caption_says_so():
    runs = at_steps([range(1, 1001, 3), range(2, 1001, 3), range(3, 1001, 3)])
    (line,) = lines(Group("Cyclical", LOOK, runs), Averaging(LOSS))
    assert (line.label, line.x) == ("Cyclical (n = 3)", tuple(range(10, 1000, 20)))
    assert notes(runs, (LOSS,))[0] == (
        "steps differ from run to run, so each run is averaged within 20 epochs first"
    )
    assert not any("averaged" in said for said in notes(runs, (LOSS,), band=None))


def test_of_repeats_drawn_one_by_one_those_with_very_many_irregular_points_are_binned():
    many = [step for step in range(3000) if step % 17 in (0, 1, 3, 6, 10, 15)]
    runs = at_steps([many, range(5000, 5008)])
    drawn = lines(Group("Cyclical", LOOK, runs), Averaging(LOSS))
    assert [len(one.x) for one in drawn] == [60, 8]
    assert [one.label for one in drawn] == ["Cyclical (n = 2, each run)"] * 2
    assert notes(runs, (LOSS,))[1].startswith("points are many and their steps irregular, so each run")


def test_a_run_that_goes_on_beyond_the_mean_is_part_of_the_line_and_of_the_baselines_length():
    runs = at_steps([range(4), range(9)])
    (line,) = lines(Group("Cyclical", LOOK, runs), Averaging(LOSS))
    assert (line.x, [tail.x for tail in line.tails], line.ends) == (
        (0, 1, 2, 3),
        [(3, 4, 5, 6, 7, 8)],
        ((3, 1.0), (8, 1.0)),
    )
    assert line.places[-1] == 8
    assert panel([Group("Cyclical", LOOK, runs)], LOSS, "loss", baseline=0.5).lines[-1].x == (0, 8)
