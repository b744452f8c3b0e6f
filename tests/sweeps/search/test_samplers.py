import pytest

from sweeps.search.samplers import make_pruner, make_sampler, search_problems
from tests.sweeps.specs import read


def search(path, more="", space="lr: {float: [0.1, 1]}"):
    body = f"space: {{{space}}}, objective: {{val/loss: min}}, trials: 5"
    return read(path, f"sweeps: {{a: {{search: {{{body}{more}}}}}}}").sweeps[0].search


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (", sampler: {name: tpe, n_startup_trial: 3}", "s.sampler: tpe takes no option 'n_startup_trial'"),
        (", sampler: {name: tpe, seed: 3}", "s.sampler: seed is not given here"),
        (", sampler: {name: tpe, n_startup_trials: x}", "s.sampler.n_startup_trials: must be a whole number"),
        (
            ", sampler: {name: tpe, n_ei_candidates: 0}",
            "s.sampler.n_ei_candidates: must be at least 1, not 0",
        ),
        (", sampler: grid", "s.space.lr: the sampler `grid` needs a `step`"),
        (", pruner: percentile", "s.pruner: percentile needs its option `percentile`"),
        (", pruner: {name: hyperband, min_resource: 9}", "s.pruner.min_resource: 9 is more than the number"),
    ],
)
def test_what_optuna_would_refuse_is_found_beforehand(more, message, tmp_path):
    (problem,) = search_problems(search(tmp_path, more), "s", epochs=5)
    assert problem.message.startswith(message)


def test_each_trial_draws_with_a_seed_of_its_own_and_again_the_same(tmp_path):
    import optuna

    def drawn(number):
        study = optuna.create_study(sampler=make_sampler(search(tmp_path, ", sampler: random"), number))
        return study.ask().suggest_float("lr", 0.1, 1)

    assert drawn(1) == drawn(1)
    assert drawn(1) != drawn(2)


def test_hyperband_knows_the_epochs_that_the_config_says(tmp_path):
    import optuna

    pruner = make_pruner(search(tmp_path, ", pruner: hyperband"), 27)
    assert isinstance(pruner, optuna.pruners.HyperbandPruner)
    assert pruner._max_resource == 27
