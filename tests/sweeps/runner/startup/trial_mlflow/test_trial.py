"""Which process of which trial this is, by what launchers say in the environment."""

import sys
from types import SimpleNamespace

import pytest

from sweeps.runner.startup.trial_mlflow.trial import OUTER_RANK, RANKS, Trial, note_outer_rank, rank


@pytest.fixture(autouse=True)
def plain(monkeypatch):
    for name in (*RANKS, OUTER_RANK):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.delitem(sys.modules, "torch.distributed", raising=False)


@pytest.mark.parametrize("name", RANKS)
def test_every_launcher_is_understood(monkeypatch, name):
    assert rank() == 0
    monkeypatch.setenv(name, "3")
    assert rank() == 3


def test_the_number_of_all_processes_counts_before_that_within_a_node(monkeypatch):
    monkeypatch.setenv("LOCAL_RANK", "0")
    monkeypatch.setenv("RANK", "8")
    assert rank() == 8


def test_torch_knows_best(monkeypatch):
    monkeypatch.setenv("RANK", "0")
    group = SimpleNamespace(is_available=lambda: True, is_initialized=lambda: True, get_rank=lambda: 2)
    monkeypatch.setitem(sys.modules, "torch.distributed", group)
    assert rank() == 2


def test_the_number_that_sweep_itself_was_started_with_says_nothing_of_the_program(monkeypatch):
    monkeypatch.setenv("SLURM_PROCID", "3")
    note_outer_rank()
    assert rank() == 0
    monkeypatch.setenv("RANK", "1")  # the program's own launcher
    assert rank() == 1
    monkeypatch.delenv("RANK")
    monkeypatch.delenv("SLURM_PROCID")
    note_outer_rank()
    monkeypatch.setenv("SLURM_PROCID", "3")
    assert rank() == 3


@pytest.mark.parametrize(
    ("given", "is_own"),
    [
        ("sqlite:///m.db", True),
        ("http://host:5000/", False),
        ("sqlite:///other.db", False),
        ("mlruns", False),
    ],
)
def test_a_store_is_the_same_however_its_path_is_spelled(tmp_path, monkeypatch, given, is_own):
    monkeypatch.chdir(tmp_path)
    assert Trial(tmp_path / "config.json", f"sqlite:///{tmp_path}/m.db").has_store(given) is is_own
    assert Trial(tmp_path / "config.json", "http://host:5000").has_store("http://host:5000/")


def test_a_sentence_is_told_once_and_a_closed_log_fails_nothing(tmp_path, monkeypatch, capsys):
    trial = Trial(tmp_path / "config.json", "")
    for text, about in (("a", "x"), ("b", "x"), ("c", ""), ("c", "")):
        trial.tell(text, about)
    assert capsys.readouterr().err == "sweep: a\nsweep: c\n"
    monkeypatch.setattr(sys, "stderr", None)
    trial.tell("d")
    assert trial.config == {}
