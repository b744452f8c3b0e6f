"""What may stand next in a line, asked as bash asks."""

import pytest

from sweeps.cli.completion.shells import answer
from sweeps.cli.verbs import cli

SPEC = """\
trainer: module.that.is.not.there:train
defaults: {lr: 1, depth: 2}
profiles: {quick: {lr: 2}, full: {lr: 3, seeds: 2}}
sweeps:
  rates: {grid: {lr: [0.1, 0.2], model: [small, large]}}
  search: {search: {space: {lr: {float: [0, 1]}}, objective: {loss: min}, trials: 3}}
"""


@pytest.fixture
def here(tmp_path, monkeypatch):
    (tmp_path / "experiments.yaml").write_text(SPEC)
    (tmp_path / "other.yaml").write_text(SPEC.replace("quick", "tiny"))
    (tmp_path / "wrong.yaml").write_text("sweeps: 3\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def after(line, monkeypatch, breaks="=:"):
    """What bash is told, without the kind of each."""
    monkeypatch.setenv("COMP_WORDS", f"sweep {line}")
    monkeypatch.setenv("COMP_BREAKS", breaks)
    return [item.split(",", 1)[1] for item in answer(cli, "bash_complete").splitlines()]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("sta", ["status"]),
        ("run experiments.yaml --prof", ["--profile"]),
        ("run experiments.yaml --executor sl", ["slurm"]),
        ("run --profile ", ["quick", "full"]),
        ("run other.yaml --profile ", ["tiny", "full"]),
        ("run other.yaml --profile t", ["tiny"]),
        ("plan experiments.yaml --sweep ra", ["rates"]),
        ("logs experiments.yaml lr0.1-", ["lr0.1-small", "lr0.1-large"]),
        ("logs experiments.yaml --profile full lr0.1-s", ["lr0.1-small-seed0", "lr0.1-small-seed1"]),
        ("explain experiments.yaml lr0.1-small lr0.2-s", ["lr0.2-small"]),
        ("run experiments.yaml --only ", ["trial=", "lr=", "model="]),
        ("run experiments.yaml --only model=s", ["small"]),
        ("run experiments.yaml --only trial=lr0.2", ["lr0.2-small", "lr0.2-large"]),
        ("run experiments.yaml --except lr=", ["0.1", "0.2"]),
        ("run experiments.yaml --set de", ["depth="]),
        ("import commands.sh --args hy", ["hydra"]),
        ("recipe sh", ["shell"]),
        ("recipe resuming", ["resuming-exactly"]),
        ("run wrong.yaml --profile ", []),
        ("run missing.yaml --profile ", []),
        ("run 'expe", ["expe"]),
    ],
)
def test_what_may_follow(line, expected, here, monkeypatch):
    assert after(line, monkeypatch) == expected


def test_a_shell_that_leaves_words_whole_gets_whole_ones(here, monkeypatch):
    assert after("run experiments.yaml --only model=s", monkeypatch, breaks=" ") == ["model=small"]


def test_so_many_trials_that_nobody_looks_through_them_are_not_listed(here, monkeypatch):
    grid = f"{{a: {list(range(60))}, b: {list(range(60))}}}"
    (here / "e.yaml").write_text(
        f"trainer: a:b\nsweeps: {{many: {{grid: {grid}}}, few: {{grid: {{c: [1]}}}}}}\n"
    )
    assert after("logs e.yaml ", monkeypatch) == ["c1"]
