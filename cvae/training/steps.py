"""Takes the steps of an epoch: each waited for on a CPU, a few ahead of their losses on a GPU, there as one CUDA graph each.

A GPU computes while the CPU prepares the next clip and starts the next step. So losses arrive later than their step: in
order, and no more than `AHEAD` steps late, so that a request to stop is answered after as many steps.

Shapes: B videos that share a step, T frames of a clip, C colours (3), N channels of z, H x W pixels.
"""
# ruff: noqa: N803  shape suffixes

from __future__ import annotations

import logging
import math
from abc import ABC, abstractmethod
from collections import Counter, deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import torch

from cvae.compute.graph import CudaRecorder, reason_of
from cvae.config import clips_in
from cvae.errors import NonFiniteLossError
from cvae.step import Mode, StepLosses, StepTensors, step_in_place, train_step
from cvae.training.epoch_plan import EpochPlan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from torch import Tensor

    from cvae.compute.device import Precision
    from cvae.compute.graph import Recorder
    from cvae.config import TrainConfig
    from cvae.model import VideoCVAE

    Work = Callable[[], None]

AHEAD = 2
"""Steps that a GPU may have before it."""

WORTH_STEPS = 100
"""A recording takes a few steps and about a second, and saves two thirds of each step after it: below so many, nothing."""

_log = logging.getLogger(__name__)


class Steps(ABC):
    """Takes steps on clips, one after another.

    Args:
        model: The network.
        optimizer: As `make_optimizer` makes it.
        mode: How losses are computed; whether with teacher forcing each epoch says.
    """

    def __init__(self, model: VideoCVAE, optimizer: torch.optim.Optimizer, mode: Mode) -> None:
        self._model, self._optimizer, self._mode = model, optimizer, mode
        self._beta = 0.0

    def begin(self, plan: EpochPlan) -> None:
        """Take what is the same for all steps of an epoch."""
        self._mode = replace(self._mode, teacher_forcing=plan.teacher_forcing)
        self._beta = plan.beta

    @abstractmethod
    def take(self, frames_BTCHW: Tensor, labels_BTCHW: Tensor, noise_BTNHW: Tensor) -> list[StepLosses]:
        """Take a step; return the losses that have arrived, in order.

        One that is not finite changed nothing, nor did any step after it.

        Raises:
            NonFiniteLossError: The step's own loss is not finite.
        """

    def rest(self) -> list[StepLosses]:
        """Wait for the losses that are on their way."""
        return []

    def described(self) -> str:
        """How steps are taken, for provenance: `eager`, or which of them as a graph."""
        return "eager"


class WaitedSteps(Steps):
    """Steps that are waited for, as on a CPU."""

    def take(self, frames_BTCHW: Tensor, labels_BTCHW: Tensor, noise_BTNHW: Tensor) -> list[StepLosses]:
        """Take a step, and wait for its losses."""
        step = train_step(
            self._model,
            self._optimizer,
            frames_BTCHW,
            labels_BTCHW,
            beta=self._beta,
            noise_BTNHW=noise_BTNHW,
            update="per_batch",  # what shares a step comes together
            **vars(self._mode),
        )
        return [step]


class QueuedSteps(Steps):
    """Steps that are started before the losses of those before them are known, recorded where that is worth it.

    Args:
        model: The network.
        optimizer: A fused optimizer, as `make_optimizer` makes it.
        mode: As in `Steps`.
        recorder: Records a step; None: every step is taken call by call.
        to_come: How many steps of an epoch's kind are still to be taken, from that epoch on: ever fewer.
    """

    def __init__(
        self,
        model: VideoCVAE,
        optimizer: torch.optim.Optimizer,
        mode: Mode,
        *,
        recorder: Recorder | None,
        to_come: Callable[[EpochPlan], int],
    ) -> None:
        super().__init__(model, optimizer, mode)
        self._recorder, self._to_come = recorder, to_come
        self._tensors: StepTensors | None = None
        self._is_worth: dict[bool, bool] = {}
        self._recorded: dict[bool, Work] = {}
        self._arriving: deque[_Arriving] = deque()

    def begin(self, plan: EpochPlan) -> None:
        """Take the epoch's teacher forcing and beta, and decide, once, whether steps of its kind are recorded."""
        super().begin(plan)
        if self._tensors is not None:
            self._tensors.beta.fill_(plan.beta)
        if self._recorder is None or plan.teacher_forcing in self._is_worth:
            return
        count = self._to_come(plan)
        self._is_worth[plan.teacher_forcing] = count >= WORTH_STEPS
        if count < WORTH_STEPS:
            kind = _kind(plan.teacher_forcing)
            _log.info("%s steps are taken call by call: %d are too few to record", kind, count)

    def take(self, frames_BTCHW: Tensor, labels_BTCHW: Tensor, noise_BTNHW: Tensor) -> list[StepLosses]:
        """Start a step; return the losses that have arrived."""
        clips = (frames_BTCHW, labels_BTCHW, noise_BTNHW)
        if self._tensors is None:
            self._tensors = StepTensors.like(*clips)
            self._tensors.beta.fill_(self._beta)
        self._tensors.take(*clips)
        self._step(self._tensors)()
        self._arriving.append(_Arriving.of(self._tensors.losses))
        return self._arrived(AHEAD)

    def rest(self) -> list[StepLosses]:
        """Wait for all losses."""
        return self._arrived(0)

    def described(self) -> str:
        """`eager`, or `graph (free-running)`."""
        return f"graph ({', '.join(map(_kind, self._recorded))})" if self._recorded else "eager"

    def _arrived(self, ahead: int) -> list[StepLosses]:
        return [self._arriving.popleft().wait() for _ in range(len(self._arriving) - ahead)]

    def _step(self, tensors: StepTensors) -> Work:
        """What takes the step that the tensors hold."""
        mode = self._mode

        def step() -> None:
            step_in_place(self._model, self._optimizer, tensors, mode)

        kind = mode.teacher_forcing
        if self._recorder is not None and self._is_worth[kind] and kind not in self._recorded:
            self._record(self._recorder, step, tensors)
        return self._recorded.get(kind, step)

    def _record(self, recorder: Recorder, step: Work, tensors: StepTensors) -> None:
        """Record a step; the steps that this takes by itself change nothing, as if their loss were not finite."""
        kind = self._mode.teacher_forcing
        before = tensors.is_broken.clone()
        tensors.is_broken.fill_(1)
        try:
            self._recorded[kind] = recorder(step)
            _log.info("%s steps are recorded, each as one CUDA graph", _kind(kind))
        except RuntimeError as error:
            self._recorder = None
            _log.info("steps are taken call by call: they cannot be recorded: %s", reason_of(error))
        finally:
            self._optimizer.zero_grad()  # what was recorded has gradients of its own
            tensors.is_broken.copy_(before)


