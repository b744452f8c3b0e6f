"""Measures the supervisor's memory and the cost of a trial as a sweep grows.

    python benchmarks/memory.py [--trials 2000] [--ended 2000] [--workers 2]

`sweep run` gets a grid of so many trials that compute nothing and log 10 metrics of one epoch, into a new sqlite
store. Whenever another part has ended, the resident memory of the supervisor (not of its trials, nor of the
forkserver) is read from the process table, and the wall time of that part, and the supervisor's own processor time,
are divided by its trials: the latter says how its cost grows where other work shares the machine. After `--ended`
trials it is stopped by SIGINT, so that 10,000 planned trials can be held without being run. The slope is that of the
last two rows: what one more ended trial adds.
"""

from __future__ import annotations

import argparse
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

import psutil

ROOT = Path(__file__).parents[1]
PARTS = (10, 100, 200, 500, 1000, 2000, 5000, 10000)
"""How many trials have ended where a row is printed."""

TRAINER = """
def train(config, run):
    run.log({f"toy/m{number}": float(number) for number in range(10)}, 0)
"""
SPEC = """
experiment: memory
trainer: toy:train
defaults: {{lr: 1e-4, layers: 3, num_epoch: 1}}
sweeps:
  toy: {{grid: {{number: [{numbers}]}}}}
"""
ENDED = "select count(*) from runs where status = 'FINISHED'"


def ended_trials(store: Path) -> int:
    """How many runs of the store are FINISHED; 0 before it is made."""
    if not store.exists():
        return 0
    with closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True, timeout=60)) as database:
        try:
            return int(database.execute(ENDED).fetchone()[0])
        except sqlite3.OperationalError:  # its tables are being made
            return 0


def main() -> None:
    """Run the sweep and print a row at each part; exits with 1 where the sweep ends too early."""
    parser = argparse.ArgumentParser(
        description="Measure the supervisor's memory and a trial's cost as a sweep grows."
    )
    parser.add_argument("--trials", type=int, default=2000)
    parser.add_argument("--ended", type=int, default=2000)
    parser.add_argument("--workers", type=int, default=2)
    asked = parser.parse_args()
    print(
        f"{os.cpu_count()} CPUs, load average {os.getloadavg()[0]:.1f} at the start; {asked.trials} planned"
    )
    print(f"{'ended':>7}{'RSS MiB':>9}{'ms a trial':>12}{'cpu ms':>8}{'load':>7}")
    with tempfile.TemporaryDirectory(prefix="memory-") as name:
        folder = Path(name)
        numbers = ", ".join(map(str, range(asked.trials)))
        (folder / "toy.py").write_text(TRAINER, encoding="utf-8")
        (folder / "toy.yaml").write_text(SPEC.format(numbers=numbers), encoding="utf-8")
        words = ["run", "toy.yaml", "--jobs", str(asked.workers), "--gpus", ""]
        with (folder / "log.txt").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "sweeps", *words, "--tracking-uri", "sqlite:///mlflow.db"],
                cwd=folder,
                env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{folder}"},
                stdout=log,
                stderr=log,
            )
            rows = follow(process, folder / "mlflow.db", min(asked.ended, asked.trials))
            process.send_signal(signal.SIGINT)
            process.wait()
        if len(rows) < 2:  # noqa: PLR2004 - a slope takes two
            sys.exit((folder / "log.txt").read_text(encoding="utf-8")[-2000:] or "too few trials for a slope")
    (few, least), (many, most) = rows[-2:]
    print(f"{(most - least) * 1024 / (many - few):.1f} KiB for each further ended trial")


def follow(process: subprocess.Popen[bytes], store: Path, wanted: int) -> list[tuple[int, float]]:
    """Print a row at each part until enough have ended; returns (ended trials, RSS in MiB)."""
    supervisor = psutil.Process(process.pid)
    rows: list[tuple[int, float]] = []
    before, began_s, spent_s = 0, time.perf_counter(), 0.0
    for part in [part for part in PARTS if part < wanted] + [wanted]:
        while (ended := ended_trials(store)) < part:
            if process.poll() is not None:
                return rows
            time.sleep(0.1)
        now_s = time.perf_counter()
        rss_mib = supervisor.memory_info().rss / 2**20
        rows.append((ended, rss_mib))
        cpu_s = sum(supervisor.cpu_times()[:2])
        wall_ms, cpu_ms = (1000 * part_s / (ended - before) for part_s in (now_s - began_s, cpu_s - spent_s))
        print(
            f"{ended:>7}{rss_mib:>9.0f}{wall_ms:>12.0f}{cpu_ms:>8.0f}{os.getloadavg()[0]:>7.1f}", flush=True
        )
        before, began_s, spent_s = ended, now_s, cpu_s
    return rows


if __name__ == "__main__":
    main()
