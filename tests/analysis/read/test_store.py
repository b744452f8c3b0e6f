from dataclasses import replace

import pytest

from analysis.read.store import RunRecord, absolute_uri, is_server


def run(kind="trial", **tags):
    return RunRecord(
        "id", "name", None, kind, "FINISHED", 0, None, {f"sweeps.{key}": value for key, value in tags.items()}
    )


def test_a_run_reads_its_tags():
    read = run(
        sweep="a", trial="x1", fingerprint="f", outcome="failed", reason="oom", attempt="2", epochs="7"
    )
    assert (read.sweep, read.trial, read.fingerprint, read.outcome) == ("a", "x1", "f", "failed")
    assert (read.reason, read.attempt, read.epochs) == ("oom", 2, 7)
    assert (read.is_trial, read.is_sweep) == (True, False)


def test_a_run_of_another_tool_has_none_of_them():
    read = run(kind="")
    assert (read.is_trial, read.is_sweep) == (False, False)
    assert (read.sweep, read.trial, read.fingerprint, read.outcome, read.reason) == ("", "", None, None, "")


@pytest.mark.parametrize("text", ["", "two", "-1"])
def test_a_count_that_is_no_number_is_none(text):
    assert (run(attempt=text).attempt, run(epochs=text).epochs) == (0, 0)


@pytest.mark.parametrize(
    ("outcome", "status", "has_result", "is_open"),
    [
        ("finished", "FINISHED", True, False),
        ("pruned", "FINISHED", True, False),
        ("abandoned", "KILLED", False, False),
        ("", "RUNNING", False, True),
        ("finished", "SCHEDULED", True, True),
    ],
)
def test_a_run_may_have_a_result_and_go_on_all_the_same(outcome, status, has_result, is_open):
    read = replace(run(outcome=outcome), status=status)
    assert (read.has_result, read.is_open) == (has_result, is_open)


def test_a_server_is_known_by_its_address():
    assert is_server("https://host")
    assert not is_server("sqlite:///mlflow.db")


@pytest.mark.parametrize(
    ("uri", "absolute"),
    [
        ("sqlite:///mlflow.db", "sqlite:////here/mlflow.db"),
        ("sqlite:///a/b.db?timeout=5", "sqlite:////here/a/b.db?timeout=5"),
        ("sqlite:////x/mlflow.db", "sqlite:////x/mlflow.db"),
        ("./mlruns", "/here/mlruns"),
        ("mlruns", "/here/mlruns"),
        ("file:./mlruns", "file:///here/mlruns"),
        ("file:///x/mlruns", "file:///x/mlruns"),
        ("http://127.0.0.1:5000", "http://127.0.0.1:5000"),
        ("postgresql://u@h/d", "postgresql://u@h/d"),
        ("databricks", "databricks"),
    ],
)
def test_a_store_is_named_so_that_it_is_found_from_any_directory(tmp_path, monkeypatch, uri, absolute):
    monkeypatch.chdir(tmp_path)
    assert absolute_uri(uri) == absolute.replace("/here", str(tmp_path))
