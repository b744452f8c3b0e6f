"""What tests of outages share: a trainer that can be held in the middle, and a wait for what must come."""

import json
import time

DEADLINE_S = 300
EPOCHS = 6
GATED = """
import os, time
from pathlib import Path

def train(config, run):
    for epoch in range(6):
        if epoch == 3:
            Path(f"reached{config['n']}").touch()
            while not Path("go").exists():
                time.sleep(0.01)
        run.log({"train/loss": config["n"] + epoch / 8, "val/psnr": 20.0 - epoch}, epoch)
    (run.dir / "result.txt").write_text(str(config["n"]))
    run.artifact(run.dir / "result.txt")
    if config.get("exit_code"):
        os._exit(config["exit_code"])
"""


def until(condition, what):
    """Wait for a condition and return what it came to; the test fails where it never holds."""
    deadline_s = time.monotonic() + DEADLINE_S
    while not (found := condition()):
        assert time.monotonic() < deadline_s, f"{what}: never"
        time.sleep(0.02)
    return found


def gated(project, sweep):
    """Give a project the trainer that waits for `go`, and a sweep of it."""
    (project.path / "toy.py").write_text(GATED)
    project.spec(f"sweeps: {{a: {sweep}}}")


def reached(project, *numbers):
    """Wait until these trials are held in the middle."""
    for number in numbers:
        until((project.path / f"reached{number}").exists, f"trial {number} in its middle")


def go_on(project):
    (project.path / "go").touch()


def concluded(project, count):
    """Wait until the supervisor has noted the outcomes of so many trials on disk; returns them."""
    runs = project.path / ".sweep" / "runs"
    return until(
        lambda: len(found := list(runs.glob("*/outcome.json"))) >= count and found, f"{count} outcomes"
    )


def outcomes(paths):
    return sorted(json.loads(path.read_text())["outcome"] for path in paths)


def whole(project, run, number):
    """Whether a run has every step of both metrics, each once, with its value."""
    return project.curve(run, "train/loss") == [
        (step, number + step / 8) for step in range(EPOCHS)
    ] and project.curve(run, "val/psnr") == [(step, 20.0 - step) for step in range(EPOCHS)]
