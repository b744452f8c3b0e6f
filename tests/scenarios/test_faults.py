"""Whatever dies, however and whenever: one more `sweep run` finishes everything, once."""

import itertools
import json
import os
import signal
import sqlite3
import time
from contextlib import closing

import optuna
import psutil
import pytest

SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
TARGETS = ("trial", "supervisor", "both", "forkserver")
POINTS = ("epoch", "starting", "checkpoint", "logging", "ending")

GRID = "sweeps: {{a: {{grid: {{hold: [{point}, none]}}}}}}"
SEARCH = """
sweeps:
  a:
    search: {{space: {{n: {{int: [0, 9]}}}}, objective: {{train/loss: min}}, trials: 3, enqueue: [{{n: 0}}, {{n: 1}}]}}
    when: [{{if: {{n: 0}}, set: {{hold: {point}}}}}]
"""
"""Two starting points at once, of which the first is held, and one trial that the sampler suggests."""


def is_often(spec, target, number, point):
    """Whether a case is one for `make test`; `make faults` has the rest: it takes minutes."""
    if spec is GRID:
        return point == "epoch"
    return (target, number, point) in {
        ("supervisor", signal.SIGKILL, "epoch"),
        ("both", signal.SIGKILL, "starting"),
    }


CASES = [
    pytest.param(
        *case,
        id="-".join(("search" if case[0] is SEARCH else "grid", case[1], case[2].name, case[3])),
        marks=() if is_often(*case) else pytest.mark.matrix,
    )
    for case in itertools.product((GRID, SEARCH), TARGETS, SIGNALS, POINTS)
]

STEPS = [(0, 0.5), (1, 1.25), (2, 2.625), (3, 4.3125)]
"""What an uninterrupted trial logs as train/loss."""


@pytest.mark.parametrize(("spec", "target", "number", "point"), CASES)
def test_after_one_more_run_nothing_is_lost_doubled_or_left(project, spec, target, number, point):
    project.spec(spec.format(point=point))
    process = project.start("run", "e.yaml")
    trial = project.held()
    supervisor = psutil.Process(process.pid)
    forkserver = next(p for p in supervisor.children() if "forkserver" in " ".join(p.cmdline()))
    if target in ("trial", "both"):
        os.kill(trial, number)
    if target in ("supervisor", "both"):
        supervisor.send_signal(number)
    if target == "forkserver":
        forkserver.send_signal(number)
        if number == signal.SIGINT:  # a forkserver is deaf to the terminal; the trial waits on
            supervisor.send_signal(signal.SIGTERM)
    process.communicate()
    psutil.wait_procs([psutil.Process(pid) for pid in [trial] if psutil.pid_exists(pid)], timeout=120)

    code, output = project.sweep("run", "e.yaml")

    assert code == 0, output
    runs = project.runs()
    assert {(run.status, run.outcome) for run in runs.values()} == {("FINISHED", "finished")}
    assert len(runs) == (3 if spec is SEARCH else 2)
    for run in runs.values():
        assert project.curve(run, "train/loss") == STEPS
        assert [step for step, _ in project.curve(run, "val/psnr")] == [0, 1, 2, 3]
    assert project.runs("sweep")["a"].status == "FINISHED"
    assert project.processes() == []
    if spec is SEARCH:
        assert_the_study_has(runs, project)


@pytest.mark.parametrize("target", ["trial", "supervisor", "both"])
def test_the_time_of_a_trial_is_that_of_its_attempts_without_the_pause_between_them(project, target):
    project.spec("sweeps: {a: {grid: {hold: [epoch]}}}")
    began_s = time.monotonic()
    process = project.start("run", "e.yaml")
    trial = project.held()
    if target in ("trial", "both"):
        os.kill(trial, signal.SIGKILL)
    if target in ("supervisor", "both"):
        psutil.Process(process.pid).kill()
    process.communicate()
    psutil.wait_procs([psutil.Process(pid) for pid in [trial] if psutil.pid_exists(pid)], timeout=120)
    ran_s = time.monotonic() - began_s
    day_s = 86_400
    with closing(sqlite3.connect(project.path / "mlflow.db")) as connection, connection:
        connection.execute("UPDATE runs SET start_time = start_time - ?", (day_s * 1000,))

    began_s = time.monotonic()
    code, output = project.sweep("run", "e.yaml")
    assert code == 0, output
    ran_s += time.monotonic() - began_s

    (run,) = project.runs().values()
    assert 0 < run.seconds <= ran_s < day_s < (run.end_ms - run.start_ms) / 1000
    (row,) = project.json("status")
    assert row["seconds"] == run.seconds


def assert_the_study_has(runs, project):
    """Each run is one trial of the study, complete, with the run's value; what else was suggested repeats one."""
    (name,) = optuna.get_all_study_names(f"sqlite:///{project.path / 'optuna.db'}")
    trials = optuna.load_study(study_name=name, storage=f"sqlite:///{project.path / 'optuna.db'}").trials
    assert {trial.state.name for trial in trials} <= {"COMPLETE", "FAIL"}
    trained = [
        trial for trial in trials if trial.state.name == "COMPLETE" and "reused" not in trial.user_attrs
    ]
    assert sorted(trial.user_attrs["run_id"] for trial in trained) == sorted(
        run.run_id for run in runs.values()
    )
    assert {trial.value for trial in trials if trial.state.name == "COMPLETE"} == {STEPS[-1][1]}
    assert all(trial.intermediate_values == dict(STEPS) for trial in trained)
    # The number in a run's tag is that of its suggestion: the study may have lost that in the kill, and counts it anew then.
    of_run = {trial.user_attrs["run_id"]: trial for trial in trained}
    for run in runs.values():
        assert of_run[run.run_id].params == json.loads(run.tags["sweeps.search"])["a"]["params"]


FORGETFUL = """
import os
import signal
from pathlib import Path


def train(config, run):
    again = Path("again")
    is_again = again.exists()
    again.touch()
    for epoch in range(3):
        run.log({"loss": epoch + is_again / 2}, epoch)
        if not is_again and epoch == 1:
            os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_function_that_begins_anew_with_other_values_is_found_out(project):
    (project.path / "forgetful.py").write_text(FORGETFUL)
    (project.path / "e.yaml").write_text(
        "experiment: toy\ntrainer: forgetful:train\nsweeps: {a: {grid: {lr: [1]}}}\n"
    )
    assert project.sweep("run", "e.yaml")[0] == 130
    assert "begins anew, unless it finds its own checkpoint" in project.sweep("plan", "e.yaml")[1]
    code, output = project.sweep("run", "e.yaml")
    assert code == 0, output
    said = "attempt 2 began anew, with other values than the one before; up to step 1 the curves keep the earlier ones (loss)"
    assert said in output
    (run,) = project.runs().values()
    assert run.anew == {"loss": 1}
    assert project.curve(run, "loss") == [(0, 0), (1, 1), (2, 2.5)]
