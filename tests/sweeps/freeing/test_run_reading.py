"""What is looked at of a run's directory, on a real store."""

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from sweeps.freeing.decisions import Kind
from sweeps.freeing.reading import gather
from sweeps.freeing.run_reading import may_work
from sweeps.rundir.paths import RunPaths
from sweeps.rundir.process_identity import this_process

BEST = {"best.pt": b"x" * 1000}


def facts_of(disk, *kinds):
    (facts,) = gather(disk.session(), disk.state, Path("figures"), kinds).runs
    return facts


def names(files):
    return [file.path.name for file in files]


def test_a_process_may_be_at_work_as_long_as_nothing_says_that_it_is_dead(tmp_path):
    paths = RunPaths(tmp_path / "run")
    paths.create()
    assert not may_work(paths)
    me = this_process()
    dead = replace(me, start_s=me.start_s - 1000, ticks=1)
    for process, expected in ((me, True), (dead, False), (replace(dead, host="another"), True)):
        paths.process.write_text(json.dumps(process.to_json()))
        assert may_work(paths) is expected
    paths.process.write_text("half a")
    assert may_work(paths)


def test_what_the_store_has_all_of_is_sent(disk):
    disk.ran("lr1", files=BEST, stored=["best.pt"])
    assert facts_of(disk).standing.name == "DONE"


@pytest.mark.parametrize("lost", ["a line", "a file", "the store's points", "its own directory"])
def test_what_the_store_lacks_is_not_sent(disk, lost):
    paths = disk.ran("lr1", files=BEST, stored=["best.pt"])
    if lost == "a line":
        with paths.journal.open("a") as journal:
            journal.write(json.dumps({"t": 1, "metrics": {"loss": 0.1}, "step": 1}) + "\n")
    elif lost == "a file":
        (paths.outbox / "000001-best.pt").write_bytes(b"x")
    elif lost == "the store's points":
        claim = json.loads(paths.delivered.read_text())
        paths.delivered.write_text(json.dumps({**claim, "metrics": [["loss", 2, 1]]}))
    else:
        claim = json.loads(paths.delivered.read_text())
        paths.delivered.write_text(json.dumps({**claim, "run": "another"}))
    assert facts_of(disk).standing.name == "UNSENT"


def test_a_store_that_does_not_count_is_asked_for_last_steps(disk, monkeypatch):
    paths = disk.ran("lr1")
    monkeypatch.setattr("analysis.read.stores.sql_store.SqlStore.counts", lambda *_: {})
    assert facts_of(disk).standing.name == "DONE"
    claim = json.loads(paths.delivered.read_text())
    paths.delivered.write_text(json.dumps({**claim, "metrics": [["loss", 1, 5]]}))
    assert facts_of(disk).standing.name == "UNSENT"


def test_the_journal_stays_where_it_says_how_far_a_programs_files_are_read_or_has_what_was_refused(disk):
    paths = disk.ran("lr1")
    assert facts_of(disk).journal.path.name == "journal.jsonl"
    paths.sources.write_text("{}")
    assert facts_of(disk).journal is None
    paths.sources.unlink()
    paths.refused.write_text("{}\n")
    assert facts_of(disk).journal is None


def test_a_run_whose_journal_is_gone_is_sent_still(disk):
    paths = disk.ran("lr1")
    paths.journal.unlink()
    assert facts_of(disk).standing.name == "DONE"


def test_what_was_handed_over_and_refused_stays_and_what_nobody_knows_of_goes(disk):
    paths = disk.ran("lr1", files=BEST, stored=["best.pt"])
    (paths.outbox / "000001-best.pt").write_bytes(b"refused")
    (paths.outbox / "000002-half.pt").write_bytes(b"its line was never written")
    (paths.outbox / "sending").mkdir()
    (paths.outbox / "sending" / "x.pt").write_bytes(b"of a supervisor that died")
    paths.refused.write_text("{}\n")
    assert names(facts_of(disk).handed) == ["000002-half.pt", "x.pt"]


def test_a_copy_is_told_only_where_the_contents_are_equal_and_it_is_asked_for(disk):
    paths = disk.ran("lr1", files={**BEST, "last.pt": b"y" * 1000}, stored=["best.pt", "last.pt"])
    (paths.files / "last.pt").write_bytes(b"z" * 1000)
    ((file, original),) = facts_of(disk).stored
    assert (file.path, original) == (paths.files / "best.pt", disk.in_store(paths, "best.pt"))
    assert facts_of(disk, Kind.SNAPSHOTS).stored == ()
    (paths.files / "best.pt").unlink()
    os.link(original, paths.files / "best.pt")
    assert facts_of(disk).stored == ()


def test_a_copy_may_lie_among_the_experiments_models(disk):
    paths = disk.ran("lr1", files=BEST)
    model = disk.in_store(paths, "").parent.parent / "models" / "m-1" / "artifacts" / "best.pt"
    model.parent.mkdir(parents=True)
    disk.in_store(paths, "").mkdir(parents=True)
    model.write_bytes(BEST["best.pt"])
    assert [original for _, original in facts_of(disk).stored] == [model]


@pytest.mark.parametrize(
    ("tag", "folder", "file", "goes"),
    [
        ("https://wandb.ai/x", "run-1-a", "run-a.wandb", False),
        ("https://wandb.ai/x", "run-1-a", "run-a.wandb.synced", True),
        (None, "run-1-a", "run-a.wandb", False),
        ("https://wandb.ai/x", "offline-run-1-a", "run-a.wandb", False),
        (None, "offline-run-1-a", "run-a.wandb.synced", True),
    ],
)
def test_of_wandb_goes_what_is_on_its_server(disk, tag, folder, file, goes):
    disk.ran("lr1", files={f"wandb/{folder}/{file}": b"x"}, **({"wandb": tag} if tag else {}))
    found = facts_of(disk)
    assert names(found.wandb) == [folder]
    assert [not one.needed for one in found.wandb] == [goes]


@pytest.mark.parametrize(
    "how", [{"wish": "another.yaml"}, {"profile": "report"}, {"wish": "e.yaml --set x=1"}]
)
def test_of_what_was_begun_in_another_way_all_checkpoints_stay(disk, how):
    disk.keep("none")
    disk.ran("lr1", files=BEST, **how)
    assert facts_of(disk).checkpoints.beyond == ()


def test_of_a_run_of_which_the_store_refused_something_all_checkpoints_stay(disk):
    disk.keep("none")
    paths = disk.ran("lr1", files=BEST)
    assert len(facts_of(disk).checkpoints.beyond) == 1
    paths.refused.write_text("{}\n")
    assert facts_of(disk).checkpoints.beyond == ()
