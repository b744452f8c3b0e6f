import pytest

from sweeps.rundir.paths import StateDir
from sweeps.search.factory import storage_url


@pytest.mark.parametrize(
    ("given", "record", "study"),
    [
        ("postgresql://host/optuna", "sqlite:///mlflow.db", "postgresql://host/optuna"),
        (None, "sqlite:///mlflow.db", "sqlite:///optuna.db"),
        (None, "sqlite:////data/lab/mlflow.db", "sqlite:////data/lab/optuna.db"),
    ],
)
def test_a_study_is_stored_where_the_file_says_else_beside_an_sqlite_record(tmp_path, given, record, study):
    assert storage_url(given, record, StateDir(tmp_path)) == study


def test_the_study_of_a_record_on_a_server_is_stored_in_the_state_directory(tmp_path):
    state = StateDir(tmp_path / ".sweep")
    assert storage_url(None, "http://127.0.0.1:5000", state) == f"sqlite:///{state.root}/optuna.db"
    assert state.root.is_dir()
