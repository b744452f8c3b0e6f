"""Measures what `sweep report --watch` takes beside a sweep whose trials log ten points a second.

    python benchmarks/live/follow.py [--seconds 180] [--trials 4] [--metrics 3]

`share` is the CPU time of the watch over the time of its life, start and first drawing left out; `older s` is the age of the
page just before it is replaced, at most.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

ROOT = Path(__file__).parents[2]
TRAINER = """
import math, time

def train(config, run):
    step = 0
    while not run.should_stop():
        run.log({f"metric{number}": math.sin(step / 50 + number + config["x"]) for number in range(config["metrics"])}, step)
        step += 1
        time.sleep(0.1)
"""


def sweep(folder: Path, *words: str) -> subprocess.Popen[bytes]:
    """Start a verb."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "sweeps", words[0], "e.yaml", *words[1:]]
    return subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL)


def follow(page: Path, watch: subprocess.Popen[bytes], seconds: float) -> tuple[float, float, int]:
    """Look at the page for some time; returns the share of a core, the greatest age, and how often it was replaced."""
    while not page.exists():
        time.sleep(0.1)
    process = psutil.Process(watch.pid)
    began_s, spent_s = time.monotonic(), sum(process.cpu_times()[:2])
    written, replaced_s, oldest_s, count = page.stat().st_mtime_ns, began_s, 0.0, 0
    while time.monotonic() < began_s + seconds:
        time.sleep(0.1)
        if (now := page.stat().st_mtime_ns) != written:
            oldest_s = max(oldest_s, time.monotonic() - replaced_s)
            written, replaced_s, count = now, time.monotonic(), count + 1
    share = (sum(process.cpu_times()[:2]) - spent_s) / (time.monotonic() - began_s)
    return share, oldest_s, count


def main() -> None:
    """Print the measures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seconds", type=float, default=180.0)
    parser.add_argument("--trials", type=int, default=4)
    parser.add_argument("--metrics", type=int, default=3)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "toy.py").write_text(TRAINER)
        grid = f"grid: {{x: {list(range(asked.trials))}}}, set: {{metrics: {asked.metrics}}}"
        (folder / "e.yaml").write_text(f"experiment: toy\ntrainer: toy:train\nsweeps: {{a: {{{grid}}}}}\n")
        run = sweep(folder, "run", "--jobs", str(asked.trials))
        while not list(folder.glob(".sweep/runs/*/journal.jsonl")):
            time.sleep(0.1)
        watch = sweep(folder, "report", "--watch")
        share, oldest_s, count = follow(folder / "figures" / "report.html", watch, asked.seconds)
        peak_mib = psutil.Process(watch.pid).memory_info().rss / 2**20
        run.send_signal(signal.SIGINT)
        run.wait()
        ended_s = time.monotonic()
        watch.wait()
        print(
            f"share {share:.1%} of a core, page replaced {count} times, older s {oldest_s:.1f}, {peak_mib:.0f} MiB, "
            f"ended {time.monotonic() - ended_s:.1f} s after the sweep with {watch.returncode}"
        )


if __name__ == "__main__":
    main()
