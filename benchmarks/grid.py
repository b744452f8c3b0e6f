"""Times the report's grid of nine trials, as one command and as the report ran it: `python benchmarks/grid.py`.

The full-size network, few epochs, little data. Ours is one `sweep run`, everything recorded. The report's way is its
loop, written plainly, a process a run, one run after another, recording nothing. Both begin with the same weights
and draw the same noise, and the last epoch's training loss must agree run by run.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

from process import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

KINDS, RATIOS = ("None", "Cyclical", "Monotonic"), (1.0, 0.5, 0.0)
WITHIN = {"fp32": 1e-3, "bf16": 5e-2, "auto": 5e-2}
"""Relative difference of the last training loss that is allowed: Adam's steps magnify rounding."""
CLIP_LENGTH, VAL_FRAMES = 16, 16
SPEC = """
experiment: grid
trainer: {run: cvae.train:train, config: cvae.config:TrainConfig}
defaults: %s
sweeps:
  grid:
    grid: {kl_anneal_type: [None, Cyclical, Monotonic], tfr: [1.0, 0.5, 0.0]}
"""


def settings(epochs: int, clips: int, precision: str) -> dict[str, Any]:
    """What the nine trials share."""
    return {
        "num_epoch": epochs,
        "precision": precision,
        "val_vi_len": VAL_FRAMES,
        "kl_anneal_cycle": 1,
        "lr": 1e-4,
        "data": {"name": "synthetic", "train_frames": clips * CLIP_LENGTH, "val_frames": VAL_FRAMES},
    }


def sweep(shared: dict[str, Any], folder: str) -> dict[tuple[str, float], float]:
    """One `sweep run`; the last training loss of each trial, from its record."""
    Path(folder, "grid.yaml").write_text(SPEC % json.dumps(shared), encoding="utf-8")
    words = ["-m", "sweeps", "run", "grid.yaml", "--tracking-uri", "sqlite:///mlflow.db"]
    _python(words, folder)
    from analysis import load_runs

    runs = load_runs(f"sqlite:///{folder}/mlflow.db", "grid")
    trials = runs[(runs["kind"] == "trial") & (runs["outcome"] == "finished")]
    return {
        (str(row["params.kl_anneal_type"]), float(row["params.tfr"])): float(row["metrics.train/loss"])
        for row in trials.to_dict("records")
    }


def report(shared: dict[str, Any], folder: str) -> dict[tuple[str, float], float]:
    """The nine runs one after another; the last training loss of each."""
    found = {}
    for kind, tfr in product(KINDS, RATIOS):
        config = Path(folder, "config.json")
        config.write_text(json.dumps({**shared, "kl_anneal_type": kind, "tfr": tfr}), encoding="utf-8")
        found[kind, tfr] = float(_python([__file__, "--plain", str(config)], folder).split()[-1])
    return found


def _python(words: list[str], folder: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, *words], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise SystemExit(done.stdout + done.stderr)
    return done.stdout


def plain_run(config_file: str) -> float:
    """One run of the report's loop; returns the last epoch's training loss."""
    import torch
    from baselines.report_loop import plain_weights, report_loop, report_rollout

    from cvae.compute.randomness import derived_seed, generator
    from cvae.config import parse_config
    from cvae.data import load_dataset
    from cvae.model import seeded_model
    from cvae.training.epoch_plan import EpochPlan

    config = parse_config(json.loads(Path(config_file).read_text(encoding="utf-8")))
    data = load_dataset(config)
    sizes = {
        "F_dim": config.F_dim,
        "L_dim": config.L_dim,
        "N_dim": config.N_dim,
        "D_out_dim": config.D_out_dim,
    }
    weights = plain_weights(seeded_model(derived_seed(config.seed, "weights"), **sizes))
    optimizer = torch.optim.Adam(weights.values(), lr=config.lr)
    length = config.train_vi_len
    noise_shape = (1, length - 1, config.N_dim, config.frame_H, config.frame_W)
    loss = float("nan")
    for epoch in range(config.num_epoch):
        plan = EpochPlan.of(config, epoch)
        for group in optimizer.param_groups:
            group["lr"] = plan.lr
        losses = []
        for clip in range(len(data.train) // length):
            frames, labels = data.train.clip(clip * length, length)
            noise = torch.randn(noise_shape, generator=generator(config.seed, "posterior", epoch, clip))
            step = report_loop(
                weights,
                optimizer,
                frames[None],
                labels[None],
                noise,
                teacher_forcing=plan.teacher_forcing,
                beta=plan.beta,
                batch_size=config.batch_size,
            )
            losses.append(step[0])
        loss = sum(losses) / len(losses)
        frames, labels = data.val.clip(0, len(data.val))
        noise = torch.randn((1, len(data.val) - 1, *noise_shape[2:]))
        report_rollout(weights, frames[:1], labels[None], noise)
    return loss


def _timed(function: Any, *words: Any) -> tuple[float, Any]:
    started = time.perf_counter()
    found = function(*words)
    return time.perf_counter() - started, found


def _differences(
    ours: dict[tuple[str, float], float], theirs: dict[tuple[str, float], float]
) -> Iterator[float]:
    for key, loss in theirs.items():
        yield abs(ours.get(key, float("nan")) - loss) / abs(loss)


def main() -> None:
    """Run both, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=2, help="of each trial [2]")
    parser.add_argument("--clips", type=int, default=2, help="clips of 16 frames in an epoch [2]")
    parser.add_argument("--plain", metavar="CONFIG", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.plain:
        print(plain_run(options.plain))
        return
    print("| nine trials | wall s | ratio | losses differ by at most |\n| --- | ---: | ---: | ---: |")
    shared = settings(options.epochs, options.clips, "fp32")
    with tempfile.TemporaryDirectory(prefix="grid-") as folder:
        plain_s, expected = _timed(report, shared, folder)
    print(f"| the report's loop, one run after another | {plain_s:.1f} | 1 | |", flush=True)
    for precision in ("fp32", "auto"):
        with tempfile.TemporaryDirectory(prefix="grid-") as folder:
            shared = settings(options.epochs, options.clips, precision)
            wall_s, found = _timed(sweep, shared, folder)
        difference = max(_differences(found, expected))
        if not difference <= WITHIN[precision]:
            message = f"precision {precision}: losses differ by {difference:.1e}\n{found}\n{expected}"
            raise SystemExit(message)
        print(
            f"| `sweep run`, precision {precision} | {wall_s:.1f} | {plain_s / wall_s:.2f} | {difference:.1e} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
