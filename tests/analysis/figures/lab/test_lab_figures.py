import pytest

from analysis.figures.catalogue import lay_out
from analysis.results.results import FRAME_COPY_FIRST, FRAME_PSNR, KL, LOSS, MSE
from tests.analysis.pictured import clips_of
from tests.analysis.recorded import RUNNING, ratio_sweep, results_of, strategy_sweep

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
