"""Decides whether an attempt compiles its network: where the steps that are to come save more than compiling takes.

The seconds are those of one NVIDIA H200 with the report's network (docs/notes/trainer.md). Compiled code saves calls of small
kernels, whose number does not depend on how wide the network is or how large its frames are, so they do for other networks, too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cvae.training.steps import steps_by_kind

if TYPE_CHECKING:
    from cvae.config import TrainConfig

COLD_S, WARM_S = 65.0, 22.0
"""What compiling one kind of step takes: the first time, and where another process has left it in the cache."""

MARGIN = 2.0
"""The steps have to save so many times what compiling takes: both are of another card and another network."""


@dataclass(frozen=True)
class Saved:
    """Milliseconds that compiled parts take off a step, measured in bf16, one trial alone on the card.

    Attributes:
        forced_ms: Of a teacher-forced step, whatever its length: its frames go through the network together.
        free_frame_ms: Of each frame that a free-running step predicts. A frame of a rollout saves some of it, too, which has
            not been measured and counts for nothing.
    """

    forced_ms: float
    free_frame_ms: float


AS_GRAPH = Saved(forced_ms=11.5 - 7.7, free_frame_ms=(57.3 - 42.7) / 15)
"""Where the whole step is one CUDA graph."""

CALL_BY_CALL = Saved(forced_ms=28.6 - 16.9, free_frame_ms=(223 - 107) / 15)
"""Where it is not: compiled parts are CUDA graphs of their own then."""


@dataclass(frozen=True)
class ToCome:
    """The work of an attempt that compiled code does faster.

    Attributes:
        forced_steps: Steps with teacher forcing.
        free_steps: Free-running steps.
        predicted_frames: Frames that a step predicts of a clip.
    """

    forced_steps: int
    free_steps: int
    predicted_frames: int

    @classmethod
    def of(cls, config: TrainConfig, epoch: int, frames: int) -> ToCome:
        """What is left of a run from an epoch on, whose training video has so many frames."""
        count = steps_by_kind(config, epoch, frames)
        return cls(count[True], count[False], config.train_vi_len - 1)

    @property
    def kinds(self) -> int:
        """Kinds of steps, each of which is compiled by itself."""
        return (self.forced_steps > 0) + (self.free_steps > 0)

    def saved_s(self, saved: Saved) -> float:
        """The seconds that compiled code saves."""
        free_ms = self.free_steps * self.predicted_frames * saved.free_frame_ms
        return (self.forced_steps * saved.forced_ms + free_ms) / 1e3


@dataclass(frozen=True)
class CompileDecision:
    """Whether a network is compiled, and why; for the log and provenance."""

    compiled: bool
    why: str

    def __str__(self) -> str:
        return f"{'compiled' if self.compiled else 'not compiled'}: {self.why}"


def decide_compile(config: TrainConfig, device: str, to_come: ToCome, *, is_cached: bool) -> CompileDecision:
    """Decide as the setting `compile` says; for `auto`, by what it saves.

    Args:
        config: The run's settings.
        device: Where it computes, cpu or cuda. On a CPU `auto` is off: compiled steps were no faster there, and a result keeps its bits.
        to_come: What is left of the run.
        is_cached: Whether another process has compiled the same already.
    """
    if config.compile != "auto":
        return CompileDecision(config.compile, f"compile is {str(config.compile).lower()}")
    if device == "cpu":
        return CompileDecision(False, "on a CPU compiled steps are no faster")
    if config.deterministic:
        why = "deterministic, and an attempt with few steps left would not compile: set compile to have it for all"
        return CompileDecision(False, why)
    saved_s = to_come.saved_s(AS_GRAPH if config.cuda_graph == "auto" else CALL_BY_CALL)
    cost_s = to_come.kinds * (WARM_S if is_cached else COLD_S)
    steps = f"{to_come.forced_steps} teacher-forced and {to_come.free_steps} free-running steps"
    takes = f"compiling takes about {cost_s:.0f} s{' from the cache' if is_cached else ''}"
    return CompileDecision(
        saved_s > 0 and saved_s >= MARGIN * cost_s, f"{steps} save about {saved_s:.0f} s, and {takes}"
    )
