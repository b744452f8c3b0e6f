"""Trials that ran beside other packages are told apart by every verb that compares them."""

import json

from tests.sweeps.environments import is_told_everywhere, with_other_optuna


def test_a_trial_that_ran_beside_other_packages_is_told_by_plan_status_and_report(project, tmp_path_factory):
    other = with_other_optuna(tmp_path_factory.mktemp("other"))
    project.spec("sweeps: {a: {grid: {factor: [0.5, 0.25, 0.1]}}}")
    only = ("run", "e.yaml", "--gpus", "", "--only", "factor=0.25")
    assert project.sweep(*only, PYTHONPATH=other)[0] == 0
    assert project.sweep("run", "e.yaml", "--gpus", "")[0] == 0
    recorded = {name: json.loads(run.tags["sweeps.env"])["optuna"] for name, run in project.runs().items()}
    assert recorded["factor0.25"] == "0.0.1"
    assert recorded["factor0.5"] == recorded["factor0.1"] != "0.0.1"
    assert is_told_everywhere(project, "factor0.25")


def test_an_environment_that_no_trial_had_is_told_as_that_of_now(project, tmp_path_factory):
    project.spec("sweeps: {a: {grid: {factor: [0.5]}}}")
    assert project.sweep("run", "e.yaml", "--gpus", "")[0] == 0
    other = with_other_optuna(tmp_path_factory.mktemp("other"))
    code, output = project.sweep("plan", "e.yaml", PYTHONPATH=other, COLUMNS="1000")
    assert code == 0
    assert "optuna 0.0.1 (now)" in output
