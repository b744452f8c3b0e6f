import itertools
import math
from dataclasses import replace

import pytest

from analysis.figures.catalogue import lay_out
from analysis.figures.palette import styles
from analysis.figures.responses.response_data import OTHER_SCALE, PLAIN, ResponseFigure, is_spread_in_decades
from analysis.figures.responses.response_plotly import response_chart
from analysis.report.head import hero
from analysis.results.criterion import BEST, HIGHER, LOWER, NEITHER, Criterion
from analysis.results.expected import ExpectedSweep, ExpectedTrial
from analysis.results.provenance_marks import with_marks
from analysis.results.results import Curve, Result, SweepResults
from tests.analysis.recorded import ratio_sweep, result_of, results_of, trial, with_code

ACCURACY = Criterion("val/acc", HIGHER, "%")
ENDS = {0.001: (70.0, 74.0, 72.0), 0.01: (90.0, 91.0, 92.0), 0.1: (50.0, 60.0, 55.0)}

FAR = {place: (1.0 + place / 10, 1.1 + place / 10, 1.2) for place in range(1, 8)} | {8: (1e6, 1.0, 1.1)}
"""One run lies far above all others."""


def responding(ends=ENDS, *criteria, axis="optim.lr", others=None, steps=(0, 1)):
    """A sweep whose runs end with the given `val/acc` under each value of a setting; None stands for a failed run."""
    (name, values), results = others or ("", ("",)), []
    for (value, of_seeds), other in itertools.product(ends.items(), values):
        for seed, end in enumerate(of_seeds):
            axes = {axis: value, **({name: other} if name else {}), "seed": seed}
            called = f"{value}{other}-seed{seed}"
            run = replace(result_of(trial(called, {"kl_anneal_type": "None"})).run, run_id=f"run-{called}")
            curves = {"val/acc": Curve(steps, (95.0, end)[-len(steps) :])}
            if end is None:
                run, curves = replace(run, status="FAILED", tags={"sweeps.outcome": "failed"}), {}
            results.append(Result(ExpectedTrial(called, f"f-{called}", axes, axes, ""), run, curves))
    keys = (axis, *([name] if name else []), "seed")
    return SweepResults(
        ExpectedSweep("mine", keys, tuple(one.trial for one in results), criteria), tuple(results)
    )


def responses_of(sweep):
    return [figure for figure in lay_out([sweep])["mine"] if isinstance(figure, ResponseFigure)]


def response_of(*args, **more):
    (figure,) = responses_of(responding(*args, **more))
    return figure


def test_a_measure_is_drawn_over_a_numeric_setting_with_mean_and_ends_of_its_seeds():
    figure = response_of(ENDS, ACCURACY)
    assert figure.path == "mine/val-acc_over_lr.png"
    assert figure.title == "Last val/acc over lr, mine"
    assert (figure.x_label, figure.y_lines) == ("lr (log scale)", ("val/acc (%)", "higher is better"))
    (line,) = figure.lines
    assert (line.label, line.style) == ("", PLAIN)
    assert [(mark.x, mark.mean, mark.low, mark.high, mark.n) for mark in line.marks] == [
        (0.001, 72.0, 70.0, 74.0, 3),
        (0.01, 91.0, 90.0, 92.0, 3),
        (0.1, 55.0, 50.0, 60.0, 3),
    ]
    assert [run.value for run in line.runs] == [70, 74, 72, 90, 91, 92, 50, 60, 55]
    assert "a mark is the mean of n = 3 finished runs, its bar goes from their minimum" in figure.notes[0]


def test_each_value_of_a_single_curve_has_the_provenance_marks_of_what_is_drawn_there():
    sweep = responding(ENDS, ACCURACY)
    changed = [
        replace(one, run=replace(one.run, tags=one.run.tags | with_code("bb22").tags))
        if one.trial.axes["optim.lr"] == 0.01 and one.trial.axes["seed"]
        else one
        for one in sweep.results
    ]
    (figure,) = responses_of(with_marks([replace(sweep, results=tuple(changed))])[0])
    assert [text for _, text in figure.ticks] == ["0.001\n[a]", "0.01\n[a, b]", "0.1\n[a]"]
    assert response_chart(figure)["layout"]["xaxis"]["ticktext"] == [
        "0.001<br>[a]",
        "0.01<br>[a, b]",
        "0.1<br>[a]",
    ]
    assert [text for _, text in response_of(ENDS, ACCURACY).ticks] == ["0.001", "0.01", "0.1"]


