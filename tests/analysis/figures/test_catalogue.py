from dataclasses import replace

import pytest

from analysis.figures.catalogue import lay_out, slug
from analysis.figures.facets import MOST_LINES
from analysis.figures.responses.response_data import ResponseFigure
from analysis.report.links import RunLinks
from analysis.results.expected import ExpectedSweep, ExpectedTrial
from analysis.results.results import (
    COPY_FIRST,
    FRAME_COPY_FIRST,
    FRAME_PSNR,
    KL,
    LOSS,
    MOST_METRICS,
    MSE,
    PSNR,
    Curve,
    SweepResults,
)
from tests.analysis.judged import F1, at_batches, called, judged
from tests.analysis.judged import LOSS as LOSS_BELOW
from tests.analysis.pictured import clips_of
from tests.analysis.recorded import (
    RUNNING,
    ratio_sweep,
    result_of,
    results_of,
    seed_sweep,
    strategy_sweep,
    trial,
)

LINKS = RunLinks.of("sqlite:///mlflow.db", "7")
REPORT_FIGURES = {
    *(f"diff_tfr/{name}_loss.png" for name in ("None", "Cyclical", "Mono")),
    *(f"diff_tfr/{name}_TFR_Beta_PSNR.png" for name in ("None", "Cyclical", "Monotonic")),
    *(f"diff_strategy/{name}.png" for name in ("train_loss", "beta", "tfr", "psnr_val")),
    *(f"psnr_per_frame/{name}.png" for name in ("comparison", "Cyclical", "Monotonic", "None")),
}
OVERVIEWS = {
    "diff_tfr/heatmap.png",
    "diff_tfr/val-psnr_over_tfr.png",
    "diff_tfr/drift.png",
    "psnr_per_frame/drift.png",
}
PICTURES = {"diff_tfr/frames.png", "diff_strategy/frames.png"}


def drawn(*sweeps):
    return {figure.path: figure for figures in lay_out(sweeps).values() for figure in figures}


def labels(figure):
    return [[line.label for line in panel.lines] for panel in figure.panels]


BOTH = drawn(results_of(ratio_sweep()), results_of(strategy_sweep()))


def test_the_two_sweeps_give_the_lab_reports_thirteen_figures_a_comparison_of_frames_and_overviews():
    assert set(BOTH) == REPORT_FIGURES | OVERVIEWS
    assert len(BOTH) == 13 + 1 + len(OVERVIEWS)


def test_where_runs_left_frames_there_are_pictures_of_them():
    sweeps = [results_of(ratio_sweep()), results_of(strategy_sweep())]
    errors = {"None": 9, "None-tfr0.5": 9}
    clips = {run_id: clip for sweep in sweeps for run_id, clip in clips_of(sweep, errors).items()}
    laid_out = lay_out(sweeps, clips)
    assert {figure.path for figures in laid_out.values() for figure in figures} - set(BOTH) == PICTURES


def test_losses_are_three_panels_with_a_line_a_ratio():
    figure = BOTH["diff_tfr/Mono_loss.png"]
    assert [panel.y_label for panel in figure.panels] == ["training loss", "MSE", "KL divergence"]
    assert labels(figure) == [["TFR 1", "TFR 0.5", "TFR 0"]] * 3
    assert figure.title == "Training losses by teacher forcing ratio, Monotonic KL annealing"
    assert figure.keys == (LOSS, MSE, KL)
    assert [result.trial.name for result in figure.results] == [
        f"Monotonic-tfr{ratio}" for ratio in (1.0, 0.5, 0.0)
    ]


def test_schedules_stand_above_the_psnr_that_they_led_to():
    figure = BOTH["diff_tfr/None_TFR_Beta_PSNR.png"]
    assert [panel.y_label for panel in figure.panels] == [
        "teacher forcing ratio",
        "beta",
        "validation PSNR (dB)",
    ]
    assert labels(figure)[2][-1] == "copy first frame: 19.83 dB"


@pytest.mark.parametrize("name", ["train_loss", "beta", "tfr", "psnr_val"])
def test_strategies_are_compared_in_one_panel(name):
    figure = BOTH[f"diff_strategy/{name}.png"]
    assert labels(figure)[0][:3] == ["Monotonic", "Cyclical", "no annealing"]


