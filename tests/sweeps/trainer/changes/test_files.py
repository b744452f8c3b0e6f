"""Which files of the code have changed since a run began: real files, and a real copy."""

import pytest

from sweeps.rundir.paths import StateDir
from sweeps.trainer.changes.files import changed_files, changed_in_place
from sweeps.trainer.snapshot import take_snapshot
from tests.sweeps.specs import read


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project of Hydra, of which a copy was taken: what has changed since."""
    monkeypatch.chdir(tmp_path)
    decorator = "@hydra.main(config_path='conf', config_name='config')"
    (tmp_path / "train.py").write_text(f"import hydra\nimport helper\n{decorator}\ndef main(cfg): ...\n")
    for name in ("helper.py", "alone.py", "conf/config.yaml", "conf/model/mlp.yaml"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(f"# {name}\n")
    spec = read(tmp_path, "sweeps: {a: {set: {x: 1}}}", "trainer: {command: [python, train.py]}\n")
    state = StateDir.here()
    snapshot = take_snapshot(spec.trainer, state)
    return lambda digest=snapshot.digest, **more: list(
        changed_files(spec.trainer, digest, state, **more).words
    )


def test_files_that_count_are_named_with_what_became_of_them(project, tmp_path):
    assert project() == []
    (tmp_path / "alone.py").write_text("is not imported\n")
    (tmp_path / "data.csv").write_text("is no code\n")
    assert project() == []
    (tmp_path / "helper.py").write_text("A = 2\n")
    (tmp_path / "conf/model/mlp.yaml").write_text("lr: 2\n")
    (tmp_path / "conf/model/cnn.yaml").write_text("lr: 3\n")
    (tmp_path / "conf/config.yaml").unlink()
    assert project() == [
        *("conf/config.yaml (gone)", "conf/model/cnn.yaml (new)", "conf/model/mlp.yaml (changed)"),
        "helper.py (changed)",
    ]


def test_without_a_copy_nothing_is_known(project, tmp_path):
    (tmp_path / "helper.py").write_text("A = 2\n")
    assert project("0123456789ab") == []


def test_configs_that_some_trials_use_are_named_where_all_configs_count(project, tmp_path):
    (tmp_path / "conf/model/mlp.yaml").write_text("lr: 2\n")
    assert project() == []
    assert project(with_all_configs=True) == ["conf/model/mlp.yaml (changed)"]


@pytest.fixture
def in_place(tmp_path, monkeypatch):
    """A package that `python -m` runs where it is: what has changed since, and its digest then."""
    monkeypatch.chdir(tmp_path)
    for name in ("lab/__init__.py", "lab/__main__.py", "lab/data.py", "configs/a.yaml", "data.csv"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(f"# {name}\n")
    spec = read(tmp_path, "sweeps: {a: {set: {x: 1}}}", "trainer: {command: [python, -m, lab]}\n")
    state = StateDir.here()
    digest = take_snapshot(spec.trainer, state).identity["digest"]
    return lambda digest=digest: list(changed_in_place(spec.trainer, digest, state).words)


def test_of_code_that_runs_in_place_files_are_named_with_what_became_of_them(in_place, tmp_path):
    assert in_place() == []
    (tmp_path / "data.csv").write_text("is no code\n")
    assert in_place() == []
    (tmp_path / "lab/data.py").write_text("A = 2\n")
    (tmp_path / "lab/models.py").write_text("A = 2\n")
    (tmp_path / "configs/a.yaml").unlink()
    assert in_place() == ["configs/a.yaml (gone)", "lab/data.py (changed)", "lab/models.py (new)"]


def test_of_code_that_was_not_listed_nothing_is_known(in_place, tmp_path):
    (tmp_path / "lab/data.py").write_text("A = 2\n")
    assert in_place("0123456789ab") == []
    for path in (tmp_path / ".sweep/code").iterdir():
        path.write_text("{")
    assert in_place() == []
