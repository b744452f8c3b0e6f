"""Plans one epoch of a run: the values of the schedules, and whether it uses teacher forcing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from cvae.compute.randomness import generator
from cvae.schedules import kl_beta, learning_rate, teacher_forcing_ratio

if TYPE_CHECKING:
    from cvae.config import TrainConfig


@dataclass(frozen=True)
class EpochPlan:
    """The values of the schedules in one epoch, and its random draw.

    Attributes:
        epoch: Counted from 0.
        beta: Weight of the KL divergence.
        tfr: Probability of teacher forcing.
        teacher_forcing: Whether the epoch uses it, drawn with that probability.
        lr: Learning rate.
        share: Share of the training frames that the epoch uses.
    """

    epoch: int
    beta: float
    tfr: float
    teacher_forcing: bool
    lr: float
    share: float

    @classmethod
    def of(cls, config: TrainConfig, epoch: int) -> EpochPlan:
        """Plan one epoch; equal arguments give equal plans."""
        tfr = teacher_forcing_ratio(
            epoch, tfr=config.tfr, tfr_sde=config.tfr_sde, tfr_d_step=config.tfr_d_step
        )
        beta = kl_beta(
            epoch,
            num_epoch=config.num_epoch,
            kind=config.kl_anneal_type,
            num_cycles=config.kl_anneal_cycle,
            ratio=config.kl_anneal_ratio,
            ceiling=config.kl_beta_max,
        )
        draw = torch.rand((), generator=generator(config.seed, "teacher forcing", epoch))
        return cls(
            epoch=epoch,
            beta=beta,
            tfr=tfr,
            teacher_forcing=float(draw) < tfr,
            lr=learning_rate(epoch, lr=config.lr, milestones=config.lr_milestones, gamma=config.lr_gamma),
            share=config.share(epoch),
        )
