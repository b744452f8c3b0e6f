from dataclasses import replace

import pytest

from analysis.figures.searches.search_figures import BEST_COLOR, search_figures
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


def test_the_figures_of_objectives_that_differ_in_case_alone_have_files_of_their_own():
    one, other = BOTH.objectives
    named = replace(BOTH, objectives=(replace(one, metric="Loss"), replace(other, metric="loss")))
    paths = [figure.path for figure in search_figures(named, "other")]
    assert len({path.casefold() for path in paths}) == len(paths)
    assert all(path.startswith("search/other/") for path in paths)
