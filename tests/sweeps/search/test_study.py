"""A search's study: what the record makes of it, and what the samplers draw."""

import itertools
import sqlite3
import sys
import time
from contextlib import closing

import optuna
import pytest

from sweeps.search.reconcile import Known, State, Told, reconcile
from sweeps.search.study import Study
from sweeps.spec.search_space import PRUNERS, SAMPLERS
from tests.sweeps.specs import expanded

ONE = {"tfr": 0.5}


def known(fingerprint="f", state=State.COMPLETE, values=(1.0,)):
    return Known(
        fingerprint, ONE, state, values if state is State.COMPLETE else None, {0: 1.0}, "run", "trial-001"
    )


def told(number=0, state=State.COMPLETE, values=(1.0,), fingerprint="f"):
    return Told(number, state, ONE, values if state is State.COMPLETE else None, fingerprint)


def test_a_study_that_says_what_the_record_says_is_left_alone():
    found = reconcile([known()], [told()])
    assert (found.rebuild, found.tell, found.drop, found.add, found.words) == (False, (), (), (), ())


def test_a_trial_that_ended_unseen_is_told():
    for state in (State.COMPLETE, State.PRUNED, State.FAILED):
        found = reconcile([known(state=state)], [told(state=State.OPEN)])
        assert found.tell == ((0, known(state=state)),)
        assert found.words == ("1 trial had ended without the study being told",)


def test_open_trials_go_on_with_their_run_or_without():
    found = reconcile(
        [known(state=State.OPEN)], [told(state=State.OPEN), told(1, State.OPEN, fingerprint="g")]
    )
    assert found.go_on == {"f": (0,), "g": (1,)}
    assert [trial.fingerprint for trial in found.unstarted] == ["g"]
    assert not found.rebuild


def test_a_suggestion_that_was_broken_off_is_dropped():
    assert reconcile([], [told(state=State.OPEN, fingerprint=None)]).drop == (0,)


def test_what_the_study_lacks_is_added():
    found = reconcile([known(), known("g")], [told()])
    assert [trial.fingerprint for trial in found.add] == ["g"]
    assert found.words == ("1 trial of the record had been missing",)
    assert reconcile([known()], []).words == ()


@pytest.mark.parametrize(
    ("mine", "theirs", "why"),
    [
        ([], told(), "the study's trial 0 (complete) is not in the record"),
        ([known(values=(2.0,))], told(), "the study had trial-001 at 1, the record has it at 2"),
        (
            [known(state=State.OPEN)],
            told(state=State.FAILED),
            "the study called trial-001 failed, the record has it running",
        ),
        (
            [known(state=State.PRUNED)],
            told(),
            "the study called trial-001 complete, the record has it pruned",
        ),
    ],
)
def test_a_study_that_says_otherwise_is_made_anew(mine, theirs, why):
    found = reconcile(mine, [theirs])
    assert (found.rebuild, found.words) == (True, (why,))
    assert list(found.add) == mine


def test_a_failure_without_a_run_is_harmless():
    assert not reconcile([], [told(state=State.FAILED, fingerprint=None)]).rebuild


SPEC = """
sweeps:
  a:
    search:
      space: {{lr: {{float: [1e-5, 1e-1], log: true}}, tfr: {{float: [0, 1], step: 0.25}}, steps: {{choice: [[1], [2, 3]]}}}}
      objective: {{loss: min}}
      trials: 9
      sampler: {sampler}
      pruner: {pruner}
"""


def search_of(path, sampler="tpe", pruner="none"):
    sampler = {
        "grid": "grid",
        "gp": "{name: gp, n_startup_trials: 3}",
        "tpe": "{name: tpe, n_startup_trials: 3}",
    }.get(sampler, sampler)
    text = SPEC.format(sampler=sampler, pruner=pruner)
    if sampler == "grid":
        text = text.replace("{float: [1e-5, 1e-1], log: true}", "{choice: [0.1, 0.01]}")
    sweeps, _ = expanded(path, text)
    return sweeps["a"].search


