from dataclasses import replace

import pytest

from analysis.results.criterion import HIGHER, LOWER, NEITHER, VALUES, Criterion
from analysis.results.results import MOST_METRICS, Curve
from analysis.stats.columns import not_shown, score_columns
from analysis.stats.measures import NONE
from analysis.stats.ranking import ranking
from tests.analysis.judged import F1, LOSS, at_batches, judged
from tests.analysis.recorded import results_of, strategy_sweep


def shown(sweep, number=0):
    return {column.head: column.text(sweep.results[number]) for column in score_columns(sweep)}


def test_measures_come_first_with_their_best_and_their_lead_over_the_baseline():
    assert shown(judged(F1, LOSS)) == {
        "val/f1, last (%)": "80.00",
        "val/f1, best (epoch)": "81.00 (1)",
        "val/majority": "65.00",
        "better than val/majority by": "+15.00",
        "loss, last": "20.00",
        "loss, best (epoch)": "20.00 (2)",
        "lr": "0.1",
    }


def test_of_what_is_better_neither_way_no_value_is_the_best():
    found = shown(judged(Criterion("val/f1", NEITHER, "%"), LOSS))
    assert list(found)[:3] == ["val/f1, last (%)", "loss, last", "loss, best (epoch)"]


def test_a_mean_that_judges_stands_before_the_best_and_the_last():
    (mean, *others) = list(shown(judged(replace(F1, value="mean", baseline=None))).items())[:3]
    assert mean == ("val/f1, mean (%)", "57.00")
    assert [head.partition(" (")[0] for head, _ in others] == ["val/f1, last", "val/f1, best"]


def test_a_tail_that_judges_stands_before_the_best_and_the_last():
    assert shown(judged(replace(F1, value="tail", baseline=None))) == {
        "val/f1, tail (%)": "80.00",
        "val/f1, last (%)": "80.00",
        "val/f1, best (epoch)": "81.00 (1)",
        "loss": "20.0",
        "lr": "0.1",
        "val/majority": "65",
    }


def test_a_metric_over_frames_has_no_best_step_and_a_number_no_column():
    found = judged(Criterion("frame/x", LOWER, baseline=2.0))
    with_frames = [replace(one, curves={"frame/x": Curve((0, 1), (1.0, 2.0))}) for one in found.results]
    found = replace(found, results=tuple(with_frames))
    assert shown(found) == {"frame/x, mean": "1.5", "better than 2 by": "+0.5"}


def test_where_nobody_said_what_counts_every_metric_has_a_column_and_scores_come_before_speeds():
    assert list(shown(judged())) == ["loss", "val/f1", "val/majority", "lr"]
    assert list(shown(judged(Criterion("val/f2", HIGHER)))) == ["loss", "val/f1", "val/majority", "lr"]


def test_more_metrics_than_fit_are_named():
    found = judged(F1)
    many = {f"m{number:02}": Curve((0,), (1.0,)) for number in range(MOST_METRICS)}
    found = replace(found, results=(replace(found.results[0], curves={**found.results[0].curves, **many}),))
    assert len(not_shown(found)) == 2
    assert not_shown(results_of(strategy_sweep())) == ()


def test_a_column_sorts_by_its_numbers():
    first, best, *_ = score_columns(judged(F1))
    result = judged(F1).results[0]
    assert (first.value(result), best.value(result)) == (80.0, 81.0)
    empty = replace(result, curves={})
    assert (best.value(empty), best.text(empty)) == (None, NONE)


def test_the_step_of_the_best_value_is_called_what_it_is():
    found = at_batches(judged(F1))
    assert shown(found)["val/f1, best (step)"] == "81.00 (43)"


@pytest.mark.parametrize("value", VALUES)
def test_a_measure_that_each_run_has_once_has_one_column_and_is_neither_best_nor_last(value):
    found = judged(Criterion("test/acc", HIGHER, value=value))
    ends = [replace(one, curves={**one.curves, "test/acc": Curve((2,), (0.5,))}) for one in found.results]
    sweep = replace(found, results=tuple(ends))
    heads = [column.head for column in score_columns(sweep)]
    assert "test/acc" in heads
    assert not any(head.startswith("test/acc,") for head in heads)
    assert ranking(sweep.results, sweep.criteria[0]).question == "Which setting has the highest test/acc?"
