"""Compares the trainer's step and rollout with the report's loop: `python benchmarks/trainer.py`.

Both start from the same weights, frames, labels and noise, and are checked to give the same before anything is
timed. Then they take turns, one step each, so that whatever else the machine does meets both; each in a process
of its own, as our allocator setting holds for a process and cannot be taken back. The report's loop computes in
fp32, as its author ran it. Memory is the peak of the process that takes our full-size steps. Frames are random:
the arithmetic does not depend on them.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import statistics
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from baselines.report_loop import plain_weights, report_loop, report_rollout
from torch import Tensor

from cvae.compute.device import resolve_device, resolve_precision
from cvae.evaluate import rollout
from cvae.model import VideoCVAE, seeded_model
from cvae.step import train_step

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection

    from cvae.compute.device import Precision

FRAMES, HEIGHT, WIDTH = 16, 32, 64
TRAINING = {"teacher forcing": True, "free-running": False}
ROLLOUT = "rollout"
PRECISIONS: tuple[Precision, ...] = ("fp32", "bf16")
WITHIN = {"fp32": 1e-5, "bf16": 2e-2}
"""Relative difference from the report's loop that is allowed, of losses and of weights after the step."""
PAUSE_S = 0.5
"""Between turns: the threads of the side that is done spin for a while before they sleep."""
BETA, BATCH_SIZE, LEARNING_RATE = 0.1, 2, 1e-3


@dataclass(frozen=True)
class Work:
    """What both sides do: a mode of training, or the rollout, on a clip of so many frames; ours compiled or not."""

    mode: str
    precision: Precision
    frames: int
    compiled: bool = False

    def tensors(self) -> tuple[VideoCVAE, Tensor, Tensor, Tensor]:
        """The network, frames and labels of one clip, noise of the predicted frames."""
        draws = torch.Generator().manual_seed(0)
        shape = (1, self.frames, 3, HEIGHT, WIDTH)
        images, labels = torch.rand(shape, generator=draws), torch.rand(shape, generator=draws)
        noise = torch.randn(1, self.frames - 1, 12, HEIGHT, WIDTH, generator=draws)
        model = seeded_model(0, F_dim=128, L_dim=32, N_dim=12, D_out_dim=192)
        if self.compiled:
            model.compile_parts()
        return model, images, labels, noise

    def ours(self) -> Callable[[], object]:
        """A step, or a rollout, of the trainer."""
        model, images, labels, noise = self.tensors()
        if self.mode == ROLLOUT:
            return lambda: rollout(model, images[:, 0], labels, noise_BTNHW=noise, precision=self.precision)
        optimizer = torch.optim.Adam(model.parameters(), lr=1e-5, fused=True)
        return lambda: train_step(
            model,
            optimizer,
            images,
            labels,
            teacher_forcing=TRAINING[self.mode],
            beta=BETA,
            kl_divisor=BATCH_SIZE,
            noise_BTNHW=noise,
            precision=self.precision,
        )

    def report(self) -> Callable[[], object]:
        """The same as the report does it."""
        model, images, labels, noise = self.tensors()
        weights = plain_weights(model)
        if self.mode == ROLLOUT:
            return lambda: report_rollout(weights, images[:, 0], labels, noise)
        optimizer = torch.optim.Adam(weights.values(), lr=1e-5)
        return lambda: report_loop(
            weights,
            optimizer,
            images,
            labels,
            noise,
            teacher_forcing=TRAINING[self.mode],
            beta=BETA,
            batch_size=BATCH_SIZE,
        )


def check_step(work: Work) -> tuple[float, float]:
    """Largest relative difference of a step's losses, and of the weights it leaves (norm over norm).

    The step is plain gradient descent: Adam's first step is the *sign* of the gradient, which says nothing
    about a gradient near zero.
    """
    model, images, labels, noise = work.tensors()
    weights = plain_weights(model)
    own = torch.optim.SGD(model.parameters(), lr=LEARNING_RATE)
    theirs = torch.optim.SGD(weights.values(), lr=LEARNING_RATE)
    mode = {"teacher_forcing": TRAINING[work.mode], "beta": BETA}
    found = train_step(
        model,
        own,
        images,
        labels,
        kl_divisor=BATCH_SIZE,
        noise_BTNHW=noise,
        precision=work.precision,
        **mode,  # type: ignore[arg-type]
    )
    expected = report_loop(weights, theirs, images, labels, noise, batch_size=BATCH_SIZE, **mode)  # type: ignore[arg-type]
    pairs = zip((found.loss, found.mse, found.kl), expected, strict=True)
    losses = max(abs(here - there) / abs(there) for here, there in pairs)
    changed = max(
        float((value.detach() - weights[name].detach()).norm() / weights[name].detach().norm())
        for name, value in model.named_parameters()
    )
    _refuse_beyond(work, max(losses, changed))
    return losses, changed


