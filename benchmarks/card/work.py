"""What `benchmarks/gpu.py` measures, each in a process of its own: steps, rollouts, and whether a graph gives the eager losses.

Shapes: as in `cvae.step`.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import torch
from baselines.report_loop import plain_weights, report_loop, report_rollout

from card.table import Row
from cvae.compute.device import set_numerics
from cvae.compute.graph import CudaRecorder
from cvae.compute.optimizer import make_optimizer
from cvae.evaluate import rollout
from cvae.model import VideoCVAE, seeded_model
from cvae.step import Mode
from cvae.training.epoch_plan import EpochPlan
from cvae.training.predictions import Predictions
from cvae.training.steps import QueuedSteps

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from torch import Tensor

    from cvae.compute.device import Precision

MODES = {"teacher forcing": True, "free-running": False}
REPORT, EAGER, GRAPH, COMPILED = "the report's loop", "eager", "graph", "graph, compiled"
"""Ways to take a step."""
ROLLOUT = "rollout"
READY = "ready"


@dataclass(frozen=True)
class Case:
    """A network with a clip, on a device."""

    device: torch.device
    model: VideoCVAE
    frames: Tensor
    labels: Tensor
    noise: Tensor

    @classmethod
    def of(cls, device: torch.device, *, small: bool = False) -> Case:
        """The report's network and clip, or with `small` ones on which it is tried whether all of this runs."""
        frames, height, width = (3, 8, 8) if small else (16, 32, 64)
        dims = (
            {"F_dim": 8, "L_dim": 4, "N_dim": 4, "D_out_dim": 8}
            if small
            else {"F_dim": 128, "L_dim": 32, "N_dim": 12, "D_out_dim": 192}
        )
        draws = torch.Generator().manual_seed(0)
        images, labels = (
            torch.rand(1, frames, 3, height, width, generator=draws).to(device) for _ in range(2)
        )
        noise = torch.randn(1, frames - 1, dims["N_dim"], height, width, generator=draws).to(device)
        return cls(device, seeded_model(0, **dims).to(device), images, labels, noise)

    def step(self, way: str, mode: str, precision: Precision) -> Callable[[], object]:
        """What takes one step; its losses arrive later."""
        if way == REPORT:
            weights = plain_weights(self.model)
            optimizer = torch.optim.Adam(weights.values(), lr=1e-5)

            def report() -> object:
                with torch.device(self.device):
                    return report_loop(
                        weights, optimizer, self.frames, self.labels, self.noise,
                        teacher_forcing=MODES[mode], beta=0.1, batch_size=2,
                    )  # fmt: skip

            return report
        if way == COMPILED:
            self.model.compile_parts(recorded=False)
        steps = self.steps(precision, is_recorded=way != EAGER)
        steps.begin(EpochPlan(0, 0.1, 0.0, MODES[mode], 1e-5, 1.0))
        return lambda: steps.take(self.frames, self.labels, self.noise)

    def steps(self, precision: Precision, *, is_recorded: bool) -> QueuedSteps:
        """What takes steps, recorded where there is a GPU."""
        recorder = CudaRecorder(self.device) if is_recorded and self.device.type == "cuda" else None
        optimizer = make_optimizer("Adam", self.model.parameters(), lr=1e-5, device=self.device)
        return QueuedSteps(
            self.model, optimizer, Mode(False, 2, 0.0, precision), recorder=recorder, to_come=lambda _: 10_000
        )


