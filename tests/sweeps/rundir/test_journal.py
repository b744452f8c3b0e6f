import math
import os

import pytest

from sweeps.rundir.journal import (
    Artifact,
    End,
    JournalReader,
    JournalWriter,
    Metrics,
    last_step,
)
from sweeps.rundir.paths import RunPaths


@pytest.fixture
def paths(tmp_path):
    return RunPaths(tmp_path / "run")


def metrics(reader):
    return [(entry.step, dict(entry.values)) for entry in reader.poll() if isinstance(entry, Metrics)]


def test_what_is_logged_is_read_once_delivered_and_again_if_not(paths):
    writer, reader = JournalWriter(paths), JournalReader(paths)
    writer.metrics({"loss": 1}, 0)
    assert metrics(reader) == [(0, {"loss": 1.0})]
    assert metrics(reader) == [(0, {"loss": 1.0})]
    reader.delivered()
    assert metrics(reader) == []
    writer.metrics({"loss": 0.5}, 1)
    assert metrics(JournalReader(paths)) == [(1, {"loss": 0.5})]


def test_what_an_earlier_attempt_logged_stands(paths, capsys):
    first = JournalWriter(paths)
    first.metrics({"loss": 1.0}, 0)
    first.close()
    second = JournalWriter(paths)
    second.metrics({"loss": 9.0, "psnr": 2.0}, 0)
    second.metrics({"loss": 9.0}, 1)
    assert metrics(JournalReader(paths)) == [(0, {"loss": 1.0}), (0, {"psnr": 2.0}), (1, {"loss": 9.0})]
    assert capsys.readouterr().err == "", "an attempt that resumes from a checkpoint does so in its own right"


def test_of_one_attempts_values_for_a_step_each_enters_later_than_the_one_before(paths, monkeypatch):
    monkeypatch.setattr("time.time_ns", lambda: 5_000_000)  # a clock too slow to tell them apart
    writer = JournalWriter(paths)
    for loss in (5.0, 7.0, 6.0):
        writer.metrics({"loss": loss, "psnr": 1.0} if loss == 7.0 else {"loss": loss}, 0)
    writer.metrics({"loss": 4.0}, 1)
    entries = JournalReader(paths).poll()
    assert [(entry.time_ms, dict(entry.values)) for entry in entries] == [
        (5, {"loss": 5.0}),
        (6, {"loss": 7.0, "psnr": 1.0}),
        (7, {"loss": 6.0}),
        (7, {"loss": 4.0}),
    ]


def test_the_log_says_once_for_each_key_that_a_step_was_logged_again(paths, capsys):
    writer = JournalWriter(paths)
    for step in (0, 0, 0, 1, 1):
        writer.metrics({"loss": 1.0, "acc": 1.0}, step)
    told = capsys.readouterr().err.splitlines()
    assert [line.partition(":")[2].split()[2] for line in told] == ["loss", "acc"]
    assert all("logged again at step 0: the last value stands" in line for line in told)


@pytest.mark.parametrize("values", [{"loss": "much"}, {"loss": 1.0, "acc": "much"}])
def test_what_is_refused_leaves_its_step_free(values, paths, capsys):
    writer = JournalWriter(paths)
    with pytest.raises(TypeError):
        writer.metrics(values, 0)
    writer.metrics({"loss": 1.0}, 0)
    assert metrics(JournalReader(paths)) == [(0, {"loss": 1.0})]
    assert capsys.readouterr().err == ""


def test_a_torn_line_is_dropped_and_its_step_logged_again(paths):
    writer = JournalWriter(paths)
    writer.metrics({"loss": 1.0}, 0)
    writer.metrics({"loss": 2.0}, 1)
    os.truncate(paths.journal, paths.journal.stat().st_size - 5)
    assert metrics(JournalReader(paths)) == [(0, {"loss": 1.0})]
    JournalWriter(paths).metrics({"loss": 2.0}, 1)
    assert metrics(JournalReader(paths)) == [(0, {"loss": 1.0}), (1, {"loss": 2.0})]


def test_nan_and_infinity_pass(paths):
    JournalWriter(paths).metrics({"a": math.nan, "b": math.inf}, 0)
    ((_, values),) = metrics(JournalReader(paths))
    assert math.isnan(values["a"])
    assert values["b"] == math.inf


def test_an_artifact_is_kept_as_it_was(paths, tmp_path):
    file = tmp_path / "best.pt"
    file.write_text("one")
    writer = JournalWriter(paths)
    writer.artifact(file)
    file.write_text("two")
    (entry,) = JournalReader(paths).poll()
    assert isinstance(entry, Artifact)
    assert (entry.name, (paths.outbox / entry.file).read_text()) == ("best.pt", "one")
    with pytest.raises(FileNotFoundError):
        writer.artifact(tmp_path / "none")


def test_a_second_picture_of_a_step_is_told_and_one_of_a_resumed_attempt_is_not(paths, tmp_path, capsys):
    picture = tmp_path / "generated+step+3.png"
    picture.write_bytes(b"png")
    first = JournalWriter(paths)
    first.artifact(picture)
    first.artifact(picture)
    assert "the picture generated+step+3.png is recorded already" in capsys.readouterr().err
    first.close()
    JournalWriter(paths).artifact(picture)
    assert capsys.readouterr().err == ""
    assert len(JournalReader(paths).poll()) == 1


def test_the_end_is_told_with_its_attempt(paths):
    JournalWriter(paths).end(2, "failed", "oom")
    (entry,) = JournalReader(paths).poll()
    assert isinstance(entry, End)
    assert (entry.attempt, entry.outcome, entry.reason) == (2, "failed", "oom")


def test_the_last_step_is_an_epoch_not_a_frame(paths):
    writer = JournalWriter(paths)
    assert last_step(paths) is None
    writer.metrics({"train/loss": 1.0}, 3)
    writer.metrics({"frame/psnr": 1.0}, 600)
    assert last_step(paths) == 3


@pytest.mark.parametrize(
    ("values", "step"), [({"a": "x"}, 0), ({"a": None}, 0), ({"a": 1}, 0.5), ({"a": 1}, True)]
)
def test_what_is_no_number_is_refused(paths, values, step):
    with pytest.raises(TypeError):
        JournalWriter(paths).metrics(values, step)
    assert JournalReader(paths).poll() == []


def test_a_reason_is_read_so_that_everybody_can_show_and_keep_it(paths):
    writer = JournalWriter(paths)
    writer.end(1, "failed", "cannot decode caf\udce9.png")
    (end,) = JournalReader(paths).poll()
    assert end == End(end.time_ms, 1, "failed", r"cannot decode caf\udce9.png")


def test_an_artifact_may_have_the_longest_name_that_a_file_can_have(paths, tmp_path):
    writer, name = JournalWriter(paths), "é" * 125 + ".txt"
    (tmp_path / name).write_text("x")
    writer.artifact(tmp_path / name)
    (artifact,) = JournalReader(paths).poll()
    assert (artifact.name, (paths.outbox / artifact.file).read_text()) == (name, "x")
