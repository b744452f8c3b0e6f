import math
import random
from dataclasses import replace

import pytest

from analysis.results.criterion import HIGHER, Criterion
from analysis.results.results import Curve
from analysis.stats.comparison import decide
from analysis.stats.findings import findings
from analysis.stats.remarks import TWO_REPEATS, measure_remarks, of_few_repeats, remarks, warnings
from analysis.stats.seed_tests import Sample
from tests.analysis.judged import F1, judged
from tests.analysis.recorded import results_of, strategy_sweep


def test_a_file_without_measures_is_told_which_line_to_add():
    (line,) = measure_remarks(judged())
    assert "Add for example `measures: {val/f1: higher}`" in line


def test_nothing_is_said_of_a_file_that_says_it_of_the_labs_trainer_or_before_anything_is_recorded():
    assert not list(measure_remarks(judged(F1)))
    assert not list(measure_remarks(results_of(strategy_sweep())))
    found = judged()
    assert not list(
        measure_remarks(replace(found, results=tuple(replace(one, curves={}) for one in found.results)))
    )


def test_a_baseline_that_nothing_logs_is_named():
    (line,) = measure_remarks(judged(F1, without=["val/majority"]))
    assert line.startswith("`measures:` has val/majority, as the baseline of val/f1,")


def test_shares_that_are_called_percent_are_pointed_out():
    found = judged(Criterion("val/f1", HIGHER, "%"))
    share = replace(found.results[0], curves={"val/f1": Curve((0, 1), (0.2, 1.0))})
    (line,) = measure_remarks(replace(found, results=(share,)))
    assert "Every val/f1 lies between 0 and 1" in line


def cut(found, *lengths):
    """The same sweep, whose runs in turn are so many epochs long."""
    results = []
    for place, one in enumerate(found.results):
        count = lengths[place % len(lengths)]
        curves = {key: Curve(curve.steps[:count], curve.values[:count]) for key, curve in one.curves.items()}
        results.append(replace(one, curves=curves))
    return replace(found, results=tuple(results))


def test_a_setting_whose_finished_runs_end_at_different_epochs_is_named():
    assert remarks(judged(F1)) == ()
    (said,) = remarks(cut(judged(F1), 3, 2, 2))
    assert said == (
        "Finished runs of one setting end at different epochs, as where training stops early: optimizer a (1, 2), "
        "optimizer b (1, 2), optimizer c (1, 2), counted from 0. The last value of a run is the one at its own end. "
        "Where the trainer keeps its best checkpoint, `value: best` of val/f1 ranks by each run's best value."
    )


@pytest.mark.parametrize(
    "criterion",
    [
        replace(F1, value="best"),
        replace(F1, value="tail"),
        Criterion("best_f1", HIGHER),
        Criterion("val/majority", HIGHER),  # one value a run
        None,
    ],
)
def test_who_judges_by_the_best_already_or_by_nothing_is_not_told_how(criterion):
    found = cut(judged(*filter(None, [criterion])), 3, 2, 2)
    said = next(line for line in remarks(found) if line.startswith("Finished runs of one setting"))
    assert said.endswith("The last value of a run is the one at its own end.")


def test_a_run_with_fewer_values_than_others_is_named_where_the_mean_of_all_counts():
    found = cut(judged(replace(F1, value="mean")), 3, 3, 3, 3, 2, 3, 3, 3, 3)
    (said,) = [line for line in remarks(found) if line.startswith("A mean of")]
    assert said.startswith("A mean of val/f1 is of 3 values, and of fewer in b-seed1 (2): as where a fold")
    assert not [line for line in remarks(cut(judged(F1), 3, 2)) if line.startswith("A mean of")]


def with_metric(found, key, steps=(0,)):
    """The same sweep, each run of which has one more metric at some steps."""
    more = {key: Curve(steps, tuple(0.5 for _ in steps))}
    return replace(found, results=tuple(replace(one, curves={**one.curves, **more}) for one in found.results))


