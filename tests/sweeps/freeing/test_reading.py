"""What is looked at of a state directory."""

import json
from pathlib import Path

import pytest

from sweeps.errors import SelectionError
from sweeps.freeing.reading import gather
from sweeps.program.outputs.written_files import Written
from sweeps.rundir.lock import hold
from sweeps.spec.resources import Keep

OUT = Path("figures")
WROTE = "a trial wrote files into them"


def test_a_directory_that_the_record_does_not_know_is_unknown(disk):
    (disk.state.root / "runs" / "0f" / "files").mkdir(parents=True)
    (facts,) = gather(disk.session(), disk.state, OUT).runs
    assert (facts.label, facts.standing.name) == ("0f", "UNKNOWN")


def test_a_snapshot_is_needed_by_a_run_that_goes_on_and_by_no_other(disk):
    disk.ran("lr1", "failed", code=disk.code("aa"))
    disk.ran("lr2", code=disk.code("bb"))
    for name in ("aa", "aa-1f2e3d4c", "aa.1", "bb"):
        disk.snapshot(name)
    found = gather(disk.session(), disk.state, OUT).snapshots
    assert {folder.path.name: bool(folder.needed) for folder in found} == {
        "aa": True,
        "aa-1f2e3d4c": True,
        "aa.1": True,
        "bb": False,
    }


def test_a_process_that_may_be_at_work_for_another_file_needs_all_snapshots(disk):
    disk.snapshot("aa")
    other = disk.state.run("of-another-file")
    other.create()
    other.job.write_text("{}")
    assert gather(disk.session(), disk.state, OUT).snapshots[0].needed == "a `sweep run` is at work here"
    other.exit.write_text("{}")
    assert not gather(disk.session(), disk.state, OUT).snapshots[0].needed


def test_while_the_file_is_run_what_is_done_may_go_and_what_is_deleted_stays(disk):
    disk.ran("lr1")
    disk.client.delete_run(disk.ran("lr2").run_id)
    with hold(disk.state, "toy", ["a"]):
        found = gather(disk.session(), disk.state, OUT).runs
    assert {facts.standing.name for facts in found} == {"DONE", "LIVE"}


def test_a_report_of_one_sweep_or_of_other_settings_says_nothing_of_the_file(disk):
    OUT.mkdir()
    (OUT / "gone.png").touch()
    (OUT / "manifest.json").write_text(
        '{"schema": 2, "spec": "e.yaml", "experiment": "toy", "profile": null, "figures":'
        ' [{"path": "gone.png", "svg": "gone.svg", "trials": [{"fingerprint": "none"}]}]}'
    )
    assert len(gather(disk.session(), disk.state, OUT).figures) == 1
    assert gather(disk.session(sweeps=("a",)), disk.state, OUT).figures == ()
    assert gather(disk.session(seeds=2), disk.state, OUT).figures == ()


def needs(disk):
    return {folder.path.name: folder.needed for folder in gather(disk.session(), disk.state, OUT).snapshots}


@pytest.mark.parametrize(
    ("text", "others"),
    [(json.dumps(Written(0, 1, {}, ["/s/snapshots/aa/out/model.pt"]).to_json()), ""), ("half a", WROTE)],
)
def test_a_snapshot_that_a_trial_wrote_into_stays(disk, text, others):
    paths = disk.ran("lr1")
    disk.snapshot("aa")
    disk.snapshot("bb")
    assert needs(disk) == {"aa": "", "bb": ""}
    paths.written.write_text(text)
    assert needs(disk) == {"aa": WROTE, "bb": others}


def test_a_snapshot_of_which_the_record_may_not_have_all_stays(disk):
    changed = json.dumps({"snapshot": "aa", "commit": "c0ffee", "dirty": True})
    disk.ran("lr1", code=changed)
    disk.snapshot("aa")
    (disk.snapshot("bb") / "large.bin").write_bytes(bytes((1 << 20) + 1))
    assert needs(disk) == dict.fromkeys(("aa", "bb"), "the record may not have all their code")
    known = {"sweeps.kind": "sweep", "sweeps.sweep": "a"}
    parent = disk.client.create_run(disk.experiment_id, tags=known)
    disk.client.log_text(parent.info.run_id, "+1", "code/aa.diff")
    assert needs(disk)["aa"] == ""


def test_one_sweep_that_is_asked_about_forgets_nothing_of_the_others(disk):
    shared = "sweeps: {a: {keep: none, grid: {lr: [1, 2]}}, b: {keep: all, grid: {lr: [2, 3]}}}\n"
    disk.write(shared)
    whole, part = disk.session(), disk.session(sweeps=("a",))
    asked = {trial.fingerprint for sweep in part.sweeps for trial in sweep.trials}
    assert {part.keeps[one] for one in asked} == {frozenset({Keep.NONE}), frozenset({Keep.NONE, Keep.ALL})}
    assert all(part.keeps[one] == whole.keeps[one] for one in asked)
    disk.write(shared.replace("lr: [2, 3]", "seed: [1, 2]"))
    with pytest.raises(SelectionError):  # b cannot be repeated
        disk.session(seeds=2)
    assert set(disk.session(sweeps=("a",), seeds=2).keeps.values()) == {frozenset({Keep.ALL})}


def test_a_trial_that_another_sweep_has_now_is_not_removed(disk):
    disk.write("sweeps: {a: {grid: {lr: [1, 2]}}}\n")
    disk.ran("lr2")
    disk.write("sweeps: {a: {grid: {lr: [1]}}, b: {grid: {lr: [2]}}}\n")
    (facts,) = gather(disk.session(sweeps=("a",)), disk.state, OUT).runs
    assert facts.standing.name == "FOREIGN"
