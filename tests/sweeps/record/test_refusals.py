"""One thing that the store refuses costs nothing else: on a real store, and one that is stricter than MLflow."""

import contextlib
import json
import sqlite3

import pytest
from mlflow.exceptions import MlflowException, RestException
from sqlalchemy.exc import DataError, OperationalError, ProgrammingError

from analysis.read.outcomes import Outcome
from sweeps.errors import RecordError, RunGoneError
from sweeps.record.outcome_file import KeptOutcome
from sweeps.record.refusals import is_refusal, read_refused, summary
from sweeps.record.store.known import known_schema
from sweeps.rundir.journal import JournalWriter
from sweeps.rundir.trainer_manifest import Data


def journal(paths, *rows):
    writer = JournalWriter(paths)
    for values, step in rows:
        writer.metrics(values, step)
    writer.close()


@pytest.fixture
def strict(run, monkeypatch):
    """Make the store refuse what a function names, as a server of its own rules does; returns how often it was asked."""

    def refuse(is_odd, error=None):
        log_batch, asked = run.ledger._store.log_batch, []

        def log(run_id, metrics=(), params=(), tags=()):
            asked.append(len(metrics) + len(params) + len(tags))
            if any(map(is_odd, (*metrics, *params, *tags))):
                raise error or RestException(
                    {"error_code": "INVALID_PARAMETER_VALUE", "message": "house rule 7"}
                )
            log_batch(run_id, metrics, params, tags)

        monkeypatch.setattr(run.ledger._store, "log_batch", log)
        return asked

    return refuse


def test_what_an_older_journal_holds_that_no_store_takes_is_set_aside_and_the_rest_is_recorded(run):
    journal(
        run.paths,
        ({"acc@5": 1.0, "loss": 0.5, "": 3.0, "k" * 251: 1.0}, 0),
        ({"loss": 0.25}, 2**63),
        ({"loss": 0.1}, 2),
    )
    run.ledger.deliver(run.id, run.paths, {"lr": 0.5, "odd (key)": 1}, {"sweeps.attempt": "1"})
    data = run.client.get_run(run.id).data
    assert [(p.step, p.value) for p in run.client.get_metric_history(run.id, "loss")] == [(0, 0.5), (2, 0.1)]
    assert (data.params, data.tags["sweeps.attempt"], list(data.metrics)) == ({"lr": "0.5"}, "1", ["loss"])
    kept = read_refused(run.paths.refused)
    assert {(item.kind, item.name, item.step) for item in kept} == {
        *(("metric", "acc@5", 0), ("metric", "", 0), ("metric", "k" * 251, 0), ("metric", "loss", 2**63)),
        ("param", "odd (key)", None),
    }
    (told,) = [sentence for sentence in run.ledger.refusals.news() if "acc@5" in sentence]
    assert str(run.paths.refused) in told
    run.paths.delivered.unlink()
    run.ledger.deliver(run.id, run.paths, {"lr": 0.5, "odd (key)": 1})
    assert read_refused(run.paths.refused) == kept  # once, however often it is sent
    assert run.ledger.refusals.news() == []


def test_a_batch_that_a_stricter_store_refuses_is_taken_apart(run, strict):
    asked = strict(lambda item: item.key in {"odd", "lr"})
    journal(run.paths, *(({"loss": step / 8, "odd": 1.0, "psnr": step}, step) for step in range(300)))
    run.ledger.deliver(run.id, run.paths, {"lr": 0.5, "seed": 1}, {"sweeps.attempt": "1"})
    data = run.client.get_run(run.id).data
    assert (data.params, sorted(data.metrics), data.tags["sweeps.attempt"]) == (
        {"seed": "1"},
        ["loss", "psnr"],
        "1",
    )
    assert [p.step for p in run.client.get_metric_history(run.id, "loss")] == list(range(300))
    kept = read_refused(run.paths.refused)
    assert sum(item.kind == "metric" for item in kept) == 300
    assert {item.why for item in kept} == {"INVALID_PARAMETER_VALUE: house rule 7"}
    assert len(asked) < 60  # not one request a point


