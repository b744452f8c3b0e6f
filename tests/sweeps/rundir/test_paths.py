import os
import re
import sys
from pathlib import Path

import pytest

from sweeps.rundir import paths as module
from sweeps.rundir.paths import Below, RunPaths, StateDir, command_path, read_object, write_atomically


def test_the_state_directory_is_in_the_working_directory_unless_the_environment_says_otherwise(
    tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SWEEP_HOME", raising=False)
    assert StateDir.here().root == tmp_path / ".sweep"
    monkeypatch.setenv("SWEEP_HOME", "elsewhere")
    assert StateDir.here().run("id").root == tmp_path / "elsewhere" / "runs" / "id"


def test_a_request_to_stop_is_taken_once(tmp_path):
    state = StateDir(tmp_path)
    assert state.take_stop_requests() == []
    for _ in range(2):
        state.request_stop("f1")
    state.request_stop("f2")
    assert sorted(state.take_stop_requests()) == ["f1", "f2"]
    assert state.take_stop_requests() == []


def test_a_lock_has_a_name_that_every_file_system_takes(tmp_path):
    lock = StateDir(tmp_path).lock("my experiment/1", "a:b")
    assert lock == tmp_path / "locks" / "my_experiment_1--a_b.lock"


def test_a_file_is_replaced_as_a_whole_and_nothing_is_left_beside_it(tmp_path):
    path = tmp_path / "outcome.json"
    for text in ("one", "two"):
        write_atomically(path, text)
        assert path.read_text() == text
    assert list(tmp_path.iterdir()) == [path]
    (tmp_path / "taken").mkdir()
    with pytest.raises(OSError, match="taken"):
        write_atomically(tmp_path / "taken", "three")
    assert {file.name for file in tmp_path.iterdir()} == {"outcome.json", "taken"}


def test_every_file_of_a_run_is_in_the_table_of_the_architecture():
    told = (Path(module.__file__).parents[2] / "docs/architecture.md").read_text(encoding="utf-8")
    names = [Path(value.path).name for value in vars(RunPaths).values() if isinstance(value, Below)]
    assert [name for name in names if not re.search(rf"`(RUN/)?{re.escape(name)}/?`", told)] == []
    assert len(names) > 15


@pytest.mark.parametrize("content", ["", "{", "[1]", "null", "[" * 100_000])
def test_a_small_file_that_holds_no_object_reads_as_an_empty_one(tmp_path, content):
    (tmp_path / "a.json").write_text(content)
    assert read_object(tmp_path / "a.json") == read_object(tmp_path / "b.json") == {}


def test_commands_find_the_python_that_runs_sweep_first(monkeypatch):
    monkeypatch.setenv("PATH", "/somewhere")
    assert command_path().split(os.pathsep) == [str(Path(sys.executable).parent), "/somewhere"]