def test_each_frames_psnr_has_its_mean_in_the_legend():
    figure = BOTH["psnr_per_frame/Cyclical.png"]
    (panel,) = figure.panels
    model, copied = panel.lines
    assert (panel.x_label, panel.y_label) == ("frame", "PSNR (dB)")
    assert model.label == f"Cyclical: mean {sum(model.y) / len(model.y):.2f} dB"
    assert copied.label == f"copy first frame: mean {sum(copied.y) / len(copied.y):.2f} dB"
    assert model.x[0] == 1
    assert figure.keys == (FRAME_PSNR, FRAME_COPY_FIRST)


def test_the_strategies_are_compared_frame_by_frame_on_the_scale_that_each_has_alone():
    (together,) = BOTH["psnr_per_frame/comparison.png"].panels
    alone = [BOTH[f"psnr_per_frame/{name}.png"].panels[0] for name in ("Monotonic", "Cyclical", "None")]
    assert together.lines == (*(panel.lines[0] for panel in alone), alone[0].lines[1])
    values = [value for line in together.lines for value in line.y]
    assert {panel.y_range for panel in (together, *alone)} == {(min(values), max(values))}


def test_every_psnr_panel_has_the_baseline():
    seeds = drawn(results_of(seed_sweep()))
    panels = [
        panel
        for figure in [*BOTH.values(), *seeds.values()]
        if not isinstance(figure, ResponseFigure)
        for panel in figure.panels
        if "PSNR" in panel.y_label
    ]
    assert len(panels) == 3 + 1 + 4 + 4 + 1 + 4 + 1
    assert all(any(line.label.startswith("copy first frame") for line in panel.lines) for panel in panels)


def test_a_strategy_keeps_its_look_in_every_figure():
    looks = {
        line.label.partition(":")[0]: set()
        for path in ("diff_strategy/beta.png",)
        for line in BOTH[path].panels[0].lines
    }
    for path, figure in BOTH.items():
        if not path.startswith("diff_tfr"):
            for line in figure.panels[0].lines:
                name = line.label.partition(":")[0]
                if name in looks:
                    looks[name].add(line.style)
    assert [len(found) for found in looks.values()] == [1, 1, 1]


def test_a_frame_figure_of_a_run_in_progress_says_when_there_will_be_one():
    figure = drawn(results_of(strategy_sweep(), {"Cyclical": RUNNING}))["psnr_per_frame/Cyclical.png"]
    assert figure.panels[0].lines == ()
    assert figure.notes == ("Cyclical: running, 5 epochs so far",)
    assert figure.panels[0].empty == "recorded when training ends\nCyclical: running, 5 epochs so far"


def test_a_second_sweep_over_the_same_axes_goes_into_its_own_folder():
    again = replace(ratio_sweep(), name="again, larger")
    paths = set(drawn(results_of(ratio_sweep()), results_of(again)))
    assert "diff_tfr/None_loss.png" in paths
    assert "again-larger/diff_tfr/None_loss.png" in paths


def test_seeds_do_not_change_the_figures_of_a_sweep():
    assert "diff_strategy/train_loss.png" in drawn(results_of(seed_sweep()))


def lr_sweep(values):
    trials = tuple(trial(f"lr{value}", {"lr": value}, kl_anneal_type="None") for value in values)
    return ExpectedSweep("lr", ("lr",), trials)


def test_any_other_sweep_has_its_loss_and_psnr_drawn():
    figures = drawn(results_of(lr_sweep((1e-3, 1e-4))))
    assert set(figures) == {"lr/train_loss.png", "lr/psnr_val.png", "lr/drift.png"}
    assert labels(figures["lr/psnr_val.png"]) == [["lr 0.001", "lr 0.0001", "copy first frame: 19.83 dB"]]
    assert figures["lr/psnr_val.png"].keys == (PSNR, COPY_FIRST)


def test_no_sweep_draws_over_the_figures_of_another():
    names = ("diff_strategy", "a b", "a-b")
    others = [results_of(replace(lr_sweep((1e-3,)), name=name)) for name in names]
    assert set(drawn(results_of(strategy_sweep()), *others)) > {
        "diff_strategy/train_loss.png",
        "diff_strategy-2/train_loss.png",
        "a-b/train_loss.png",
        "a-b-2/train_loss.png",
    }


def test_values_that_are_no_plain_values_are_drawn_like_any_other_sweep():
    trials = tuple(trial(f"kinds{n}", {"kl_anneal_type": ["None", n]}, tfr=0.0) for n in (1, 2))
    results = results_of(lr_sweep((1e-3,))).results
    sweep = ExpectedSweep("odd", ("kl_anneal_type",), trials)
    found = tuple(replace(results[0], trial=one) for one in trials)
    figures = drawn(replace(results_of(lr_sweep((1e-3,))), expected=sweep, results=found))
    assert set(figures) == {"odd/train_loss.png", "odd/psnr_val.png", "odd/drift.png"}


