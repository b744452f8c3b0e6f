"""The file of what a program logs, as several processes of it write it."""

import json
import os

import pytest

from sweeps.runner.startup.trial_mlflow.metrics_file import MetricsFile
from sweeps.runner.startup.trial_mlflow.trial import RANKS, Trial


@pytest.fixture
def trial(tmp_path, monkeypatch):
    for name in RANKS:
        monkeypatch.delenv(name, raising=False)
    return Trial(tmp_path / "config.json", "")


def test_values_without_a_step_are_counted_from_the_last_one(trial, capfd):
    file = MetricsFile(trial)
    assert [file.step("loss", given) for given in (None, None, 7, None, 3, None)] == [0, 1, 7, 8, 3, 4]
    assert file.step("accuracy", None) == 0
    assert capfd.readouterr().err == ""


def test_a_second_attempt_says_once_that_it_counts_anew(trial, tmp_path, capfd):
    (tmp_path / "attempt-2.log").touch()
    file = MetricsFile(trial)
    for key in ("loss", "loss", "accuracy"):
        file.step(key, None)
    assert capfd.readouterr().err.count("this attempt counts from 0 again") == 1


def test_lines_of_several_processes_stand_whole(trial, tmp_path):
    file = MetricsFile(trial)
    file.append(5, -1, {"begun": 1.0})
    children = []
    for number in range(4):
        child = os.fork()
        if not child:
            for step in range(200):
                file.append(5, step, {f"loss{number}": float("nan")})
            os._exit(0)
        children.append(child)
    assert [os.waitpid(child, 0)[1] for child in children] == [0] * 4
    rows = [json.loads(line) for line in (tmp_path / "program-metrics.jsonl").read_text().splitlines()]
    assert len(rows) == 1 + 4 * 200
    assert [row["step"] for row in rows if "loss2" in row["metrics"]] == list(range(200))


def test_a_number_that_now_is_another_file_is_not_written_to(trial, tmp_path):
    file = MetricsFile(trial)
    file.append(5, 0, {"loss": 1.0})
    fd = file._file._fd
    with (tmp_path / "other.txt").open("w") as other:
        os.dup2(other.fileno(), fd)
        file.append(5, 1, {"loss": 2.0})
    os.close(fd)
    file.append(5, 2, {"loss": 3.0})
    assert (tmp_path / "other.txt").read_text() == ""
    assert [step for step, _ in sorted(file.history("loss").items())] == [0, 1, 2]


def test_one_of_equal_processes_counts_and_the_others_are_kept_aside(trial, tmp_path, monkeypatch, capfd):
    monkeypatch.setenv("LOCAL_RANK", "0")
    for rank in "1", "0", "2":
        monkeypatch.setenv("RANK", rank)
        assert MetricsFile(trial).append(5, 0, {"loss": float(rank)}) == (5 if rank == "0" else None)
    assert MetricsFile(trial).latest() == {"loss": (0, 5, 0.0)}
    others = [
        json.loads(line) for line in (tmp_path / "program-metrics.other-ranks.jsonl").read_text().splitlines()
    ]
    assert [row["rank"] for row in others] == [1, 2]
    assert capfd.readouterr().err.count("sweep: ") == 1


def test_what_is_read_back_is_the_last_step_and_the_last_value_of_it(trial, tmp_path):
    file = MetricsFile(trial)
    for row in (5, 0, {"a": 1.0, "b": 1.0}), (6, 2, {"a": 2.0}), (7, 1, {"a": 3.0}), (8, 2, {"a": 4.0}):
        file.append(*row)
    with (tmp_path / "program-metrics.jsonl").open("a") as written:
        written.write('{"torn\n{"t": 9, "step": 9, "metr')
    assert file.latest() == {"a": (2, 8, 4.0), "b": (0, 5, 1.0)}
    with (tmp_path / "program-metrics.jsonl").open("a") as written:
        written.write('ics": {"a": 5.0}}\n')
    assert file.latest()["a"] == (9, 9, 5.0)
    assert file.history("a") == {0: (5, 1.0), 1: (7, 3.0), 2: (8, 4.0), 9: (9, 5.0)}


def test_where_the_process_writes_the_journal_itself_there_is_no_file(trial, tmp_path):
    taken = []

    def journal(values, step):
        taken.append((step, values))
        return None if step == 1 else 100 + step  # an earlier attempt logged step 1

    file = MetricsFile(trial, journal)
    assert [file.append(5, step, {"loss": step / 2}) for step in range(3)] == [100, 5, 102]
    assert taken == [(0, {"loss": 0.0}), (1, {"loss": 0.5}), (2, {"loss": 1.0})]
    assert (file.latest()["loss"], len(file.history("loss"))) == ((2, 102, 1.0), 3)
    assert list(tmp_path.iterdir()) == []
