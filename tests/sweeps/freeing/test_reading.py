"""What is looked at of a state directory."""

from pathlib import Path

from sweeps.freeing.reading import gather
from sweeps.rundir.lock import hold

OUT = Path("figures")


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
