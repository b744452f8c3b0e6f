"""A search's jobs: a real store and a real study, and the test in the supervisor's place."""

import json
import shutil

import optuna
import pytest
from mlflow.tracking import MlflowClient

from analysis.read.outcomes import Outcome
from analysis.read.record import Record
from sweeps.errors import SpecError
from sweeps.executors.slots import Allocation
from sweeps.planning.plan import make_plan
from sweeps.planning.search_history import with_recorded
from sweeps.record.claims import Held, Settled
from sweeps.record.ledger import Ledger
from sweeps.rundir.journal import Metrics
from sweeps.rundir.paths import StateDir
from sweeps.scheduler.job import Job
from sweeps.scheduler.verdict import Verdict
from sweeps.scheduler.write_queue import WriteQueue
from sweeps.search.factory import open_search
from tests.sweeps.specs import expanded

TWO_POINTS = """
sweeps:
  a:
    search:
      space: {lr: {float: [0.01, 0.1]}, tfr: {choice: [0.0, 0.5, 1.0]}}
      objective: {loss: min}
      trials: 3
      enqueue: [{lr: 0.05, tfr: 0.5}, {lr: 0.02, tfr: 1.0}]
"""
TWO_CONFIGS = """
sweeps:
  a: {search: {space: {tfr: {choice: [0.0, 1.0]}}, objective: {loss: min}, trials: 9}}
"""


class Search:
    """A search in a store of its own; runs its jobs as the supervisor does, without processes."""

    def __init__(self, folder, database):
        self.folder = folder
        shutil.copy(database, folder / "mlflow.db")
        self.uri = f"sqlite:///{folder / 'mlflow.db'}"
        self.client = MlflowClient(self.uri)
        self.ledger = Ledger.open(self.uri, "toy")
        self.parent = self.ledger.sweep_run("a", None, {})
        self.queue = WriteQueue(Ledger.open(self.uri, "toy"))
        self.notices = []
        self.source = None

    def open(self, text, *, suggests=True):
        """Open the search of a file, as each `sweep run` does once."""
        record = Record(self.uri, "toy")
        (sweep,) = with_recorded(list(expanded(self.folder, text)[0].values()), record.runs)
        self.source = open_search(
            sweep,
            queue=self.queue,
            state=StateDir(self.folder / "state"),
            record=record,
            steps=make_plan([sweep], record.runs, is_alive=lambda _: False).to_start(),
            make_job=lambda step: Job(
                step, sweep.spec.resources, sweep.spec.limits, self.parent, "sweep run"
            ),
            parent=self.parent,
            suggests=suggests,
            notice=self.notices.append,
        )
        return self.source

    def begin(self):
        """The next job with its run open; None where the search has none now."""
        job = self.source.next()
        if job is not None:
            job.granted(Allocation((), 1.0, 1, 1))
            if job.run_id is None:
                job.opened(self.run_of(job.step.trial, job.tags))
            else:
                self.ledger.reopen(job.run_id, job.tags)
                job.opened(job.run_id)
            self.source.linked(job)
            job.started()
        return job

    def run_of(self, trial, tags):
        return self.ledger.trial_run(
            sweep=trial.sweep, trial=trial.name, fingerprint=trial.fingerprint, parent=self.parent, tags=tags
        )

    def log(self, job, epoch, loss):
        """Have a job log its loss; returns why it is to be pruned, if it is."""
        self.client.log_metric(job.run_id, "loss", loss, step=epoch)
        return self.source.reported(job, [Metrics(0, epoch, {"loss": loss})])

    def end(self, job, outcome=Outcome.FINISHED):
        self.ledger.end(job.run_id, outcome, "")
        job.concluded(Verdict(outcome))
        self.source.ended(job)

    def close(self):
        self.source.finish(30.0)

    @property
    def stored(self):
        """The study's trials in its storage, once it is written."""
        self.close()
        url = f"sqlite:///{self.folder / 'optuna.db'}"
        (name,) = optuna.get_all_study_names(url)
        return optuna.load_study(study_name=name, storage=url).trials


@pytest.fixture
def search(tmp_path, empty_database, monkeypatch):
    monkeypatch.chdir(tmp_path)
    made = Search(tmp_path, empty_database)
    with made.queue:
        yield made
        made.close()


def test_starting_points_come_first_then_suggestions_until_there_are_enough(search):
    source = search.open(TWO_POINTS)
    jobs = [search.begin() for _ in range(3)]
    assert [job.step.trial.name for job in jobs] == ["trial-001", "trial-002", "trial-003"]
    assert [(job.config["lr"], job.config["tfr"]) for job in jobs[:2]] == [(0.05, 0.5), (0.02, 1.0)]
    assert 0.01 <= jobs[2].config["lr"] <= 0.1
    assert (source.jobs, source.is_open, search.begin()) == (jobs, False, None)
    assert json.loads(jobs[0].tags["sweeps.search"])["a"]["params"] == {"lr": 0.05, "tfr": 0.5}


