"""`sweep run` from outside: real processes, a real sqlite store."""

import json
import os
import signal

import pytest
from mlflow.tracking import MlflowClient

from tests.project import DEADLINE_S, lines_until

THREE = """
sweeps:
  a:
    grid: {factor: [0.1, 0.5, 0.9]}
"""


def test_every_trial_becomes_a_finished_run_under_its_sweep(project):
    project.spec(THREE)
    code, output = project.sweep("run", "e.yaml")
    assert code == 0, output
    runs = project.runs()
    assert list(runs) == ["factor0.1", "factor0.5", "factor0.9"]
    parent = project.runs("sweep")["a"]
    assert parent.status == "FINISHED"
    for run in runs.values():
        assert (run.status, run.outcome, run.attempt) == ("FINISHED", "finished", 1)
        assert run.parent_run_id == parent.run_id
        assert json.loads(run.tags["sweeps.code"])["digest"]
        assert json.loads(run.tags["sweeps.env"])["python"]
        assert [step for step, _ in project.curve(run, "train/loss")] == [0, 1, 2, 3]
    client = MlflowClient(project.uri)
    artifacts = {a.path for a in client.list_artifacts(runs["factor0.5"].run_id)}
    assert artifacts == {"checkpoint.json", "logs"}
    assert {a.path for a in client.list_artifacts(parent.run_id)} == {"e.yaml", "plan.json", "code"}
    assert client.get_run(runs["factor0.5"].run_id).data.params == {"factor": "0.5"}
    assert project.processes() == []


def test_running_again_starts_nothing(project):
    project.spec(THREE)
    project.sweep("run", "e.yaml")
    before = project.runs()
    code, output = project.sweep("run", "e.yaml")
    assert code == 0
    assert output == "nothing to start; 3 were done before\n"
    assert project.runs() == before


def test_an_edited_file_runs_only_the_difference(project):
    project.spec(THREE)
    project.sweep("run", "e.yaml")
    project.spec(THREE.replace("0.9]", "0.9, 0.99]"))
    code, output = project.sweep("run", "e.yaml")
    assert code == 0
    assert "1 new, 3 done; starting 1" in output
    assert len(project.runs()) == 4


def test_a_failed_trial_has_its_reason_its_log_and_is_retried_only_when_asked(project):
    project.spec("sweeps: {a: {grid: {factor: [0.5], fail_at: [2]}}}")
    code, output = project.sweep("run", "e.yaml")
    assert code == 1
    (run,) = project.runs().values()
    assert (run.status, run.outcome) == ("FAILED", "failed")
    assert run.tags["sweeps.reason"] == "exception: ValueError: weight 1.25 is too much"
    assert "ValueError: weight 1.25 is too much" in run.tags["mlflow.note.content"]
    assert run.tags["sweeps.reason"] in output
    assert "is too much" in project.sweep("logs", "e.yaml", run.name)[1]
    code, output = project.sweep("run", "e.yaml")
    assert code == 1
    assert output.startswith("e.yaml: 1 retry\n")
    assert output.endswith("nothing to start\n")
    assert project.sweep("run", "e.yaml", "--retry-failed")[0] == 1
    (again,) = project.runs().values()
    assert (again.run_id, again.attempt) == (run.run_id, 2)
    assert [step for step, _ in project.curve(again, "train/loss")] == [0, 1]


def test_trials_that_are_given_up_meanwhile_cost_the_exit_code_nothing_whenever_they_failed(project):
    project.spec("defaults: {factor: 0.5}\nsweeps: {a: {grid: {fail_at: [0]}}}")
    assert project.ran()[0] == 1
    project.spec(
        "defaults: {factor: 0.5}\nsweeps: {a: {grid: {fail_at: [0, 1]}}, b: {grid: {hold: [epoch]}}}"
    )
    process = project.run("--jobs", "2")
    lines_until(process, "fail_at1: failed")
    project.held()
    code, said = project.sweep("stop", "e.yaml", "--for-good", "--only", "factor=0.5")
    assert (code, said.startswith("asked to stop for good: ")) == (0, True)
    rest, _ = process.communicate(timeout=DEADLINE_S)
    assert process.returncode == 0, rest
    assert "2 abandoned" in rest
    assert {run.outcome for run in project.runs().values()} == {"abandoned"}
    assert project.ran()[0] == 0


def test_a_trainer_that_exits_is_failed_with_its_code(project):
    project.spec("sweeps: {a: {grid: {exit_at: [1], exit_code: [7]}}}")
    assert project.sweep("run", "e.yaml")[0] == 1
    (run,) = project.runs().values()
    assert run.tags["sweeps.reason"] == "exit code 7"