def asked(search, url, count, reopened_every=100):
    """The suggestions of a search, its study opened every so often, each told at once."""
    drawn = []
    for index in range(count):
        if index % reopened_every == 0:
            study = Study(search, "experiment", url)
        number, params = study.ask()
        study.tell(number, State.COMPLETE, [params["lr"] + params["tfr"]])
        drawn.append(params)
        if (index + 1) % reopened_every == 0 or index + 1 == count:
            assert study.flush()
            study.close()
    return drawn


SLOW_TO_IMPORT = ("qmc", "gp", "cmaes")


@pytest.mark.parametrize(
    "sampler", [pytest.param(s, marks=pytest.mark.matrix if s in SLOW_TO_IMPORT else ()) for s in SAMPLERS]
)
def test_a_search_that_is_taken_up_again_draws_what_it_would_have_drawn(tmp_path, sampler):
    search = search_of(tmp_path, sampler)
    at_once = asked(search, f"sqlite:///{tmp_path}/one.db", 6)
    broken = asked(search, f"sqlite:///{tmp_path}/two.db", 6, reopened_every=2)
    assert at_once == broken
    assert all(search.trial(params, "x") is not None for params in at_once)
    assert all(one != other for one, other in itertools.pairwise(at_once))


@pytest.mark.parametrize("pruner", PRUNERS)
def test_each_pruner_lets_good_trials_go_on(tmp_path, pruner):
    written = "{name: percentile, percentile: 25}" if pruner == "percentile" else pruner
    study = Study(search_of(tmp_path, pruner=written), "experiment", f"sqlite:///{tmp_path}/study.db")
    pruned = []
    for loss in (1.0, 1.1, 1.2, 1.3, 1.4, 9.0, 9.0, 0.5):
        number, _ = study.ask()
        for epoch in range(6):
            study.report(number, epoch, loss)
            if study.should_prune(number):
                study.tell(number, State.PRUNED, None)
                pruned.append(loss)
                break
        else:
            study.tell(number, State.COMPLETE, [loss])
    assert study.trials()[-1].state is State.COMPLETE
    assert (9.0 in pruned) == (pruner != "none")
    study.close()


def test_the_study_opens_as_any_other(tmp_path):
    search = search_of(tmp_path)
    url = f"sqlite:///{tmp_path}/study.db"
    asked(search, url, 2)
    (name,) = optuna.get_all_study_names(url)
    study = optuna.load_study(study_name=name, storage=url)
    assert name.startswith("experiment/a/")
    assert study.metric_names == ["loss"]
    assert study.trials[0].distributions["steps"].choices == ("[1]", "[2, 3]")


def test_what_a_locked_storage_misses_is_stored_once_it_opens(tmp_path, monkeypatch):
    monkeypatch.setattr("sweeps.search.storage._LOCKED_FOR_S", 0.05)
    url = f"sqlite:///{tmp_path}/study.db"
    study = Study(search_of(tmp_path), "experiment", url)
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


def test_a_slot_that_waits_for_ever_keeps_nothing_from_being_stored(tmp_path):
    url = f"sqlite:///{tmp_path}/study.db"
    study = Study(search_of(tmp_path), "experiment", url)
    study.give_way(yes=True)
    for loss in (2.0, 1.0, 3.0):
        number, _ = study.ask()
        study.tell(number, State.COMPLETE, [loss])
    deadline_s = time.monotonic() + 30
    stored = optuna.load_study(study_name=study.name, storage=url)
    while [trial.value for trial in stored.trials] != [2.0, 1.0, 3.0]:
        assert time.monotonic() < deadline_s, stored.trials
    study.close()


@pytest.mark.matrix
def test_torch_is_imported_for_a_gaussian_process_alone(tmp_path):
    import subprocess

    code = (
        "import sys; from sweeps.search.study import Study; from tests.sweeps.search.test_study import *;"
        f"from pathlib import Path; search = search_of(Path({str(tmp_path)!r}));"
        f"asked(search, 'sqlite:///{tmp_path}/study.db', 5); print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
