import json

import pytest

from sweeps.cli.gc_verb import KINDS
from sweeps.freeing.decisions import Kind

TEXT = "sweeps: {a: {grid: {lr: [1, 2]}}}\n"


@pytest.fixture
def file(recorded, monkeypatch):
    """A file with a run that is done, and one that is deleted."""
    monkeypatch.delenv("SWEEP_HOME", raising=False)
    made = recorded(TEXT)
    for trial, is_deleted in (("lr1", False), ("lr2", True)):
        run_id = made.add(trial, "finished", wish="e.yaml")
        files = made.path / ".sweep" / "runs" / run_id / "files"
        files.mkdir(parents=True)
        (files / "epoch_1.pt").write_bytes(b"x" * 2000)
        (files / "epoch_2.pt").write_bytes(b"x" * 3000)
        if is_deleted:
            made.client.delete_run(run_id)
    return made


def test_it_is_shown_what_can_go_and_yes_frees_it(file):
    shown = file.sweep("gc")
    assert shown.code == 0
    assert "deleted" in shown.out
    assert "5.0 kB can go; `sweep gc " in shown.out
    assert len(list(file.path.rglob("*.pt"))) == 4
    assert "freed 5.0 kB" in file.sweep("gc", "--yes").out
    assert len(list(file.path.rglob("*.pt"))) == 2
    assert file.sweep("gc").out == "nothing can go\n"


def test_keep_in_the_file_says_which_checkpoints_go(file):
    (file.path / "e.yaml").write_text(
        (file.path / "e.yaml").read_text().replace("{lr: [1, 2]}", "{lr: [1, 2]}, keep: last")
    )
    (item,) = file.json("gc", "--kind", "checkpoints")["items"]
    assert (item["of"], item["bytes"], item["reason"]) == ("a/lr1", 2000, "beyond `keep: last`")


def test_json_tells_what_came_free_and_what_stays(file):
    (file.path / ".sweep" / "runs" / "unknown").mkdir()
    before = file.json("gc")
    after = json.loads(file.sweep("gc", "--yes", "--json").out)
    assert before["bytes"] == after["bytes"] == after["freed"] == 5000
    assert after["left"] == [
        {"what": "run", "reason": "of another experiment or store than this file's", "count": 1, "bytes": 0}
    ]


def test_what_could_not_go_is_told_and_is_a_failure(file, monkeypatch):
    def refuse(*_):
        raise PermissionError(1, "Operation not permitted", "that")

    monkeypatch.setattr("sweeps.disk.removal.Trash.remove", refuse)
    done = file.sweep("gc", "--yes")
    assert done.code == 1
    assert "that: Operation not permitted; it stays" in done.out


def test_every_kind_can_be_asked_for():
    assert set(KINDS) == {kind.value for kind in Kind}


def test_the_command_that_frees_it_names_the_flags_that_were_given(file):
    assert "e.yaml --kind deleted --out other --yes" in file.sweep(
        "gc", "--kind", "deleted", "--out", "other"
    ).out.replace("'", "")
