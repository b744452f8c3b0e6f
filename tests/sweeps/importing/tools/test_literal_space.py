"""Search spaces of Optuna and Ray, read from Python that is never run."""

import pytest

from sweeps.errors import SweepError
from sweeps.importing.tools.literal_space import of_python
from sweeps.spec.parser import read_spec_text


def space(text):
    found = of_python(text, "s.py", "train.py")
    read_spec_text(found.text(), "e.yaml")
    (sweep,) = found.sweeps.values()
    return sweep, found


def test_rays_grid_is_a_grid():
    sweep, found = space(
        "from ray import tune\nraise SystemExit\nparam_space = {'a': tune.grid_search([1, 2]), 'b': 3}"
    )
    assert sweep == {"grid": {"a": [1, 2]}}
    assert found.defaults == {"b": 3}


def test_rays_distributions_are_a_search():
    sweep, found = space(
        """
from ray import tune
LOW = 1e-4
config = {
    "lr": tune.loguniform(LOW, 1e-1),
    "n": tune.randint(1, 9),
    "q": tune.quniform(0, 1, 0.5),
    "opt": tune.choice(["adam", "sgd"]),
    "net": {"width": tune.grid_search([8, 16]), "depth": 2},
    "odd": tune.sample_from(lambda spec: 1),
    "called": compute(),
}
tuner = tune.Tuner(train, param_space=config, tune_config=tune.TuneConfig(metric="acc", mode="max", num_samples=20))
"""
    )
    assert sweep["search"]["space"] == {
        "net.width": {"choice": [8, 16]},
        "lr": {"float": [1e-4, 1e-1], "log": True},
        "n": {"int": [1, 8]},
        "q": {"float": [0, 1], "step": 0.5},
        "opt": {"choice": ["adam", "sgd"]},
    }
    assert sweep["search"]["objective"] == {"acc": "max"}
    assert sweep["search"]["trials"] == 40  # 20 for each point of the grid
    assert found.defaults == {"net.depth": 2}
    assert "odd is left out" in " ".join(found.notes)


def test_bounds_are_worked_out_of_constants_and_arithmetic():
    sweep, _ = space(
        "LOW = 10 ** -4\nconfig = {'lr': tune.loguniform(LOW, LOW * 1000), 'n': tune.randint(1, 2 * 4)}"
    )
    assert sweep["search"]["space"] == {"lr": {"float": [1e-4, 0.1], "log": True}, "n": {"int": [1, 7]}}


def test_optunas_suggestions_and_distributions():
    sweep, _ = space(
        """
import optuna
def objective(trial):
    lr = trial.suggest_float("lr", 1e-5, 1e-1, log=True)
    n = trial.suggest_int("n", 1, 4)
    k = trial.suggest_categorical("k", ["a", None])
    x = trial.suggest_float(f"x{n}", 0, 1)
study = optuna.create_study(direction="maximize", sampler=optuna.samplers.RandomSampler())
study.optimize(objective, n_trials=7)
"""
    )
    assert sweep["search"]["space"] == {
        "lr": {"float": [1e-05, 0.1], "log": True},
        "n": {"int": [1, 4]},
        "k": {"choice": ["a", None]},
    }
    assert (sweep["search"]["trials"], sweep["search"]["sampler"]) == (7, "random")
    sweep, _ = space("distributions = {'a': FloatDistribution(0, 1, step=0.5)}")
    assert sweep["search"]["space"] == {"a": {"float": [0, 1], "step": 0.5}}
    sweep, _ = space("s = {'a': [1, 2]}\nsampler = GridSampler(s)")
    assert sweep == {"grid": {"a": [1, 2]}}


@pytest.mark.parametrize(
    "text", ["x = ", "(" * 5000, "print(1)", "-" * 100_000 + "1", "config = {'a': 1}", "x = '\\ud800'"]
)
def test_what_holds_no_space_is_refused(text):
    with pytest.raises(SweepError, match=r"s\.py"):
        of_python(text, "s.py", "train.py")


@pytest.mark.parametrize(
    ("line", "note"),
    [
        ("ASHAScheduler(max_t=12)", "ASHAScheduler is left out: what stops trials early is `pruner:` here"),
        ("optuna.pruners.MedianPruner()", "MedianPruner is left out"),
        ("TPESampler(seed=1, n_startup_trials=3)", "TPESampler: its n_startup_trials, seed are left out: write"),
        ("study.optimize(objective, n_trials=3, timeout=60)", "timeout is left out"),
        ("optuna.create_study(directions=['minimize', 'maximize'])", "it has several objectives"),
        ("study.enqueue_trial({'lr': 1})", "enqueue_trial is left out"),
        ("if x: trial.suggest_int('n', 1, 3)", "n is suggested in some trials only: write its condition as `when:`"),
        ("trial.suggest_float('n', 1, 9, log=True, step=2)", "n: steps of 2 are left out"),
    ],
)  # fmt: skip
def test_what_the_file_has_no_place_for_is_named(line, note):
    _, found = space(f"lr = trial.suggest_float('lr', 0.1, 1)\n{line}\n")
    assert [each for each in found.notes if each.startswith(note)]
    _, plain = space("lr = trial.suggest_float('lr', 0.1, 1)\nlr_scheduler = StepLRScheduler(3)\n")
    assert not [each for each in plain.notes if "left out" in each]


def test_rays_samples_are_for_each_point_of_its_grid():
    sweep, found = space(
        """
param_space = {"lr": tune.uniform(0, 1), "opt": tune.grid_search(["a", "b"])}
TuneConfig(num_samples=20)
"""
    )
    assert sweep["search"]["trials"] == 40
    assert "num_samples 20 for each of 2 points of the grid is 40 trials" in found.notes
