"""Measures how soon a `sweep run` takes up edits of its file, and whether the trials are those of the last good file.

    python benchmarks/live/edits.py [--rounds 5] [--trials 50]

One trial runs, so many others wait. Each round saves the file four times: with three trials more, with two less, broken,
and mended; in turn by writing it in one go, in two halves with a pause, and by putting another file in its place. `s` is
the time from the last byte to the line that tells of it. At the end the waiting trials are let go, and those that the
record has are compared with the file.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from itertools import count, cycle
from pathlib import Path

from analysis.read.record import Record

TRAINER = """
import time
from pathlib import Path

def train(config, run):
    run.log({"loss": 1.0}, 0)
    while not Path("go").exists() and not run.should_stop():
        time.sleep(0.05)
"""
PAUSE_S = 0.2
"""Between the two halves of a file that is written in two."""


def text(numbers: list[int], *, broken: bool = False) -> str:
    """The file for some trials."""
    more = "  b: {grid: {}\n" if broken else ""
    return f"experiment: live\ntrainer: toy:train\nsweeps:\n  a: {{grid: {{number: {numbers}}}}}\n{more}"


def at_once(path: Path, content: str) -> None:
    """Write over it, as many editors do."""
    path.write_text(content)


def in_halves(path: Path, content: str) -> None:
    """Empty it, and write it in two parts."""
    with path.open("w") as file:
        file.write(content[: len(content) // 2])
        file.flush()
        time.sleep(PAUSE_S)
        file.write(content[len(content) // 2 :])


def renamed(path: Path, content: str) -> None:
    """Put another file in its place."""
    other = path.with_suffix(".new")
    other.write_text(content)
    other.replace(path)


def started(folder: Path, uri: str) -> subprocess.Popen[str]:
    """A `sweep run` of the file that has started its first trial."""
    words = ["run", "e.yaml", "--gpus", "", "--jobs", "1", "--tracking-uri", uri]
    running = subprocess.Popen(
        [sys.executable, "-m", "sweeps", *words],
        cwd=folder,
        env={name: value for name, value in os.environ.items() if not name.startswith(("SWEEP_", "MLFLOW_"))},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    told_of(running, "started")
    return running


def told_of(running: subprocess.Popen[str], word: str) -> str:
    """The next line that has a word."""
    for line in running.stdout or ():
        if word in line:
            return line
    raise SystemExit("the run has ended")


def edit(running: subprocess.Popen[str], spec: Path, numbers: list[int], rounds: int) -> list[int]:
    """Save the file again and again, print a line an edit and the longest time; returns the trials of the last file."""
    fresh, ways, longest_s = count(len(numbers)), cycle((at_once, in_halves, renamed)), 0.0
    for number in range(rounds):
        longer = [*numbers, *(next(fresh) for _ in range(3))]
        shorter = [longer[0], *longer[3:]]
        numbers = [*shorter, next(fresh)]
        edits = {
            "add 3": text(longer),
            "drop 2": text(shorter),
            "break": text(shorter, broken=True),
            "mend, add 1": text(numbers),
        }
        for what, content in edits.items():
            way = next(ways)
            way(spec, content)
            began_s = time.monotonic()
            told = told_of(running, "was saved").split(" was saved")[1].strip(" :,\n")
            took_s = time.monotonic() - began_s
            longest_s = max(longest_s, took_s)
            print(f"{number + 1}  {what:12} {way.__name__:10} {took_s:5.2f} s  {told}", flush=True)
    print(f"longest {longest_s:.2f} s")
    return numbers


def main() -> None:
    """Print a line an edit, and how the record compares with the last file."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--trials", type=int, default=50)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder, numbers = Path(name), list(range(asked.trials))
        spec, uri = folder / "e.yaml", f"sqlite:///{folder / 'mlflow.db'}"
        (folder / "toy.py").write_text(TRAINER)
        spec.write_text(text(numbers))
        running = started(folder, uri)
        wanted = {f"number{number}" for number in edit(running, spec, numbers, asked.rounds)}
        (folder / "go").touch()
        running.communicate()
        done = {run.name for run in Record(uri, "live").runs if run.is_trial and run.outcome == "finished"}
    print(
        f"{len(wanted)} trials in the file, {len(done)} finished, {len(wanted - done)} lost, "
        f"{len(done - wanted)} that are not in it; exit code {running.returncode}"
    )


if __name__ == "__main__":
    main()
