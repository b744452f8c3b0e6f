"""`sweep stop --for-good` with nobody at work: in the test's own process, on a real store."""

import json

import pytest

from sweeps.rundir.lease import lease_until
from sweeps.rundir.lock import hold
from sweeps.rundir.paths import StateDir
from sweeps.rundir.process_identity import ProcessIdentity
from tests.sweeps.recorded import RecordedFile

TEXT = "sweeps: {a: {grid: {x: [1, 2, 3, 4]}}}"


@pytest.fixture
def file(tmp_path, empty_database, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SWEEP_HOME", raising=False)
    return RecordedFile(tmp_path, empty_database, TEXT)


def actions(file):
    return {row["trial"]: (row["action"], row["run_id"]) for row in file.json("plan")["trials"]}


def test_what_nobody_runs_is_given_up_at_once_and_what_has_a_result_keeps_it(file):
    done, failed = file.add("x1", "finished"), file.add("x2", "failed")
    given = file.sweep("stop", "--for-good", "--except", "x=4")
    assert (given.code, given.err) == (0, "")
    assert given.out == "given up: a/x2, a/x3\nit is over already: a/x1\n"
    found = actions(file)
    assert (found["x1"], found["x2"]) == (("done", done), ("abandoned", failed))
    assert (found["x3"][0], found["x4"]) == ("abandoned", ("new", None))
    assert file.sweep("plan").out.splitlines()[-1].startswith("1 new, 1 done, 2 abandoned; ")
    states = {row["trial"]: (row["state"], row["reason"]) for row in file.json("status")}
    assert states["x2"] == states["x3"] == ("abandoned", "given up by the user")
    parent = file.client.get_run(file.client.get_run(found["x3"][1]).data.tags["mlflow.parentRunId"])
    assert parent.info.status == "KILLED"
    assert "1 finished, 2 abandoned, 1 not started" in parent.data.tags["mlflow.note.content"]


def test_all_of_a_file_is_not_given_up_by_a_slip(file):
    refused = file.sweep("stop", "--for-good")
    assert refused.code == 2
    assert "--for-good needs --only or --except" in refused.err


def test_a_wish_of_another_experiment_in_the_same_place_is_left_alone(file):
    state = StateDir.here()
    (fingerprint,) = (row["fingerprint"] for row in file.json("plan")["trials"] if row["trial"] == "x1")
    state.abandon("other", fingerprint)
    assert file.sweep("stop", "--for-good", "--only", "x=2").out == "given up: a/x2\n"
    assert state.abandoned("other") == [fingerprint]
    assert actions(file)["x1"] == ("new", None)


@pytest.mark.parametrize("sweep", ["a", "b"])
def test_a_trial_that_sweeps_share_is_given_up_by_whoever_runs_one_of_them(file, sweep):
    path = file.path / "e.yaml"
    path.write_text(path.read_text().replace(TEXT, "sweeps: {a: {grid: {x: [1]}}, b: {grid: {x: [1]}}}"))
    state = StateDir.here()
    with hold(state, "toy", [sweep]):
        assert (
            file.sweep("stop", "--for-good", "--only", "x=1").out == f"asked to stop for good: {sweep}/x1\n"
        )
    assert state.take_stop_requests() == state.abandoned("toy") != []


def test_what_another_machine_runs_is_given_up_there(file):
    owner = json.dumps(ProcessIdentity("node7", "boot", 42, 1.0).to_json())
    tags = {"kind": "sweep", "sweep": "a", "owner": owner, "lease": lease_until()}
    file.client.create_run(file.experiment_id, tags={f"sweeps.{name}": text for name, text in tags.items()})
    refused = file.sweep("stop", "--for-good", "--only", "x=1")
    assert (refused.code, "pid 42 on node7" in refused.err) == (3, True)
    assert StateDir.here().abandoned("toy") == []
    assert actions(file)["x1"] == ("new", None)
