"""What a report says of a search, from trials as the record has them."""

from dataclasses import replace

import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution

from analysis.figures.manifest import manifest
from analysis.figures.picture_cache import Picture
from analysis.figures.search_figures import BEST_COLOR, search_figures, still
from analysis.report.html import html_text
from analysis.report.markdown import report_text
from analysis.report.search_section import search_section
from analysis.results.document import Document
from analysis.results.search import Objective, Search, SearchedTrial, study_of

SPACE = {"lr": FloatDistribution(1e-4, 1e-1, log=True), "kind": CategoricalDistribution(["a", "b"])}


def trial(number, value, *, outcome="finished", kind="a"):
    values = (value, 30 - value) if outcome == "finished" else None
    return SearchedTrial(
        name=f"trial-00{number}",
        run_id=f"run{number}",
        fingerprint=f"print{number}",
        command=f"sweep run e.yaml --only trial=trial-00{number}",
        outcome=outcome,
        params={"lr": 10 ** (-number / 2), "kind": kind},
        values=values,
        curve={0: value - 2, 1: value - 1} | ({2: value} if values else {}),
        notes={"val/skill": value - 12},
    )


BOTH = Search(
    name="s",
    objectives=(Objective("val/psnr", maximize=True), Objective("time", maximize=False)),
    space=SPACE,
    trials=(
        trial(2, 20.0),
        trial(3, 25.0, kind="b"),
        trial(4, 22.0),
        trial(5, 15.0, outcome="pruned"),
        trial(6, 21.0, kind="b"),
        replace(trial(7, 0.0, outcome="failed"), curve={}, notes={}),
    ),
    wanted=8,
    command="sweep run e.yaml",
)
ONE = replace(
    BOTH,
    objectives=BOTH.objectives[:1],
    trials=tuple(replace(t, values=t.values[:1] if t.values else None) for t in BOTH.trials),
)


PLOTS = ("history", "importance", "slice", "parallel", "curves")


@pytest.fixture(scope="module")
def figures():
    return {figure.plot: figure for figure in search_figures(ONE)}


def section_of(search, figures=()):
    return search_section(search, figures, "sqlite:///mlflow.db")


def document_of(*sections):
    return Document("experiment", "made from it", "how to read it", "", sections)


def test_it_names_the_best_trial_with_its_settings_and_what_stands_beside_its_score():
    section = section_of(ONE)
    assert "6 of 8 trials: 4 finished, 1 pruned, 1 failed." in section.summary
    (finding,) = section.findings
    assert finding.question == "Which settings give val/psnr as large as can be?"
    assert finding.answer == "trial-003: val/psnr 25, val/skill 13, with lr 0.03162, kind b."
    assert section.incomplete == (("trial-007", "failed"),)


def test_its_table_has_every_trial_the_best_first_and_leads_to_its_run():
    ((_, table, _),) = section_of(ONE).tables
    assert [row[0].text for row in table.rows] == [f"trial-00{n}" for n in (3, 4, 6, 2, 5, 7)]
    assert [cell.text for cell in table.rows[0]] == [
        *("trial-003", "finished", "3", "25", "13", "0.03162", "b", "run3")
    ]
    assert table.rows[0][-1].link == "http://127.0.0.1:5000/#/runs/run3"
    assert [cell.text for cell in table.rows[-1]][1:4] == ["failed", "0", "\N{EN DASH}"]


def test_each_figure_is_a_picture_and_a_chart_of_the_same_trials(figures):
    assert tuple(figures) == PLOTS
    assert [figure.path for figure in figures.values()] == [f"search/s/{plot}.png" for plot in PLOTS]
    png, svg = still(figures["history"])
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
    assert [trace["showlegend"] for trace in traces] == [True, True, False, False, True]


def test_the_manifest_has_the_runs_that_each_figure_is_drawn_from(figures):
    told = manifest("e", "e.yaml", None, tuple(figures.values()), (), drawn_by="", files={})["figures"]
    runs = {one["path"]: [trial["run_id"] for trial in one["trials"]] for one in told}
    assert runs["search/s/history.png"] == ["run2", "run3", "run4", "run6"]
    assert runs["search/s/curves.png"] == ["run2", "run3", "run4", "run5", "run6"]
    assert told[0]["trials"][1] == {
        "name": "trial-003",
        "fingerprint": "print3",
        "run_id": "run3",
        "state": "finished",
    }
    assert told[0]["keys"] == ["val/psnr"]


def test_the_page_and_the_markdown_show_the_same_figures_and_words(figures):
    document = document_of(section_of(ONE, tuple(figures.values())))
    text = report_text(document)
    page = html_text(document, [Picture(figure, b"png", b"svg") for figure in figures.values()])
    for figure in figures.values():
        assert f"![{figure.title}]({figure.path})" in text
        assert f'data-chart="{figure.path}"' in page
    assert "trial-003: val/psnr 25, val/skill 13" in text
    assert "trial-003: val/psnr 25, val/skill 13" in page


def test_the_same_record_gives_the_same_bytes(figures):
    again = {figure.plot: figure for figure in search_figures(ONE)}
    assert again == figures
    assert all(still(again[plot]) == still(figures[plot]) for plot in ("importance", "curves"))


def test_what_repeating_the_first_frame_scores_stands_in_the_curves_and_the_history(figures):
    told = replace(ONE.trials[0], notes={"val/psnr_copy_first": 12.0, "val/skill": 8.0})
    with_baseline = search_figures(replace(ONE, trials=(told, *ONE.trials[1:])))
    changed = {figure.plot for figure in with_baseline if figure.chart != figures[figure.plot].chart}
    assert changed == {"history", "curves"}
    assert b"copy first frame: 12.00 dB" not in still(figures["curves"])[1]
    (shape,) = with_baseline[0].chart["layout"]["shapes"]
    assert (shape["y0"], shape["label"]["text"]) == (12.0, "copy first frame: 12.00 dB")


def test_several_objectives_have_a_front():
    (finding,) = section_of(BOTH).findings
    assert finding.answer.endswith(": trial-003.")
    figures = {figure.path: figure for figure in search_figures(BOTH)}
    assert "search/s/history_time.png" in figures
    assert figures["search/s/pareto.png"].keys == ("val/psnr", "time")
    assert still(figures["search/s/pareto.png"])[0].startswith(b"\x89PNG")
    colors = {
        len(trace["x"]): trace["marker"]["color"] for trace in figures["search/s/pareto.png"].chart["data"]
    }
    assert colors[1] == BEST_COLOR
    assert len(set(colors.values())) == len(colors) == 2
    assert figures["search/s/history_time.png"].title == "s: time by trial"
    traded = (replace(BOTH.trials[0], values=(20.0, 1.0)), *BOTH.trials[1:])
    assert [t.name for t in replace(BOTH, trials=traded).best] == ["trial-002", "trial-003"]


def test_the_study_that_is_drawn_is_the_record():
    trials = study_of(ONE).trials
    assert [t.state.name for t in trials] == ["COMPLETE", "COMPLETE", "COMPLETE", "PRUNED", "COMPLETE"]
    assert [t.user_attrs["run_id"] for t in trials] == ["run2", "run3", "run4", "run5", "run6"]
    assert trials[3].intermediate_values == {0: 13.0, 1: 14.0}


def test_too_few_trials_are_said_and_none_are_drawn():
    nothing = replace(ONE, trials=())
    assert search_figures(nothing) == ()
    section = section_of(nothing)
    assert "none begun" in section.summary
    assert section.warnings == ("Which setting matters takes 4 finished trials to tell; there are 0.",)
    assert not section.findings[0].told
    assert report_text(document_of(section))