@dataclass(frozen=True)
class _Arriving:
    """The losses of a step on their way from the device."""

    losses: Tensor
    event: torch.cuda.Event | None

    @classmethod
    def of(cls, losses: Tensor) -> _Arriving:
        """Send them off: the tensor is written to again by the next step."""
        if losses.device.type != "cuda":
            return cls(losses.clone(), None)
        here = torch.empty(losses.shape, pin_memory=True)
        here.copy_(losses, non_blocking=True)
        # Blocking: a wait that spins would take a core from the trials beside it.
        event = torch.cuda.Event(blocking=True)  # type: ignore[no-untyped-call]
        event.record(torch.cuda.current_stream(losses.device))  # the current GPU may be another one
        return cls(here, event)

    def wait(self) -> StepLosses:
        if self.event is not None:
            self.event.synchronize()
        return StepLosses(*self.losses.tolist())


def steps_on(
    device: torch.device,
    model: VideoCVAE,
    optimizer: torch.optim.Optimizer,
    config: TrainConfig,
    *,
    precision: Precision,
    frames: int,
    recorder: Recorder | None,
) -> Steps:
    """Choose how a run takes its steps."""
    mode = Mode(False, config.batch_size, config.kl_free_nats, precision)
    if device.type != "cuda":
        return WaitedSteps(model, optimizer, mode)
    if recorder is None:
        _log.info("steps are taken call by call: cuda_graph is off")
    return QueuedSteps(
        model,
        optimizer,
        mode,
        recorder=recorder,
        to_come=lambda plan: steps_to_come(config, plan, frames),
    )


def recorder_on(device: torch.device, config: TrainConfig) -> CudaRecorder | None:
    """What records a run's work on a device; None: nothing is recorded there."""
    return CudaRecorder(device) if device.type == "cuda" and config.cuda_graph == "auto" else None


def steps_to_come(config: TrainConfig, plan: EpochPlan, frames: int) -> int:
    """Steps of a run from an epoch on that use teacher forcing as that epoch does, or free running as that does."""
    return steps_by_kind(config, plan.epoch, frames)[plan.teacher_forcing]


def steps_by_kind(config: TrainConfig, epoch: int, frames: int) -> Counter[bool]:
    """Steps of a run from an epoch on, by whether they use teacher forcing."""
    count: Counter[bool] = Counter()
    for plan in (EpochPlan.of(config, later) for later in range(epoch, config.num_epoch)):
        count[plan.teacher_forcing] += steps_in(config, plan, frames)
    return count


def steps_in(config: TrainConfig, plan: EpochPlan, frames: int) -> int:
    """Steps of one epoch; the last incomplete batch is left out."""
    clips = clips_in(frames, share=plan.share, clip_length=config.train_vi_len)
    return clips // config.batch_size * config.batch_size // config.clips_a_step


def losses_of(
    steps: Steps, clips: Iterable[tuple[Tensor, Tensor, Tensor]], broken_at: Callable[[int], str]
) -> list[StepLosses]:
    """Train on clips, a step each; `broken_at` names the place of a step, by its number from 0, for an error.

    Raises:
        NonFiniteLossError: A loss is not finite; the text names its place.
    """
    losses: list[StepLosses] = []

    def add(arrived: list[StepLosses]) -> None:
        for values in arrived:
            if not math.isfinite(values.loss):
                raise NonFiniteLossError(broken_at(len(losses)))
            losses.append(values)

    for clip in clips:
        try:
            arrived = steps.take(*clip)
        except NonFiniteLossError:
            raise NonFiniteLossError(broken_at(len(losses))) from None
        add(arrived)
    add(steps.rest())
    return losses


def _kind(teacher_forcing: bool) -> str:  # noqa: FBT001 - a label of it
    return "teacher-forced" if teacher_forcing else "free-running"
