"""Measures what memory of a GPU training will take, by what two short clips leave for a backward pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from cvae.compute.device import autocast
from cvae.step import predict_clip

if TYPE_CHECKING:
    from torch import Tensor

    from cvae.compute.device import Precision
    from cvae.config import TrainConfig
    from cvae.model import VideoCVAE

COPIES_OF_WEIGHTS = 4
"""Weights, their gradients, and the two moments of Adam."""

CONTEXT_BYTES = 512 << 20
"""What a process takes of a GPU before it has any tensor there, for CUDA, cuDNN and their workspaces: about half a gigabyte."""


def memory_need(model: VideoCVAE, config: TrainConfig, precision: Precision) -> int:
    """The bytes of a GPU's memory that a run needs at least.

    Of the two kinds of steps the one counts that keeps more for its backward pass. What it keeps grows by the same with each
    frame of a clip, so clips of two and three frames tell.
    """
    weights = sum(weight.nbytes for weight in model.parameters())
    most = 0
    for kind in (True, False):
        two, three = (
            activation_bytes(model, config, precision, frames=frames, teacher_forcing=kind)
            for frames in (2, 3)
        )
        most = max(most, two + (config.train_vi_len - 2) * (three - two))
    return COPIES_OF_WEIGHTS * weights + most + CONTEXT_BYTES


def activation_bytes(
    model: VideoCVAE, config: TrainConfig, precision: Precision, *, frames: int, teacher_forcing: bool
) -> int:
    """The bytes that a step keeps from its forward for its backward pass, weights left out."""
    device = next(model.parameters()).device
    videos = config.clips_a_step
    size = (config.frame_H, config.frame_W)
    images = torch.zeros(videos * frames, 3, *size, device=device).contiguous(memory_format=model.layout)
    noise = torch.zeros(videos * (frames - 1), config.N_dim, *size, device=device)
    weights = {weight.data_ptr() for weight in model.parameters()}
    kept: dict[int, int] = {}

    def keep(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in weights:
            kept[storage.data_ptr()] = storage.nbytes()
        return tensor.detach()  # itself, it and what it was made by would keep each other for ever

    with (
        torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor),
        autocast(device, precision),
    ):
        predicted = predict_clip(
            model, images, images[videos:], noise, videos=videos, teacher_forcing=teacher_forcing
        )
    del predicted  # until here all that is kept is alive, so that no two tensors have the same place
    return sum(kept.values())
