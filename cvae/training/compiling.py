"""Has an attempt's network compiled before its first step, once for all processes of a machine.

`torch.compile` compiles a part when it is first called with some shapes. So each kind of step that is to come is tried on zeros,
and a short rollout, while no other process compiles the same.
"""

from __future__ import annotations

import hashlib
import logging
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

import cvae.model
from cvae.compute.compile_cache import CompileCache
from cvae.data.cache import cache_directory
from cvae.errors import first_line
from cvae.evaluate import rollout
from cvae.step import Mode, StepTensors, try_step
from cvae.training.compile_plan import CompileDecision, decide_compile
from cvae.training.run_protocol import StopRequestedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from cvae.compute.device import Precision
    from cvae.config import TrainConfig
    from cvae.evaluate import Predict
    from cvae.model import VideoCVAE
    from cvae.training.compile_plan import ToCome


_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Compiling:
    """The compiling of one network for one run's shapes.

    Attributes:
        config: The run's settings.
        device: Where it computes.
        precision: What it computes in.
        is_recorded: Whether whole steps are recorded as CUDA graphs, so that parts need not be.
    """

    config: TrainConfig
    device: torch.device
    precision: Precision
    is_recorded: bool

    def cache(self) -> CompileCache:
        """Where the compiled code lies, below the user's cache."""
        return CompileCache(cache_directory() / "compiled", self._what())

    def apply(
        self,
        model: VideoCVAE,
        to_come: ToCome,
        predict: Predict | None,
        stop_if_asked: Callable[[], None],
    ) -> CompileDecision:
        """Compile a network's parts if the settings say so or it pays, and say in the log which.

        Where that fails and nobody has asked for it, the network is left as it is.
        """
        on_gpu, is_asked_for = self.device.type == "cuda", self.config.compile != "auto"
        is_cached = on_gpu and not is_asked_for and self.cache().has(self._kinds(to_come))
        decision = decide_compile(self.config, self.device.type, to_come, is_cached=is_cached)
        if decision.compiled or on_gpu:
            _log.info("%s", decision)
        if decision.compiled:
            try:
                self._compile(model, to_come, predict, stop_if_asked)
            except StopRequestedError:
                raise
            except Exception as error:
                if is_asked_for:
                    raise
                model.plain_parts()
                decision = CompileDecision(False, f"it failed: {first_line(error)}")
                _log.info("%s", decision)
        return decision

    def _compile(
        self,
        model: VideoCVAE,
        to_come: ToCome,
        predict: Predict | None,
        stop_if_asked: Callable[[], None],
    ) -> None:
        model.compile_parts(recorded=not self.is_recorded)
        parts: dict[str, Callable[[], None]] = {
            kind: partial(self._try_step, model, is_forced)
            for kind, is_forced in self._kinds(to_come).items()
        }
        parts["rollout"] = partial(self._try_rollout, model, predict)
        cache = self.cache()
        if cache.has(parts):  # no pool of compilers for what is only loaded
            from torch._inductor import config as compiler  # takes a second

            compiler.compile_threads = 1
        began_s = time.monotonic()
        cache.fill(parts, stop_if_asked)
        _log.info("compiling took %.0f s", time.monotonic() - began_s)

    def _kinds(self, to_come: ToCome) -> dict[str, bool]:
        steps = {"teacher-forced": (True, to_come.forced_steps), "free-running": (False, to_come.free_steps)}
        return {kind: is_forced for kind, (is_forced, count) in steps.items() if count}

    def _try_step(self, model: VideoCVAE, is_forced: bool) -> None:  # noqa: FBT001 - a kind of step
        config = self.config
        videos = config.clips_a_step
        images = torch.zeros(
            videos, config.train_vi_len, 3, config.frame_H, config.frame_W, device=self.device
        )
        noise = images.new_zeros(
            videos, config.train_vi_len - 1, config.N_dim, config.frame_H, config.frame_W
        )
        tensors = StepTensors.like(images, images, noise)
        tensors.take(images, images, noise)
        try_step(model, tensors, Mode(is_forced, config.batch_size, config.kl_free_nats, self.precision))

    def _try_rollout(self, model: VideoCVAE, predict: Predict | None) -> None:
        images = torch.zeros(1, 3, 3, self.config.frame_H, self.config.frame_W, device=self.device)
        draws = torch.Generator()
        rollout(model, images[:, 0], images, generator=draws, precision=self.precision, predict=predict)

    def _what(self) -> dict[str, Any]:
        """All that the compiled code depends on."""
        config = self.config
        on_gpu = self.device.type == "cuda"
        return {
            "torch": torch.__version__,
            "network": hashlib.sha256(Path(cvae.model.__file__).read_bytes()).hexdigest(),
            "sizes": [config.F_dim, config.L_dim, config.N_dim, config.D_out_dim],
            "clip": [config.train_vi_len, config.frame_H, config.frame_W],
            "videos": config.clips_a_step,
            "precision": self.precision,
            "device": torch.cuda.get_device_name(self.device) if on_gpu else "cpu",
            "threads": 0 if on_gpu else torch.get_num_threads(),
            "recorded": self.is_recorded,
            "arithmetic": [config.tf32, config.deterministic],
        }