BY_TEST = Criterion("test/acc", HIGHER)


@pytest.mark.parametrize(
    ("found", "measure"),
    [
        (judged(BY_TEST), "val/f1: higher"),
        (cut(judged(BY_TEST), 3, 2, 2), "val/f1: {better: higher, value: best}"),
        (
            with_metric(cut(judged(BY_TEST, without=["val/f1"]), 3, 2, 2), "eval_f1"),
            "eval_f1: higher",
        ),
    ],
)
def test_settings_that_are_ranked_by_test_data_are_pointed_out_where_validation_data_could_rank_them(
    found, measure
):
    (said,) = (line for line in remarks(with_metric(found, "test/acc")) if "optimistic" in line)
    assert said == (
        "The settings are ranked by test/acc. Choosing settings by a test metric makes its value optimistic; "
        f"`measures: {{{measure}}}` ranks by validation data."
    )


@pytest.mark.parametrize(
    "found",
    [
        judged(F1, BY_TEST),
        judged(),
        judged(BY_TEST, without=["val/f1"]),  # val/majority does not judge
        judged(BY_TEST, ends={"a": (80.0, 81.0)}),
    ],
)
def test_nothing_is_said_of_test_data_that_do_not_rank_or_alone_could(found):
    assert not [line for line in remarks(with_metric(found, "test/acc")) if "optimistic" in line]


def test_where_no_name_tells_what_counts_a_metric_with_one_value_a_run_is_proposed_and_neither_as_a_way():
    found = with_metric(
        with_metric(judged(without=["val/f1", "loss", "val/majority"]), "S", (0, 1, 2)), "size"
    )
    (said,) = (line for line in measure_remarks(found) if "does not say which metric" in line)
    assert "`measures: {size: higher or lower or neither}`, with the one word that is right, to it" in said


def episodic(found, steps_of):
    """The same sweep, whose runs each recorded `val/f1` at steps of their own."""
    results = []
    for place, one in enumerate(found.results):
        steps = tuple(steps_of(place))
        results.append(replace(one, curves={"val/f1": Curve(steps, tuple(1.0 for _ in steps))}))
    return replace(found, results=tuple(results))


def uneven(place, count=120):
    """Steps of episodes, which end when they end."""
    noise = random.Random(place)
    return sorted(noise.sample(range(20_000), count))


ALONE = Criterion("val/f1", HIGHER)
IRREGULAR = (
    "val/f1 is recorded at irregular steps, so that its last value may be a single episode's; "
    "`measures: {val/f1: {better: higher, value: tail}}` judges by the mean of the last tenth."
)


@pytest.mark.parametrize(
    "sweep", [judged(ALONE), judged(ALONE, ends={"a": (1.0,), "b": (1.0,)}, seeds=False)]
)
def test_a_last_value_that_may_be_one_episode_is_pointed_out(sweep):
    assert IRREGULAR in remarks(episodic(sweep, uneven))


@pytest.mark.parametrize(
    ("criterion", "steps_of"),
    [
        (replace(ALONE, value="tail"), uneven),
        (replace(ALONE, value="best"), uneven),
        (ALONE, lambda place: uneven(place, 99)),  # few values
        (ALONE, lambda _: uneven(0)),  # all at the same steps
        (ALONE, lambda place: range(0, 150 * (7 + place), 7 + place)),  # each at even steps
    ],
)
def test_regular_steps_few_values_and_other_values_are_not(criterion, steps_of):
    assert not [line for line in remarks(episodic(judged(criterion), steps_of)) if "irregular" in line]


def test_what_has_not_finished_or_ran_once_has_no_end_to_compare():
    assert remarks(cut(judged(F1, ends={"a": (80.0, None, 79.5)}), 3, 1, 3)) == ()
    assert remarks(cut(judged(F1, ends={"a": (80.0,), "b": (1.0,)}, seeds=False), 3, 2)) == ()


