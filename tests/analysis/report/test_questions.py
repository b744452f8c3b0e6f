from analysis.figures.figure_data import FigureData
from analysis.report.questions import FURTHER, OTHER, RECORDED, questions
from analysis.results.document import Finding, Table

NOTHING = Table((), ())


def finding(question, *keys, axis=""):
    return Finding(question, "", NOTHING, keys=keys, axis=axis)


def figure(name, *keys, about="", axis=""):
    return FigureData(f"{name}.png", name, (), (), keys, (), about=about, axis=axis)


def placed(found, figures):
    asked = questions(found, figures)
    return {one.title: [drawn.title for drawn in one.figures] for one in asked}


def test_a_figure_stands_with_the_question_of_its_metric_and_setting():
    found = [
        finding("which strategy?", "loss", axis="strategy"),
        finding("which ratio?", "loss", axis="ratio"),
        finding("which cycle?", "loss", "beta"),
        finding("how good?", "psnr", "loss"),
    ]
    figures = [
        figure("by ratio", "loss", "kl", axis="ratio"),
        figure("by strategy", "loss", axis="strategy"),
        figure("by another", "loss", axis="lr"),
        figure("schedules", "ratio", "beta", "psnr", about="psnr"),
        figure("weights", "beta"),
    ]
    assert placed(found, figures) == {
        "which strategy?": ["by strategy", "by another"],
        "which ratio?": ["by ratio"],
        "which cycle?": ["weights"],
        "how good?": ["schedules"],
    }


def test_what_belongs_to_no_question_stands_last_and_nothing_is_lost():
    figures = [figure("loss", "loss"), figure("lr", "lr"), figure("keyless")]
    assert placed([finding("loss?", "loss")], figures) == {"loss?": ["loss"], FURTHER: ["lr", "keyless"]}
    assert placed([], figures) == {RECORDED: ["loss", "lr", "keyless"]}
    assert questions([], []) == ()


def test_a_question_without_a_figure_of_its_own_names_those_of_its_metric():
    found = [finding("first?", "loss"), finding("second?", "loss"), finding("third?", "psnr")]
    first, second, third = questions(found, [figure("losses", "loss")])
    assert [one.title for one in first.figures] == ["losses"]
    assert first.elsewhere == ()
    assert [one.title for one in second.elsewhere] == ["losses"]
    assert third.elsewhere == ()


def test_a_question_without_a_figure_names_those_of_other_sweeps_that_show_its_trials():
    (asked,) = questions([finding("is z used?", "rate")], [], [figure("of all", "rate"), figure("x", "y")])
    assert (asked.figures, [one.title for one in asked.elsewhere]) == ((), ["of all"])


def test_metrics_that_nobody_compares_stand_last_and_folded_with_what_they_are():
    figures = [
        figure("speed", "sps"),
        figure("loss", "loss"),
        figure("more", "kl"),
        figure("speed again", "sps"),
    ]
    minor = {"sps": "a time or a speed", "loss": "in a question, and so not folded"}
    judged, further, other = questions([finding("loss?", "loss")], figures, minor=minor)
    assert [[one.title for one in asked.figures] for asked in (judged, further, other)] == [
        ["loss"],
        ["more"],
        ["speed", "speed again"],
    ]
    assert (other.title, other.folded) == (OTHER, "Runs are not compared by sps (a time or a speed).")
    assert not judged.folded
    assert not further.folded


def test_where_there_is_nothing_else_nothing_is_folded():
    (asked,) = questions([], [figure("speed", "sps")], minor={"sps": "a time or a speed"})
    assert (asked.title, asked.folded) == (RECORDED, "")
