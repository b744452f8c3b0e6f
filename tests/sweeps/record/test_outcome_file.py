import os
from pathlib import Path

from analysis.read.outcomes import Outcome
from sweeps.record.outcome_file import KeptOutcome


def test_a_kept_outcome_is_read_again_for_its_own_attempt_alone(run):
    kept = KeptOutcome(2, Outcome.FAILED, "exit code 7", {"sweeps.epochs": "3"}, 1_000)
    kept.keep(run.paths)
    assert KeptOutcome.kept(run.paths, 2) == kept
    assert KeptOutcome.kept(run.paths, 3) is None


def test_half_a_file_and_no_file_keep_nothing(run):
    assert KeptOutcome.kept(run.paths, 1) is None
    run.paths.outcome.write_text('{"attempt": 1, "outcome": "fin')
    assert KeptOutcome.kept(run.paths, 1) is None
    run.paths.outcome.write_text('{"attempt": 1, "outcome": "unheard of"}')
    assert KeptOutcome.kept(run.paths, 1) is None


def test_an_outcome_is_recorded_with_params_and_log_and_the_run_ends_last(run):
    run.paths.log(1).write_text("Traceback")
    kept = KeptOutcome(1, Outcome.FAILED, "exit code 7", {"sweeps.epochs": "3"}, 1_000)
    *before, last = kept.writes(run.ledger, run.id, "lr0.5", {"lr": 0.5}, run.paths)
    for write in before:
        write()
    assert run.client.get_run(run.id).info.status == "RUNNING"
    last()
    ended = run.client.get_run(run.id)
    assert (ended.info.status, ended.info.end_time) == ("FAILED", 1_000)
    assert ended.data.params == {"lr": "0.5"}
    tags = {key: ended.data.tags[f"sweeps.{key}"] for key in ("outcome", "reason", "epochs")}
    assert tags == {"outcome": "failed", "reason": "exit code 7", "epochs": "3"}
    assert run.artifacts("logs") == ["logs/attempt-1.log"]


def test_an_outcome_that_nobody_else_knows_is_on_disk_with_its_journal(run, monkeypatch):
    run.paths.journal.write_text("")
    synced = []
    monkeypatch.setattr(
        os, "fsync", lambda handle: synced.append(str(Path(f"/proc/self/fd/{handle}").readlink()))
    )
    KeptOutcome(1, Outcome.FINISHED).keep(run.paths, durable=False)
    assert synced == []
    KeptOutcome(1, Outcome.FINISHED).keep(run.paths)
    journal, outcome, folder = synced
    assert (journal, folder) == (str(run.paths.journal), str(run.paths.root))
    assert "outcome.json" in outcome
