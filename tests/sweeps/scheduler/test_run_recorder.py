"""How an attempt gets into the record, on a real store."""

from contextlib import closing
from types import SimpleNamespace

from analysis.read.outcomes import Outcome
from analysis.read.store import RunRecord
from analysis.results.criterion import BEST, HIGHER, LOWER, MEAN, TAIL, Criterion
from sweeps.program import wandb_address
from sweeps.rundir.journal import JournalWriter
from sweeps.scheduler.verdict import Verdict
from sweeps.spec.resources import Keep
from tests.sweeps.scheduler.jobs import ALLOCATION, job


def opened(state, recorder, made):
    made.granted(ALLOCATION)
    recorder.open(made)
    assert recorder.opened(30.0) == [made]
    state.run(made.open_run_id).create()
    recorder.begin(made)
    return made.open_run_id


def finish(recorder, made, verdict):
    recorder.ended(made, verdict)
    recorder.send_ends()
    while not recorder.is_complete(1.0):
        pass


def test_a_job_gets_a_run_which_follows_its_journal_to_its_end(store):
    recorder, made = store.run_recorder(), job("x", parent=store.parent)
    run_id = opened(store.state, recorder, made)
    assert store.run(run_id).info.status == "RUNNING"
    journal = JournalWriter(store.state.run(run_id))
    journal.metrics({"train/loss": 0.5}, 0)
    journal.metrics({"train/loss": 0.25}, 1)
    journal.end(1, "failed", "oom")
    journal.close()
    assert [row.step for row in recorder.follow(made)] == [0, 1]
    assert recorder.follow(made) == []
    assert (made.progress.epochs_done, made.current.end.reason) == (2, "oom")
    finish(recorder, made, Verdict(Outcome.FAILED, "oom"))
    run = store.run(run_id)
    assert (run.info.status, run.data.tags["sweeps.reason"]) == ("FAILED", "oom")
    assert [point.value for point in store.client.get_metric_history(run_id, "train/loss")] == [0.5, 0.25]
    assert run.data.tags["sweeps.attempt"] == "1"


def test_what_judges_a_trial_is_read_of_its_whole_journal(store):
    criteria = (
        Criterion("r", HIGHER, value=TAIL),
        Criterion("loss", LOWER, value=BEST),
        Criterion("acc", HIGHER),
    )
    recorder, made = store.run_recorder(), job("x", parent=store.parent, criteria=criteria)
    run_id = opened(store.state, recorder, made)
    with closing(JournalWriter(store.state.run(run_id))) as journal:
        for step in range(21):
            journal.metrics({"r": 10.0 * step, "loss": abs(step - 7.0), "acc": 0.5}, step)
    recorder.follow(made)
    finish(recorder, made, Verdict(Outcome.FINISHED, ""))
    assert [made.progress.score(one) for one in criteria] == [190.0, 0.0, 0.5]


def test_what_earlier_attempts_logged_counts_for_what_judges_a_trial_so_far(store):
    mean = Criterion("acc", HIGHER, value=MEAN, baseline="chance")
    recorder, made = store.run_recorder(), job("x", parent=store.parent, criteria=(mean,))
    run_id = opened(store.state, recorder, made)
    with closing(JournalWriter(store.state.run(run_id))) as journal:
        journal.metrics({"acc": 0.25, "chance": 0.125}, 1)
    recorder.follow(made)
    finish(recorder, made, Verdict(Outcome.INTERRUPTED, "stopped"))
    record = RunRecord(run_id, "x", None, "trial", "KILLED", 0, None, {"sweeps.attempt": "1"})
    recorder, made = store.run_recorder(), job("x", parent=store.parent, record=record, criteria=(mean,))
    opened(store.state, recorder, made)
    assert made.progress.score(mean) == 0.25
    with closing(JournalWriter(store.state.run(run_id))) as journal:
        journal.metrics({"acc": 0.75}, 2)
    recorder.follow(made)
    assert made.progress.score(mean) == 0.5
    finish(recorder, made, Verdict(Outcome.FINISHED, ""))
    told = "Its mean acc of all steps is 0.5, 0.375 better than chance (0.125)."
    assert told in store.run(run_id).data.tags["mlflow.note.content"]