@pytest.mark.parametrize(
    ("name", "part"),
    [("a b/c", "a-b-c"), ("../up", "up"), ("None", "None"), ("...", "unnamed"), ("tfr-0.5", "tfr-0.5")],
)
def test_a_name_is_made_one_part_of_a_path(name, part):
    assert slug(name) == part


def of_another_trainer(names):
    """A sweep of two trials that log these metrics and have nothing to do with video."""
    trials = [ExpectedTrial(f"x{x}", f"f{x}", {"x": x}, {"x": x}, "") for x in (1, 2)]
    curve = Curve((0, 1), (1.0, 0.5))
    results = (replace(result_of(one, None), curves=dict.fromkeys(names, curve)) for one in trials)
    return SweepResults(ExpectedSweep("a", ("x",), tuple(trials)), tuple(results))


def test_a_metric_that_is_called_as_a_setting_is_told_apart_in_its_title_and_at_its_axis():
    figure = drawn(of_another_trainer(["x"]))["a/x.png"]
    assert (figure.title, figure.panels[0].y_label) == ("x (metric), a", "x (metric)")
    assert [line.label[:3] for line in figure.panels[0].lines] == ["x 1", "x 2"]


def test_another_trainers_sweep_has_a_figure_of_each_metric_losses_first_and_those_of_frames_last():
    found = of_another_trainer(["accuracy", "val/loss", "time/epoch_s", "frame/x"])
    figures = drawn(found)
    assert list(figures) == ["a/val-loss.png", "a/accuracy.png", "a/frame-x.png"]
    assert [figure.keys for figure in figures.values()] == [("val/loss",), ("accuracy",), ("frame/x",)]
    assert [figure.panels[0].x_label for figure in figures.values()] == ["epoch", "epoch", "frame"]
    assert [len(line.x) for line in figures["a/val-loss.png"].panels[0].lines] == [2, 2]


def test_a_script_with_the_labs_settings_and_metrics_of_its_own_gets_the_labs_figures_and_its_own():
    video = results_of(strategy_sweep())
    curve = Curve((0, 1), (1.0, 0.5))
    own = dict.fromkeys(["train/loss", "val/loss", "frame/psnr"], curve)
    figures = drawn(replace(video, results=tuple(replace(one, curves=own) for one in video.results)))
    name = slug(video.expected.name)
    strategies = (slug(value) for value in video.expected.values("kl_anneal_type"))
    assert list(figures) == [
        "diff_strategy/train_loss.png",
        "psnr_per_frame/comparison.png",
        *(f"psnr_per_frame/{strategy}.png" for strategy in strategies),
        f"{name}/val-loss.png",
    ]


def test_metrics_whose_names_make_one_file_name_get_one_each():
    assert set(drawn(of_another_trainer(["a/b", "a.b", "a-b"]))) == {"a/a-b.png", "a/a-b-2.png", "a/a.b.png"}


def test_of_more_metrics_than_fit_the_first_are_drawn():
    found = of_another_trainer([f"m{number:02}" for number in range(14)])
    assert len(drawn(found)) == MOST_METRICS


def test_another_trainers_sweep_of_which_nothing_is_recorded_has_no_figure():
    assert drawn(of_another_trainer([])) == {}


def test_the_files_measures_are_drawn_first_with_their_unit_and_their_baseline():
    figures = lay_out([judged(F1, replace(LOSS_BELOW, baseline=25.0))])["mine"]
    assert [figure.path for figure in figures] == ["mine/val-f1.png", "mine/loss.png", "mine/lr.png"]
    (first,), (second,) = figures[0].panels, figures[1].panels
    assert first.y_label == "val/f1 (%)"
    assert (first.lines[-1].label, first.lines[-1].x) == ("val/majority: 65", (0, 2))
    assert figures[0].keys == ("val/f1", "val/majority")
    assert (second.lines[-1].label, second.lines[-1].x, second.lines[-1].y) == (
        "baseline: 25",
        (0, 2),
        (25.0, 25.0),
    )


def test_of_many_settings_each_panel_has_the_measures_baseline():
    ends = {f"o{number}": (80.0,) for number in range(MOST_LINES + 1)}
    (figure,) = [one for one in lay_out([judged(F1, ends=ends, seeds=False)])["mine"] if "f1" in one.path]
    assert all(panel.lines[-1].label == "val/majority: 65" for panel in figure.panels)
    assert "val/majority" in figure.keys


