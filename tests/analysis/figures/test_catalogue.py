from dataclasses import replace

from analysis.figures.catalogue import lay_out
from analysis.figures.facets import MOST_LINES
from analysis.figures.file_names import slug
from analysis.figures.responses.response_data import ResponseFigure
from analysis.report.links import RunLinks
from analysis.results.expected import ExpectedSweep, ExpectedTrial
from analysis.results.results import (
    COPY_FIRST,
    MOST_METRICS,
    PSNR,
    Curve,
    SweepResults,
)
from tests.analysis.figures.lab.test_lab_figures import BOTH, drawn, labels
from tests.analysis.judged import F1, at_batches, called, judged
from tests.analysis.judged import LOSS as LOSS_BELOW
from tests.analysis.recorded import (
    ratio_sweep,
    result_of,
    results_of,
    seed_sweep,
    strategy_sweep,
    trial,
)

LINKS = RunLinks.of("sqlite:///mlflow.db", "7")


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