def test_a_failure_is_tried_again_as_often_as_the_file_says(project):
    project.spec("sweeps: {a: {grid: {exit_at: [1]}, limits: {attempts: 2}}}")
    assert project.sweep("run", "e.yaml")[0] == 1
    (run,) = project.runs().values()
    assert (run.outcome, run.attempt) == ("failed", 2)


def test_a_trial_over_its_time_is_killed(project):
    project.spec("sweeps: {a: {grid: {hold: [epoch]}, limits: {timeout: 0.5s}}}")
    code, output = project.sweep("run", "e.yaml")
    assert code == 1, output
    (run,) = project.runs().values()
    assert (run.outcome, run.tags["sweeps.reason"]) == ("failed", "timeout")


def test_one_ctrl_c_lets_trials_checkpoint_and_the_next_run_goes_on_in_the_same_mlflow_run(project):
    project.spec("sweeps: {a: {grid: {hold: [epoch], factor: [0.5]}, include: [{hold: none, factor: 0.5}]}}")
    process = project.start("run", "e.yaml", "--jobs", "1")
    project.held()
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate()
    assert process.returncode == 130
    assert "Ctrl-C again terminates" in output
    (run,) = project.runs().values()
    assert (run.status, run.outcome) == ("KILLED", "interrupted")
    assert project.runs("sweep")["a"].outcome == "interrupted"
    assert project.sweep("run", "e.yaml")[0] == 0
    runs = project.runs()
    assert runs[run.name].run_id == run.run_id
    assert {r.outcome for r in runs.values()} == {"finished"}
    assert project.curve(runs["epoch-factor0.5"], "train/loss") == project.curve(
        runs["none-factor0.5"], "train/loss"
    )


def test_two_ctrl_c_terminate_and_three_kill(project):
    project.spec("sweeps: {a: {grid: {deaf: [true]}}}")
    (project.path / "toy.py").write_text(DEAF)
    process = project.start("run", "e.yaml")
    pid = project.held()
    for answer in ("stopping", "terminating", "killing"):
        process.send_signal(signal.SIGINT)
        assert any(answer in line for line in iter(process.stdout.readline, ""))
    process.communicate()
    assert process.returncode == 130
    (run,) = project.runs().values()
    assert (run.outcome, run.attempt) == ("interrupted", 1)
    assert pid not in {p.pid for p in project.processes()}


DEAF = """
import os, signal
from pathlib import Path

def train(config, run):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    with Path("held").open("w") as pipe:
        pipe.write(f"{os.getpid()}\\n")
    while True:
        signal.pause()
"""


def test_a_command_gets_its_config_and_its_exit_code_counts(project):
    script = """
import json, os, sys
config = json.load(open(os.environ["SWEEP_CONFIG"]))
assert sys.argv[1:] == ["--lr", "0.001", "a b; $HOME"], sys.argv
assert config == {"lr": 0.001, "text": "a b; $HOME", "code": int(sys.argv[0] == "x") or config["code"]}
assert os.environ["MLFLOW_RUN_ID"] and os.environ["MLFLOW_TRACKING_URI"] and os.environ["SWEEP_RUN_DIR"]
print("hello from", os.environ["CUDA_VISIBLE_DEVICES"] or "no GPU")
sys.exit(config["code"])
"""
    (project.path / "train.py").write_text(script)
    (project.path / "e.yaml").write_text(
        "experiment: toy\n"
        "trainer: {command: [python, train.py, --lr, '{lr}', '{text}']}\n"
        "sweeps: {a: {grid: {code: [0, 5]}, set: {lr: 1e-3, text: a b; $HOME}}}\n"
    )
    code, output = project.sweep("run", "e.yaml", "--gpus", "")
    assert code == 1, output
    runs = project.runs()
    assert runs["code0"].outcome == "finished"
    assert runs["code5"].tags["sweeps.reason"] == "exit code 5: hello from no GPU"
    assert project.sweep("logs", "e.yaml", "code0")[1] == "hello from no GPU\n"


