"""Memory, devices, disks and stores that fail or refuse under a `sweep run`: real processes, a real sqlite store."""

import os
import shutil
import signal
import sqlite3
import stat

import psutil
import pytest


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
    attempts = {
        name: (run.outcome, run.tags.get("sweeps.reason", ""), run.attempt)
        for name, run in project.runs().items()
    }
    assert attempts == {"x0": ("failed", "oom", 2), "x1": ("finished", "", 2), "x2": ("finished", "", 1)}


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
    text = "experiment: toy\ntrainer: {command: [python, train.py]}\nsweeps: {a: {seeds: 1}}\n"
    (project.path / "e.yaml").write_text(text)
    process = project.start("run", "e.yaml")
    program = psutil.Process(project.held())
    waiter = program.parent()
    process.kill()
    waiter.kill()
    process.communicate()
    assert psutil.wait_procs([program], timeout=120)[1] == []


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
    message = f"{project.path / '.sweep'}: cannot be written: Permission denied; work where you may write, or set SWEEP_HOME"
    assert output.strip() == message


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
        "    for epoch in range(80):\n"
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
        assert [step for step, _ in project.curve(run, "metric 39")] == list(range(80))
