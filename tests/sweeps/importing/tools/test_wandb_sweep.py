"""Sweeps of W&B."""

import pytest

from sweeps.errors import SweepError
from sweeps.importing.tools.wandb_sweep import of_wandb
from sweeps.spec.parser import read_spec_text

BAYES = """
program: train.py
method: bayes
metric: {name: val/loss, goal: minimize}
run_cap: 30
parameters:
  lr: {distribution: log_uniform_values, min: 0.0001, max: 0.1}
  wd: {distribution: log_uniform, min: -9.21, max: -2.3}
  n: {min: 1, max: 8}
  drop: {min: 0.0, max: 0.5}
  q: {distribution: q_uniform, min: 0, max: 1, q: 0.25}
  opt: {values: [adam, sgd], probabilities: [0.1, 0.9]}
  epochs: {value: 27}
  nest: {parameters: {a: {values: [1, 2]}}}
  odd: {distribution: normal, mu: 0, sigma: 1}
early_terminate: {type: hyperband, min_iter: 3, eta: 2}
command: ['${env}', '${interpreter}', '${program}', '${args_no_hyphens}']
"""


def test_a_bayesian_sweep_is_a_search():
    found = of_wandb(BAYES, "s.yaml")
    search = found.sweeps["bayes"]["search"]
    assert search["space"] == {
        "lr": {"float": [0.0001, 0.1], "log": True},
        "wd": {"float": [0.000100034, 0.100259], "log": True},
        "n": {"int": [1, 8]},
        "drop": {"float": [0.0, 0.5]},
        "q": {"float": [0, 1], "step": 0.25},
        "opt": {"choice": ["adam", "sgd"]},
        "nest.a": {"choice": [1, 2]},
    }
    assert search["objective"] == {"val/loss": "min"}
    assert (search["trials"], search["sampler"]) == (30, "tpe")
    assert search["pruner"] == {"name": "hyperband", "min_resource": 3, "reduction_factor": 2}
    assert found.defaults == {"epochs": 27}
    assert found.trainer["command"] == ["python", "train.py", "{args}"]
    told = " ".join(found.notes)
    assert all(word in told for word in ("odd", "probabilities", "wandb.config", "tpe", "exponents"))
    read_spec_text(found.text(), "e.yaml")


def test_a_grid_is_a_grid():
    found = of_wandb(
        "method: grid\nparameters:\n  a: {values: [1, 2]}\n  b: {min: 1, max: 3}\n  c: {min: 0.1, max: 2}",
        "s",
    )
    assert found.sweeps == {"a-b": {"grid": {"a": [1, 2], "b": [1, 2, 3]}}}
    assert "c is left out" in " ".join(found.notes)
    read_spec_text(found.text(), "e.yaml")


@pytest.mark.parametrize("text", ["a: 1", "[1]", "parameters: 3", "a: [", "method: grid"])
def test_another_file_is_refused(text):
    with pytest.raises(SweepError, match=r"s\.yaml"):
        of_wandb(text, "s.yaml")
