"""A search's study: what the samplers draw, what the pruners stop, and how Optuna opens it."""

import itertools
import subprocess
import sys

import optuna
import pytest

from sweeps.search.reconcile import State
from sweeps.search.study import Study
from sweeps.spec.search_space import PRUNERS, SAMPLERS
from tests.sweeps.search.searches import asked, search_of

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
    study = Study.open(search_of(tmp_path, pruner=written), "experiment", f"sqlite:///{tmp_path}/study.db")
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


@pytest.mark.matrix
def test_torch_is_imported_for_a_gaussian_process_alone(tmp_path):
    code = (
        "import sys; from sweeps.search.study import Study; from tests.sweeps.search.searches import *;"
        f"from pathlib import Path; search = search_of(Path({str(tmp_path)!r}));"
        f"asked(search, 'sqlite:///{tmp_path}/study.db', 5); print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
