"""How long, and with how much memory, `sweep check` and `sweep plan` take over a large grid.

    python benchmarks/plan.py [--cells 100000] [--repeats 3]

Runs the real commands in fresh processes over a grid of the real TrainConfig, against a store without runs, and
prints a table: the least wall time of the repeats, its CPU time, and the greatest peak of resident memory.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
_KIB = 1024


@dataclass(frozen=True, slots=True)
class Measured:
    """One process: seconds of wall and CPU time, and MiB of memory at the peak."""

    wall_s: float
    cpu_s: float
    peak_mib: float


def spec(cells: int) -> str:
    """A spec of about so many trials: teacher forcing x epochs x seeds."""
    tfrs = ", ".join(f"{i / 100:g}" for i in range(101)[:100])
    epochs = ", ".join(str(epoch) for epoch in range(1, 101))
    return (
        "trainer: {run: cvae.train:train, config: cvae.config:TrainConfig}\n"
        f"sweeps:\n  large:\n    grid:\n      tfr: [{tfrs}]\n      num_epoch: [{epochs}]\n"
        f"    seeds: {max(1, cells // 10_000)}\n"
    )


def measure(arguments: list[str], directory: str) -> Measured:
    """Run `sweep ARGUMENTS` to its end; the interpreter's start is part of it."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "sweeps", *arguments],
        cwd=directory,
        env=environment,
        stdout=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    wall_s = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        message = f"sweep {' '.join(arguments)} exited with {process.returncode}"
        raise SystemExit(message)
    return Measured(wall_s, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / _KIB)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure `sweep check` and `sweep plan` over a large grid.")
    parser.add_argument("--cells", type=int, default=100_000)
    parser.add_argument("--repeats", type=int, default=3)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory, "large.yaml")
        path.write_text(spec(asked.cells), encoding="utf-8")
        print(f"{asked.cells:,} cells")
        print(f"{'command':<20}{'wall s':>10}{'cpu s':>10}{'peak MiB':>10}")
        for words in (["check", "large.yaml"], ["plan", "large.yaml"], ["plan", "large.yaml", "--json"]):
            runs = [measure(words, directory) for _ in range(asked.repeats)]
            best = min(runs, key=lambda run: run.wall_s)
            peak = max(run.peak_mib for run in runs)
            told = " ".join(word for word in words if word != "large.yaml")
            print(f"{told:<20}{best.wall_s:>10.2f}{best.cpu_s:>10.2f}{peak:>10.0f}")


if __name__ == "__main__":
    main()
