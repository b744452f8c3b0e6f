"""`sweep gc` on a real store and real directories."""

import json
import os
import random
import signal
from pathlib import Path

import pytest

from sweeps.errors import HeldError
from sweeps.freeing.collect import collect, preview
from sweeps.freeing.decisions import Kind
from sweeps.rundir.lock import hold

OUT = Path("figures")
MB = b"x" * 1_000_000
EPOCHS = {f"epoch_{number}.pt": bytes([number]) * 10_000 for number in range(4)}
CALLS = ("unlink", "rename", "replace", "link", "rmdir", "chmod")


class KilledError(BaseException):
    """What a SIGKILL is to the code that it hits: nothing of it goes on."""


def state_of(root):
    """All that lies below a folder, with its content."""
    return {path.relative_to(root): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def full(disk):
    """A state directory that has something of every kind; returns the runs that nothing may touch."""
    disk.keep("best")
    disk.ran("lr1", files={**EPOCHS, "best.pt": MB, "notes.txt": b"mine"}, stored=["best.pt"])
    left = disk.ran("lr2", "interrupted", files={**EPOCHS, "best.pt": MB}, code=disk.code("needed"))
    unsent = disk.ran("lr3", files=EPOCHS, sent=False)
    disk.keep("best", values=[1, 2, 3, 4, 5])
    gone = disk.ran("lr4", files=EPOCHS)
    linked = disk.ran("lr5", files={"checkpoint-1/model.safetensors": MB})
    os.link(linked.files / "checkpoint-1/model.safetensors", disk.path / "elsewhere.safetensors")
    os.link(gone.files / "epoch_1.pt", gone.files / "epoch_1b.pt")
    disk.client.delete_run(disk.ran("lr5", files=EPOCHS).run_id)
    disk.snapshot("needed")
    disk.snapshot("unneeded")
    disk.keep("best", values=[1, 2, 3])
    return left, unsent


def test_all_kinds_are_freed_as_promised_and_nothing_else_is_touched(disk):
    untouched = full(disk)
    before = [state_of(paths.root) for paths in untouched]
    best = disk.in_store(disk.state.run(_run_of(disk, "lr1")), "best.pt")
    used, promised = disk.used(), preview(disk.session(), OUT)
    assert disk.used() == used
    assert {item.kind for item in promised.items} == {
        Kind.CHECKPOINTS,
        Kind.COPIES,
        Kind.JOURNALS,
        Kind.REMOVED,
        Kind.DELETED,
        Kind.SNAPSHOTS,
    }
    freed = collect(disk.session(), OUT)
    assert freed.troubles == ()
    assert freed.size == promised.size == used - disk.used()
    assert [state_of(paths.root) for paths in untouched] == before
    assert best.read_bytes() == MB
    done = disk.state.run(_run_of(disk, "lr1"))
    assert {path.name for path in done.files.iterdir()} == {"best.pt", "notes.txt"}
    assert (done.files / "best.pt").samefile(best)
    assert sorted(path.name for path in (disk.state.root / "snapshots").iterdir()) == ["needed"]
    assert (disk.path / "elsewhere.safetensors").read_bytes() == MB
    assert preview(disk.session(), OUT).items == ()
    assert disk.json("plan")["counts"] == {"done": 2, "resume": 1, "removed": 2}


def test_killed_at_twenty_moments_it_loses_nothing_and_frees_what_was_promised(disk, monkeypatch):
    untouched = full(disk)
    before = [state_of(paths.root) for paths in untouched]
    stored = state_of(disk.path / "mlruns")
    draw = random.Random(18)
    used, promised = disk.used(), preview(disk.session(), OUT).size
    kills = 0
    for _ in range(20):
        with monkeypatch.context() as patched:
            _die(patched, after=draw.randrange(1, 5), before_it=draw.random() < 0.5)
            try:
                collect(disk.session(), OUT)
            except KilledError:
                kills += 1
        assert preview(disk.session(), OUT).size == promised - (used - disk.used())
        assert [state_of(paths.root) for paths in untouched] == before
        assert state_of(disk.path / "mlruns") == stored
    assert kills == 20
    assert disk.json("plan")["counts"] == {"done": 2, "resume": 1, "removed": 2}
    collect(disk.session(), OUT)
    assert used - disk.used() == promised
    assert preview(disk.session(), OUT).items == ()
    assert not disk.state.trash.exists()


def _die(patched, *, after, before_it):
    """Have this process die at the so manieth change of the disk, before or behind it."""
    left = [after]

    def dying(call):
        def called(*arguments, **named):
            if str(arguments[0]).endswith((".lock", ".tmp")):
                return call(*arguments, **named)
            left[0] -= 1
            if left[0] == 0 and before_it:
                raise KilledError
            result = call(*arguments, **named)
            if left[0] == 0:
                raise KilledError
            return result

        return called

    for name in CALLS:
        patched.setattr(os, name, dying(getattr(os, name)))


def _run_of(disk, trial):
    return next(run.run_id for run in disk.session().record.runs if run.trial == trial)


@pytest.mark.extra
def test_a_real_kill_at_any_moment_leaves_record_and_resumable_runs_whole(project):
    project.spec("sweeps: {a: {keep: last, grid: {factor: [0.1, 0.2]}, include: [{hold: epoch}]}}")
    run = project.start("run", "e.yaml", "--jobs", "1")
    project.held()
    run.send_signal(signal.SIGINT)
    run.communicate()
    runs = project.path / ".sweep" / "runs"
    (resumable,) = (runs / r.run_id for r in project.runs().values() if r.outcome == "interrupted")
    done = next(runs / r.run_id / "files" for r in project.runs().values() if r.outcome == "finished")
    for number in range(3000):
        (done / f"epoch_{number}.pt").write_bytes(bytes(100))
    whole, promised, draw = state_of(resumable), project.json("gc")["bytes"], random.Random(18)
    while (left := sum(1 for _ in done.glob("epoch_*.pt"))) > 1:
        gc = project.start("gc", "e.yaml", "--yes", "--kind", "checkpoints")
        until = draw.randrange(max(1, left - 500), left)
        while gc.poll() is None and sum(1 for _ in done.glob("epoch_*.pt")) > until:
            pass
        gc.kill()
        gc.communicate()
        assert state_of(resumable) == whole
    assert project.json("gc")["bytes"] < promised - 100 * 2998
    assert project.ran()[0] == 0
    assert all(r.outcome == "finished" for r in project.runs().values())


def test_only_the_kinds_that_are_asked_for_go(disk):
    full(disk)
    assert {item.kind for item in preview(disk.session(), OUT, [Kind.DELETED]).items} == {Kind.DELETED}
    freed = collect(disk.session(), OUT, [Kind.SNAPSHOTS])
    assert [item.label for item in freed.decisions.items] == ["unneeded"]


def test_snapshots_stay_while_a_sweep_of_any_file_is_held_here(disk):
    disk.snapshot("unneeded")
    with hold(disk.state, "another", ["b"]):
        assert preview(disk.session(), OUT).items == ()
    assert [item.kind for item in preview(disk.session(), OUT).items] == [Kind.SNAPSHOTS]


def test_a_snapshot_that_a_launch_has_just_found_is_put_back(disk, monkeypatch):
    folder = disk.snapshot("found")
    looks = iter([False, True])  # the launch comes between the look and the removal
    monkeypatch.setattr("sweeps.freeing.reading.held_locks", lambda _: next(looks))
    monkeypatch.setattr("sweeps.freeing.collect.held_locks", lambda _: next(looks))
    assert collect(disk.session(), OUT).size == 0
    assert (folder / "train.py").exists()


def test_one_gc_at_a_time_works_in_a_state_directory(disk):
    from filelock import FileLock

    disk.ran("lr1")
    with FileLock(disk.state.root / "gc.lock"), pytest.raises(HeldError, match="another `sweep gc`"):
        collect(disk.session(), OUT)


def test_where_nothing_ever_ran_nothing_is_made(disk):
    assert collect(disk.session(), OUT).size == 0
    assert not disk.state.root.exists()


def test_what_cannot_be_linked_stays_and_is_told(disk, monkeypatch):
    paths = disk.ran("lr1", files={"best.pt": MB}, stored=["best.pt"])
    monkeypatch.setattr(os, "link", _refuse)
    freed = collect(disk.session(), OUT, [Kind.COPIES])
    assert freed.size == 0
    assert freed.troubles == (f"{paths.files / 'best.pt'}: Operation not permitted; it stays",)
    assert (paths.files / "best.pt").read_bytes() == MB


def _refuse(*_, **__):
    raise PermissionError(1, "Operation not permitted")


def test_a_run_from_flags_of_its_own_is_none_that_the_file_dropped(disk):
    disk.ran("lr1", files=EPOCHS, wish="e.yaml --set lr=7", fingerprint="of-lr7")
    disk.ran("lr2", files=EPOCHS, profile="report", fingerprint="of-another-profile")
    before = disk.ran("lr3", files=EPOCHS, fingerprint="of-before")
    disk.client.delete_tag(before.run_id, "sweeps.wish")
    found = preview(disk.session(), OUT)
    assert found.items == ()
    (left,) = found.left
    assert (left.why, left.count) == ("of other sweeps, profiles, flags, files or trainers than these", 3)


def test_figures_of_trials_that_the_file_has_no_more_go(disk):
    OUT.mkdir()
    for name in ("gone.png", "gone.svg", "gone.pdf", "kept.png", "kept.svg", "kept.pdf"):
        (OUT / name).write_text(name)
    (known,) = (row["fingerprint"] for row in disk.json("plan")["trials"] if row["trial"] == "lr1")
    figures = [
        {
            "path": f"{name}.png",
            "svg": f"{name}.svg",
            "pdf": f"{name}.pdf",
            "trials": [{"fingerprint": fingerprint}],
        }
        for name, fingerprint in (("gone", "no trial's"), ("kept", known), ("../outside", "no trial's"))
    ]
    listed = {"schema": 2, "spec": "e.yaml", "experiment": "toy", "profile": None, "figures": figures}
    (OUT / "manifest.json").write_text(json.dumps(listed))
    Path("outside.png").write_text("mine")
    assert collect(disk.session(), OUT).size == len("gone.png") + len("gone.svg") + len("gone.pdf")
    assert sorted(path.name for path in OUT.iterdir()) == [
        "kept.pdf",
        "kept.png",
        "kept.svg",
        "manifest.json",
    ]
    assert Path("outside.png").exists()
