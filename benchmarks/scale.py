"""Measures the cost of a trial on Ray, and the supervisor's memory, as the number of trials grows.

    python benchmarks/scale.py [--trials 100 500 2000] [--workers 2] [--tune-trials 30]

`sweep run --executor ray` on a Ray cluster of this machine, `--workers` attempts at once, with the trainer and the
sqlite store of `overhead.py`: 10 epochs of 10 metrics a trial. Each number of trials is a command of its own with a
new store, whose every run is then counted: FINISHED, with each value. `a trial` is the wall time of the whole command
over its trials; `less start` leaves out what passes until the first run is created. `peak MiB` is the supervisor's own
process, a Ray driver, without Ray's processes and the workers. Ray Tune runs the same function with its
MLflowLoggerCallback; it gets fewer trials, as it takes longer, and is left out where `ray[tune]` is not installed.

Both columns include the start of the workers, which matters for few trials only. So the cost of one more trial is
computed within the largest number: its trials are cut into parts, and the time from the end of one part to the end of the
next is divided by the trials of the part. The first part begins when the first trial ends. `flat within` is how much
more the most expensive part costs than the cheapest.
"""

from __future__ import annotations

import argparse
import os
import sys
from importlib import util
from itertools import pairwise

from overhead import EPOCHS, METRICS, Measured, ray_tune, sweep

PARTS = (100, 500, 1000, 2000, 5000)
"""Trials at which a part of a command ends."""


def print_row(name: str, run: Measured) -> None:
    """One command."""
    print(
        f"{name:<16}{run.trials:>7}{run.wall_s:>9.1f}{run.start_s:>9.1f}{run.trial_ms:>12.0f}"
        f"{run.less_start_ms:>15.0f}{run.peak_mib:>10.0f}{run.finished:>10}",
        flush=True,
    )


def print_parts(run: Measured) -> None:
    """What a trial costs in each part of one command."""
    print(f"{'trials':<16}{'s':>9}{'ms a trial':>12}")
    costs_ms = []
    for first, last in pairwise([1, *(part for part in PARTS if part < run.trials), run.trials]):
        part_s = run.ends_s[last - 1] - run.ends_s[first - 1]
        costs_ms.append(1000 * part_s / (last - first))
        print(f"{f'{first + 1} to {last}':<16}{part_s:>9.1f}{costs_ms[-1]:>12.1f}")
    print(f"flat within {max(costs_ms) / min(costs_ms) - 1:.0%}", flush=True)


def main() -> None:
    """Measure one after the other and print; exits with 1 where something is not recorded."""
    parser = argparse.ArgumentParser(description="Measure what a trial costs on Ray as their number grows.")
    parser.add_argument("--trials", type=int, nargs="+", default=[2000])
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--tune-trials", type=int, default=30)
    asked = parser.parse_args()
    print(f"{EPOCHS} epochs x {METRICS} metrics, {asked.workers} workers, sqlite")
    print(f"{os.cpu_count()} CPUs, load average {os.getloadavg()[0]:.1f} at the start")
    print(
        f"{'':<16}{'trials':>7}{'wall s':>9}{'start s':>9}{'ms a trial':>12}{'ms less start':>15}"
        f"{'peak MiB':>10}{'finished':>10}",
        flush=True,
    )
    runs = []
    for trials in asked.trials:
        runs.append(sweep(trials, asked.workers, ["--executor", "ray", "--address", "local"]))
        print_row("sweep on Ray", runs[-1])
    largest = max(runs, key=lambda run: run.trials)
    if asked.tune_trials > 0 and all(util.find_spec(name) for name in ("ray.tune", "tensorboardX")):
        runs.append(ray_tune(asked.tune_trials, asked.workers))
        print_row("Ray Tune", runs[-1])
    else:
        print("Ray Tune is not measured here: `pip install 'ray[tune]'`")
    if not all(run.is_complete for run in runs):
        sys.exit("not everything is recorded")
    print_parts(largest)


if __name__ == "__main__":
    main()
