import os
from pathlib import Path

import pytest

from sweeps.rundir.paths import RunPaths
from sweeps.sources.following.kinds import beginnings, files_of, missing_package, reader_of
from sweeps.sources.formats.tables import read_program_metrics
from sweeps.spec.trainer.source_model import OWN_MLFLOW, Source


@pytest.fixture
def found(tmp_path):
    def of(kind, text, *names):
        for age, name in enumerate(names):
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
            os.utime(path, (1000 + age, 1000 + age))
        listed = files_of(Source(kind, text), tmp_path, RunPaths(tmp_path / "run"))
        return [path.relative_to(tmp_path).as_posix() for path in listed]

    return of


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("csv", "a/m.csv", ["a/m.csv"]),
        ("csv", "*/m.csv", ["b/m.csv", "a/m.csv"]),
        ("csv", "**/m.csv", ["b/m.csv", "a/m.csv", "a/c/m.csv"]),
        ("csv", "none.csv", []),
        ("csv", "none/*.csv", []),
        ("csv", "a/*", ["a/m.csv", "a/events.out.tfevents.1.h"]),
        ("tensorboard", "a", ["a/events.out.tfevents.1.h", "a/c/events.out.tfevents.2.h"]),
        ("tensorboard", "**", ["a/events.out.tfevents.1.h", "a/c/events.out.tfevents.2.h"]),
        ("tensorboard", "a/events.out.tfevents.1.h", ["a/events.out.tfevents.1.h"]),
        ("tensorboard", "a/*", ["a/events.out.tfevents.1.h", "a/c/events.out.tfevents.2.h"]),
        ("wandb", "wandb", ["wandb/offline-run-1/run-x.wandb"]),
    ],
)
def test_the_files_that_a_path_means(found, kind, text, expected):
    names = ("b/m.csv", "a/m.csv", "a/c/m.csv", "a/events.out.tfevents.1.h", "a/c/events.out.tfevents.2.h")
    assert (
        found(kind, text, *names, "wandb/offline-run-1/run-x.wandb", "wandb/latest-run/run-x.wandb")
        == expected
    )


def test_what_a_program_logs_to_mlflow_stands_in_the_run(tmp_path):
    paths = RunPaths(tmp_path)
    assert files_of(OWN_MLFLOW, tmp_path, paths) == []
    paths.program_metrics.touch()
    assert files_of(OWN_MLFLOW, tmp_path, paths) == [paths.program_metrics]
    assert reader_of(OWN_MLFLOW) is read_program_metrics


def test_folders_of_event_files_have_prefixes_and_keep_them():
    source = Source("tensorboard")
    first, second = Path("/r/fold_0/tfevents"), Path("/r/fold_1/tfevents")
    assert beginnings(source, [first, second], {}) == {second: {"prefix": "fold_1/"}}
    later = Path("/r/fold_1/tfevents.2")
    assert beginnings(source, [later], {second: {"prefix": "fold_1/", "bytes": 3}}) == {
        later: {"prefix": "fold_1/"}
    }
    assert beginnings(Source("csv"), [first], {}) == {}


def test_a_package_that_is_not_there_is_missed(monkeypatch):
    assert missing_package(Source("csv")) == missing_package(Source("tensorboard")) == ""
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    assert "pip install" in missing_package(Source("tensorboard"))
