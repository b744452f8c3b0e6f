"""Runs and deliveries on a real sqlite store."""

import pytest

from analysis.read.frames import curves_of
from analysis.read.outcomes import Outcome
from analysis.read.record import Record
from sweeps.errors import RecordError
from sweeps.planning.search_history import curves_by_run
from sweeps.record.ledger import Ledger
from sweeps.record.outage import LostAnswerError
from sweeps.rundir.journal import JournalWriter


def test_a_delivery_takes_params_and_tags_along_however_much_there_is(run):
    config = {f"key{number}": number for number in range(250)}
    writer = JournalWriter(run.paths)
    for step in range(300):
        writer.metrics({f"m{number}": step * number for number in range(8)}, step)
    writer.close()
    for _ in range(2):  # again, as a supervisor does that cannot know whether the first arrived
        run.paths.delivered.unlink(missing_ok=True)
        run.ledger.deliver(run.id, run.paths, config, {"sweeps.outcome": "finished"})
    data = run.client.get_run(run.id).data
    assert data.params == {key: str(value) for key, value in config.items()}
    assert data.tags["sweeps.outcome"] == "finished"
    assert len(data.metrics) == 8
    assert [m.value for m in run.client.get_metric_history(run.id, "m2")] == [2.0 * s for s in range(300)]


@pytest.mark.parametrize("delivers_each", [True, False])
def test_of_a_step_that_was_logged_again_the_last_value_is_the_one_that_readers_see(
    run, delivers_each, monkeypatch
):
    monkeypatch.setattr("sweeps.rundir.journal.time.time_ns", lambda: 5_000_000)
    writer = JournalWriter(run.paths)
    for loss in (5.0, 9.0, 1.0, 3.0):
        writer.metrics({"loss": loss}, 0)
        if delivers_each:
            run.ledger.deliver(run.id, run.paths)
    writer.close()
    run.ledger.deliver(run.id, run.paths)
    assert run.client.get_run(run.id).data.metrics == {"loss": 3.0}
    assert len(run.client.get_metric_history(run.id, "loss")) == (4 if delivers_each else 1)
    record = Record(run.ledger.uri, run.ledger.experiment)
    assert [point.value for point in record.finals()] == [3.0]
    assert curves_of(record)["value"].tolist() == [3.0]
    assert curves_by_run(record.points(["loss"]))[run.id] == {"loss": {0: 3.0}}


def test_params_and_tags_arrive_where_nothing_was_logged(run):
    run.ledger.deliver(run.id, run.paths, {"lr": 0.5}, {"sweeps.outcome": "failed"})
    data = run.client.get_run(run.id).data
    assert (data.params, data.tags["sweeps.outcome"]) == ({"lr": "0.5"}, "failed")


def test_a_run_that_is_opened_again_loses_its_outcome(run):
    run.ledger.end(run.id, Outcome.FAILED, "exit code 7", end_ms=5)
    ended = run.client.get_run(run.id)
    assert (ended.info.status, ended.info.end_time) == ("FAILED", 5)
    assert (ended.data.tags["sweeps.outcome"], ended.data.tags["sweeps.reason"]) == ("failed", "exit code 7")
    run.ledger.reopen(run.id, {"sweeps.attempt": "2"})
    again = run.client.get_run(run.id)
    assert again.info.status == "RUNNING"
    assert "sweeps.outcome" not in again.data.tags
    assert "sweeps.reason" not in again.data.tags
    assert again.data.tags["sweeps.attempt"] == "2"


def test_a_creation_whose_answer_was_lost_is_found_again(run):
    tags = {"sweeps.fingerprint": "f", "sweeps.attempt": "1"}
    made = run.ledger._create_once("n1", tags, 1_000, is_first=True)
    assert run.ledger._create_once("n1", tags, 1_000, is_first=False) == made
    assert run.ledger._create_once("n1", tags | {"sweeps.fingerprint": "g"}, 1_000, is_first=False) != made
    assert run.ledger._create_once("n1", tags, 2_000, is_first=False) != made


def test_an_experiment_that_is_deleted_is_refused_with_the_remedy(run):
    experiment = run.client.get_experiment_by_name("toy").experiment_id
    run.client.delete_experiment(experiment)
    with pytest.raises(
        RecordError,
        match=f"'toy' is deleted; restore it with `MLFLOW_TRACKING_URI=.* mlflow experiments restore -x {experiment}`",
    ):
        Ledger.open(run.ledger.uri, "toy")


def test_a_creation_that_answers_nothing_is_asked_for_again_and_made_once(run, monkeypatch):
    create, tries = run.ledger._store.create_run, []

    def answers_nothing_first(*arguments):
        made = create(*arguments)
        tries.append(made)
        if len(tries) == 1:
            made.run_id = ""
        return made

    monkeypatch.setattr(run.ledger._store, "create_run", answers_nothing_first)
    made = run.ledger.trial_run(sweep="s", trial="n1", fingerprint="g", parent="p", tags={})
    assert made
    assert len(tries) == 1
    assert LostAnswerError.__doc__


def test_texts_that_no_database_keeps_are_spelled_out(run):
    made = run.ledger.trial_run(
        sweep="s", trial="n1", fingerprint="g", parent="p", tags={"sweeps.reason": "caf\udce9"}
    )
    run.ledger.end(made, Outcome.FAILED, "no \ud800 and no \0", {"mlflow.note.content": "x" * 9000})
    tags = run.client.get_run(made).data.tags
    assert tags["sweeps.reason"] == r"no \ud800 and no \x00"
    assert len(tags["mlflow.note.content"]) == 8000


def test_a_run_whose_params_are_in_the_spelling_of_an_earlier_version_goes_on(run):
    from mlflow.entities import Param

    config = {"amp": True, "seed": None, "sizes": [1, "a"], "lr": 0.5, "new": 1}
    earlier = [Param("amp", "true"), Param("seed", "null"), Param("sizes", '[1, "a"]'), Param("lr", "0.5")]
    run.client.log_batch(run.id, params=earlier)
    run.ledger.deliver(run.id, run.paths, config, {"sweeps.attempt": "2"})
    data = run.client.get_run(run.id).data
    assert data.params == {param.key: param.value for param in earlier} | {"new": "1"}
    assert data.tags["sweeps.attempt"] == "2"
    assert run.ledger.refusals.news() == []  # the same values: nothing is refused