def check_rollout(work: Work) -> float:
    """Relative difference of a rollout's frames from the report's (norm over norm)."""
    model, images, labels, noise = work.tensors()
    theirs = report_rollout(plain_weights(model), images[:, 0], labels, noise)
    ours = rollout(model, images[:, 0], labels, noise_BTNHW=noise, precision=work.precision)
    difference = float((ours - theirs).norm() / theirs.norm())
    _refuse_beyond(work, difference)
    return difference


def _refuse_beyond(work: Work, difference: float) -> None:
    if not difference <= WITHIN[work.precision]:
        message = f"{work}: differs from the report's loop by {difference:.1e}, allowed is {WITHIN[work.precision]:g}"
        raise SystemExit(message)


def _side(pipe: Connection, work: Work, side: str) -> None:
    """A process that does the work once for each request and answers with the seconds, at last its peak."""
    do = work.ours() if side == "ours" else work.report()
    while pipe.recv():
        started = time.perf_counter()
        do()
        pipe.send(time.perf_counter() - started)
    status = Path("/proc/self/status")
    peak = status.read_text().partition("VmHWM:")[2].split()[:1] if status.exists() else []
    pipe.send(int(peak[0]) / 1024 if peak else float("nan"))


def take_turns(work: Work, rounds: int) -> tuple[float, float, float, float]:
    """Median seconds of the report's and of ours, the median of the turns' ratios, and our peak in MiB."""
    context = multiprocessing.get_context("spawn")
    pipes, processes = [], []
    for side in ("report", "ours"):
        here, there = context.Pipe()
        process = context.Process(target=_side, args=(there, work, side))
        process.start()
        pipes.append(here)
        processes.append(process)
        here.send(1)
        here.recv()  # started and warm before the other starts
    seconds: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for pipe, taken in zip(pipes, seconds, strict=True):
            time.sleep(PAUSE_S)
            pipe.send(1)
            taken.append(pipe.recv())
    peaks = []
    for pipe, process in zip(pipes, processes, strict=True):
        pipe.send(0)
        peaks.append(pipe.recv())
        process.join()
    ratios = [theirs / own for theirs, own in zip(*seconds, strict=True)]
    return statistics.median(seconds[0]), statistics.median(seconds[1]), statistics.median(ratios), peaks[1]


def main() -> None:
    """Check, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="turns of each pair [5]")
    parser.add_argument("--rollout", type=int, default=630, help="frames of the validation rollout [630]")
    parser.add_argument("--only", choices=(*TRAINING, ROLLOUT), help="one mode [all of them]")
    parser.add_argument("--compile", action="store_true", help="ours as with `compile: true` [uncompiled]")
    options = parser.parse_args()
    modes = (options.only,) if options.only else (*TRAINING, ROLLOUT)
    auto = resolve_precision("auto", resolve_device("cpu"))
    load = os.getloadavg()[0]
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads, auto: {auto}, load {load:.1f}\n")
    print("| differs from the report's loop by | precision | losses | weights |\n| --- | --- | ---: | ---: |")
    for mode in (mode for mode in modes if mode in TRAINING):
        for precision in PRECISIONS:
            losses, weights = check_step(Work(mode, precision, FRAMES, options.compile))
            print(f"| {mode} | {precision} | {losses:.1e} | {weights:.1e} |", flush=True)
    for precision in PRECISIONS if ROLLOUT in modes else ():
        difference = check_rollout(Work(ROLLOUT, precision, FRAMES, options.compile))
        print(f"| {ROLLOUT} of {FRAMES} frames | {precision} | {difference:.1e} | |", flush=True)
    print(f"\nFrames predicted a second, medians of {options.rounds} turns:\n")
    print(
        "| | precision | the report's | ours | ratio | peak MiB |\n| --- | --- | ---: | ---: | ---: | ---: |"
    )
    for mode in modes:
        frames = options.rollout if mode == ROLLOUT else FRAMES
        rounds = max(1, options.rounds // 2) if mode == ROLLOUT else options.rounds
        for precision in PRECISIONS:
            work = Work(mode, precision, frames, options.compile)
            theirs_s, own_s, ratio, peak = take_turns(work, rounds)
            speeds = f"{(frames - 1) / theirs_s:.2f} | {(frames - 1) / own_s:.2f} | {ratio:.2f}"
            print(f"| {mode}, {frames} frames | {precision} | {speeds} | {peak:.0f} |", flush=True)


if __name__ == "__main__":
    main()
