"""The trainer's step and rollout against the report's loop: `python benchmarks/trainer.py`.

Both start from the same weights, frames, labels and noise, and are checked to give the same before anything is
timed. Then they take turns in one process, so that whatever else the machine does meets both. The report's loop
computes in fp32, as the report's author ran it. Memory is the peak of a process that takes full-size steps
alone. Frames are random: the arithmetic does not depend on them.
"""

from __future__ import annotations

import argparse
import statistics
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from process import measure
from report_loop import plain_weights, report_loop, report_rollout
from torch import Tensor

from cvae.device import resolve_device, resolve_precision
from cvae.evaluate import rollout
from cvae.model import VideoCVAE, seeded_model
from cvae.step import train_step

if TYPE_CHECKING:
    from collections.abc import Callable

    from report_loop import Weights

    from cvae.device import Precision

FRAMES, HEIGHT, WIDTH = 16, 32, 64
MODES = {"teacher forcing": True, "free-running": False}
PRECISIONS: tuple[Precision, ...] = ("fp32", "bf16")
LOSSES_WITHIN = {"fp32": 1e-5, "bf16": 2e-2}
"""Relative difference from the report's loop, of losses and of weights after the step."""
BETA, BATCH_SIZE, LEARNING_RATE = 0.1, 2, 1e-3


def _model() -> VideoCVAE:
    return seeded_model(0, F_dim=128, L_dim=32, N_dim=12, D_out_dim=192)


def _clips(videos: int, frames: int = FRAMES) -> tuple[Tensor, Tensor, Tensor]:
    """Frames, labels and noise of the predicted frames."""
    draws = torch.Generator().manual_seed(0)
    shape = (videos, frames, 3, HEIGHT, WIDTH)
    images, labels = torch.rand(shape, generator=draws), torch.rand(shape, generator=draws)
    return images, labels, torch.randn(videos, frames - 1, 12, HEIGHT, WIDTH, generator=draws)


def _steps(
    precision: Precision, *, teacher_forcing: bool, lr: float, sgd: bool = False
) -> tuple[Callable[[], list[float]], Callable[[], list[float]], VideoCVAE, Weights]:
    """A step of ours and one of the report's loop, on the same batch of one clip."""
    model, (frames, labels, noise) = _model(), _clips(1)
    weights = plain_weights(model)
    kinds = {"lr": lr} if sgd else {"lr": lr, "fused": True}
    kind = torch.optim.SGD if sgd else torch.optim.Adam
    own = kind(model.parameters(), **kinds)  # type: ignore[arg-type]
    theirs = kind(weights.values(), lr=lr)

    def ours() -> list[float]:
        losses = train_step(
            model,
            own,
            frames,
            labels,
            teacher_forcing=teacher_forcing,
            beta=BETA,
            kl_divisor=BATCH_SIZE,
            noise_BTNHW=noise,
            precision=precision,
        )
        return [losses.loss, losses.mse, losses.kl]

    report = partial(
        report_loop,
        weights,
        theirs,
        frames,
        labels,
        noise,
        teacher_forcing=teacher_forcing,
        beta=BETA,
        batch_size=BATCH_SIZE,
    )
    return ours, report, model, weights


def check_steps(precision: Precision, *, teacher_forcing: bool) -> tuple[float, float]:
    """Largest relative difference of a step's losses, and of the weights it leaves (relative to each tensor).

    The step is plain gradient descent: Adam's first step is the *sign* of the gradient, which says nothing
    about a gradient near zero.
    """
    ours, report, model, weights = _steps(
        precision, teacher_forcing=teacher_forcing, lr=LEARNING_RATE, sgd=True
    )
    losses = max(abs(a - b) / abs(b) for a, b in zip(ours(), report(), strict=True))
    changed = max(
        float((value.detach() - weights[name].detach()).norm() / weights[name].detach().norm())
        for name, value in model.named_parameters()
    )
    limit = LOSSES_WITHIN[precision]
    if not (losses <= limit and changed <= limit):
        message = (
            f"{precision}: losses differ by {losses:.1e}, weights by {changed:.1e}; allowed is {limit:g}"
        )
        raise SystemExit(message)
    return losses, changed