def test_the_study_gets_what_a_trial_scored_and_which_run_it_was(search):
    search.open(TWO_POINTS)
    finished, failed, interrupted = (search.begin() for _ in range(3))
    for epoch, loss in enumerate((3.0, 2.0)):
        assert search.log(finished, epoch, loss) is None
    search.end(finished)
    search.end(failed, Outcome.FAILED)
    search.end(interrupted, Outcome.INTERRUPTED)
    trials = search.stored
    assert [trial.state.name for trial in trials] == ["COMPLETE", "FAIL", "RUNNING"]
    assert (trials[0].value, trials[0].intermediate_values) == (2.0, {0: 3.0, 1: 2.0})
    jobs = (finished, failed, interrupted)
    assert [trial.user_attrs["run_id"] for trial in trials] == [job.run_id for job in jobs]


def test_what_was_interrupted_comes_first_and_goes_on_in_its_run(search):
    search.open(TWO_POINTS)
    begun = search.begin()
    search.log(begun, 0, 3.0)
    search.end(begun, Outcome.INTERRUPTED)
    search.close()
    search.open(TWO_POINTS)
    again, following = search.begin(), search.begin()
    assert again.run_id == begun.run_id
    assert following.step.trial.name == "trial-002"
    search.log(again, 1, 2.0)
    search.end(again)
    assert search.stored[0].intermediate_values == {0: 3.0, 1: 2.0}
    assert search.notices == []


def test_a_search_that_may_not_suggest_takes_up_only_what_was_interrupted(search):
    search.open(TWO_POINTS)
    begun = search.begin()
    search.end(begun, Outcome.INTERRUPTED)
    search.close()
    source = search.open(TWO_POINTS, suggests=False)
    assert source.is_open
    assert search.begin().run_id == begun.run_id
    assert not source.is_open


def test_a_config_that_the_record_has_is_taken_over_and_not_run_again(search):
    (trial,) = expanded(search.folder, "sweeps: {g: {grid: {tfr: [1.0]}}}")[0]["g"].trials
    run_id = search.run_of(trial, {})
    search.client.log_metric(run_id, "loss", 0.5, step=0)
    search.ledger.end(run_id, Outcome.FINISHED, "")
    source = search.open(TWO_CONFIGS)
    jobs = []
    while (job := search.begin()) is not None:
        jobs.append(job)
        search.log(job, 0, 1.0)
        search.end(job)
    assert [job.step.trial.config["tfr"] for job in jobs] == [0.0]
    assert not source.is_open
    (notice,) = search.notices
    assert notice.endswith(": has its result already, from tfr1.0")
    adopted = [trial for trial in search.stored if trial.user_attrs["run_id"] == run_id]
    assert {trial.value for trial in adopted} == {0.5}
    assert search.queue.wait(30.0)
    assert "sweeps.search" in search.client.get_run(run_id).data.tags


def test_a_pruner_gives_its_reason_once_a_trial_falls_behind(search):
    search.open(f"{TWO_POINTS}      pruner: {{name: median, n_startup_trials: 1}}\n")
    good, bad = search.begin(), search.begin()
    assert search.log(good, 0, 1.0) is None
    search.end(good)
    assert search.log(bad, 0, 9.0) == "median: loss 9 after epoch 0"
    search.end(bad, Outcome.PRUNED)
    assert [trial.state.name for trial in search.stored] == ["COMPLETE", "PRUNED"]


def test_of_a_mean_the_pruner_compares_the_means_so_far_and_the_study_gets_that_of_all(search):
    text = TWO_POINTS.replace("{loss: min}", "{loss: {direction: min, value: mean}}")
    search.open(f"{text}      pruner: {{name: median, n_startup_trials: 1, n_warmup_steps: 2}}\n")
    good, bad = search.begin(), search.begin()
    for fold, loss in ((1, 2.0), (2, 6.0)):  # the second is hard for all
        assert search.log(good, fold, loss) is None
    search.end(good)
    assert search.log(bad, 1, 5.0) is None
    assert search.log(bad, 2, 5.5) == "median: mean loss 5.25 after epoch 2"
    search.end(bad, Outcome.PRUNED)
    ended, pruned = search.stored
    assert (ended.value, ended.intermediate_values) == (4.0, {1: 2.0, 2: 4.0})
    assert pruned.intermediate_values == {1: 5.0, 2: 5.25}


