"""Entry points of the trainer: `train` for a whole run, `train_step` for one step."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, Any

from cvae.config import parse_config
from cvae.step import StepLosses, train_step
from cvae.training.attempt import Attempt
from cvae.training.epoch_plan import EpochPlan
from cvae.training.run_protocol import StopRequestedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cvae.training.run_protocol import Run

__all__ = ["StepLosses", "train", "train_step"]

_log = logging.getLogger("cvae")


def train(config: Mapping[str, Any], run: Run) -> None:
    """Train, validate after each epoch, and log the metrics; resume where an earlier attempt of the same run ended.

    Each epoch ends with a checkpoint in `run.dir` and one call of `run.log`. When `run.should_stop()` is true, this
    returns at once: the complete epochs are kept, and the next attempt repeats the epoch that was interrupted. In fp32
    on a CPU, and on a GPU with `deterministic`, the next attempt gives bit for bit the result of an uninterrupted run.

    Metrics (step = epoch): train/* are sums over the predicted frames of a clip, mean over clips, as in the
    report's plots. val/mse is the squared error of the rollout. val/kl is the KL divergence of the posterior of the
    true validation frames (in the rollout, z comes from N(0, 1)). Both are means over frames; val/loss is val/mse +
    beta * val/kl. z/* say how much z is used (see `cvae.latent`): z/kl is val/kl times the batch size. PSNR values are in dB; val/skill is val/psnr minus val/psnr_copy_first.

    Args:
        config: Settings of `TrainConfig`, as a plain mapping; missing ones have their defaults.
        run: Receives metrics and files, and says when to stop.

    Raises:
        ConfigError: Settings are wrong.
        DataError: Data is missing, unreadable or too short.
        DeviceError: There is no such device.
        CheckpointError: The checkpoints belong to other settings or data, or none can be read.
        NonFiniteLossError: A loss is NaN or infinite; its `reason` names epoch and batch.
    """
    _log_to_stdout()
    settings = parse_config(config)
    attempt = Attempt.begin(settings, run)
    checkpoint = attempt.resume()
    validation = None
    first = checkpoint.epoch if checkpoint else 0
    try:
        if first < settings.num_epoch:
            attempt.compile(first)
        for epoch in range(first, settings.num_epoch):
            row, validation = attempt.train_and_validate(EpochPlan.of(settings, epoch))
            attempt.picture(epoch, validation)  # before the checkpoint: no attempt repeats the epoch after it
            checkpoint = attempt.save(checkpoint, row)
            run.log(row, epoch)
            _log.info("%s", _summary(epoch, settings.num_epoch, row))
    except StopRequestedError:
        _log.info("stopped as asked, with %d epochs complete", checkpoint.epoch if checkpoint else 0)
        return
    finally:
        attempt.settle()
    assert checkpoint is not None  # noqa: S101 - a run has at least one epoch
    last = validation or attempt.validate(settings.num_epoch - 1, may_stop=False)
    attempt.finish(last, checkpoint.best)


def _summary(epoch: int, num_epoch: int, row: Mapping[str, float]) -> str:
    return (
        f"epoch {epoch + 1}/{num_epoch}: loss {row['train/loss']:.4g}, val psnr {row['val/psnr']:.2f} dB "
        f"(copy first {row['val/psnr_copy_first']:.2f}), beta {row['beta']:.3g}, tfr {row['tfr']:.2g}, "
        f"{row['time/epoch_s']:.1f} s"
    )


def _log_to_stdout() -> None:
    """Print the lines of the epochs to stdout, unless logging is configured already."""
    if not _log.hasHandlers():
        handler = logging.StreamHandler(sys.stdout)
        handler.setFormatter(logging.Formatter("%(message)s"))
        _log.addHandler(handler)
    if _log.level == logging.NOTSET:
        _log.setLevel(logging.INFO)
