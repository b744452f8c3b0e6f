"""Predicts the frames of a rollout by a recording: one call starts all kernels of a frame."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING

import torch

from cvae.compute.casts import KeptCasts
from cvae.compute.graph import Recorded

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

    from cvae.compute.device import Precision
    from cvae.compute.graph import Recorder
    from cvae.model import VideoCVAE


class Predictions:
    """`model.predict` for rollouts, recorded when the first one begins: it may be compiled until then.

    Args:
        model: The network.
        recorder: Records it. Where it cannot, frames are predicted call by call.
        precision: What it computes in. In bf16 weights are cast when a rollout begins, and not for each frame.
    """

    def __init__(self, model: VideoCVAE, recorder: Recorder, precision: Precision) -> None:
        self._model = model
        self._casts = KeptCasts(model.layers_cast(), torch.bfloat16) if precision == "bf16" else None
        self._recorded = Recorded(self._predict, recorder, "predictions")

    def begin(self) -> Callable[[Tensor, Tensor, Tensor], Tensor]:
        """What predicts a frame with the weights of now; each call overwrites the frame of the one before."""
        if self._casts is not None:
            self._casts.renew()
        return self._recorded

    def _predict(self, *given: Tensor) -> Tensor:
        with self._casts.read() if self._casts is not None else nullcontext():
            return self._model.predict(*given)