def test_it_stands_right_behind_the_first_figure_of_its_measure_which_stays_at_the_head():
    drawn = lay_out([responding(ENDS, ACCURACY)])["mine"]
    assert [figure.path for figure in drawn] == ["mine/val-acc.png", "mine/val-acc_over_lr.png"]
    assert hero(drawn) is drawn[0]


def test_values_stand_in_their_order_whatever_that_of_the_file():
    (line,) = response_of({0.1: (1.0,), 0.001: (2.0,), 0.01: (3.0,)}, ACCURACY).lines
    assert [mark.x for mark in line.marks] == [0.001, 0.01, 0.1]
    assert [mark.mean for mark in line.marks] == [2.0, 3.0, 1.0]


def test_the_value_that_counts_is_that_of_the_measure():
    figure = response_of(ENDS, Criterion("val/acc", HIGHER, value=BEST))
    assert figure.title == "Best val/acc over lr, mine"
    assert {mark.mean for mark in figure.lines[0].marks} == {95.0}


def test_another_setting_has_a_line_each_with_the_looks_of_other_figures():
    figure = response_of(ENDS, ACCURACY, others=("optimizer", ("adam", "sgd")))
    assert [line.label for line in figure.lines] == ["optimizer adam", "optimizer sgd"]
    assert [line.style for line in figure.lines] == list(styles("optimizer", ("adam", "sgd")).values())
    assert figure.axis == "optim.lr"


def test_lines_with_bars_stand_a_little_beside_each_other_and_one_alone_stands_at_its_values():
    figure = response_of(ENDS, ACCURACY, others=("optimizer", ("adam", "sgd")))
    assert "lines stand a little beside each other, so that no bar hides another" in figure.notes
    adam, sgd = ([figure.place(line, mark.x) for mark in line.marks] for line in figure.lines)
    assert all(0.95 * x < one < x < other < 1.05 * x for one, x, other in zip(adam, ENDS, sgd, strict=True))
    linear = response_of({1: (1.0, 2.0), 2: (2.0, 3.0), 3: (4.0, 5.0)}, ACCURACY, others=("n", (1, 2)))
    assert [round(linear.place(line, 2) - 2, 3) for line in linear.lines] == [-0.009, 0.009]
    (alone,) = response_of(ENDS, ACCURACY).lines
    assert response_of(ENDS, ACCURACY).place(alone, 0.01) == 0.01
    single = response_of(
        {lr: ends[:1] for lr, ends in ENDS.items()}, ACCURACY, others=("optimizer", ("adam", "sgd"))
    )
    assert [single.place(line, 0.01) for line in single.lines] == [0.01, 0.01]


@pytest.mark.parametrize(
    ("ends", "more"),
    [
        ({0.001: (1.0,), 0.01: (2.0,)}, {}),
        ({"a": (1.0,), "b": (2.0,), "c": (3.0,)}, {}),
        ({True: (1.0,), False: (2.0,), 3: (3.0,)}, {}),
        ({0.001: (1.0,), None: (2.0,), 0.1: (3.0,)}, {}),
        ({0.001: (1.0,), 0.01: (2.0,), 0.1: (None,)}, {}),
        (ENDS, {"others": ("fold", tuple("abcdefg"))}),
    ],
    ids=["two values", "words", "truths", "no number", "two with a run", "seven lines"],
)
def test_there_is_none_where_no_setting_is_fit(ends, more):
    assert responses_of(responding(ends, ACCURACY, **more)) == []


def test_of_what_is_better_neither_way_the_axis_says_nothing_of_better():
    figure = response_of(ENDS, Criterion("val/acc", NEITHER, "%"))
    assert (figure.title, figure.y_lines) == ("Last val/acc over lr, mine", ("val/acc (%)",))


def test_without_measures_metrics_with_one_value_a_run_have_theirs_and_say_nothing_of_better():
    figure = response_of(ENDS, steps=(3,))
    assert (figure.title, figure.y_lines) == ("val/acc over lr, mine", ("val/acc",))


