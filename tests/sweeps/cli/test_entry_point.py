"""How a `sweep` command ends: its exit code, and what it says where it fails."""

import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

from analysis.read.errors import UnreachableStoreError
from sweeps.cli.verbs import cli
from sweeps.errors import HeldError, Place, Problem, SelectionError, SpecError
from tests.sweeps.specs import run_sweep


@pytest.fixture
def spec(tmp_path, monkeypatch):
    """A working directory with a file of more trials than fit a pipe."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "e.yaml").write_text("trainer: {command: [python]}\nsweeps: {a: {seeds: 4000}}\n")
    return tmp_path


def started(*arguments, **options):
    """`sweep ARGUMENTS` as a real process."""
    command = [sys.executable, "-m", "sweeps", *arguments]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True, **options)


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (SelectionError("trial x: there is none"), 2, "trial x: there is none\n"),
        (HeldError("sweep a is being run by pid 7"), 3, "sweep a is being run by pid 7\n"),
        (
            UnreachableStoreError("http://me:secret@host does not answer"),
            2,
            "http://***@host does not answer\n",
        ),
        (OSError(28, "No space left on device", "mlflow.db"), 2, "mlflow.db: No space left on device\n"),
        (click.ClickException("no such thing"), 2, "Error: no such thing\n"),
        (click.Abort(), 130, ""),
        (KeyboardInterrupt(), 130, ""),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else "",
)
def test_an_error_becomes_a_message_and_an_exit_code(error, code, message, monkeypatch):
    def fail():
        raise error

    monkeypatch.setitem(cli.commands, "fail", click.Command("fail", callback=fail))
    done = run_sweep("fail")
    assert (done.code, done.out, done.err.strip("\n")) == (code, "", message.strip("\n"))


@pytest.mark.parametrize("error", [KeyboardInterrupt(), click.Abort()])
def test_a_run_that_is_stopped_before_anything_says_so_and_how_it_goes_on(error, monkeypatch):
    def stop(file):
        raise error

    monkeypatch.setitem(
        cli.commands, "run", click.Command("run", callback=stop, params=[click.Argument(["file"])])
    )
    done = run_sweep("run", "my file.yaml")
    assert (done.code, done.out) == (130, "")
    assert done.err.strip() == "stopped; `sweep run 'my file.yaml'` goes on"


def test_a_bug_keeps_its_traceback(monkeypatch):
    def fail():
        raise ZeroDivisionError

    monkeypatch.setitem(cli.commands, "fail", click.Command("fail", callback=fail))
    with pytest.raises(ZeroDivisionError):
        run_sweep("fail")


def test_every_problem_of_a_file_has_a_line_of_its_own(monkeypatch):
    def fail():
        places = [Place("e.yaml", 7, 3), Place("e.yaml", 2, 1)]
        raise SpecError([Problem(place, "there is no such key") for place in places])

    monkeypatch.setitem(cli.commands, "fail", click.Command("fail", callback=fail))
    done = run_sweep("fail")
    assert done.err == "e.yaml:2:1: there is no such key\ne.yaml:7:3: there is no such key\n"


def test_the_script_exits_with_the_code_and_without_a_traceback(spec):
    (spec / "e.yaml").write_text("trainer: {command: [python]}\nsweep: {a: {seeds: 3}}\n")
    process = started("check", "e.yaml", stdout=subprocess.PIPE)
    out, err = process.communicate()
    assert (process.returncode, out) == (2, "")
    assert [line.partition(" ")[0] for line in err.splitlines()] == ["e.yaml:1:1:", "e.yaml:2:1:"]
    assert "Traceback" not in err


def test_a_reader_that_has_seen_enough_ends_the_command_without_a_word(spec):
    process = started("plan", "e.yaml", stdout=subprocess.PIPE)
    assert process.stdout.readline().split() == ["sweep", "trial", "action"]
    process.stdout.close()
    assert process.communicate()[1] == ""
    assert process.returncode == 141


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_a_message(spec):
    with open("/dev/full", "w") as full:  # noqa: PTH123 - a device
        process = started("check", "e.yaml", stdout=full, env=os.environ | {"LC_ALL": "C"})
        err = process.communicate()[1]
    assert process.returncode == 2
    assert err == "No space left on device\n"


def test_a_terminal_that_lacks_a_letter_shows_its_number(spec):
    (spec / "e.yaml").write_text("trainer: {command: [python]}\nsweeps: {a: {set: {note: 'é🎉'}}}\n", "utf-8")
    environment = os.environ | {"LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONCOERCECLOCALE": "0"}
    process = started("explain", "e.yaml", "trial", stdout=subprocess.PIPE, env=environment)
    out, err = process.communicate()
    assert (process.returncode, err) == (0, "")
    assert r"\xe9\U0001f389" in out


def test_closed_streams_lead_nowhere(spec):
    command = f"{sys.executable} -m sweeps plan e.yaml <&- >&- 2>&-"
    assert subprocess.run(["bash", "-c", command], check=False).returncode == 0  # noqa: S607
    assert sorted(path.name for path in spec.iterdir()) == ["e.yaml"]


def test_trials_of_a_sweep_run_with_closed_streams_have_streams_of_their_own(project):
    project.spec("sweeps: {a: {grid: {num_epoch: [1]}}}")
    command = f"{sys.executable} -m sweeps run e.yaml <&- >&- 2>&-"
    place = {"cwd": project.path, "env": project.environment | {"MLFLOW_TRACKING_URI": project.uri}}
    assert subprocess.run(["bash", "-c", command], check=False, **place).returncode == 0  # noqa: S607
    (run,) = project.runs().values()
    assert run.outcome == "finished"
