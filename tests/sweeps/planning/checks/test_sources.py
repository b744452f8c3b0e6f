"""Metric sources that trials share."""

import pytest

from sweeps.planning.checks.sources import source_problems
from sweeps.sources.loggers import tensorboard
from tests.sweeps.specs import expanded, read


def shared(path, metrics, sweeps="sweeps: {a: {seeds: 2}}", more=""):
    head = f"trainer: {{command: [echo, '{{args}}'], metrics: [{metrics}]{more}}}\n"
    spec = read(path, sweeps, head)
    sweeps, _ = expanded(path, sweeps, head=head)
    return [problem.message for problem in source_problems(spec, list(sweeps.values()))]


@pytest.mark.parametrize(
    ("metrics", "more"),
    [
        ("{csv: '{run_dir}/m.csv'}", ""),
        ("{csv: 'logs/{run_id}/m.csv'}", ""),
        ("{csv: 'logs/{trial}.csv'}", ""),
        ("{csv: 'logs/{seed}.csv'}", ""),
        ("{csv: m.csv}", ", cwd: '{run_dir}'"),
        ("{stdout: '(?P<a>.)'}", ""),
    ],
)
def test_a_source_may_be_of_each_trials_own(tmp_path, metrics, more):
    assert shared(tmp_path, metrics, more=more) == []


def test_a_source_whose_package_is_not_installed_is_told_with_the_remedy(tmp_path, monkeypatch):
    source = "{tensorboard: '{run_dir}'}"
    assert shared(tmp_path, source) == []
    monkeypatch.setattr(tensorboard, "missing", lambda: "install it")
    assert shared(tmp_path, source) == ["trainer.metrics: tensorboard {run_dir}: install it"]


@pytest.mark.parametrize("more", ["", ", cwd: ."])
def test_a_source_that_two_trials_share_is_refused_and_one_trials_is_not(tmp_path, more):
    (message,) = shared(tmp_path, "{csv: logs/m.csv}", more=more)
    assert "a/seed0 and a/seed1 would record each other's points" in message
    assert shared(tmp_path, "{csv: logs/m.csv}", "sweeps: {a: {seeds: 1}}", more) == []


@pytest.mark.parametrize(
    ("path", "count"), [("logs/m.csv", 1), ("logs/{lr}/m.csv", 0), ("logs/{trial}/m.csv", 0)]
)
def test_so_is_one_that_the_trials_of_a_search_share(tmp_path, path, count):
    search = "sweeps: {a: {search: {space: {lr: {float: [0, 1]}}, objective: {loss: min}, trials: 2}}}"
    assert len(shared(tmp_path, f"{{csv: '{path}'}}", search)) == count


def test_of_a_shared_path_the_setting_is_named_by_which_the_program_writes_it(tmp_path):
    sweeps = "sweeps: {a: {seeds: 2, set: {data.out: out/summary.csv}}}"
    (message,) = shared(tmp_path, "{csv: results/summary.csv}", sweeps)
    assert "have the program write there, too (data.out names it)" in message
