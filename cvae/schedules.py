"""Schedules of beta, the teacher forcing ratio and the learning rate over the epochs.

Each is a pure function of the epoch, so a resumed run needs no state to continue the schedule.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

from cvae.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence

AnnealingKind = Literal["None", "Cyclical", "Monotonic"]

BETA_MIN = 1e-6
"""Beta at the start of a cycle. The report's text says 1e6, its code 1e-6."""


def kl_beta(
    epoch: int,
    *,
    num_epoch: int,
    kind: AnnealingKind,
    num_cycles: int,
    ratio: float,
    ceiling: float = 1.0,
) -> float:
    """Weight of the KL term in one epoch.

    A cycle has `l = num_epoch // num_cycles` epochs; beta rises linearly in the first `ratio` of them. In epoch s of a
    cycle, counted from 0, beta is `max(1e-6, s / (l * ratio))` while `s < l * ratio`, and 1 after that.
    `Monotonic` is one cycle over all epochs; for `None` beta is always 1.

    If the epochs do not divide evenly, the remaining epochs begin one more cycle. If there are fewer epochs than
    cycles, each cycle is one epoch long, and beta is 1e-6 in every epoch, because each cycle starts there.

    All values are multiplied by the ceiling.

    Args:
        epoch: Counted from 0.
        num_epoch: Epochs of the whole run, at least 1.
        kind: The schedule.
        num_cycles: Cycles in `num_epoch`, at least 1; only used by `Cyclical`.
        ratio: Share of a cycle in which beta rises, 0 to 1; at 0 beta is always 1.
        ceiling: What beta rises to, at least 0.

    Returns:
        A value from 1e-6 to 1, times the ceiling.

    Raises:
        ConfigError: An argument is out of its range.

    Source:
        Fu et al., "Cyclical Annealing Schedule" (NAACL 2019), as in the report's `frange_cycle_linear`.
    """
    if kind not in get_args(AnnealingKind):
        raise ConfigError(f"kl_anneal_type is {kind!r}; it is one of {', '.join(get_args(AnnealingKind))}")
    if epoch < 0 or num_epoch < 1 or num_cycles < 1 or not 0 <= ratio <= 1 or not ceiling >= 0:
        raise ConfigError(
            f"no beta for epoch {epoch} of {num_epoch} with {num_cycles} cycles, ratio {ratio} and ceiling {ceiling}: "
            "epoch >= 0, num_epoch >= 1, cycles >= 1, 0 <= ratio <= 1 and ceiling >= 0 are needed"
        )
    if kind == "None":
        return ceiling
    cycle_length = num_epoch if kind == "Monotonic" else max(1, num_epoch // num_cycles)
    step = epoch % cycle_length
    rise = cycle_length * ratio
    return ceiling * (max(BETA_MIN, step / rise) if step < rise else 1.0)


def teacher_forcing_ratio(epoch: int, *, tfr: float, tfr_sde: int, tfr_d_step: float) -> float:
    """Probability that an epoch is trained with teacher forcing.

    The ratio falls by `tfr_d_step` at the start of epoch `tfr_sde` and of each later epoch, down to 0. Epoch 0
    always has `tfr`: the ratio can fall from epoch 1 on.

    It is computed as one product, not by repeated subtraction, and rounded to 12 digits, so that 1.0 minus ten
    times 0.1 is 0.

    Args:
        epoch: Counted from 0.
        tfr: The ratio in epoch 0, from 0 to 1.
        tfr_sde: The first epoch with a lower ratio.
        tfr_d_step: Decrease in each epoch, at least 0.

    Returns:
        A value from 0 to `tfr`.
    """
    falls = max(0, epoch - max(1, tfr_sde) + 1)
    return max(0.0, round(tfr - falls * tfr_d_step, 12)) if falls else float(tfr)


def learning_rate(epoch: int, *, lr: float, milestones: Sequence[int], gamma: float) -> float:
    """Learning rate of one epoch: `lr` multiplied by `gamma` once for each milestone reached."""
    return lr * gamma ** sum(epoch >= milestone for milestone in milestones)
