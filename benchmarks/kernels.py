"""Times the convolutions of the full-size network alone: `python benchmarks/kernels.py`.

Each convolution that a frame passes is timed alone, with the trainer's layout, batch size and precision; the least of a
few times counts. The sum over the frames of a clip is the least time that a step or a rollout can take with these kernels.
A multiply-add counts as two operations. The table also has the rate of one large matrix product, and everything with one
thread, which parallel trials have.
"""

from __future__ import annotations

import argparse
import time
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.func import functional_call
from trainer import FRAMES, PRECISIONS, ROLLOUT, Work

from cvae.compute.memory import keep_freed_memory
from cvae.step import FRAMES_AT_ONCE

if TYPE_CHECKING:
    from collections.abc import Callable

    from cvae.compute.device import Precision
    from cvae.model import VideoCVAE

    Call = tuple[nn.Conv2d, Tensor]


MATRIX = 2048


def convolutions(model: VideoCVAE, images: Tensor) -> list[Call]:
    """Each convolution that frames pass in training, and what it is given."""
    calls: list[Call] = []

    def note(module: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        if isinstance(module, nn.Conv2d):
            calls.append((module, inputs[0]))

    hook = nn.modules.module.register_module_forward_pre_hook(note)
    with torch.no_grad():
        features, label = model.encode_frame(images), model.encode_label(images)
        mu, _ = model.posterior(features, label)
        model.generate(features, label, mu)
    hook.remove()
    return calls


def least_s(act: Callable[[], object], rounds: int) -> float:
    """The shortest of a few times, after one that is not counted."""
    act()
    seconds = []
    for _ in range(rounds):
        started = time.perf_counter()
        act()
        seconds.append(time.perf_counter() - started)
    return min(seconds)


def passes_s(call: Call, dtype: torch.dtype, rounds: int) -> tuple[float, float]:
    """Seconds of one convolution's forward and backward pass."""
    module, inputs = call
    x = inputs.detach().to(dtype).requires_grad_()
    weights = {name: value.detach().to(dtype).requires_grad_() for name, value in module.named_parameters()}

    def forward() -> Tensor:
        out: Tensor = functional_call(module, weights, (x,))
        return out

    out = forward()
    grad = torch.ones_like(out)
    with torch.no_grad():
        forward_s = least_s(forward, rounds)
    wanted = (x, *weights.values())
    return forward_s, least_s(lambda: torch.autograd.grad(out, wanted, grad, retain_graph=True), rounds)


def operations(call: Call) -> float:
    """Floating-point operations of one convolution's forward pass; the backward pass has twice as many."""
    module, x = call
    return 2.0 * x.shape[0] * x.shape[2] * x.shape[3] * module.weight.numel()


def product_rate(dtype: torch.dtype, rounds: int) -> float:
    """Operations a second of a matrix product."""
    left, right = (torch.randn(MATRIX, MATRIX).to(dtype) for _ in range(2))
    return 2.0 * MATRIX**3 / least_s(lambda: left @ right, rounds)


def row(batch: int, precision: Precision, rounds: int) -> str:
    """One line of the table."""
    dtype = torch.bfloat16 if precision == "bf16" else torch.float32
    model, images, *_ = Work(ROLLOUT, precision, FRAMES).tensors()
    predicted = FRAMES - 1
    calls = convolutions(model, images[0, :batch].contiguous(memory_format=model.layout))
    times = [passes_s(call, dtype, rounds) for call in calls]
    forward_s, backward_s = (sum(column) * predicted / batch for column in zip(*times, strict=True))
    count = sum(operations(call) for call in calls) * predicted / batch
    return (
        f"| {torch.get_num_threads()} | {precision} | {batch} | {forward_s * 1e3:.0f} | {backward_s * 1e3:.0f} "
        f"| {predicted / (forward_s + backward_s):.1f} | {count / forward_s / 1e9:.0f} "
        f"| {2 * count / backward_s / 1e9:.0f} | {product_rate(dtype, rounds) / 1e9:.0f} |"
    )


def main() -> None:
    """Measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--rounds", type=int, default=5, help="times of each convolution, of which the least counts [5]"
    )
    options = parser.parse_args()
    keep_freed_memory()
    print(
        "| threads | precision | frames at once | forward ms | backward ms | frames/s | forward GFLOP/s | backward | matrix product |"
    )
    print("| ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for threads in sorted({torch.get_num_threads(), 1}, reverse=True):
        torch.set_num_threads(threads)
        for precision in PRECISIONS:
            for batch in (1, FRAMES_AT_ONCE):
                print(row(batch, precision, options.rounds), flush=True)


if __name__ == "__main__":
    main()
