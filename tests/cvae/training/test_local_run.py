import csv
import os
import signal
import subprocess
import sys

from cvae.training.local_run import LocalRun


def rows(directory):
    with (directory / "metrics.csv").open(newline="") as file:
        return list(csv.reader(file))


def test_a_run_has_its_directory_and_is_named_after_it(tmp_path):
    run = LocalRun(tmp_path / "deep" / "first", device="cpu")
    assert (run.id, run.device, run.dir) == ("first", "cpu", tmp_path / "deep" / "first")
    assert rows(run.dir) == [["step", "key", "value"]]
    assert not run.should_stop()


def test_a_second_attempt_adds_what_is_new_and_changes_nothing(tmp_path):
    LocalRun(tmp_path).log({"loss": 0.5, "psnr": 20.0}, 0)
    again = LocalRun(tmp_path)
    again.log({"loss": 0.7, "skill": 1.0}, 0)
    again.log({"loss": 0.25}, 1)
    assert rows(tmp_path)[1:] == [
        ["0", "loss", "0.5"],
        ["0", "psnr", "20.0"],
        ["0", "skill", "1.0"],
        ["1", "loss", "0.25"],
    ]


def test_a_line_that_a_crash_cut_off_is_written_again(tmp_path):
    LocalRun(tmp_path).log({"loss": 0.5}, 0)
    with (tmp_path / "metrics.csv").open("a") as file:
        file.write("1,lo")
    LocalRun(tmp_path).log({"loss": 0.25}, 1)
    assert rows(tmp_path)[1:] == [["0", "loss", "0.5"], ["1", "loss", "0.25"]]


def test_an_artifact_is_a_copy_of_the_file_as_it_was(tmp_path):
    run = LocalRun(tmp_path / "run")
    path = tmp_path / "best.pt"
    path.write_text("first")
    run.artifact(path)
    path.write_text("second")
    assert (run.dir / "artifacts" / "best.pt").read_text() == "first"
    run.artifact(path)
    assert (run.dir / "artifacts" / "best.pt").read_text() == "second"


def test_a_signal_asks_for_a_stop_and_the_same_one_again_ends_the_process(tmp_path):
    code = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from cvae.training.local_run import LocalRun\n"
        "run = LocalRun(Path(sys.argv[1]))\n"
        "run.stop_on_signals()\n"
        "print(run.should_stop())\n"
        "os.kill(os.getpid(), signal.SIGTERM)\n"
        "print(run.should_stop(), run.signal == signal.SIGTERM, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGTERM)\n"
        "print('still here')\n"
    )
    command = [sys.executable, "-c", code, os.fspath(tmp_path / "run")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout == "False\nTrue True\n"
    assert done.returncode == -signal.SIGTERM
