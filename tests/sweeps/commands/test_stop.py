"""Stopping from another terminal, memory, devices, damage and refusals: real processes again."""

import json
import os
import shutil
import signal
import stat
import time

import psutil
import pytest
from mlflow.tracking import MlflowClient

HELD_AND_FREE = "sweeps: {a: {grid: {hold: [epoch, none]}}}"


def test_stop_from_another_terminal_is_a_ctrl_c(project):
    project.spec(HELD_AND_FREE)
    process = project.start("run", "e.yaml")
    project.held()
    code, output = project.sweep("stop", "e.yaml")
    assert (code, output) == (0, f"asked pid {process.pid} to stop\n")
    process.communicate()
    assert process.returncode == 130
    assert project.sweep("stop", "e.yaml")[1] == "nothing is running here\n"


def test_one_trial_can_be_stopped_and_the_others_go_on(project):
    project.spec(HELD_AND_FREE)
    process = project.start("run", "e.yaml")
    project.held()
    _, output = project.sweep("stop", "e.yaml", "--only", "trial=epoch")
    assert output == "asked to stop a/epoch\n"
    process.communicate()
    assert process.returncode == 130
    assert {name: run.outcome for name, run in project.runs().items()} == {
        "epoch": "interrupted",
        "none": "finished",
    }


def test_a_plan_tells_where_a_trial_resumes_what_failed_changed_and_was_removed(project):
    project.spec(
        "sweeps: {a: {grid: {hold: [epoch]}, include: [{fail_at: 1}, {factor: 0.1}, {factor: 0.2}]}}"
    )
    process = project.start("run", "e.yaml", "--jobs", "1")
    project.held()
    project.sweep("stop", "e.yaml", "--only", "trial=epoch")
    process.communicate()
    project.spec(
        "sweeps: {a: {grid: {hold: [epoch]}, include: [{fail_at: 1}, {factor: 0.1}], when: "
        "[{if: {factor: 0.1}, set: {num_epoch: 5}}]}}"
    )
    told = project.json("plan")
    rows = {row["trial"]: (row["action"], row["epoch"], row["reason"]) for row in told["trials"]}
    assert rows == {
        "epoch": ("resume", 3, "stopped"),
        "fail_at1": ("retry", 1, "exception: ValueError: weight 0.5 is too much"),
        "factor0.1": ("changed", None, "num_epoch (new)"),
        "factor0.2": ("removed", None, "in the record, not in the file; it is kept"),
    }
    assert told["counts"] == {"changed": 1, "resume": 1, "retry": 1, "removed": 1}


def test_code_that_changed_between_compared_runs_is_told(project):
    project.spec("sweeps: {a: {grid: {factor: [0.1]}}}")
    project.sweep("run", "e.yaml")
    with (project.path / "toy.py").open("a") as file:
        file.write("\n# another version\n")
    (line,) = project.json("plan")["differences"]
    assert line.startswith("runs differ in code: digest ")
    assert line.endswith("(now)")


def test_out_of_memory_is_tried_once_more_alone(project):
    (project.path / "toy.py").write_text(
        "import os\nfrom pathlib import Path\n"
        "def train(config, run):\n"
        "    tried = run.dir / 'tried'\n"
        "    if config['x'] < 2 and not tried.exists():\n"
        "        tried.touch()\n"
        "        raise MemoryError\n"
        "    if config['x'] == 0:\n"
        "        raise MemoryError\n"
    )
    project.spec("sweeps: {a: {grid: {x: [0, 1, 2]}, resources: {gpu: 0.5}}}")
    assert project.sweep("run", "e.yaml", "--gpus", "0")[0] == 1
    told = {
        name: (run.outcome, run.tags.get("sweeps.reason", ""), run.attempt)
        for name, run in project.runs().items()
    }
    assert told == {"x0": ("failed", "oom", 2), "x1": ("finished", "", 2), "x2": ("finished", "", 1)}


def test_a_device_on_which_three_trials_in_a_row_die_is_set_aside(project):
    project.spec("sweeps: {a: {grid: {exit_at: [0], factor: [1, 2, 3, 4, 5]}, resources: {gpu: 1}}}")
    code, output = project.sweep("run", "e.yaml", "--gpus", "3")
    assert code == 130
    assert "device 3 is set aside: three trials in a row died on it within seconds" in output
    assert [run.outcome for run in project.runs().values()] == ["failed"] * 3


def test_a_commands_program_does_not_outlive_its_killed_supervisor_and_waiter(project):
    (project.path / "train.py").write_text(
        "import os, signal\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "with open('held', 'w') as pipe:\n"
        "    pipe.write(f'{os.getpid()}\\n')\n"
        "while True:\n"
        "    signal.pause()\n"
    )
    text = "experiment: toy\ntrainer: {command: [python, train.py]}\nsweeps: {a: {grid: {x: [1]}}}\n"
    (project.path / "e.yaml").write_text(text)
    process = project.start("run", "e.yaml")
    program = psutil.Process(project.held())
    waiter = program.parent()
    process.kill()
    waiter.kill()
    process.communicate()
    assert psutil.wait_procs([program], timeout=5)[1] == []


def test_eight_trials_at_once_on_one_sqlite_store_lose_nothing(project):
    (project.path / "toy.py").write_text(
        "def train(config, run):\n"
        "    for epoch in range(50):\n"
        "        run.log({f'm{k}': epoch + k for k in range(10)}, epoch)\n"
    )
    project.spec("sweeps: {a: {grid: {x: [1, 2, 3, 4, 5, 6, 7, 8]}, resources: {gpu: 0.125}}}")
    code, output = project.sweep("run", "e.yaml", "--gpus", "0")
    assert code == 0, output
    assert "locked" not in output
    for run in project.runs().values():
        for key in ("m0", "m9"):
            assert [step for step, _ in project.curve(run, key)] == list(range(50))