@pytest.mark.parametrize("further", [(0.5, 62.0), (math.nan, 1.5)])
def test_percent_of_which_some_are_above_1_are_what_they_are_called(further):
    found = judged(Criterion("val/f1", HIGHER, "%"))
    shares, silent = (
        replace(found.results[0], curves=curves) for curves in ({"val/f1": Curve((0, 1), (0.2, 1.0))}, {})
    )
    percent = replace(shares, curves={"val/f1": Curve((0, 1), further)})
    assert len(list(measure_remarks(replace(found, results=(silent, shares))))) == 1
    assert not list(measure_remarks(replace(found, results=(silent, shares, percent))))


def test_what_is_no_number_does_not_keep_shares_from_being_pointed_out():
    found = judged(Criterion("val/f1", HIGHER, "%"))
    share = replace(found.results[0], curves={"val/f1": Curve((0, 1, 2), (0.2, math.nan, math.inf))})
    assert len(list(measure_remarks(replace(found, results=(share,))))) == 1


def test_findings_on_two_repeats_say_what_these_can_tell():
    two = judged(F1, ends={"a": (80.0, 81.0), "b": (60.0, 61.5)})
    ((*_, compared),) = findings([two])
    assert compared.repeats == 2
    assert of_few_repeats([compared]) == (TWO_REPEATS,)
    (three,) = findings([judged(F1)])
    assert {finding.repeats for finding in three} == {0, 3}
    assert of_few_repeats(three) == ()
    (once,) = findings([judged(F1, ends={"a": (80.0,), "b": (60.0,)}, seeds=False)])
    assert of_few_repeats(once) == ()


def test_two_repeats_find_five_standard_deviations_every_second_time_and_three_nearly_always():
    assert 0.35 < share_found(2, 5.0) < 0.65
    assert share_found(3, 5.0) > 0.9
    assert share_found(2, 0.0) <= 0.08  # 5 % and what 200 pages leave to chance


def share_found(repeats, effect, pages=200):
    """On which share of pages two settings that differ by so many standard deviations of a run are told apart."""
    noise = random.Random(f"{repeats} {effect}")
    found = 0
    for _ in range(pages):
        samples = [
            Sample(str(mean), {seed: noise.gauss(mean, 1.0) for seed in range(repeats)})
            for mean in (0.0, effect)
        ]
        ((pair,),) = decide([samples]).main
        found += pair.is_significant
    return found / pages


def test_curves_that_may_be_of_two_trainings_are_pointed_out():
    found = judged(F1)
    first, second, *others = found.results
    again = replace(first.run, tags={**first.run.tags, "sweeps.attempt": "2"})

    def taken_up(goes_on):
        return replace(
            found,
            results=(replace(first, run=again, trial=replace(first.trial, goes_on=goes_on)), second, *others),
        )

    assert warnings(taken_up(None)) == ()
    (said,) = remarks(taken_up(None))
    assert said.startswith(
        "Taken up again, with the number of attempts: a-seed0 (2). Where the program began anew "
    )
    assert remarks(taken_up(True)) == ()
    again = replace(again, tags={**again.tags, "sweeps.anew": "no"})
    assert remarks(taken_up(None)) == ()
    again = replace(again, tags={**again.tags, "sweeps.anew": '{"loss": 3}'})
    assert remarks(taken_up(None)) == ()
    (said,) = warnings(taken_up(None))
    assert said.startswith("Of two trainings: a-seed0 (loss up to step 3). A later attempt began anew ")


def test_curves_that_were_read_in_two_ways_are_pointed_out():
    found = judged(F1)
    first, *others = found.results
    readings = '{"val/f1": "stdout .aaa, then stdout .bbb", "loss": "stdout .ccc"}'
    edited = replace(first.run, tags={**first.run.tags, "sweeps.metrics": readings})
    (said,) = warnings(replace(found, results=(replace(first, run=edited), *others)))
    assert said.startswith("Read in two ways: a-seed0 (val/f1). How the file reads these metrics was edited ")
