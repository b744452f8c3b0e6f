"""A library's module, changed right after it is imported."""

import importlib
import sys

import pytest

from sweeps.runner.startup.trial_mlflow.late_import import LateFits, already_there


@pytest.fixture
def library(tmp_path, monkeypatch):
    """A package of two modules that nobody has imported."""
    for name in ("__init__", "one", "two"):
        (tmp_path / "latelib").mkdir(exist_ok=True)
        (tmp_path / "latelib" / f"{name}.py").write_text("value = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "meta_path", sys.meta_path[:])
    yield
    for name in ("latelib", "latelib.one", "latelib.two"):
        sys.modules.pop(name, None)


def double(module):
    module.value *= 2
    return ("value",)


def test_each_module_is_fitted_once_whatever_comes_first(library):
    fits = LateFits({"latelib.one": double, "latelib.two": double}, print)
    sys.meta_path.insert(0, fits)
    two = importlib.import_module("latelib.two")
    assert (two.value, "latelib.one" in sys.modules, fits in sys.meta_path) == (2, False, True)
    one = importlib.import_module("latelib.one")
    assert (one.value, fits in sys.meta_path) == (2, False)
    assert importlib.reload(one).value == 1


def test_a_module_that_is_there_is_fitted_now_with_the_package_that_took_from_it(library):
    package, one = importlib.import_module("latelib"), importlib.import_module("latelib.one")
    fits = LateFits({"latelib.one": double}, print)
    already_there(fits, also="latelib")
    assert (one.value, package.value, fits.waiting) == (2, 2, {})


def test_a_module_that_is_not_as_expected_stays_as_it_is_and_that_is_told(library):
    told = []
    fits = LateFits({"latelib.one": lambda module: module.missing, "latelib.none": double}, told.append)
    sys.meta_path.insert(0, fits)
    assert importlib.import_module("latelib.one").value == 1
    assert "latelib.one is not as expected" in told[0]
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("latelib.none")
