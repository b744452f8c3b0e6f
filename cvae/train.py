"""The trainer's door: `train` for a whole run, `train_step` for one step."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, Any

from cvae.config import parse_config
from cvae.step import StepLosses, train_step
from cvae.training.attempt import Attempt, StopRequestedError
from cvae.training.epoch_plan import EpochPlan

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cvae.training.run_protocol import Run

__all__ = ["StepLosses", "train", "train_step"]

_log = logging.getLogger("cvae")


def train(config: Mapping[str, Any], run: Run) -> None:
    """Train, validate after each epoch, and record it; go on where an earlier attempt of the same run ended.

    Each epoch ends with a checkpoint in `run.dir` and one call of `run.log`. When `run.should_stop()` says
    so, this returns at once: the complete epochs stand, and the next attempt does the one that was not again.
    In fp32 on a CPU the next attempt gives, bit for bit, what an uninterrupted run would have given.

    Metrics, step = epoch: train/* are sums over a clip's predicted frames, mean over clips, as the report
    draws them. val/mse is the rollout's squared error and val/kl the KL divergence of the posterior of the
    true validation frames (in the rollout z comes from N(0, 1)), both means over frames; val/loss is val/mse
    + beta * val/kl. PSNR values are in dB; val/skill is val/psnr less val/psnr_copy_first.

    Args:
        config: Settings of `TrainConfig`, as a plain mapping; what is not in it has its default.
        run: Where to write, when to stop.

    Raises:
        ConfigError: Settings that do not fit.
        DataError: Data that is missing, unreadable or too short.
        DeviceError: No such device.
        CheckpointError: Checkpoints of other settings or other data, or none that can be read.
        NonFiniteLossError: NaN or infinity, with epoch and batch in its `reason`.
    """
    _log_to_stdout()
    settings = parse_config(config)
    attempt = Attempt.begin(settings, run)
    progress = attempt.take_up()
    validation = None
    try:
        for epoch in range(progress.epoch if progress else 0, settings.num_epoch):
            row, validation = attempt.train_and_validate(EpochPlan.of(settings, epoch))
            attempt.picture(
                epoch, validation
            )  # before the checkpoint, after which the epoch is not done again
            progress = attempt.save(progress, row)
            run.log(row, epoch)
            _log.info("%s", _summary(epoch, settings.num_epoch, row))
    except StopRequestedError:
        _log.info("stopped as asked, with %d epochs complete", progress.epoch if progress else 0)
        return
    assert progress is not None  # noqa: S101 - a run has at least one epoch
    last = validation or attempt.validate(settings.num_epoch - 1, may_stop=False)
    attempt.finish(last, progress.best)


def _summary(epoch: int, num_epoch: int, row: Mapping[str, float]) -> str:
    return (
        f"epoch {epoch + 1}/{num_epoch}: loss {row['train/loss']:.4g}, val psnr {row['val/psnr']:.2f} dB "
        f"(copy first {row['val/psnr_copy_first']:.2f}), beta {row['beta']:.3g}, tfr {row['tfr']:.2g}, "
        f"{row['time/epoch_s']:.1f} s"
    )


def _log_to_stdout() -> None:
    """Where nobody set logging up, the lines of the epochs go to stdout."""
    if not _log.hasHandlers():
        handler = logging.StreamHandler(sys.stdout)
        handler.setFormatter(logging.Formatter("%(message)s"))
        _log.addHandler(handler)
    if _log.level == logging.NOTSET:
        _log.setLevel(logging.INFO)
