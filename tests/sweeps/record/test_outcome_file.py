import os
from contextlib import closing
from pathlib import Path

from analysis.read.outcomes import Outcome
from sweeps.record.outcome_file import KeptOutcome, epochs_tag
from sweeps.record.refusals import Refused
from sweeps.rundir.journal import JournalReader, JournalWriter
from sweeps.rundir.source_journal import Mark, Reading, SourceJournal


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


def ended(run, logs):
    """The run, after its trainer logged something and its end is recorded."""
    writer = JournalWriter(run.paths)
    logs(writer)
    writer.close()
    kept = KeptOutcome(1, Outcome.FINISHED, "", {"mlflow.note.content": "# lr0.5"}, 1_000)
    kept.record(run.ledger, run.id, "lr0.5", {"lr": 0.5}, run.paths)
    return run.client.get_run(run.id)


def test_a_run_ends_in_one_request_with_all_that_is_left_of_it(run, monkeypatch):
    asked = []
    store = run.ledger._store
    for name in ("log_batch", "set_terminated"):
        real = getattr(store, name)
        monkeypatch.setattr(
            store,
            name,
            lambda *given, real=real, name=name, **more: asked.append(name) or real(*given, **more),
        )
    found = ended(run, lambda writer: writer.metrics({"loss": 0.5}, 0))
    assert asked == ["log_batch"]
    assert (found.info.status, found.info.end_time) == ("FINISHED", 1_000)
    assert (found.data.metrics, found.data.params) == ({"loss": 0.5}, {"lr": "0.5"})
    assert found.data.tags["sweeps.outcome"] == "finished"
    assert JournalReader(run.paths).poll() == []


def test_a_run_ends_where_files_are_left_too(run, tmp_path):
    (tmp_path / "f.txt").write_text("text")

    def logs(writer):
        writer.metrics({"loss": 0.5}, 0)
        writer.artifact(tmp_path / "f.txt")

    found = ended(run, logs)
    assert (found.info.status, found.data.metrics) == ("FINISHED", {"loss": 0.5})
    assert run.artifacts() == ["f.txt"]


def test_a_run_ends_with_what_the_store_refused_in_its_note(run):
    run.ledger.params(run.id, {"lr": 0.25})
    found = ended(run, lambda writer: writer.metrics({"loss": 0.5}, 0))
    assert (found.info.status, found.data.metrics) == ("FINISHED", {"loss": 0.5})
    assert found.data.params == {"lr": "0.25"}
    assert "**Not recorded:**" in found.data.tags["mlflow.note.content"]


def test_a_run_that_refused_something_earlier_has_it_in_its_note(run):
    run.ledger.refusals.note(run.id, [Refused("metric", "m", "why", step=0, value=1.0, time_ms=1)])
    found = ended(run, lambda writer: writer.metrics({"loss": 0.5}, 0))
    assert found.info.status == "FINISHED"
    assert found.data.tags["mlflow.note.content"].startswith("# lr0.5\n\n**Not recorded:**")


def test_a_run_ends_with_a_journal_of_several_parts(run, monkeypatch):
    monkeypatch.setattr("sweeps.rundir.journal.CHUNK_BYTES", 100)
    found = ended(run, lambda writer: [writer.metrics({"loss": 0.5 + step}, step) for step in range(9)])
    assert (found.info.status, found.data.metrics) == ("FINISHED", {"loss": 8.5})
    assert len(run.client.get_metric_history(run.id, "loss")) == 9


def test_the_tag_of_epochs_is_what_the_journal_shows(run):
    assert epochs_tag(run.paths) == {"sweeps.epochs": "0"}
    with closing(SourceJournal(run.paths)) as journal:
        journal.record([Reading("s", "log", Mark(), {"system/trial_cpu": 1.0}, 5)])
        assert epochs_tag(run.paths) == {"sweeps.epochs": "0"}
        journal.record([Reading("s", "log", Mark(), {"loss": 1.0}, 39)])
        assert epochs_tag(run.paths) == {"sweeps.epochs": "unknown"}
        journal.record([Reading("s", "log", Mark(), {"loss": 1.0}, 40, epochs=2)])
        assert epochs_tag(run.paths) == {"sweeps.epochs": "2"}