def test_values_without_a_finished_run_are_a_gap_and_trials_are_named():
    ends = {0.001: (1.0, None), 0.01: (None, None), 0.1: (2.0, math.nan), 1.5: (3.0, 4.0)}
    figure = response_of(ends, ACCURACY)
    (line,) = figure.lines
    assert [mark.n for mark in line.marks] == [1, 0, 1, 2]
    assert math.isnan(line.marks[1].mean)
    assert [text for _, text in figure.ticks] == ["0.001", "0.01", "0.1", "1.5"]
    assert "0.1-seed1: not a finite number, marked x" in figure.notes
    assert any(note.startswith("0.001-seed1, 0.01-seed0, 0.01-seed1: failed") for note in figure.notes)
    assert "a mark is the mean of n = 1 to 2 finished runs" in figure.notes[0]


def test_single_runs_have_no_mean():
    assert response_of({1: (1.0,), 2: (2.0,), 3: (4.0,)}, ACCURACY).notes[0] == "a mark is one finished run"


@pytest.mark.parametrize(
    ("values", "is_log"),
    [
        ((0.001, 0.01, 0.1), True),
        ((16, 32, 64, 128), True),
        ((1e-4, 3e-4, 1e-3), True),
        ((1, 2, 40), True),
        ((2.0, 2.2, 2.27, 2.4, 2.6), False),
        ((2.0, 2.1, 2.2), False),
        ((1, 2, 3, 4, 5, 6), False),
        ((0, 0.01, 1), False),
        ((-1, 0, 100), False),
    ],
)
def test_a_setting_has_a_log_scale_where_its_values_are_even_in_the_logarithm_or_far_apart(values, is_log):
    assert is_spread_in_decades(values) is is_log
    assert response_of(dict.fromkeys(values, (1.0,)), ACCURACY).x_is_log is is_log


def test_every_value_has_a_tick_and_those_have_labels_that_have_room():
    figure = response_of({round(1.1 + place / 10, 1): (place,) for place in range(15)}, ACCURACY)
    assert len(figure.ticks) == 15
    labels = [text for _, text in figure.ticks if text]
    assert (labels[0], labels[-1]) == ("1.1", "2.5")
    assert 5 < len(labels) < 15


def test_a_baseline_is_a_level_and_losses_decades_apart_have_a_log_scale():
    ends = {1: (0.001,), 2: (0.1,), 3: (5.0,)}
    sweep = responding(ends, Criterion("val/loss", LOWER, baseline=0.5))
    results = tuple(replace(one, curves={"val/loss": one.curves["val/acc"]}) for one in sweep.results)
    (figure,) = responses_of(SweepResults(sweep.expected, results))
    assert figure.levels == (("baseline: 0.5", 0.5),)
    assert figure.is_log
    assert figure.y_lines == ("val/loss (log scale)", "lower is better")
    assert figure.keys == ("val/loss",)


def test_a_run_far_off_does_not_squeeze_the_others_and_is_named():
    figure = response_of(FAR, ACCURACY)
    assert figure.is_outside(1e6)
    assert figure.shown(1e6) < 100
    assert "outside the scale, marked by triangles: 8-seed0 at 1e+06" in figure.notes


def test_the_labs_study_has_its_psnr_over_the_ratio_with_the_looks_of_the_strategies():
    figures = lay_out([results_of(ratio_sweep())])["tfr-by-annealing"]
    (figure,) = (one for one in figures if isinstance(one, ResponseFigure))
    assert figure.title == "Last validation PSNR over teacher forcing ratio, tfr-by-annealing"
    assert [line.label for line in figure.lines] == ["no annealing", "Cyclical", "Monotonic"]
    assert figure.levels == (("copy first frame: 19.83 dB", 19.83),)
    assert [one.path for one in figures][:2] == ["diff_tfr/heatmap.png", "diff_tfr/val-psnr_over_tfr.png"]


def test_a_linear_scale_beside_curves_on_a_log_scale_is_told():
    sweep = responding(ENDS, Criterion("loss", LOWER), steps=(0, 1))
    results = tuple(
        replace(one, curves={"loss": Curve((0, 1, 2), (100.0, 1.5, one.curves["val/acc"].last / 100))})
        for one in sweep.results
    )
    drawn = {figure.path: figure for figure in lay_out([replace(sweep, results=results)])["mine"]}
    assert drawn["mine/loss.png"].panels[0].log
    assert not drawn["mine/loss_over_lr.png"].is_log
    assert drawn["mine/loss_over_lr.png"].notes[-1] == OTHER_SCALE
    assert OTHER_SCALE not in response_of(ENDS, ACCURACY).notes
