import pytest

from analysis.read.errors import AnalysisError, DeletedExperimentError, masked


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("postgresql://me:pw@host/db", "postgresql://***@host/db"),
        ("postgresql://me:p@w@host/db is away", "postgresql://***@host/db is away"),
        ("http://me:p/w@host:5000 and http://me:pw@host", "http://***@host:5000 and http://***@host"),
        ("mysql://host/db?user=me&password=pw&ssl=1", "mysql://host/db?user=me&password=***&ssl=1"),
        ("sqlite:///a@b.db", "sqlite:///a@b.db"),
    ],
)
def test_credentials_are_masked(text, shown):
    assert masked(text) == shown


def test_an_error_keeps_no_password_of_its_message():
    assert str(AnalysisError("postgresql://me:pw@host/db is away")) == "postgresql://***@host/db is away"


def test_a_deleted_experiment_is_restored_by_a_command_that_finds_its_store(monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "sqlite:///a.db")
    for uri, store in (
        ("sqlite:///a.db", ""),
        ("sqlite:///my b.db", "MLFLOW_TRACKING_URI='sqlite:///my b.db' "),
    ):
        assert str(DeletedExperimentError(uri, "x", "7")) == (
            f"{uri}: experiment 'x' is deleted; restore it with `{store}mlflow experiments restore -x 7`, "
            "or name another one with `experiment:`"
        )


def test_a_notebook_shows_the_message_in_place_of_a_traceback():
    assert AnalysisError("no\nway")._render_traceback_() == ["AnalysisError: no\nway"]
