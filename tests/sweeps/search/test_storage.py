"""A study in its storage: what is stored late is stored whole."""

import sqlite3
import time
from contextlib import closing

import optuna
import pytest

from sweeps.errors import StudyError
from sweeps.search.reconcile import State
from sweeps.search.study import Study
from tests.sweeps.search.searches import search_of


def test_what_a_locked_storage_misses_is_stored_once_it_opens(tmp_path, monkeypatch):
    monkeypatch.setattr("sweeps.search.storage._LOCKED_FOR_S", 0.05)
    url = f"sqlite:///{tmp_path}/study.db"
    study = Study.open(search_of(tmp_path), "experiment", url)
    number, params = study.ask()
    assert study.flush()
    with closing(sqlite3.connect(tmp_path / "study.db", isolation_level=None)) as locking:
        locking.execute("begin exclusive")
        study.link(number, run_id="r", name="trial-001")
        study.report(number, 0, 2.0)
        study.tell(number, State.COMPLETE, [1.0])
        assert not study.flush(1.0)
        assert (
            study.trouble
            == f"{url}: the search's study cannot be written: (sqlite3.OperationalError) database is locked"
        )
    assert study.flush()
    assert study.trouble == ""
    study.close()
    (trial,) = optuna.load_study(study_name=study.name, storage=url).trials
    assert (trial.state.name, trial.value, trial.intermediate_values) == ("COMPLETE", 1.0, {0: 2.0})
    assert trial.user_attrs == {"run_id": "r", "name": "trial-001"}
    assert trial.params["lr"] == params["lr"]


def test_a_value_that_was_reported_again_is_stored_again(tmp_path):
    url = f"sqlite:///{tmp_path}/study.db"
    study = Study.open(search_of(tmp_path), "experiment", url)
    number, _ = study.ask()
    for value in (2.0, 1.0):
        study.report(number, 0, value)
        assert study.flush()
    study.close()
    (trial,) = optuna.load_study(study_name=study.name, storage=url).trials
    assert trial.intermediate_values == {0: 1.0}


def test_a_slot_that_waits_for_ever_keeps_nothing_from_being_stored(tmp_path):
    url = f"sqlite:///{tmp_path}/study.db"
    study = Study.open(search_of(tmp_path), "experiment", url)
    study.give_way(yes=True)
    for loss in (2.0, 1.0, 3.0):
        number, _ = study.ask()
        study.tell(number, State.COMPLETE, [loss])
    deadline_s = time.monotonic() + 120
    stored = optuna.load_study(study_name=study.name, storage=url)
    while [trial.value for trial in stored.trials] != [2.0, 1.0, 3.0]:
        assert time.monotonic() < deadline_s, stored.trials
    study.close()


def test_a_storage_that_cannot_be_opened_is_named_without_its_password(tmp_path):
    search = search_of(tmp_path)
    with pytest.raises(
        StudyError, match=r"optuna\.db: the search's study cannot be reached: .*unable to open"
    ):
        Study.open(search, "experiment", f"sqlite:///{tmp_path}/missing/optuna.db")
    for port in ("9", "port"):
        with pytest.raises(StudyError) as refused:
            Study.open(search, "experiment", f"postgresql://me:hunter2@127.0.0.1:{port}/optuna")
        assert "hunter2" not in str(refused.value)


def test_a_study_that_is_begun_anew_has_no_trials(tmp_path):
    url = f"sqlite:///{tmp_path}/study.db"
    study = Study.open(search_of(tmp_path), "experiment", url)
    study.ask()
    assert study.flush()
    study.clear()
    assert study.trials() == []
    number, _ = study.ask()
    assert study.flush()
    study.close()
    assert number == 0
    assert len(optuna.load_study(study_name=study.name, storage=url).trials) == 1
