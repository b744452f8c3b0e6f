"""What is known of a store and of MLflow, without importing that."""

import mlflow
import pytest

from sweeps.record.store.known import SCHEMAS, known_schema, mlflow_version, sqlite_path


def test_the_version_is_that_of_the_mlflow_that_would_be_imported():
    assert mlflow_version() == mlflow.__version__
    assert known_schema() == SCHEMAS.get(".".join(mlflow.__version__.split(".")[:2]))


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("sqlite:///mlflow.db", "mlflow.db"),
        ("sqlite:////a/b.db", "/a/b.db"),
        ("sqlite:///a.db?timeout=5", None),
        ("sqlite:///a%20b.db", None),
        ("sqlite:///:memory:", None),
        ("sqlite:///file:a.db", None),
        ("sqlite://", None),
        ("sqlite+pysqlite:///a.db", None),
        ("postgresql://u@h/d", None),
        ("mlruns", None),
    ],
)
def test_only_a_plain_file_is_one(uri, path):
    found = sqlite_path(uri)
    assert (None if found is None else str(found)) == path
