"""What Optuna would unpickle from a study's storage."""

import os
import pickle

import cmaes
import numpy as np
import optuna
import pytest

from sweeps.errors import StudyError
from sweeps.search.pickled_state import runs_code
from sweeps.search.reconcile import State
from sweeps.search.study import Study
from tests.sweeps.search.searches import search_of

BOUNDS = np.array([[0.0, 1.0], [0.0, 1.0]])


class Hostile:
    def __init__(self, path):
        self.path = str(path)

    def __reduce__(self):
        return os.mkdir, (self.path,)


def attributes(content, size=100):
    text = pickle.dumps(content).hex()
    return {f"cma:optimizer:{n}": text[n * size : (n + 1) * size] for n in range(-(-len(text) // size))}


@pytest.mark.parametrize("kind", [cmaes.CMA, cmaes.SepCMA])
def test_an_optimizer_of_cma_es_is_fine(kind):
    assert not runs_code(attributes(kind(mean=np.full(2, 0.5), sigma=0.2, bounds=BOUNDS)))
    assert not runs_code({"cma:generation": 3, "x_for_tell": [0.1], "grid_id": 2})


def test_any_other_object_is_found_without_being_made(tmp_path):
    hidden = cmaes.CMA(mean=np.full(2, 0.5), sigma=0.2)
    hidden.more = np.array([Hostile(tmp_path / "ran")], dtype=object)
    for content in (Hostile(tmp_path / "ran"), hidden, print):
        assert runs_code(attributes(content))
    assert runs_code({"sepcma:optimizer:0": "no hex"})
    assert not (tmp_path / "ran").exists()


def search(path):
    """A search by CMA-ES; its first trials are drawn at random."""
    return search_of(path, "{name: cmaes, n_startup_trials: 1}")


def test_a_study_with_code_in_it_is_refused_when_it_is_opened(tmp_path):
    url = f"sqlite:///{tmp_path}/study.db"
    study = Study.open(search(tmp_path), "experiment", url)
    number, _ = study.ask()
    study.tell(number, State.COMPLETE, [1.0])
    assert study.flush()
    study.close()
    storage = optuna.storages.RDBStorage(url)
    (trial,) = optuna.load_study(study_name=study.name, storage=storage).trials
    planted = optuna.trial.create_trial(
        value=1.0,
        params=trial.params,
        distributions=trial.distributions,
        system_attrs=attributes(Hostile(tmp_path / "ran"), 2000),
    )
    optuna.load_study(study_name=study.name, storage=storage).add_trial(planted)
    with pytest.raises(StudyError, match="a sampler's state that may run code"):
        Study.open(search(tmp_path), "experiment", url)
    assert not (tmp_path / "ran").exists()


def test_a_search_by_cma_es_goes_on_from_its_own_state(tmp_path):
    url = f"sqlite:///{tmp_path}/study.db"
    for _ in range(3):
        study = Study.open(search(tmp_path), "experiment", url)
        for _ in range(6):
            number, params = study.ask()
            study.tell(number, State.COMPLETE, [params["tfr"]])
        assert study.flush()
        study.close()
    trials = optuna.load_study(study_name=study.name, storage=url).trials
    assert any(key.startswith("cma:optimizer") for trial in trials for key in trial.system_attrs)
