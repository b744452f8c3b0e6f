"""A user's modules are found beside the spec, whatever they are called, and sweep's own stay what they are."""

import importlib
import logging
import sys

import pytest

import analysis
from sweeps.trainer.imports import collisions, found_in, is_hidden, make_way, put_first, put_last


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with modules whose names Python, sweep and an installed package have too; all is put back after."""
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setattr(sys, "modules", sys.modules)
    before = dict(sys.modules)
    (tmp_path / "analysis").mkdir()
    (tmp_path / "analysis/__init__.py").write_text("USER = 1\n")
    for name in ("logging", "this", "colorama", "own_of_the_user"):
        (tmp_path / f"{name}.py").write_text("USER = 1\n")
    yield tmp_path
    sys.modules.clear()
    sys.modules.update(before)


def test_inside_a_users_module_is_found_and_outside_everybodys_own(folder):
    with found_in([str(folder)], ["analysis.x:train", None, "logging"]):
        for name in ("analysis", "logging", "this", "own_of_the_user"):
            assert importlib.import_module(name).USER == 1
    assert sys.modules["analysis"] is analysis
    assert sys.modules["logging"] is logging
    assert "this" not in sys.modules  # Python has one too
    assert sys.modules["own_of_the_user"].USER == 1
    assert sys.path[-1] == str(folder)


def test_names_that_are_not_the_trainers_stay_what_they_are_inside_too(folder):
    with found_in([str(folder)], ["own_of_the_user:train"]):
        assert importlib.import_module("analysis") is analysis
        assert importlib.import_module("logging") is logging


def test_an_error_inside_puts_everything_back_as_well(folder):
    with pytest.raises(ModuleNotFoundError), found_in([str(folder)], ["analysis"]):
        importlib.import_module("analysis.nowhere")
    assert sys.modules["analysis"] is analysis


def test_a_trial_imports_the_users_module_where_the_trainer_is_in_it(folder):
    put_first([str(folder)])
    make_way("own_of_the_user:train", [str(folder)])
    assert importlib.import_module("analysis") is analysis
    make_way("analysis.train:train", [str(folder)])
    assert importlib.import_module("analysis").USER == 1
    assert not is_hidden("analysis", [str(folder)])


def test_a_folder_without_an_init_hides_nothing(folder):
    (folder / "analysis/__init__.py").unlink()
    assert not is_hidden("analysis", [str(folder)])
    make_way("analysis.train:train", [str(folder)])
    assert sys.modules["analysis"] is analysis


def test_places_stand_once_first_or_last(folder):
    before = [*sys.path]
    put_first([str(folder)])
    put_first([str(folder)])
    assert sys.path == [str(folder), *before]
    put_last([str(folder)])
    assert sys.path == [*before, str(folder)]


def test_a_collision_is_one_sentence_an_owner(folder):
    more = "a trial gets yours if its trainer is in there, else perhaps the other; better rename"
    assert collisions([str(folder), str(folder), str(folder / "missing")]) == [
        f"logging.py, this.py beside the spec: named as Python's own; {more}",
        f"analysis beside the spec: named as sweep's own; {more}",
    ]


def test_sweeps_own_checkout_collides_with_nothing(tmp_path):
    from sweeps.trainer.imports import HOME

    assert collisions([str(HOME), str(tmp_path)]) == []
