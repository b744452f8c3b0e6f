"""Compares the final PSNR of the quick profile in fp32 and in bf16: `python benchmarks/precision.py`.

Each trial of a sweep of `experiments.yaml` is trained in both precisions, on a CPU, with the same seed. As
PSNR varies from epoch to epoch, the table also has the mean over the last five epochs.
"""

from __future__ import annotations

import argparse
import csv
import logging
import statistics
import tempfile
from pathlib import Path

from process import ROOT

from cvae.train import train
from cvae.training.local_run import LocalRun
from sweeps.commands.request import Request
from sweeps.commands.session import open_session
from sweeps.spec.settings import nest

LAST = 5


def final_psnr(config: dict[str, object], precision: str) -> tuple[float, float]:
    """PSNR of the last epoch, and the mean of the last five, in dB."""
    with tempfile.TemporaryDirectory(prefix="precision-") as folder:
        run = LocalRun(Path(folder, "run"), "cpu")
        train({**config, "precision": precision}, run)
        with Path(folder, "run", "metrics.csv").open(newline="", encoding="utf-8") as file:
            curve = [float(row["value"]) for row in csv.DictReader(file) if row["key"] == "val/psnr"]
    return curve[-1], statistics.fmean(curve[-LAST:])


def main() -> None:
    """Train, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sweep", default="annealing", help="whose trials are trained [annealing]")
    options = parser.parse_args()
    logging.getLogger("cvae").setLevel(logging.WARNING)
    session = open_session(Request(ROOT / "experiments.yaml", sweeps=(options.sweep,)))
    print("| trial | fp32 dB | bf16 dB | differ by | means of the last five differ by |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for trial in (trial for sweep in session.sweeps for trial in sweep.trials):
        config = nest(trial.config)
        (fp32, fp32_mean), (bf16, bf16_mean) = (final_psnr(config, kind) for kind in ("fp32", "bf16"))
        differences = f"{bf16 - fp32:+.2f} | {bf16_mean - fp32_mean:+.2f}"
        print(f"| {trial.sweep}/{trial.name} | {fp32:.2f} | {bf16:.2f} | {differences} |", flush=True)


if __name__ == "__main__":
    main()
