"""Measures the time and memory of `sweep check` and `sweep plan` for a large grid.

    python benchmarks/plan.py [--cells 100000] [--repeats 3]

Runs the real commands in fresh processes over a grid of the real TrainConfig, against a store without runs, and
prints a table: the least wall time of the repeats, its CPU time, and the greatest peak of resident memory.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from process import measure


def spec(cells: int) -> str:
    """A spec of about so many trials: teacher forcing x epochs x seeds."""
    tfrs = ", ".join(f"{i / 100:g}" for i in range(101)[:100])
    epochs = ", ".join(str(epoch) for epoch in range(1, 101))
    return (
        "trainer: {run: cvae.train:train, config: cvae.config:TrainConfig}\n"
        f"sweeps:\n  large:\n    grid:\n      tfr: [{tfrs}]\n      num_epoch: [{epochs}]\n"
        f"    seeds: {max(1, cells // 10_000)}\n"
    )


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
            runs = [measure(["-m", "sweeps", *words], directory) for _ in range(asked.repeats)]
            best = min(runs, key=lambda run: run.wall_s)
            peak = max(run.peak_mib for run in runs)
            told = " ".join(word for word in words if word != "large.yaml")
            print(f"{told:<20}{best.wall_s:>10.2f}{best.cpu_s:>10.2f}{peak:>10.0f}")


if __name__ == "__main__":
    main()