def test_a_locked_database_is_waited_for(project):
    import sqlite3

    project.spec("sweeps: {a: {grid: {hold: [epoch]}}}")
    process = project.start("run", "e.yaml")
    project.held()
    other = sqlite3.connect(project.path / "mlflow.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    process.send_signal(signal.SIGTERM)
    with pytest.raises(Exception, match="timed out"):
        process.wait(timeout=2)  # it cannot end while its record is locked
    other.execute("ROLLBACK")
    other.close()
    process.communicate()
    assert process.returncode == 130
    (run,) = project.runs().values()
    assert run.outcome == "interrupted"


def test_a_server_that_does_not_answer_is_told_without_its_password(project):
    project.spec("sweeps: {a: {grid: {x: [1]}}}")
    uri = "http://me:hunter2@127.0.0.1:9"
    for verb in ("run", "plan", "status"):
        code, output = project.sweep(verb, "e.yaml", "--tracking-uri", uri)
        assert code == 2, output
        assert "127.0.0.1:9" in output
        assert "hunter2" not in output
        assert "Traceback" not in output
    assert not (project.path / ".sweep" / "runs").exists()


def test_a_database_that_cannot_be_written_is_told(project):
    project.spec("sweeps: {a: {grid: {x: [1]}}}")
    code, output = project.sweep("run", "e.yaml", "--tracking-uri", "sqlite:///missing/folder/mlflow.db")
    assert code == 2
    assert "there is no directory" in output
    assert "Traceback" not in output


@pytest.mark.skipif(os.geteuid() == 0 and not shutil.which("setpriv"), reason="root may write everywhere")
def test_a_read_only_directory_is_told(project):
    project.spec("sweeps: {a: {grid: {x: [1]}}}")
    project.path.chmod(stat.S_IRUSR | stat.S_IXUSR)
    if os.geteuid() == 0:
        project.prefix = ["setpriv", "--bounding-set", "-dac_override"]
    try:
        code, output = project.sweep("run", "e.yaml")
    finally:
        project.path.chmod(stat.S_IRWXU)
    assert code == 2
    told = f"{project.path / '.sweep'}: cannot be written: Permission denied; work where you may write, or set SWEEP_HOME"
    assert output.strip() == told


def test_a_full_disk_fails_the_trial_and_loses_nothing_before(project):
    """A file size limit stands in for the full disk: the write fails in the same place, in the same way."""
    (project.path / "toy.py").write_text(
        "import resource\n"
        "def train(config, run):\n"
        "    run.log({'loss': 1.0}, 0)\n"
        "    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "    (run.dir / 'checkpoint').write_bytes(b'0' * 10_000)\n"
    )
    project.spec("sweeps: {a: {grid: {x: [1]}}}")
    code, _ = project.sweep("run", "e.yaml")
    assert code == 1
    (run,) = project.runs().values()
    assert run.outcome == "failed"
    assert "File too large" in run.tags["sweeps.reason"]
    assert project.curve(run, "loss") == [(0, 1.0)]


@pytest.mark.skipif(not shutil.which("prlimit"), reason="prlimit, of util-linux, stands in for the full disk")
def test_a_full_disk_under_the_database_ends_the_run_and_the_next_one_makes_it_whole(project):
    (project.path / "toy.py").write_text(
        "def train(config, run):\n"
        "    for epoch in range(300):\n"
        "        run.log({f'metric {k}': epoch + k for k in range(40)}, epoch)\n"
    )
    project.spec("sweeps: {a: {grid: {x: [1, 2]}}}")
    room = (project.path / "mlflow.db").stat().st_size + 100_000
    project.prefix = ["prlimit", f"--fsize={room}"]
    code, output = project.sweep("run", "e.yaml")
    assert code == 2, output
    assert "the record cannot be written" in output
    assert "Traceback" not in output
    project.prefix = []
    assert project.sweep("run", "e.yaml")[0] == 0
    for run in project.runs().values():
        assert run.outcome == "finished"
        assert [step for step, _ in project.curve(run, "metric 39")] == list(range(300))


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


@pytest.mark.parametrize(("lease_s", "expected"), [(60, 3), (-1, 0)])
def test_a_lease_of_another_machine_holds_the_sweep_until_it_runs_out(project, lease_s, expected):
    project.spec("sweeps: {a: {grid: {fail_at: [1]}}}")
    project.sweep("run", "e.yaml")
    client = MlflowClient(project.uri)
    project.spec("sweeps: {a: {grid: {factor: [0.5]}}}")
    parent = project.runs("sweep")["a"].run_id
    owner = {"host": "another-host", "boot": "b", "pid": 4711, "start_s": 1.0}
    client.update_run(parent, status="RUNNING")
    client.set_tag(parent, "sweeps.owner", json.dumps(owner))
    client.set_tag(parent, "sweeps.lease", str(int((time.time() + lease_s) * 1000)))
    code, output = project.sweep("run", "e.yaml")
    assert code == expected, output
    assert ("toy/a: is being run by pid 4711 on another-host" in output) == (expected == 3)


def test_a_trial_that_two_sweeps_share_is_trained_once_and_belongs_to_both(project):
    project.spec("sweeps: {a: {grid: {factor: [0.1, 0.5]}}, b: {grid: {factor: [0.5, 0.9]}}}")
    assert project.sweep("run", "e.yaml")[0] == 0
    runs = project.runs()
    assert list(runs) == ["factor0.1", "factor0.5", "factor0.9"]
    assert (runs["factor0.5"].tags["sweeps.sweep"], runs["factor0.5"].tags["sweeps.also"]) == ("a", "b")
    assert {run.outcome for run in project.runs("sweep").values()} == {"finished"}
