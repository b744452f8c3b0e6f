"""A program from its start to its end: where it ran, what it said last, what it left."""

import json
import subprocess
import sys

import pytest

from analysis.read.outcomes import Outcome
from sweeps.program.outputs import written_files
from sweeps.program.resuming import Resuming
from sweeps.program.workplace import Workplace, WorkplaceError
from sweeps.runner.ending import Ending
from sweeps.runner.program_place import Started
from tests.sweeps.runner.attempts import spec

FAILED = Ending(Outcome.FAILED, "exit code 3")


def run(started):
    return subprocess.run(**started.program(), capture_output=True, text=True, check=True).stdout


def test_a_program_runs_in_its_folder_with_its_variables(tmp_path):
    place = Workplace(str(tmp_path / "own"), is_own=True, variables={"A": "1"}, removed=("HOME",))
    code = "import os; print(os.getcwd(), os.environ['A'], 'HOME' in os.environ)"
    started = Started(spec(tmp_path, command=(sys.executable, "-c", code), workplace=place))
    assert run(started) == f"{tmp_path}/own 1 False\n"


@pytest.mark.parametrize(
    ("attempt", "restarts", "is_again"), [(1, "0", False), (2, "0", True), (1, "1", True)]
)
def test_a_second_attempt_and_a_job_that_was_queued_again_take_the_trial_up_again(
    tmp_path, monkeypatch, attempt, restarts, is_again
):
    monkeypatch.setenv("SLURM_RESTART_COUNT", restarts)
    place = Workplace(str(tmp_path), resume=Resuming(("--again",)))
    started = Started(spec(tmp_path, attempt=attempt, command=("echo",), workplace=place))
    assert started.program()["args"] == (("echo", "--again") if is_again else ("echo",))


@pytest.mark.parametrize(
    ("before", "said", "reason"),
    [
        ("", "Traceback (most recent call last):\n  x\nValueError: bad\n", "exit code 3: ValueError: bad"),
        ("", "", "exit code 3: it printed nothing"),
        ("an earlier job's\n", "", "exit code 3: it printed nothing"),
        ("", "lost s3cret\n", "exit code 3: lost ***"),
        ("", "CUDA out of memory\n", "oom"),
        (None, "", "exit code 3"),
    ],
)
def test_a_failures_reason_is_what_the_program_said_last(tmp_path, before, said, reason):
    made = spec(tmp_path, workplace=Workplace("", variables={"A": "s3cret"}, secrets=("A",)))
    log = made.paths.log(1)
    if before is not None:
        log.write_text(before)
    started = Started(made)
    if before is not None:
        log.write_text(before + said)
    assert started.ended(FAILED) == reason


def test_the_reason_of_a_module_of_the_project_that_was_not_found_says_what_has_it_found(tmp_path):
    (tmp_path / "src").mkdir()
    (tmp_path / "src/own.py").touch()
    made = spec(tmp_path, command=("python", "train.py"), directory=str(tmp_path))
    made.paths.log(1).touch()
    started = Started(made)
    made.paths.log(1).write_text("ModuleNotFoundError: No module named 'own'\n")
    assert started.ended(FAILED).startswith(
        "exit code 3: ModuleNotFoundError: No module named 'own'; own lies in src/: if it is meant, `env: {PYTHONPATH: src}`"
    )


def test_other_ends_have_their_own_reasons(tmp_path):
    made = spec(tmp_path)
    made.paths.log(1).touch()
    started = Started(made)
    made.paths.log(1).write_text("ValueError: bad\n")
    for ending in (Ending(Outcome.FINISHED), Ending(Outcome.FAILED, "signal: SIGSEGV")):
        assert started.ended(ending) == ending.reason


def test_what_a_program_wrote_outside_its_runs_directory_is_kept_for_the_supervisor(tmp_path):
    root, work = tmp_path / "run", tmp_path / "work"
    for folder in (root, work):
        folder.mkdir()
    started = Started(spec(root, command=("touch", "model.pt"), workplace=Workplace(str(work))))
    run(started)
    started.ended(FAILED)
    assert list(json.loads((root / "written.json").read_text())["files"]) == [f"{work}/model.pt"]


def test_a_search_for_what_it_wrote_that_did_not_come_to_its_end_is_told(tmp_path, monkeypatch):
    root, work = tmp_path / "run", tmp_path / "work"
    for folder in (root, work, work / "data"):
        folder.mkdir()
    monkeypatch.setattr(written_files, "MOST_ENTRIES", 0)
    started = Started(spec(root, command=("true",), workplace=Workplace(str(work))))
    run(started)
    started.ended(FAILED)
    kept = json.loads((root / "written.json").read_text())
    assert (kept["files"], kept["is_whole"]) == ({}, False)


def test_a_folder_of_its_own_is_not_searched(tmp_path):
    made = spec(
        tmp_path, command=("touch", "model.pt"), workplace=Workplace(f"{tmp_path}/files", is_own=True)
    )
    started = Started(made)
    run(started)
    started.ended(FAILED)
    assert not made.paths.written.exists()


def test_a_program_that_cannot_be_started_is_a_failure_with_a_sentence(tmp_path, capsys):
    started = Started(spec(tmp_path, command=("toy",)))
    assert started.refused(FileNotFoundError(2, "No such file")) == "toy cannot be started: No such file"
    assert started.refused(WorkplaceError("in the way")) == "in the way"
    assert "in the way" in capsys.readouterr().out
