import math
import random
from dataclasses import replace

import pytest
from optuna.distributions import FloatDistribution, IntDistribution

from analysis.figures.searches.search_figures import (
    BEST_COLOR,
    COMPLETE_COLOR,
    PRUNED_COLOR,
    search_figures,
)
from analysis.figures.searches.search_mpl import search_images
from tests.analysis.searched import BOTH, ONE

PLOTS = ("history", "importance", "slice", "parallel", "curves")


@pytest.fixture(scope="module")
def figures():
    return {figure.plot: figure for figure in search_figures(ONE)}


def test_each_figure_is_an_image_and_a_chart_of_the_same_trials(figures):
    assert tuple(figures) == PLOTS
    assert [figure.path for figure in figures.values()] == [f"search/s/{plot}.png" for plot in PLOTS]
    png, svg = search_images(figures["history"])
    assert png.startswith(b"\x89PNG")
    assert b"<svg" in svg
    values, best, *_ = figures["history"].chart["data"]
    assert (values["y"], best["y"]) == ([20.0, 25.0, 22.0, 21.0], [20.0, 25.0, 25.0, 25.0, 25.0])
    settings = {
        axis["title"]["text"] for key, axis in figures["slice"].chart["layout"].items() if key[:5] == "xaxis"
    }
    assert settings == {"lr", "kind"}


def test_the_curves_tell_pruned_trials_from_finished_ones_and_the_best(figures):
    traces = figures["curves"].chart["data"]
    assert [trace["name"] for trace in traces] == [
        *("pruned", "finished", "finished", "finished", "best: trial-003")
    ]
    assert traces[0]["y"] == [13.0, 14.0]
    assert traces[0]["marker"]["symbol"] == ["circle", "x"]
    assert "a cross is where a trial was pruned" in figures["curves"].notes
    unpruned = replace(ONE, trials=tuple(trial for trial in ONE.trials if trial.outcome != "pruned"))
    assert all("a cross" not in note for figure in search_figures(unpruned) for note in figure.notes)
    assert [trace["showlegend"] for trace in traces] == [True, True, False, False, True]


def _searched(scores):
    """A search whose trials score so, with a setting that some of them have."""
    rng = random.Random(0)
    trials = []
    for place, score in enumerate(scores):
        params = {"lr": 10 ** rng.uniform(-3, -1), "kind": rng.choice(["a", "b"])}
        params |= {"cycles": 3} if params["kind"] == "b" else {}
        trials.append(
            replace(
                ONE.trials[0], name=f"trial-{place:03d}", run_id=str(place), params=params, values=(score,)
            )
        )
    space = {**ONE.space, "cycles": IntDistribution(2, 8), "lr": FloatDistribution(1e-3, 1e-1, log=True)}
    return replace(ONE, trials=tuple(trials), space=space)


def test_importances_of_noise_are_grey_and_say_that_nothing_is_told_apart_from_chance():
    rng = random.Random(3)
    noise = _searched([rng.gauss(20, 1) for _ in range(30)])
    failed = replace(noise.trials[0], run_id="f", outcome="failed", values=None)
    odd = replace(noise.trials[0], run_id="n", values=(float("nan"),))
    (figure,) = [
        one
        for one in search_figures(replace(noise, trials=(*noise.trials, failed, odd)))
        if one.plot == "importance"
    ]
    assert [set(trace["marker"]["color"]) for trace in figure.chart["data"]] == [{PRUNED_COLOR}]
    shares, told, lacking = figure.notes
    assert "over 30 finished trials (left out: 1 failed, 1 without a number)" in shares
    assert told.startswith("none is told apart from chance")
    assert lacking == "not in it, as drawn in some trials only: cycles"
    assert PRUNED_COLOR.lower().encode() in search_images(figure)[1].lower()


def test_the_importance_of_a_setting_that_matters_is_in_colour_and_named():
    drawn = _searched([0.0] * 40)
    told = replace(
        drawn,
        trials=tuple(
            replace(trial, values=(-((math.log10(trial.params["lr"]) + 2) ** 2),)) for trial in drawn.trials
        ),
    )
    (figure,) = [one for one in search_figures(told) if one.plot == "importance"]
    (trace,) = figure.chart["data"]
    colors = dict(zip(trace["y"], trace["marker"]["color"], strict=True))
    assert colors == {"lr": COMPLETE_COLOR, "kind": PRUNED_COLOR}
    assert figure.notes[1].startswith("above chance are lr; grey: not told apart from chance")


def test_the_same_record_gives_the_same_bytes(figures):
    again = {figure.plot: figure for figure in search_figures(ONE)}
    assert again == figures
    assert all(
        search_images(again[plot]) == search_images(figures[plot]) for plot in ("importance", "curves")
    )


def test_what_repeating_the_first_frame_scores_stands_in_the_curves_and_the_history(figures):
    told = replace(ONE.trials[0], notes={"val/psnr_copy_first": 12.0, "val/skill": 8.0})
    with_baseline = search_figures(replace(ONE, trials=(told, *ONE.trials[1:])))
    changed = {figure.plot for figure in with_baseline if figure.chart != figures[figure.plot].chart}
    assert changed == {"history", "curves"}
    assert b"copy first frame: 12.00 dB" not in search_images(figures["curves"])[1]
    (shape,) = with_baseline[0].chart["layout"]["shapes"]
    assert (shape["y0"], shape["label"]["text"]) == (12.0, "copy first frame: 12.00 dB")


def test_several_objectives_have_a_front():
    figures = {figure.path: figure for figure in search_figures(BOTH)}
    assert "search/s/history_time.png" in figures
    assert figures["search/s/pareto.png"].keys == ("val/psnr", "time")
    assert search_images(figures["search/s/pareto.png"])[0].startswith(b"\x89PNG")
    colors = {
        len(trace["x"]): trace["marker"]["color"] for trace in figures["search/s/pareto.png"].chart["data"]
    }
    assert colors[1] == BEST_COLOR
    assert len(set(colors.values())) == len(colors) == 2
    assert figures["search/s/history_time.png"].title == "s: time by trial"


def test_a_search_without_trials_has_no_figure():
    assert search_figures(replace(ONE, trials=())) == ()


def test_curves_whose_steps_are_no_epochs_are_drawn_by_step():
    figure = next(one for one in search_figures(replace(ONE, steps="step")) if one.plot == "curves")
    assert figure.title == "s: every trial by step"
    assert figure.chart["layout"]["xaxis"]["title"]["text"] == "step"
    assert figure.chart["data"][0]["hovertemplate"].startswith("trial-005, step %{x}")


def test_a_history_counts_trials_as_their_names_do(figures):
    values, best, *_ = figures["history"].chart["data"]
    assert (values["x"], best["x"]) == ([1, 2, 3, 5], [1, 2, 3, 4, 5])


def test_ticks_of_logarithmic_axes_are_numbers(figures):
    svg = search_images(figures["slice"])[1].decode()
    assert "mathdefault" not in svg
    assert "<!-- 0.01 -->" in svg


def test_the_figures_of_objectives_that_differ_in_case_alone_have_files_of_their_own():
    one, other = BOTH.objectives
    named = replace(BOTH, objectives=(replace(one, metric="Loss"), replace(other, metric="loss")))
    paths = [figure.path for figure in search_figures(named, "other")]
    assert len({path.casefold() for path in paths}) == len(paths)
    assert all(path.startswith("search/other/") for path in paths)
