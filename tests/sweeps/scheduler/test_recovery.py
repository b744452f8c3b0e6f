"""What becomes of runs whose supervisor died, on a real store and with real processes."""

import contextlib
import json
import os
import signal
import subprocess
import sys

import psutil
import pytest

from analysis.read.outcomes import Outcome
from analysis.read.store import RunRecord
from analysis.read.tags import ATTEMPT, SECONDS
from sweeps.record.outcome_file import KeptOutcome
from sweeps.rundir.journal import JournalWriter, read_entries
from sweeps.rundir.paths import RunPaths
from sweeps.rundir.process_identity import ProcessIdentity, boot_id, host_name
from sweeps.runner.time_spent import beginning
from sweeps.scheduler.recovery import group_members, kill_left_over, mend
from sweeps.sources.following.order import ReadOrder
from sweeps.spec.trainer.source_model import Source, Sources


def recorded(run_id, kind, tags):
    """A run that the record calls RUNNING."""
    return RunRecord(run_id, "x", None, kind, "RUNNING", 0, None, tags)


def left_running(store):
    """A run that nobody ended, of which one epoch is in the journal, and its journal."""
    run_id = store.ledger.trial_run(sweep="a", trial="x", fingerprint="f", parent=store.parent, tags={})
    paths = store.state.run(run_id)
    journal = JournalWriter(paths)
    journal.metrics({"train/loss": 0.5}, 0)
    return recorded(run_id, "trial", {ATTEMPT: "1"}), paths, journal


@pytest.mark.parametrize(
    ("word", "kept", "expected"),
    [
        (None, None, ("orphaned", "its supervisor is gone")),
        (("finished", ""), None, ("finished", "")),
        (("failed", "oom"), None, ("failed", "oom")),
        (("failed", "oom"), KeptOutcome(1, Outcome.INTERRUPTED, "stopped"), ("interrupted", "stopped")),
        (None, KeptOutcome(0, Outcome.FINISHED), ("orphaned", "its supervisor is gone")),
        (None, KeptOutcome(2, Outcome.FINISHED), ("finished", "")),  # of an attempt that the record lost
    ],
)
def test_a_run_gets_what_it_logged_and_the_outcome_that_is_known_best(store, word, kept, expected):
    record, paths, journal = left_running(store)
    if word is not None:
        journal.end(1, *word)
    journal.close()
    if kept is not None:
        kept.keep(paths)
    assert mend(store.ledger, record, store.state) == expected[0]
    run = store.run(record.run_id)
    found = run.data.tags["sweeps.outcome"], run.data.tags.get("sweeps.reason", "")
    assert (found, run.data.metrics) == (expected, {"train/loss": 0.5})
    assert run.info.status != "RUNNING"


def test_the_time_of_an_attempt_that_nobody_saw_end_is_as_far_as_its_folder_knows(store):
    record, paths, journal = left_running(store)
    dead = ProcessIdentity(host_name(), "an earlier boot", 7, 1.0)
    began = beginning(dead, paths, 1, 5.0)
    began["began_s"] -= 60
    paths.process.write_text(json.dumps(began))
    journal.metrics({"train/loss": 0.25}, 1)
    journal.close()
    last_s = read_entries(paths.journal, 0)[0][-1].time_ms / 1000
    source = Source("stdout", r"acc (?P<acc>\S+)").identified()
    ReadOrder(Sources((source,)), str(paths.root)).write(paths)
    paths.log(1).write_text("acc 0.5\n")
    os.utime(paths.log(1), (last_s, last_s))
    assert mend(store.ledger, record, store.state) == "orphaned"
    recorded_s = float(store.run(record.run_id).data.tags[SECONDS])
    assert recorded_s == pytest.approx(5 + last_s - began["began_s"], abs=0.002)


def test_of_an_attempt_without_a_word_of_its_beginning_no_time_is_recorded(store):
    record, _, journal = left_running(store)
    journal.close()
    mend(store.ledger, record, store.state)
    assert SECONDS not in store.run(record.run_id).data.tags


def test_what_an_earlier_attempt_wrote_of_its_end_says_nothing_of_this_one(store):
    record, _, journal = left_running(store)
    journal.end(0, "failed", "oom")
    journal.close()
    assert mend(store.ledger, record, store.state) == "orphaned"


def test_what_its_program_printed_is_read_before_the_run_is_ended(store):
    record, paths, journal = left_running(store)
    journal.close()
    source = Source("stdout", r"epoch (?P<epoch>\d+) acc (?P<acc>\S+)").identified()
    ReadOrder(Sources((source,)), str(paths.root)).write(paths)
    paths.log(1).write_text("epoch 0 acc 0.5\nepoch 1 acc 0.75\nepoch 2 acc 0.8")
    assert mend(store.ledger, record, store.state) == "orphaned"
    run = store.run(record.run_id)
    assert run.data.metrics == {"train/loss": 0.5, "acc": 0.75}


def test_a_sweep_whose_supervisor_died_is_interrupted(store):
    record = recorded(store.parent, "sweep", {})
    assert mend(store.ledger, record, store.state) == "interrupted"


@pytest.fixture
def leader():
    """A process group whose leader has started another process."""
    code = "import subprocess, sys; subprocess.Popen(['sleep', '600']); print('ready', flush=True); sys.stdin.read()"
    started = subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    started.stdout.readline()
    yield started
    with contextlib.suppress(ProcessLookupError):
        os.killpg(started.pid, signal.SIGKILL)
    started.communicate()


@pytest.mark.parametrize("is_alive", [True, False])
def test_what_is_left_of_an_attempt_is_killed_with_all_that_it_started(tmp_path, leader, is_alive):
    identity = ProcessIdentity(host_name(), boot_id(), leader.pid, psutil.Process(leader.pid).create_time())
    paths = RunPaths(tmp_path)
    paths.process.write_text(json.dumps(identity.to_json()))
    assert len(group_members(identity)) == 2
    if not is_alive:
        leader.kill()
        leader.wait()
    assert kill_left_over(paths)
    assert group_members(identity) == []
    assert not paths.process.exists()


def test_without_a_process_nothing_is_left(tmp_path):
    assert kill_left_over(RunPaths(tmp_path))
