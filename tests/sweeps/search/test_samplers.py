"""Samplers and pruners: what they draw and stop, and which of their options a file may give."""

import itertools
import subprocess
import sys

import optuna
import pytest

from sweeps.search.reconcile import State
from sweeps.search.samplers import make_pruner, make_sampler, search_problems
from sweeps.search.study import Study
from sweeps.spec.search_space import PRUNERS, SAMPLERS
from tests.sweeps.search.searches import asked, search_of
from tests.sweeps.specs import expanded

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


@pytest.mark.matrix
def test_torch_is_imported_for_a_gaussian_process_alone(tmp_path):
    code = (
        "import sys; from sweeps.search.study import Study; from tests.sweeps.search.searches import *;"
        f"from pathlib import Path; search = search_of(Path({str(tmp_path)!r}));"
        f"asked(search, 'sqlite:///{tmp_path}/study.db', 5); print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def messages(path, *, space="{lr: {float: [0.1, 1]}}", objective="{loss: min}", algorithms="", epochs=None):
    """The problems of the sampler and the pruner of a search."""
    search = f"space: {space}, objective: {objective}, trials: 4, {algorithms}"
    sweeps, _ = expanded(path, f"sweeps: {{a: {{search: {{{search}}}}}}}")
    return [problem.message for problem in search_problems(sweeps["a"].search.spec, "search", epochs)]


@pytest.mark.parametrize(
    ("algorithms", "message"),
    [
        (
            "sampler: {name: tpe, n_startup_trial: 3}",
            "search.sampler: tpe takes no option 'n_startup_trial'; did you mean 'n_startup_trials'?",
        ),
        ("sampler: {name: random, x: 1}", "search.sampler: random takes no option 'x'; it takes none"),
        (
            "sampler: {name: tpe, seed: 3}",
            "search.sampler: seed is not given here; the search's own `seed` holds for it",
        ),
        (
            "sampler: {name: tpe, n_startup_trials: three}",
            "search.sampler.n_startup_trials: must be a whole number, not 'three'",
        ),
        (
            "sampler: {name: tpe, n_ei_candidates: 0}",
            "search.sampler.n_ei_candidates: must be at least 1, not 0",
        ),
        ("sampler: {name: nsgaii, population_size: 1}", "search.sampler: nsgaii: `population_size` must be"),
        (
            "pruner: percentile",
            "search.pruner: percentile needs its option `percentile`, such as {name: percentile, percentile: 25}",
        ),
        (
            "pruner: {name: median, n_warmup_steps: true}",
            "search.pruner.n_warmup_steps: must be a whole number, not true",
        ),
        (
            "pruner: {name: hyperband, min_resource: 9}",
            "search.pruner.min_resource: 9 is more than the number of epochs, 3",
        ),
        (
            "pruner: {name: hyperband, min_resource: 9, max_resource: 8}",
            "search.pruner.min_resource: 9 is more than max_resource, 8",
        ),
        ("sampler: grid", "search.space.lr: the sampler `grid` needs a `step` to walk along lr"),
    ],
)
def test_an_option_that_optuna_would_refuse_later_is_a_problem_of_the_file(tmp_path, algorithms, message):
    (found,) = messages(tmp_path, algorithms=algorithms, epochs=3)
    assert found.startswith(message)


def test_problems_of_the_sampler_hide_none_of_the_pruner(tmp_path):
    algorithms = "sampler: {name: tpe, x: 1}, pruner: {name: median, y: 1}"
    sampler, pruner = messages(tmp_path, algorithms=algorithms)
    assert sampler.startswith("search.sampler: tpe takes no option 'x'")
    assert pruner.startswith("search.pruner: median takes no option 'y'")


def test_a_grid_cannot_draw_a_key_in_some_trials_only(tmp_path):
    space = "{kind: {choice: [None, Cyclical]}, lr: {choice: [0.1, 0.2], when: {kind: None}}}"
    assert messages(tmp_path, space=space, algorithms="sampler: grid") == [
        "search.space.lr: the sampler `grid` cannot draw lr in some trials only"
    ]


def test_cmaes_seeks_one_objective(tmp_path):
    assert messages(tmp_path, objective="{a: min, b: max}", algorithms="sampler: cmaes") == [
        "search.sampler: cmaes seeks one objective, and this search has 2; use tpe, nsgaii or gp"
    ]


@pytest.mark.parametrize("sampler", [s for s in SAMPLERS if s not in SLOW_TO_IMPORT])
def test_a_sampler_with_its_own_defaults_is_no_problem(tmp_path, sampler):
    assert messages(tmp_path, space="{lr: {choice: [0.1, 0.2]}}", algorithms=f"sampler: {sampler}") == []


def test_a_sampler_is_made_by_its_name_with_the_options_of_the_file(tmp_path):
    assert isinstance(make_sampler(search_of(tmp_path, "grid").spec, 0), optuna.samplers.GridSampler)
    assert isinstance(make_sampler(search_of(tmp_path).spec, 0), optuna.samplers.TPESampler)


def test_hyperband_takes_the_number_of_epochs_unless_the_file_says_otherwise(tmp_path):
    def pruned(written, epochs):
        pruner = make_pruner(search_of(tmp_path, pruner=written).spec, epochs)
        study = optuna.create_study(study_name="s", pruner=pruner)
        ended = []
        for loss in range(12):
            trial = study.ask()
            for epoch in range(9):
                trial.report(loss, epoch)
                if trial.should_prune():
                    ended.append((loss, epoch))
                    break
            study.tell(trial, loss)
        return ended

    written = pruned("{name: hyperband, max_resource: 9}", 100)
    assert pruned("hyperband", 9) == written
    assert pruned("hyperband", 100) != written
