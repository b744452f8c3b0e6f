"""A `sweep run` that outlives its terminal, and what other terminals see of it."""

import os
import subprocess
import sys

import pytest

from tests.project import DEADLINE_S, lines_until

ON_A_TERMINAL = "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])"
HELD = "sweeps: {a: {grid: {hold: [epoch], factor: [0.5]}}}\n"


@pytest.fixture
def on_a_terminal(project):
    """Runs a command as a session with a terminal of its own, which is closed when the command has ended."""

    def run(*words, **environment):
        ours, theirs = os.openpty()
        command = [sys.executable, "-c", ON_A_TERMINAL, sys.executable, "-m", "sweeps", *words]
        started = subprocess.Popen(
            command,
            cwd=project.path,
            env=project.environment | environment,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)
        printed = b""
        try:
            while part := os.read(ours, 65536):
                printed += part
        except OSError:  # all that had the terminal open have ended
            pass
        code = started.wait(DEADLINE_S)
        os.close(ours)
        return code, printed.decode()

    return run


@pytest.mark.parametrize(
    "options",
    [
        pytest.param(("--gpus", ""), id="local"),
        pytest.param(
            ("--executor", "slurm", "--address", "local"), id="slurm-local", marks=pytest.mark.extra
        ),
        pytest.param(("--executor", "slurm"), id="slurm", marks=pytest.mark.cluster),
        pytest.param(("--executor", "ray"), id="ray", marks=pytest.mark.cluster),
    ],
)
def test_a_run_outlives_its_terminal_and_is_watched_and_stopped_from_others(
    project, on_a_terminal, options, request
):
    if options == ("--executor", "slurm"):
        project.environment |= request.getfixturevalue("slurm")
    project.spec(HELD)
    code, said = on_a_terminal("run", "e.yaml", *options, "--detach")
    assert code == 0, said
    assert "1 new; starting 1" in said
    assert "`sweep attach e.yaml` shows it, `sweep stop e.yaml` stops it" in said
    project.held()  # the terminal is closed, and the trial has come this far

    attached = project.start("attach", "e.yaml")
    lines_until(attached, "running, epoch")
    followed = project.start("logs", "-f", "e.yaml", "epoch-factor0.5")
    code, said = project.sweep("stop", "e.yaml")
    assert code == 0, said
    rest, _ = attached.communicate(timeout=DEADLINE_S)
    assert attached.returncode == 130, rest
    assert "1 interrupted" in rest
    followed.communicate(timeout=DEADLINE_S)
    assert followed.returncode == 0
    (run,) = project.runs().values()
    assert run.outcome == "interrupted"

    assert project.ran("--gpus", "")[0] == 0
    (run,) = project.runs().values()
    assert [step for step, _ in project.curve(run, "train/loss")] == [0, 1, 2, 3]


def test_what_cannot_start_says_so_in_the_terminal_and_keeps_its_exit_code(project):
    project.spec("sweeps: {a: {grid: {hold: [1, 1]}}}\n")
    code, said = project.ran("--detach")
    assert code == 2
    assert "goes on" not in said
    project.spec("sweeps: {a: {grid: {factor: [0.5]}}}\n")
    assert project.ran("--gpus", "")[0] == 0
    code, said = project.ran("--gpus", "", "--detach")
    assert (code, "nothing to start; 1 was done before" in said) == (0, True)
    code, said = project.sweep("attach", "e.yaml")
    assert code == 0
    assert said.startswith("nothing is running here; the last `sweep run` was pid ")
    assert said.endswith("nothing to start; 1 was done before\n")
