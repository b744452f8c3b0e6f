import math
from dataclasses import replace

from analysis.results.searches.courses import BOTH, PRUNER, SAMPLER, comparisons, course_of
from tests.analysis.compared import RANDOM, TPE, search

NAN = math.nan


def same(found, wanted):
    return len(found) == len(wanted) and all(
        one == other or (math.isnan(one) and math.isnan(other))
        for one, other in zip(found, wanted, strict=True)
    )


def test_the_best_so_far_counts_every_trial_that_ended_and_keeps_what_a_failed_one_leaves():
    course = course_of(search("s", ("failed", 5, "pruned", 7, "running", 4)))
    assert [trial.name for trial in course.trials] == [f"trial-00{n}" for n in (1, 2, 3, 4, 6)]
    assert same(course.best, (NAN, 5.0, 5.0, 5.0, 4.0))
    assert course.spent_s == (10.0, 20.0, 30.0, 40.0, 50.0)
    assert same(course_of(search("s", (5, 7, 4), high=True)).best, (5.0, 7.0, 7.0))


def test_a_value_that_stands_for_an_infinity_is_none():
    assert same(course_of(search("s", (-1.7e308, 3))).best, (NAN, 3.0))


def test_the_time_of_a_search_is_known_where_that_of_each_trial_is():
    known = search("s", (5, 4))
    first = replace(known.trials[0], spent_s=None)
    assert course_of(replace(known, trials=(first, *known.trials[1:]))).spent_s == ()


def test_a_level_is_reached_by_the_first_trial_that_is_as_good():
    low, high = course_of(search("s", ("failed", 5, 4, 3))), course_of(search("s", (3, 4, 5), high=True))
    assert [low.trials_until(level, 4) for level in (5.5, 4.0, 2.0)] == [2, 3, None]
    assert [low.trials_until(3.0, count) for count in (3, 4)] == [None, 4]
    assert [high.trials_until(level, 3) for level in (2.0, 4.5, 6.0)] == [1, 3, None]


def test_searches_of_one_task_are_compared_by_sampler_and_repeated_by_seed():
    (found,) = comparisons((*TPE, *RANDOM))
    assert (found.axis, found.count, found.best) == (SAMPLER, 4, 3.0)
    assert {label: [one.search.name for one in having] for label, having in found.courses.items()} == {
        "tpe": ["t1", "t2", "t3"],
        "random": ["r1", "r2", "r3"],
    }


def test_searches_are_compared_after_as_many_trials_as_all_have_ended():
    begun = search("r", (6, 2), sampler="random")
    waiting = search("q", ("running",), sampler="qmc")
    (found,) = comparisons((TPE[0], begun, waiting))
    assert (found.count, found.best, found.waiting) == (2, 2.0, ("q",))
    assert [len(course.trials) for course in found.every] == [4, 2]


def test_pruners_are_compared_as_samplers_are_and_both_where_both_differ():
    pruning = search("p", (5, 4), pruner="median")
    assert [(one.axis, list(one.courses)) for one in comparisons((TPE[0], pruning))] == [
        (PRUNER, ["none", "median"])
    ]
    assert [(one.axis, list(one.courses)) for one in comparisons((RANDOM[0], pruning))] == [
        (BOTH, ["random, pruner none", "tpe, pruner median"])
    ]


def test_nothing_is_compared_of_one_sampler_of_other_tasks_or_of_several_objectives():
    other = replace(RANDOM[0], task="another")
    unknown = [replace(one, task="") for one in (TPE[0], RANDOM[0])]
    several = [replace(one, objectives=one.objectives * 2) for one in (TPE[0], RANDOM[0])]
    assert [comparisons(those) for those in (TPE, (TPE[0], other), unknown, several, ())] == [()] * 5


def test_runs_that_several_searches_have_as_trials_are_counted_once():
    twin = replace(RANDOM[0], trials=(*TPE[0].trials[:2], *RANDOM[0].trials[2:]))
    assert [one.shared for one in comparisons((TPE[0], twin))] == [2]
    assert [one.shared for one in comparisons((TPE[0], RANDOM[0]))] == [0]
