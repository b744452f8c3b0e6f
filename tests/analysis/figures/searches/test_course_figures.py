from dataclasses import replace

from analysis.figures.charts import chart_of
from analysis.figures.files.images import images
from analysis.figures.searches.course_figures import course_figures
from analysis.report.alt_text import alt_text
from analysis.results.searches.courses import comparisons
from tests.analysis.compared import RANDOM, TPE, search


def figures(*searches):
    ((*made,),) = course_figures(comparisons(searches), [one.name for one in searches])
    return made


def lines(figure):
    (panel,) = figure.panels
    return {line.label: (line.x, line.y, line.low, line.high) for line in panel.lines}


def test_the_best_so_far_is_drawn_by_trial_and_by_time_a_line_a_sampler():
    by_trial, by_time = figures(*TPE, *RANDOM)
    assert [figure.path for figure in (by_trial, by_time)] == [
        "search/comparison/by_trial.png",
        "search/comparison/by_time.png",
    ]
    assert lines(by_trial)["tpe (n = 3)"] == (
        (1, 2, 3, 4),
        (8.0, 20 / 3, 16 / 3, 4.0),
        (7, 5, 5, 3),
        (9, 9, 6, 5),
    )
    assert by_trial.panels[0].x_label == "trials"
    assert lines(by_time)["tpe (n = 3)"][0] == (10.0, 20.0, 30.0, 40.0)
    assert by_time.panels[0].x_label == "training time (s)"
    assert [trial.name for trial in by_trial.trials][:5] == [
        *(f"t1/trial-00{n}" for n in (1, 2, 3, 4)),
        "t2/trial-001",
    ]


def test_a_line_begins_with_the_first_value_of_all_its_searches_and_ends_with_the_first_to_end():
    late = search("t2", ("failed", 6, 5), seed=2)
    by_trial, _ = figures(TPE[0], late, RANDOM[0])
    assert lines(by_trial)["tpe (n = 2)"] == ((2, 3), (5.5, 5.0), (5.0, 5.0), (6.0, 5.0))
    assert lines(by_trial)["random"] == ((1, 2, 3, 4), (8.0, 7.0, 7.0, 7.0), (), ())
    assert "one search alone says nothing about its sampler" in by_trial.notes


def test_by_time_a_search_holds_its_best_until_its_next_trial_ends():
    slow = replace(TPE[1], trials=tuple(replace(trial, spent_s=15.0) for trial in TPE[1].trials))
    _, by_time = figures(TPE[0], slow, RANDOM[0])
    # t1 ends its trials at 10, 20, 30, 40 s with 8, 5, 5, 4, t2 at 15, 30, 45, 60 s with 9, 9, 5, 3.
    assert lines(by_time)["tpe (n = 2)"] == (
        (15.0, 20.0, 40.0),
        (8.5, 7.0, 6.5),
        (8.0, 5.0, 4.0),
        (9.0, 9.0, 9.0),
    )


def test_without_the_time_of_each_trial_there_is_no_figure_by_time():
    first = replace(TPE[0].trials[0], spent_s=None)
    unknown = replace(TPE[0], trials=(first, *TPE[0].trials[1:]))
    assert [figure.path for figure in figures(unknown, RANDOM[0])] == ["search/comparison/by_trial.png"]


def test_the_unit_of_time_is_the_largest_of_which_there_are_a_few():
    def unit(spent_s):
        timed = [
            replace(one, trials=tuple(replace(trial, spent_s=spent_s) for trial in one.trials))
            for one in (TPE[0], RANDOM[0])
        ]
        return figures(*timed)[1].panels[0].x_label

    assert [unit(spent_s) for spent_s in (0.01, 3, 300, 30000)] == [
        f"training time ({unit})" for unit in ("ms", "s", "min", "h")
    ]


def test_a_value_holds_until_the_next_in_the_image_in_the_chart_and_in_words():
    by_trial, by_time = figures(TPE[0], RANDOM[0])
    assert {trace["line"]["shape"] for trace in chart_of(by_trial)["data"]} == {"hv"}
    assert alt_text(by_trial) == (
        "Best loss so far, by trial: samplers compared. best loss so far by trials: tpe goes from 8 at 1 to 4 at 4, between 4 and "
        "8; random goes from 8 at 1 to 7 at 4, between 7 and 8."
    )
    ((png, svg), again) = images([by_trial, by_trial])
    assert png.startswith(b"\x89PNG")
    assert b"<svg" in svg
    assert (png, svg) == again
    assert by_time.content != by_trial.content


def test_a_loss_has_a_log_scale_from_three_times_its_least_and_another_metric_none():
    far = search("t", (9, 2))
    (panel,) = figures(far, replace(far, name="r", sampler="random"))[0].panels
    assert (panel.log, panel.y_label) == (True, "best loss so far (log scale)")
    other = search("t", (2, 9), objective="f1", high=True)
    (panel,) = figures(other, replace(other, name="r", sampler="random"))[0].panels
    assert not panel.log


def test_figures_of_several_comparisons_and_of_a_search_of_that_name_lie_apart():
    other = [replace(one, task="other") for one in (TPE[0], RANDOM[0])]
    both = comparisons((TPE[0], RANDOM[0], *other))
    folders = [drawn[0].path.rpartition("/")[0] for drawn in course_figures(both, ["comparison"])]
    assert folders == ["search/comparison-2", "search/comparison-3"]
