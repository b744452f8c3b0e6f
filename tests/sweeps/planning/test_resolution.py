import math

from sweeps.errors import Place
from sweeps.planning.fingerprint import fingerprint
from sweeps.planning.resolution import Refused, Resolver
from sweeps.planning.trial import Trial
from sweeps.spec.settings import Setting
from sweeps.trainer.loader import load_trainer
from tests.sweeps.specs import read

HERE = Place("e.yaml", 7, 1)


def resolve(path, values, head=None):
    spec = read(path, "sweeps: {a: {seeds: 1}}", **({"head": head} if head else {}))
    trainer, _ = load_trainer(spec.trainer)
    settings = {
        key: Setting(value, "sweeps.a.grid", Place("e.yaml", line, 3), Place("e.yaml", line, 1))
        for line, (key, value) in enumerate(values.items(), 1)
    }
    return Resolver("a", tuple(values), trainer).resolve(settings, HERE)


def test_a_trial_has_the_whole_config_and_its_fingerprint(tmp_path):
    trial = resolve(tmp_path, {"tfr": 0, "kind": "Cyclical"})
    assert isinstance(trial, Trial)
    assert (trial.sweep, trial.name) == ("a", "tfr0-Cyclical")
    assert trial.config["lr"] == 1e-3
    assert repr(trial.config["tfr"]) == "0.0"
    assert trial.fingerprint == fingerprint(dict(trial.config))
    assert set(trial.settings) == {"tfr", "kind"}


def test_problems_stand_where_the_value_or_its_key_was_set(tmp_path):
    refused = resolve(tmp_path, {"tfr": 2, "knd": "None"})
    assert isinstance(refused, Refused)
    assert sorted(map(str, refused.problems)) == [
        "e.yaml:1:3: sweeps.a.grid.tfr: must be less than or equal to 1, not 2",
        "e.yaml:2:1: sweeps.a.grid.knd: unknown key 'knd'; did you mean 'kind'?",
    ]
    assert set(refused.keys) == {"tfr", "knd"}


def test_a_number_that_is_not_finite_makes_no_trial(tmp_path):
    head = "trainer: {command: [python, train.py]}\n"
    refused = resolve(tmp_path, {"x": math.inf, "y": [1, math.nan]}, head)
    assert [problem.message for problem in refused.problems] == [
        "sweeps.a.grid.x: inf is not finite; write a finite one",
        "sweeps.a.grid.y: a list holds a number that is not finite; write a finite one",
    ]


def test_a_placeholder_without_a_key_makes_no_trial(tmp_path):
    head = "trainer: {command: [python, train.py, '{lrr}']}\n"
    refused = resolve(tmp_path, {"lr": 1}, head)
    (problem,) = refused.problems
    assert problem.message == "trainer.command: {lrr} is no key of the config; did you mean 'lr'?"