def test_a_run_that_earlier_attempts_left_is_opened_again(store):
    recorder, made = store.run_recorder(), job("x", parent=store.parent)
    run_id = opened(store.state, recorder, made)
    finish(recorder, made, Verdict(Outcome.INTERRUPTED, "stopped"))
    made = job(
        "x",
        parent=store.parent,
        record=SimpleNamespace(run_id=run_id, attempt=1, seconds=None, tags={}, outcome=None),
    )
    assert opened(store.state, store.run_recorder(), made) == run_id
    run = store.run(run_id)
    assert (run.info.status, run.data.tags["sweeps.attempt"]) == ("RUNNING", "2")
    assert "sweeps.outcome" not in run.data.tags


def test_a_program_has_its_params_before_it_starts(store):
    run_id = opened(store.state, store.run_recorder(params_first=True), job("x", parent=store.parent))
    assert store.run(run_id).data.params == {"factor": "0.5"}


def test_the_address_of_a_run_in_wandb_is_a_tag_while_it_runs_or_else_when_it_has_ended(store, monkeypatch):
    monkeypatch.setattr(wandb_address, "LOOK_S", 0.0)
    recorder = store.run_recorder()
    early, late = (job(name, parent=store.parent) for name in ("early", "late"))
    for made in (early, late):
        run_id = opened(store.state, recorder, made)
        line = f"wandb: View run at https://wandb.ai/lab/demo/runs/{run_id}\n"
        log = store.state.run(run_id).log(1)
        log.write_text(line if made is early else "")
        recorder.follow(made)
        while not recorder.is_complete(1.0):
            pass
        assert ("sweeps.wandb" in store.run(run_id).data.tags) == (made is early)
        log.write_text(line)
        finish(recorder, made, Verdict(Outcome.FINISHED, ""))
        assert store.run(run_id).data.tags["sweeps.wandb"] == line.rsplit(maxsplit=1)[-1]


def test_once_a_trial_is_done_only_the_checkpoints_that_its_sweep_keeps_stay(store):
    recorder = store.run_recorder()
    for outcome, left in ((Outcome.FAILED, 3), (Outcome.PRUNED, 1), (Outcome.FINISHED, 1)):
        made = job(outcome.value, parent=store.parent, keeps=frozenset({Keep.LAST}))
        files = store.state.run(opened(store.state, recorder, made)).files
        for name in ("epoch_1.pt", "epoch_2.pt", "last.pt"):
            (files / name).write_bytes(b"1")
        finish(recorder, made, Verdict(outcome, ""))
        assert len(list(files.iterdir())) == left


def test_of_a_run_that_is_deleted_meanwhile_all_checkpoints_stay(store):
    recorder, made = store.run_recorder(), job("x", parent=store.parent, keeps=frozenset({Keep.NONE}))
    run_id = opened(store.state, recorder, made)
    files = store.state.run(run_id).files
    (files / "epoch_1.pt").write_bytes(b"1")
    store.client.delete_run(run_id)
    finish(recorder, made, Verdict(Outcome.FINISHED, ""))
    assert (files / "epoch_1.pt").exists()


def test_what_the_machine_did_is_recorded_and_is_nothing_that_the_trainer_logged(store):
    recorder, made = store.run_recorder(), job("x", parent=store.parent)
    run_id = opened(store.state, recorder, made)
    with closing(JournalWriter(store.state.run(run_id))) as journal:
        journal.metrics({"system/trial_cpu_utilization_percentage": 80.0}, 7)
    assert recorder.follow(made) == []
    finish(recorder, made, Verdict(Outcome.FINISHED, ""))
    assert store.run(run_id).data.metrics == {"system/trial_cpu_utilization_percentage": 80.0}
    assert not made.progress.has_metrics
    assert made.progress.epochs_done == 0
