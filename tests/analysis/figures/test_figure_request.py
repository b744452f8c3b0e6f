from analysis.figures.figure_request import FigureRequest
from analysis.figures.groups import grouped_by_settings
from tests.analysis.judged import judged

PLAIN = FigureRequest("s/f1", "F1", "val/f1", "val/f1 (%)")
BESIDE_A_METRIC = FigureRequest("s/f1", "F1", "val/f1", "val/f1 (%)", "val/majority")
BESIDE_A_NUMBER = FigureRequest("s/f1", "F1", "val/f1", "val/f1 (%)", 50.0)


def test_a_baseline_that_is_a_metric_is_drawn_from_too_and_a_number_is_not():
    assert PLAIN.keys == BESIDE_A_NUMBER.keys == ("val/f1",)
    assert BESIDE_A_METRIC.keys == ("val/f1", "val/majority")


def test_of_several_figures_each_says_which_it_is():
    assert PLAIN.page(1, 1) == ("s/f1.png", "F1")
    assert [PLAIN.page(number, 2) for number in (1, 2)] == [
        ("s/f1.png", "F1 (1 of 2)"),
        ("s/f1-2.png", "F1 (2 of 2)"),
    ]


def test_its_curves_are_a_line_a_group_and_the_baseline_below():
    sweep = judged()
    groups = grouped_by_settings(sweep.results)
    for request, ends in ((PLAIN, []), (BESIDE_A_METRIC, [65.0]), (BESIDE_A_NUMBER, [50.0])):
        figure = request.curves(groups, "optimizer")
        (panel,) = figure.panels
        assert [line.label for line in panel.lines[:3]] == [f"optimizer {name} (n = 3)" for name in "abc"]
        assert [line.y[-1] for line in panel.lines[3:]] == ends
        assert (figure.path, figure.keys, figure.axis) == ("s/f1.png", request.keys, "optimizer")
        assert panel.y_label == "val/f1 (%)"