def test_a_pruner_calls_a_batch_no_epoch(search):
    search.open(f"{TWO_POINTS}      pruner: {{name: median, n_startup_trials: 1}}\n")
    good, bad = search.begin(), search.begin()
    good.epochs = bad.epochs = 8
    search.log(good, 175, 1.0)
    search.end(good)
    assert search.log(bad, 175, 9.0) == "median: loss 9 after step 175"


def test_a_trial_that_ends_without_its_objective_is_a_problem_of_the_file(search):
    search.open(TWO_POINTS)
    job = search.begin()
    with pytest.raises(SpecError, match="logged no 'loss' by its end; it logged nothing"):
        search.end(job)


def test_a_study_that_is_lost_is_made_again_from_the_record(search):
    search.open(TWO_POINTS)
    jobs = [search.begin() for _ in range(2)]
    for loss, job in enumerate(jobs, start=1):
        search.log(job, 0, float(loss))
        search.end(job)
    search.close()
    (search.folder / "optuna.db").unlink()
    search.open(TWO_POINTS)
    assert search.begin().step.trial.name == "trial-003"
    assert [(trial.state.name, trial.value) for trial in search.stored] == [
        ("COMPLETE", 1.0),
        ("COMPLETE", 2.0),
        ("RUNNING", None),
    ]


def test_a_closed_search_gives_nothing_more(search):
    source = search.open(TWO_POINTS)
    assert source.is_open
    source.close()
    assert (source.is_open, source.next(), search.stored) == (False, None, [])


def test_a_search_whose_time_is_up_begins_nothing(search):
    source = search.open(TWO_POINTS.replace("trials: 3", "trials: 3\n      timeout: 0.000001s"))
    assert (source.is_open, source.next()) == (False, None)


STEPS = """
sweeps:
  a:
    search:
      space: {{tfr: {{float: [0, 1], step: 0.1}}}}
      objective: {{loss: min}}
      trials: 20
      sampler: {sampler}
      enqueue: [{{tfr: 0.3}}, {{tfr: 0.7}}]
"""


@pytest.mark.parametrize("sampler", ["grid", "random"])
def test_a_step_that_was_tried_is_not_tried_again_under_another_spelling(search, sampler):
    tried = []
    for trials in (3, 8, 20):  # as three `sweep run`s in a row
        search.open(STEPS.format(sampler=sampler).replace("trials: 20", f"trials: {trials}"))
        while job := search.begin():
            tried.append(job.step.trial.config["tfr"])
            search.log(job, 0, 1.0)
            search.end(job)
        search.close()
    assert sorted(tried) == [index / 10 for index in range(11)]
    assert not any("repaired" in notice for notice in search.notices)


def trained_by_another(search, loss):
    """A job of the search whose trial another `sweep run` has finished meanwhile, with its run."""
    job = search.source.next()
    job.granted(Allocation((), 1.0, 1, 1))
    run_id = search.run_of(job.step.trial, {})
    for epoch, value in enumerate(loss):
        search.client.log_metric(run_id, "loss", value, step=epoch)
    search.ledger.end(run_id, Outcome.FINISHED, "")
    (run,) = (run for run in Record(search.uri, "toy").runs if run.run_id == run_id)
    job.refused = Settled(run)
    job.settled()
    job.concluded(Verdict(Outcome.FINISHED, "by pid 7"))
    search.source.ended(job)
    return job


def test_what_another_made_of_a_trial_is_its_result(search):
    search.open(TWO_POINTS)
    job = trained_by_another(search, [0.5, 0.25])
    trial = search.stored[0]
    assert (trial.state.name, trial.value) == ("COMPLETE", 0.25)
    while not search.queue.wait(1.0):
        pass
    tag = search.client.get_run(job.run_id).data.tags["sweeps.search"]
    assert json.loads(tag)["a"]["params"] == {"lr": 0.05, "tfr": 0.5}


def test_a_result_without_the_objective_leaves_the_trial_open(search):
    search.open(TWO_POINTS)
    trained_by_another(search, [])
    assert search.stored[0].state.name == "RUNNING"


def test_a_trial_that_another_has_stays_open(search):
    search.open(TWO_POINTS)
    job = search.source.next()
    job.granted(Allocation((), 1.0, 1, 1))
    run_id = search.run_of(job.step.trial, {})
    (run,) = (run for run in Record(search.uri, "toy").runs if run.run_id == run_id)
    job.refused = Held(run, "pid 7")
    job.held()
    search.source.ended(job)
    assert (job.state, job.reason) == ("held", "by pid 7")
    assert search.stored[0].state.name == "RUNNING"
