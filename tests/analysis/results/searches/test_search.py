from dataclasses import replace

from analysis.results.searches.search import study_of
from tests.analysis.searched import BOTH, ONE


def test_the_best_of_one_objective_is_the_greatest_where_large_is_good():
    assert [trial.name for trial in ONE.best] == ["trial-003"]


def test_an_infinity_as_sql_keeps_it_is_best_only_where_there_is_nothing_else():
    trials = tuple(
        replace(trial, values=(value,))
        for trial, value in zip(ONE.trials, (1.0, 1.7976931348623157e308), strict=False)
    )
    assert [trial.values for trial in replace(ONE, trials=trials).best] == [(1.0,)]
    assert replace(ONE, trials=trials[1:]).best == list(trials[1:])


def test_of_several_objectives_those_that_none_beats_in_everything_are_the_best():
    traded = (replace(BOTH.trials[0], values=(20.0, 1.0)), *BOTH.trials[1:])
    assert [trial.name for trial in replace(BOTH, trials=traded).best] == ["trial-002", "trial-003"]


def test_the_study_that_is_drawn_is_the_record():
    trials = study_of(ONE).trials
    assert [t.state.name for t in trials] == ["COMPLETE", "COMPLETE", "COMPLETE", "PRUNED", "COMPLETE"]
    assert [t.user_attrs["run_id"] for t in trials] == ["run2", "run3", "run4", "run5", "run6"]
    assert trials[3].intermediate_values == {0: 13.0, 1: 14.0}
