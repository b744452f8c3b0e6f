"""How beta, the teacher forcing ratio and the learning rate move over the epochs.

Each is a pure function of the epoch, so that a resumed run needs no state to go on with the schedule.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

from cvae.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence

AnnealingKind = Literal["None", "Cyclical", "Monotonic"]

BETA_MIN = 1e-6
"""Beta where a cycle starts. The report's text says 1e6; its code says 1e-6."""


def kl_beta(epoch: int, *, num_epoch: int, kind: AnnealingKind, num_cycles: int, ratio: float) -> float:
    """Weight of the KL term in one epoch.

    A cycle is `num_epoch // num_cycles` epochs long and rises linearly over its first `ratio` part:
    with s the epoch's place in its cycle of l epochs, beta is `max(1e-6, s / (l * ratio))` while
    `s < l * ratio`, and 1 after that. `Monotonic` is one cycle, `None` is 1 throughout.

    Where the epochs do not divide evenly, the cycles keep their whole length and the epochs left over begin
    one more. Where there are fewer epochs than cycles, a cycle is one epoch long, and as each cycle starts
    at 1e-6, so is every epoch.

    Args:
        epoch: Counted from 0.
        num_epoch: Epochs of the whole run, at least 1.
        kind: Which schedule.
        num_cycles: Cycles in `num_epoch`, at least 1; only `Cyclical` looks at it.
        ratio: Share of a cycle that rises, 0 to 1; at 0 beta is 1 throughout.

    Returns:
        A value from 1e-6 to 1.

    Raises:
        ConfigError: An argument is out of its range.

    Source:
        Fu et al., "Cyclical Annealing Schedule" (NAACL 2019), as in the report's `frange_cycle_linear`.
    """
    if kind not in get_args(AnnealingKind):
        raise ConfigError(f"kl_anneal_type is {kind!r}; it is one of {', '.join(get_args(AnnealingKind))}")
    if epoch < 0 or num_epoch < 1 or num_cycles < 1 or not 0 <= ratio <= 1:
        raise ConfigError(
            f"no beta for epoch {epoch} of {num_epoch} with {num_cycles} cycles and ratio {ratio}: "
            "epoch >= 0, num_epoch >= 1, cycles >= 1 and 0 <= ratio <= 1 are needed"
        )
    if kind == "None":
        return 1.0
    cycle_length = num_epoch if kind == "Monotonic" else max(1, num_epoch // num_cycles)
    step = epoch % cycle_length
    rise = cycle_length * ratio
    return max(BETA_MIN, step / rise) if step < rise else 1.0


def teacher_forcing_ratio(epoch: int, *, tfr: float, tfr_sde: int, tfr_d_step: float) -> float:
    """Chance that an epoch is trained with teacher forcing.

    The ratio falls by `tfr_d_step` when epoch `tfr_sde` begins and with each one after it, down to 0. Epoch 0
    begins at `tfr` in any case: the first chance to fall is the step from epoch 0 to epoch 1.

    Computed as one product, not by repeated subtraction, and rounded to 12 digits: 1.0 less ten
    times 0.1 is 0.

    Args:
        epoch: Counted from 0.
        tfr: The ratio in epoch 0, from 0 to 1.
        tfr_sde: Epoch in which the ratio first falls.
        tfr_d_step: By how much it falls an epoch, at least 0.

    Returns:
        A value from 0 to `tfr`.
    """
    falls = max(0, epoch - max(1, tfr_sde) + 1)
    return max(0.0, round(tfr - falls * tfr_d_step, 12)) if falls else float(tfr)


def learning_rate(epoch: int, *, lr: float, milestones: Sequence[int], gamma: float) -> float:
    """Learning rate of one epoch: `lr`, multiplied by `gamma` once for every milestone reached."""
    return lr * gamma ** sum(epoch >= milestone for milestone in milestones)