def test_single_values_that_are_refused_are_found_among_good_ones(run, strict):
    strict(lambda item: item.key == "loss" and item.step in {17, 40})
    journal(run.paths, *(({"loss": step}, step) for step in range(64)))
    run.ledger.deliver(run.id, run.paths)
    steps = [p.step for p in run.client.get_metric_history(run.id, "loss")]
    assert steps == [step for step in range(64) if step not in {17, 40}]
    assert [item.step for item in read_refused(run.paths.refused)] == [17, 40]


def test_what_mlflows_client_cannot_put_into_words_is_set_aside_too(run, strict):
    strict(lambda item: item.key == "odd", TypeError("bad argument type for built-in operation"))
    journal(run.paths, ({"loss": 0.5, "odd": 1.0}, 0))
    run.deliver()
    assert list(run.client.get_run(run.id).data.metrics) == ["loss"]
    assert [item.name for item in read_refused(run.paths.refused)] == ["odd"]


def test_a_wrong_password_in_the_middle_sets_nothing_aside(run, strict):
    strict(lambda _: True, RestException({"error_code": "PERMISSION_DENIED", "message": "who are you?"}))
    journal(run.paths, ({"loss": 0.5}, 0))
    with pytest.raises(RecordError, match="who are you"):
        run.deliver()
    assert not run.paths.refused.exists()
    assert not run.paths.delivered.exists()


def test_what_is_set_aside_stands_in_the_note_of_the_run_that_ends_as_it_ended(run):
    journal(run.paths, ({"acc@5": 1.0, "loss": 0.5}, 0))
    note = {"mlflow.note.content": "**lr0.5**: finished.\n\nRepeat it with"}
    KeptOutcome(1, Outcome.FINISHED, "", note).record(run.ledger, run.id, "lr0.5", {}, run.paths)
    ended = run.client.get_run(run.id)
    assert ended.info.status == "FINISHED"
    first, told, last = ended.data.tags["mlflow.note.content"].split("\n\n")
    assert (first, last) == ("**lr0.5**: finished.", "Repeat it with")
    assert "metric 'acc@5' (the name holds '@'" in told
    assert str(run.paths.refused) in told


def test_an_artifact_that_is_refused_stays_in_the_outbox_and_the_next_is_sent(run, monkeypatch):
    log = run.ledger._store.log_artifact

    def refuse(run_id, path, *folder):
        if "#" in path.name:
            raise RestException({"error_code": "INVALID_PARAMETER_VALUE", "message": "Invalid path"})
        log(run_id, path, *folder)

    monkeypatch.setattr(run.ledger._store, "log_artifact", refuse)
    writer = JournalWriter(run.paths)
    for name in ("a#1.txt", "b.txt"):
        (run.paths.files / name).write_text(name)
        writer.artifact(run.paths.files / name)
    writer.close()
    run.deliver()
    assert run.artifacts() == ["b.txt"]
    assert [file.name for file in run.paths.outbox.iterdir() if file.is_file()] == ["000001-a#1.txt"]
    assert [(item.kind, item.name) for item in read_refused(run.paths.refused)] == [("artifact", "a#1.txt")]


def test_odd_names_of_data_are_spelled_out(run):
    run.ledger.dataset(run.id, Data("caf\udce9" * 20, "n\ud800" * 600, "s\udce9"))
    (used,) = run.client.get_run(run.id).inputs.dataset_inputs
    assert used.dataset.name.startswith(r"n\ud800")
    assert run.client.get_run(run.id).data.tags["sweeps.data"].startswith(r"caf\udce9")
    assert not run.paths.refused.exists()


def test_a_deleted_run_is_its_own_loss_and_what_it_logged_is_kept_for_the_day_it_is_restored(run):
    other = run.another("lr0.1")
    journal(run.paths, ({"loss": 0.5}, 0))
    run.client.delete_run(run.id)
    for _ in range(2):
        with pytest.raises(RunGoneError):
            run.deliver()
    assert run.ledger.refusals.lost == {run.id}
    (told,) = run.ledger.refusals.news()
    assert "the next `sweep run` starts the trial anew" in told
    run.ledger.tag(other, {"sweeps.attempt": "2"})
    assert run.client.get_run(other).data.tags["sweeps.attempt"] == "2"
    assert not run.paths.delivered.exists()


