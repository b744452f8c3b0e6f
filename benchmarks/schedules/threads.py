"""Compares one trial of the quick study at several numbers of threads: its results, bit for bit, and its time.

    python benchmarks/schedules/threads.py [--threads 1 2] [--epochs 3]

The last trials of a `sweep run` leave cores idle. They could have them as threads if that changed no result. Each number of
threads trains the same trial in a process of its own; the exit code is 1 where a value, or a weight of the network, differs.
"""

from __future__ import annotations

import argparse
import csv
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
SETTINGS = {
    "frame_H": 32,
    "frame_W": 32,
    "F_dim": 16,
    "L_dim": 8,
    "N_dim": 4,
    "D_out_dim": 16,
    "precision": "fp32",
    "lr": 3e-3,
    "kl_anneal_cycle": 4,
    "tfr": 0.0,
    "train_vi_len": 4,
    "val_vi_len": "all",
    "device": "cpu",
    "data": {"name": "synthetic", "train_frames": 88, "val_frames": 40},
}
"""Those of the profile `quick` in experiments.yaml, without teacher forcing."""
TRAINS = """
import sys, hashlib, torch
from pathlib import Path
from cvae.train import train
from cvae.training.local_run import LocalRun
run = LocalRun(Path(sys.argv[1]), "cpu")
train(eval(sys.argv[2]), run)
state = torch.load(run.dir / "last.pt", weights_only=False)["state_dict"]
(run.dir / "weights").write_text(hashlib.sha256(b"".join(w.numpy().tobytes() for w in state.values())).hexdigest())
"""


def trained(threads: int, epochs: int, folder: Path) -> tuple[dict[tuple[str, int], str], str, float]:
    """Train the trial; returns its values as they were written, a digest of its weights, and seconds an epoch, the least of all."""
    environment = {**os.environ, "OMP_NUM_THREADS": str(threads), "MKL_NUM_THREADS": str(threads)}
    config = {**SETTINGS, "num_epoch": epochs}
    command = [sys.executable, "-c", TRAINS, str(folder), repr(config)]
    subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, check=True)
    with (folder / "metrics.csv").open(encoding="utf-8", newline="") as file:
        rows = {(row["key"], int(row["step"])): row["value"] for row in csv.DictReader(file)}
    epoch_s = min(float(value) for (key, _), value in rows.items() if key == "time/epoch_s")
    values = {place: value for place, value in rows.items() if not place[0].startswith(("time/", "system/"))}
    return values, (folder / "weights").read_text(encoding="utf-8"), epoch_s


def main() -> int:
    """Read the command line, and compare."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--epochs", type=int, default=3)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        found = {
            threads: trained(threads, given.epochs, Path(place, str(threads))) for threads in given.threads
        }
    values, weights, first_s = found[given.threads[0]]
    is_same = True
    for threads, (own, digest, epoch_s) in found.items():
        other = sum(own[where] != value for where, value in values.items())
        is_same = is_same and not other and digest == weights
        print(
            f"{threads} threads: {epoch_s:.2f} s an epoch ({epoch_s / first_s:.2f}), {other} of {len(values)} values differ, "
            f"the weights are {'the same' if digest == weights else 'OTHERS'}"
        )
    return 0 if is_same else 1


if __name__ == "__main__":
    sys.exit(main())