def check_rollout(precision: Precision, frames: int = 16) -> float:
    """Relative difference of a rollout's frames from the report's (norm over norm), fed back `frames` times."""
    model, (images, labels, noise) = _model(), _clips(1, frames)
    weights = plain_weights(model)
    theirs = report_rollout(weights, images[:, 0], labels, noise)
    ours = rollout(model, images[:, 0], labels, noise_BTNHW=noise, precision=precision)
    difference = float((ours - theirs).norm() / theirs.norm())
    if not difference <= LOSSES_WITHIN[precision]:
        message = f"rollout {precision}: frames differ by {difference:.1e}"
        raise SystemExit(message)
    return difference


def _seconds(function: Callable[[], object]) -> float:
    started = time.perf_counter()
    function()
    return time.perf_counter() - started


def take_turns(
    ours: Callable[[], object], report: Callable[[], object], rounds: int
) -> tuple[float, float, float]:
    """Median seconds of each, and the median of the rounds' ratios; both run once before that."""
    ours()
    report()
    pairs = [(_seconds(ours), _seconds(report)) for _ in range(rounds)]
    return (
        statistics.median(own for own, _ in pairs),
        statistics.median(theirs for _, theirs in pairs),
        statistics.median(theirs / own for own, theirs in pairs),
    )


def peak_mib(mode: str, precision: str) -> float:
    """Peak of resident memory of a process that imports torch and takes two full-size steps."""
    return measure([__file__, "--only-steps", mode, precision], str(Path.cwd())).peak_mib


def _only_steps(mode: str, precision: Precision) -> None:
    ours, *_ = _steps(precision, teacher_forcing=MODES[mode], lr=LEARNING_RATE)
    ours()
    ours()


def _load() -> str:
    return (
        " ".join(Path("/proc/loadavg").read_text().split()[:1])
        if Path("/proc/loadavg").exists()
        else "unknown"
    )


def main() -> None:
    """Check, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="turns of each pair [5]")
    parser.add_argument("--rollout", type=int, default=630, help="frames of the validation rollout [630]")
    parser.add_argument("--only-steps", nargs=2, metavar=("MODE", "PRECISION"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.only_steps:
        _only_steps(*options.only_steps)
        return
    auto = resolve_precision("auto", resolve_device("cpu"))
    print(
        f"torch {torch.__version__}, {torch.get_num_threads()} threads, precision auto: {auto}, load {_load()}"
    )
    print("\n| equal to the report's loop | precision | losses | weights |\n| --- | --- | ---: | ---: |")
    for mode, teacher_forcing in MODES.items():
        for precision in PRECISIONS:
            losses, weights = check_steps(precision, teacher_forcing=teacher_forcing)
            print(f"| {mode} | {precision} | {losses:.1e} | {weights:.1e} |", flush=True)
    for precision in PRECISIONS:
        print(f"| rollout, 16 frames | {precision} | {check_rollout(precision):.1e} | |", flush=True)
    print(f"\nFrames predicted a second, medians of {options.rounds} turns\n")
    print(
        "| | precision | the report's loop | ours | ratio | peak MiB |\n| --- | --- | ---: | ---: | ---: | ---: |"
    )
    for mode, teacher_forcing in MODES.items():
        for precision in PRECISIONS:
            ours, report, *_ = _steps(precision, teacher_forcing=teacher_forcing, lr=1e-5)
            own_s, theirs_s, ratio = take_turns(ours, report, options.rounds)
            count = FRAMES - 1
            memory = peak_mib(mode, precision)
            print(
                f"| {mode} | {precision} | {count / theirs_s:.2f} | {count / own_s:.2f} | {ratio:.2f} | {memory:.0f} |",
                flush=True,
            )
    model, (images, labels, noise) = _model(), _clips(1, options.rollout)
    plain = partial(report_rollout, plain_weights(model), images[:, 0], labels, noise)
    for precision in PRECISIONS:
        ours_too = partial(rollout, model, images[:, 0], labels, noise_BTNHW=noise, precision=precision)
        own_s, theirs_s, ratio = take_turns(ours_too, plain, max(1, options.rounds // 2))
        count = options.rollout - 1
        print(
            f"| rollout, {options.rollout} frames | {precision} | {count / theirs_s:.2f} | {count / own_s:.2f} | {ratio:.2f} | |",
            flush=True,
        )


if __name__ == "__main__":
    main()