def wait(device: torch.device) -> None:
    """Wait until the device has done all."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def timed(do: Callable[[], object], device: torch.device, seconds: float) -> float:
    """Milliseconds of a call: the median of five rounds."""
    for _ in range(5):
        do()
    wait(device)
    began = time.perf_counter()
    do()
    wait(device)
    count = max(2, int(seconds / 5 / max(time.perf_counter() - began, 1e-6)))
    rounds = []
    for _ in range(5):
        began = time.perf_counter()
        for _ in range(count):
            do()
        wait(device)
        rounds.append((time.perf_counter() - began) / count * 1e3)
    return statistics.median(rounds)


def way_of(words: argparse.Namespace, device: torch.device) -> Iterator[Row]:
    """A step of one way in both modes, and a frame of a rollout, in each precision."""
    for precision in words.precision:
        label = f"{words.way}, {precision}"
        for mode in (mode for mode in MODES if words.only in {None, mode}):
            do = Case.of(device, small=words.small).step(words.way, mode, precision)
            yield Row(f"{mode}, ms a step", label, timed(do, device, words.seconds))
        if words.only in {None, ROLLOUT}:
            yield Row("rollout, ms a frame", label, rollout_ms(words, device, precision))


def rollout_ms(words: argparse.Namespace, device: torch.device, precision: Precision) -> float:
    """Milliseconds of a frame of a rollout."""
    case, length = Case.of(device, small=words.small), 4 if words.small else 200
    draws = torch.Generator().manual_seed(0)
    labels = torch.rand(1, length, *case.labels.shape[2:], generator=draws).to(device)
    noise = torch.randn(1, length - 1, *case.noise.shape[2:], generator=draws).to(device)
    first = case.frames[:, 0]
    if words.way == REPORT:
        do: Callable[[], object] = partial(report_rollout, plain_weights(case.model), first, labels, noise)
    else:
        if words.way == COMPILED:
            case.model.compile_parts(recorded=False)
        predict = None
        if words.way != EAGER and device.type == "cuda":
            predict = Predictions(case.model, CudaRecorder(device), precision)
        do = partial(
            rollout, case.model, first, labels, noise_BTNHW=noise, precision=precision, predict=predict
        )
    return timed(do, device, words.seconds) / length


def compile_of(words: argparse.Namespace, device: torch.device) -> Iterator[Row]:
    """Seconds until one way, or a part of it, has been compiled, so that other processes find it in the cache."""
    began = time.perf_counter()
    quick = argparse.Namespace(**{**vars(words), "seconds": 0.01})
    list(way_of(quick, device))
    what = f"{words.way}, {words.precision[0]}, {words.only or 'all'}"
    yield Row("compiling, s", what, time.perf_counter() - began, "beside other work")


def agreement_of(words: argparse.Namespace, device: torch.device) -> Iterator[Row]:
    """How far 20 steps as a graph are from 20 eager ones, in losses and weights."""
    is_exact = words.way == "deterministic"
    set_numerics(device, tf32=False, deterministic=is_exact)
    found = []
    for is_recorded in (False, True):
        case = Case.of(device, small=words.small)
        steps = case.steps("fp32", is_recorded=is_recorded)
        steps.begin(EpochPlan(0, 0.1, 0.0, False, 1e-5, 1.0))
        losses = [step.loss for _ in range(20) for step in steps.take(case.frames, case.labels, case.noise)]
        losses += [step.loss for step in steps.rest()]
        weights = torch.cat([weight.detach().flatten().cpu() for weight in case.model.parameters()])
        found.append((torch.tensor(losses), weights))
    how = f"free-running, {steps.described()}"
    pairs = list(zip(*found, strict=True))
    if is_exact:
        differ = sum(int((eager != graph).sum()) for eager, graph in pairs)
        yield Row("the same with deterministic, bits that differ", how, differ)
    else:
        off = max(float((eager - graph).norm() / eager.norm()) for eager, graph in pairs)
        yield Row("graph against eager, 20 steps of fp32 without TF32, relative", how, off)


def together_of(words: argparse.Namespace, device: torch.device) -> Iterator[Row]:
    """Steps of one of several processes: in each mode it says that it is ready, waits for a line, and counts for some seconds."""
    for mode in MODES:
        do = Case.of(device, small=words.small).step(words.way, mode, words.precision[0])
        for _ in range(5):
            do()
        wait(device)
        print(READY, flush=True)
        sys.stdin.readline()
        began, count = time.perf_counter(), 0
        while time.perf_counter() - began < words.seconds:
            do()
            count += 1
        wait(device)
        yield Row(f"{mode}, steps a second", "", count / (time.perf_counter() - began))


MEASURES: dict[str, Callable[[argparse.Namespace, torch.device], Iterator[Row]]] = {
    "way": way_of,
    "compile": compile_of,
    "agreement": agreement_of,
    "together": together_of,
}
