"""Exceptions are known by their classes where these are loaded, and by nothing else."""

import pytest

from sweeps.record.store.loaded import is_mlflow_error, loaded


def test_a_class_of_a_module_that_is_not_loaded_is_none(monkeypatch):
    import json

    assert loaded("json", "JSONDecodeError", "dumps", "NoSuchError") == (json.JSONDecodeError,)
    monkeypatch.delitem(__import__("sys").modules, "json")
    assert loaded("json", "JSONDecodeError") == ()


@pytest.mark.parametrize(("error", "is_one"), [(ValueError("x"), False), ("mlflow", True)])
def test_mlflows_errors_are_told(error, is_one):
    from mlflow.exceptions import RestException

    if error == "mlflow":
        error = RestException({"error_code": "INTERNAL_ERROR", "message": "x"})
    assert is_mlflow_error(error) == is_one
