"""The file of a `sweep run` is saved while that goes on."""

import pytest

from tests.project import DEADLINE_S, lines_until

GRID = "sweeps: {a: {grid: {factor: [%s]}}}\n"
WAITS = """
import os, time
from pathlib import Path

def train(config, run):
    run.log({"train/loss": config["factor"]}, 0)
    if not Path("go").exists():
        with Path("held").open("w") as pipe:
            pipe.write(f"{os.getpid()}\\n")
    while not Path("go").exists() and not run.should_stop():
        time.sleep(0.005)
"""


@pytest.fixture
def waiting(project):
    """A project whose trials wait until `go` is called."""
    (project.path / "toy.py").write_text(WAITS)
    return project


def saved(project, running, factors):
    """Save the file, and return the line that tells of it."""
    project.spec(GRID % factors)
    return lines_until(running, "e.yaml was saved")[-1]


def test_what_runs_is_what_the_last_good_file_says(waiting):
    waiting.spec(GRID % "0.1, 0.2, 0.3, 0.4")
    running = waiting.run("--gpus", "", "--jobs", "1")
    waiting.held()
    assert "3 trials added\n" in saved(waiting, running, "0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7")
    assert "2 waiting dropped\n" in saved(waiting, running, "0.1, 0.4, 0.5, 0.6, 0.7")
    assert "is not taken up; as it was before, it stays in force" in saved(waiting, running, "0.1, no")
    assert "e.yaml:3:" in lines_until(running, "quote")[-1]
    told = saved(waiting, running, "0.4, 0.7, 0.2")
    assert "1 trial added, 2 waiting dropped; gone from it, but running on to the end: a/factor0.1\n" in told
    (waiting.path / "go").touch()
    said, _ = running.communicate(timeout=DEADLINE_S)
    assert running.returncode == 0, said
    assert "4 finished" in said
    runs = waiting.runs()
    assert {name: run.outcome for name, run in runs.items()} == dict.fromkeys(
        ["factor0.1", "factor0.2", "factor0.4", "factor0.7"], "finished"
    )
    assert {run.attempt for run in runs.values()} == {1}