def test_what_a_program_records_at_its_batches_is_drawn_by_step_whatever_epochs_it_asks_for():
    figures = drawn(at_batches(judged(F1)))
    assert {panel.x_label for figure in figures.values() for panel in figure.panels} == {"step"}
    figures = drawn(at_batches(judged(F1), each=1))
    assert {panel.x_label for figure in figures.values() for panel in figure.panels} == {"epoch"}


def test_panels_side_by_side_count_alike():
    ends = {f"o{number}": (80.0,) for number in range(MOST_LINES + 2)}
    found = judged(F1, ends=ends)
    first, *others = found.results
    mixed = [at_batches(replace(found, results=(first,))).results[0], *others]
    (figure,) = (one for one in drawn(replace(found, results=tuple(mixed))).values() if one.keys[0] == "loss")
    assert len(figure.panels) > 1
    assert {panel.x_label for panel in figure.panels} == {"step"}


NAMES = {
    "val/f1": "F1 score",
    "val/majority": "majority vote",
    "loss": "Loss",
    "optimizer": "method",
    "step": "iteration",
}


def test_figures_call_metrics_settings_and_steps_as_the_file_does():
    sweep = called(at_batches(judged(F1), by_epoch=False), NAMES)
    figures = {figure.path: figure for figure in lay_out([sweep])["mine"]}
    shown = figures["mine/val-f1.png"]
    (panel,) = shown.panels
    assert (shown.title, panel.x_label, panel.y_label) == ("F1 score, mine", "iteration", "F1 score (%)")
    assert [line.label for line in panel.lines] == [
        "method a (n = 3)",
        "method b (n = 3)",
        "method c (n = 3)",
        "majority vote: 65",
    ]
    assert (figures["mine/loss.png"].title, shown.keys) == ("Loss, mine", ("val/f1", "val/majority"))


def test_a_response_curve_and_a_heatmap_do_too():
    ends = {0.1: (80.0, 81.0), 0.2: (60.0, 61.0), 0.3: (70.5, 70.0)}
    names = {"val/f1": "F1 score", "optim.lr": "learning rate"}
    sweep = called(judged(F1, ends=ends, axis="optim.lr"), names)
    figures = {figure.path: figure for figure in lay_out([sweep])["mine"]}
    curve = figures["mine/val-f1_over_lr.png"]
    assert (curve.title, curve.x_label) == ("Last F1 score over learning rate, mine", "learning rate")
    assert curve.y_lines[0] == "F1 score (%)"
    both = tuple(
        replace(
            one,
            trial=replace(
                one.trial, axes={"optim.lr": one.trial.axes["optim.lr"], "wd": one.trial.axes["seed"]}
            ),
        )
        for one in sweep.results
    )
    expected = replace(sweep.expected, axes=("optim.lr", "wd"), trials=tuple(one.trial for one in both))
    figures = {one.path: one for one in lay_out([SweepResults(expected, both)])["mine"]}
    (panel,) = figures["mine/heatmap.png"].panels
    assert figures["mine/heatmap.png"].title == "Final F1 score over learning rate and wd"
    assert (panel.title, panel.y_label, panel.x_label) == (
        "F1 score, higher is better",
        "learning rate",
        "wd",
    )


def test_a_metric_and_a_setting_of_one_name_are_told_apart():
    sweep = judged(F1, axis="lr")
    shown = {figure.path: figure.title for figure in lay_out([called(sweep, {"lr": "rate"})])["mine"]}
    assert shown["mine/lr.png"] == "rate (metric), mine"


def test_curves_on_a_linear_scale_say_where_others_of_their_metric_have_a_log_scale():
    def falling(name, first):
        sweep = judged(LOSS_BELOW)
        results = [
            replace(one, curves={"loss": Curve((0, 1, 2), (first, 1.5, 1.0))}) for one in sweep.results
        ]
        return SweepResults(replace(sweep.expected, name=name), tuple(results))

    drawn = lay_out([falling("near", 2.0), falling("far", 100.0)])
    ((near, *_), (far, *_)) = drawn.values()
    assert near.notes[-1] == "loss: on a linear scale here, on a log scale in far"
    assert not [note for note in far.notes if "linear" in note]
    assert not [
        note for one in lay_out([falling("near", 2.0)]).values() for note in one[0].notes if "linear" in note
    ]
