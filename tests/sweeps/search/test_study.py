"""A search's study: what it says of its trials, and how Optuna opens it."""

import optuna

from sweeps.search.reconcile import RecordedTrial, State, StudyTrial
from sweeps.search.study import Study
from tests.sweeps.search.searches import asked, search_of


def test_the_study_opens_as_any_other(tmp_path):
    search = search_of(tmp_path)
    url = f"sqlite:///{tmp_path}/study.db"
    asked(search, url, 2)
    (name,) = optuna.get_all_study_names(url)
    study = optuna.load_study(study_name=name, storage=url)
    assert name.startswith("experiment/a/")
    assert study.metric_names == ["loss"]
    assert study.trials[0].distributions["steps"].choices == ("[1]", "[2, 3]")


def test_a_point_that_is_given_is_the_next_trial_as_the_config_takes_it(tmp_path):
    search = search_of(tmp_path)
    point = {"lr": 0.01, "tfr": 0.5, "steps": [2, 3]}
    study = Study.open(search, "experiment", f"sqlite:///{tmp_path}/study.db")
    assert study.ask(point) == (0, point)
    fingerprint = search.trial(point, "").fingerprint
    assert study.trials() == [StudyTrial(0, State.OPEN, point, None, fingerprint)]
    study.close()


def test_a_trial_of_the_record_is_added_with_its_result_its_curve_and_its_run(tmp_path):
    url = f"sqlite:///{tmp_path}/study.db"
    study = Study.open(search_of(tmp_path), "experiment", url)
    params = {"lr": 0.01, "tfr": 0.5, "steps": [1]}
    assert (
        study.add(RecordedTrial("f", params, State.COMPLETE, (1.5,), {0: 2.0, 1: 1.5}, "r", "trial-004")) == 0
    )
    assert study.flush()
    study.close()
    (trial,) = optuna.load_study(study_name=study.name, storage=url).trials
    assert (trial.state.name, trial.value, trial.intermediate_values) == ("COMPLETE", 1.5, {0: 2.0, 1: 1.5})
    assert trial.user_attrs == {"run_id": "r", "name": "trial-004", "fingerprint": "f"}