def test_a_param_that_a_program_logs_fails_no_trial_and_is_kept_where_it_differs(project):
    script = """
import os, sys
if sys.argv[1] != "nothing":
    from mlflow.tracking import MlflowClient
    MlflowClient().log_param(os.environ["MLFLOW_RUN_ID"], "lr", sys.argv[1])
"""
    (project.path / "train.py").write_text(script)
    (project.path / "e.yaml").write_text(
        "experiment: toy\n"
        "trainer: {command: [python, train.py, '{logged}']}\n"
        "sweeps: {a: {grid: {logged: [nothing, '5e-1', '7e-1']}, set: {lr: 0.5}}}\n"
    )
    # `python` is the one that runs `sweep`, which has MLflow, whatever the PATH says.
    code, output = project.sweep("run", "e.yaml", "--gpus", "", PATH=os.defpath)
    assert code == 0, output
    kept = {
        name: {
            key: value
            for key, value in MlflowClient(project.uri).get_run(run.run_id).data.params.items()
            if "lr" in key
        }
        for name, run in project.runs().items()
    }
    assert kept == {
        "nothing": {"lr": "0.5"},
        "5e-1": {"lr": "0.5"},
        "7e-1": {"lr": "0.5", "script.lr": "7e-1"},
    }
    assert "script.lr" in project.sweep("logs", "e.yaml", "7e-1")[1]


def test_trials_get_the_devices_that_are_leased_to_them(project):
    (project.path / "toy.py").write_text(
        "import os\n"
        "def train(config, run):\n"
        "    print(run.device, os.environ['CUDA_VISIBLE_DEVICES'], os.environ['OMP_NUM_THREADS'])\n"
    )
    project.spec("sweeps: {a: {grid: {x: [1]}, resources: {gpu: 2, cpu: 2}}}")
    assert project.sweep("run", "e.yaml", "--gpus", "4,7")[0] == 0
    assert project.sweep("logs", "e.yaml", "x1")[1] == "cuda:0 4,7 2\n"
    code, output = project.sweep("run", "e.yaml", "--gpus", "4", "--set", "y=1")
    assert code == 2
    assert "wants 2 GPUs, and this machine has 1" in output


def test_only_and_except_select(project):
    project.spec(THREE)
    assert (
        project.sweep(
            "run", "e.yaml", "--only", "factor=0.1", "--only", "factor=0.9", "--except", "factor=0.9"
        )[0]
        == 0
    )
    assert list(project.runs()) == ["factor0.1"]
    parent = project.runs("sweep")["a"]
    assert parent.outcome == "interrupted"
    assert "3 trials, 1 finished, 2 not started" in parent.tags["mlflow.note.content"]


def test_json_tells_the_outcomes(project):
    project.spec("sweeps: {a: {grid: {factor: [0.5]}, include: [{fail_at: 1}]}}")
    process = project.start("run", "e.yaml", "--json")
    output, _ = process.communicate()
    told = json.loads(output[output.index("{") :])
    assert told["exit_code"] == process.returncode == 1
    assert [row["outcome"] for row in told["trials"]] == ["finished", "failed"]
    status = project.json("status")
    assert [(row["state"], row["epoch"]) for row in status] == [("finished", 4), ("failed", 1)]


def test_notes_say_what_a_trial_is_and_how_to_repeat_it(project):
    project.spec("sweeps: {a: {grid: {factor: [0.5]}}}")
    project.sweep("run", "e.yaml", "--set", "num_epoch=2")
    (run,) = project.runs().values()
    note = run.tags["mlflow.note.content"]
    assert "**factor0.5**, a trial of the sweep *a*: finished." in note
    assert "| val/psnr | 21" in note
    assert "sweep run e.yaml --set num_epoch=2 --sweep a --only trial=factor0.5" in note
    params = MlflowClient(project.uri).get_run(run.run_id).data.params
    assert params == {"factor": "0.5", "num_epoch": "2"}
    assert json.loads(run.tags["sweeps.owner"])["pid"]


COUNTED = """
import sys
from analysis.read.stores import sql_store
from sweeps.cli import main

listed = sql_store.SqlStore.runs

def runs(store, experiment):
    print("runs are listed", file=sys.stderr)
    return listed(store, experiment)

sql_store.SqlStore.runs = runs
main()
"""


@pytest.mark.parametrize(
    ("sweep", "listings"),
    [
        ("{grid: {factor: [0.5, 0.9]}}", 2),
        ("{search: {space: {factor: {float: [0.1, 0.9]}}, objective: {train/loss: min}, trials: 2}}", 3),
    ],
)
def test_the_runs_are_listed_once_the_sweep_is_held_and_once_at_the_end(project, sweep, listings):
    project.spec(f"sweeps: {{a: {sweep}}}")
    place = {"directory": project.path, "environment": project.environment}
    done = project.warm_sweep.start("run", "e.yaml", "--gpus", "", code=COUNTED, **place)
    output, _ = done.communicate(timeout=DEADLINE_S)
    assert done.returncode == 0, output
    assert len(project.runs()) == 2
    assert output.count("runs are listed") == listings