def emptied(run, *, everything):
    """Have the run's rows deleted, as `mlflow gc` does; with `everything`, those of all runs and experiments."""
    with contextlib.closing(sqlite3.connect(run.ledger.uri.removeprefix("sqlite:///"))) as database:
        for table in ("tags", "params", "metrics", "latest_metrics", "runs"):
            database.execute(f"delete from {table} where run_uuid = ? or ?", (run.id, everything))  # noqa: S608
        if everything:
            database.execute("delete from experiments where experiment_id > 0")
        database.commit()


def test_a_run_that_is_purged_is_gone_too(run):
    emptied(run, everything=False)
    with pytest.raises(RunGoneError, match="not there any more"):
        run.ledger.close(run.id, Outcome.FINISHED)


def test_an_experiment_that_is_deleted_meanwhile_is_everybodys_loss_and_told_with_the_remedy(run):
    experiment = run.client.get_experiment_by_name("toy").experiment_id
    run.client.delete_experiment(experiment)
    for act in (lambda: run.ledger.tag(run.id, {"a": "b"}), lambda: run.another("lr0.1")):
        with pytest.raises(RecordError, match=f"is deleted; restore it with .* -x {experiment}`") as refused:
            act()
        assert not isinstance(refused.value, RunGoneError)


def test_a_store_that_was_emptied_is_told(run):
    emptied(run, everything=True)
    with pytest.raises(RecordError, match="the store was emptied, or is another one"):
        run.ledger.tag(run.id, {"a": "b"})


@pytest.mark.skipif(
    known_schema() is None,
    reason="the tables of this MLflow are not written directly, and it says what is wrong",
)
def test_a_store_that_is_gone_is_told_and_no_empty_one_takes_its_place(run, tmp_path):
    (tmp_path / "mlflow.db").unlink()
    for act in (lambda: run.ledger.tag(run.id, {"a": "b"}), lambda: run.another("lr0.1")):
        with pytest.raises(
            RecordError, match="the store was emptied, or is another one; bring the old one back"
        ):
            act()
    assert not (tmp_path / "mlflow.db").exists()


@pytest.mark.parametrize(
    ("error", "refuses"),
    [
        (RestException({"error_code": "INVALID_PARAMETER_VALUE", "message": "x"}), True),
        (RestException({"error_code": "PERMISSION_DENIED", "message": "x"}), False),
        (RestException({"error_code": "UNAUTHENTICATED", "message": "x"}), False),
        (RestException({"error_code": "INTERNAL_ERROR", "message": "x"}), False),
        (
            RestException(
                {"error_code": "BAD_REQUEST", "message": "(psycopg.errors.StringDataRightTruncation) x"}
            ),
            True,
        ),
        (
            RestException(
                {"error_code": "BAD_REQUEST", "message": "(psycopg.errors.InsufficientPrivilege) x"}
            ),
            False,
        ),
        (MlflowException("API request to endpoint /a failed with error code 413 != 200."), True),
        (MlflowException("API request to endpoint /a failed with error code 401 != 200."), False),
        (MlflowException("API request to endpoint /a failed with error code 403 != 200."), False),
        (DataError("insert", {}, ValueError("too long")), True),
        (OperationalError("insert", {}, ValueError("no such table: runs")), False),
        (ProgrammingError("insert", {}, ValueError("permission denied")), False),
        (UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates not allowed"), True),
        (OSError(28, "No space left on device"), False),
        (FileNotFoundError(2, "gone"), True),
    ],
)
def test_a_refusal_is_told_from_an_outage_a_wrong_password_and_a_full_disk(error, refuses):
    assert is_refusal(error) == refuses


def test_a_torn_line_of_the_file_is_passed_over(tmp_path):
    file = tmp_path / "refused.jsonl"
    line = json.dumps(
        {"t": 1, "kind": "metric", "name": "a@b", "why": "w", "step": 1, "value": 2.0, "time_ms": 3}
    )
    file.write_text(f'{line}\n{{"t": 2, "ki')
    (kept,) = read_refused(file)
    assert summary([kept, kept]) == "the store refuses metric 'a@b' (2 values: w)"
