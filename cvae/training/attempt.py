"""Runs one attempt of a run: resumes an earlier one, trains, validates, saves, and hands over the files.

Shapes: T frames, C colours (3), H x W pixels.
"""
# ruff: noqa: N806, N815  shape suffixes

from __future__ import annotations

import contextlib
import json
import logging
import math
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from cvae.checkpoint import BEST, LAST, BestEpoch, Checkpoint, load_checkpoint, save_checkpoint, write_archive
from cvae.compute.device import (
    describe_card,
    resolve_device,
    resolve_precision,
    set_numerics,
    use_device,
    use_threads,
)
from cvae.compute.graph import CopyStream, Recorded
from cvae.compute.memory import sent
from cvae.compute.optimizer import load_state, make_optimizer, set_learning_rate, state_of
from cvae.compute.randomness import derived_seed, generator
from cvae.data import load_dataset
from cvae.errors import NonFiniteLossError
from cvae.evaluate import Reference, Score, rollout
from cvae.latent import calls_of_one_shape, draw_spread, encode, posterior_of
from cvae.model import seeded_model
from cvae.output import artifacts
from cvae.step import StepLosses
from cvae.training.compile_plan import ToCome
from cvae.training.compiling import Compiling
from cvae.training.memory_need import memory_need
from cvae.training.predictions import Predictions
from cvae.training.run_protocol import StopRequestedError
from cvae.training.steps import WORTH_STEPS, Steps, losses_of, recorder_on, steps_in, steps_on

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from torch import Tensor

    from cvae.compute.device import Precision
    from cvae.config import TrainConfig
    from cvae.data import Video
    from cvae.evaluate import Predict
    from cvae.model import VideoCVAE
    from cvae.training.epoch_plan import EpochPlan
    from cvae.training.run_protocol import Run

PROVENANCE = "provenance.json"

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Validation:
    """A rollout, which begins with the true frame 0, and its score."""

    generated_TCHW: Tensor
    score: Score


@dataclass(frozen=True)
class Attempt:
    """One attempt of a run: everything that its epochs share."""

    config: TrainConfig
    run: Run
    video: Video
    reference: Reference
    identity: dict[str, Any]
    provenance: dict[str, Any]
    device: torch.device
    precision: Precision
    model: VideoCVAE
    optimizer: torch.optim.Optimizer
    steps: Steps
    copies: CopyStream | None
    compiling: Compiling
    predict: Predict | None
    encode: Callable[[Tensor, Tensor], tuple[Tensor, Tensor]] | None

    @property
    def dir(self) -> Path:
        """The run's directory."""
        return Path(self.run.dir)

    @classmethod
    def begin(cls, config: TrainConfig, run: Run) -> Attempt:
        """Load the data, make a new network, and write `provenance.json`."""
        device, threads = resolve_device(config.device, run.device), use_threads()
        set_numerics(device, tf32=config.tf32, deterministic=config.deterministic)
        use_device(device)  # which starts CUDA
        precision = resolve_precision(config.precision, device)
        data = load_dataset(config)
        directory = Path(run.dir)
        directory.mkdir(parents=True, exist_ok=True)
        provenance: dict[str, Any] = {
            "data": data.content_id,
            "dataset": {"name": config.data.name, "source": str(config.data.root or "")},
            "device": str(device),
            "threads": threads,
            "precision": precision,
        }
        if card := describe_card(device, deterministic=config.deterministic):
            provenance["gpu"] = card
        write_provenance(directory, provenance)
        _log.info("on %s with %d threads, %s (asked for: %s)", device, threads, precision, config.precision)
        length = len(data.val) if config.val_vi_len == "all" else config.val_vi_len
        frames_TCHW, labels_TCHW = data.val.clip(0, length)
        model = _new_model(config).to(device)
        if device.type == "cuda":
            provenance["gpu_mem"] = memory_need(model, config, precision)
            write_provenance(directory, provenance)
        recorder = recorder_on(device, config)
        optimizer = make_optimizer(config.optim, model.parameters(), lr=config.lr, device=device)
        return cls(
            config=config,
            run=run,
            video=data.train,
            reference=Reference.of(frames_TCHW, labels_TCHW).on(device),
            identity={**config.identity(), "precision": precision, "data": data.content_id},
            provenance=provenance,
            device=device,
            precision=precision,
            model=model,
            optimizer=optimizer,
            steps=steps_on(
                device,
                model,
                optimizer,
                config,
                precision=precision,
                frames=len(data.train),
                recorder=recorder,
            ),
            copies=CopyStream(device) if device.type == "cuda" else None,
            compiling=Compiling(config, device, precision, is_recorded=recorder is not None),
            predict=Predictions(model, recorder, precision) if recorder else None,
            encode=Recorded(partial(encode, model), recorder, "posteriors")
            if recorder and calls_of_one_shape(length) * config.num_epoch >= WORTH_STEPS
            else None,
        )

    def resume(self) -> Checkpoint | None:
        """Load the last checkpoint, if there is one, and log its metrics again."""
        checkpoint = load_checkpoint(self.dir)
        if checkpoint is None:
            return None
        checkpoint.refuse_another_run(self.identity, self.dir)
        self.model.load_state_dict(checkpoint.state_dict)
        load_state(self.optimizer, checkpoint.optimizer)
        for epoch, row in enumerate(checkpoint.history):
            self.run.log(row, epoch)
        _log.info("resumed with %d of %d epochs complete", checkpoint.epoch, self.config.num_epoch)
        return checkpoint

    def compile(self, epoch: int) -> None:
        """Compile the network, if the settings say so or the steps from an epoch on are worth it; provenance tells which."""
        to_come = ToCome.of(self.config, epoch, len(self.video))
        decision = self.compiling.apply(self.model, to_come, self.predict, self._stop_if_asked)
        self.provenance["compile"] = vars(decision)
        write_provenance(self.dir, self.provenance)

    def train_and_validate(self, plan: EpochPlan) -> tuple[dict[str, float], Validation]:
        """Train one epoch and validate; return the metrics to log and the validation."""
        started = time.perf_counter()
        steps = self._train(plan)
        trained_s = time.perf_counter() - started
        losses = StepLosses.mean(steps)
        frames = len(steps) * self.config.clips_a_step * (self.config.train_vi_len - 1)
        validation = self.validate(plan.epoch)
        score = validation.score
        val_kl, latent = self._use_of_z(plan.epoch, validation)
        row = {
            "train/loss": losses.loss,
            "train/mse": losses.mse,
            "train/kl": losses.kl,
            "val/loss": score.mse + plan.beta * val_kl,
            "val/mse": score.mse,
            "val/kl": val_kl,
            "val/psnr": score.psnr,
            "val/psnr_foreground": score.psnr_foreground,
            "val/psnr_copy_first": score.psnr_copy_first,
            "val/skill": score.psnr - score.psnr_copy_first,
            **latent,
            "beta": plan.beta,
            "tfr": plan.tfr,
            "teacher_forcing": float(plan.teacher_forcing),
            "lr": plan.lr,
            "time/epoch_s": time.perf_counter() - started,
            "time/frames_per_s": frames / trained_s,
        }
        return row, validation

    def _train(self, plan: EpochPlan) -> list[StepLosses]:
        """Train once on all clips, in order, without the last incomplete batch."""
        set_learning_rate(self.optimizer, plan.lr)
        self.steps.begin(plan)
        batch_size = self.config.batch_size

        def place(step: int) -> str:
            return f"epoch {plan.epoch}, batch {step * self.config.clips_a_step // batch_size}"

        losses = losses_of(self.steps, self._clips(plan), place)
        if "gpu" in self.provenance:
            self.provenance["gpu"].update(
                steps=self.steps.described(), memory_mb=torch.cuda.max_memory_reserved(self.device) >> 20
            )
            write_provenance(self.dir, self.provenance)
        return losses

    def _clips(self, plan: EpochPlan) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
        """Frames, labels and noise of the clips that share a step, on the device, for each step of an epoch."""
        for step in range(steps_in(self.config, plan, len(self.video))):
            self._stop_if_asked()
            first = step * self.config.clips_a_step
            bring = partial(self._clips_of, plan.epoch, range(first, first + self.config.clips_a_step))
            frames_BTCHW, labels_BTCHW, noise_BTNHW = self.copies.bring(bring) if self.copies else bring()
            yield frames_BTCHW, labels_BTCHW, noise_BTNHW

    def _clips_of(self, epoch: int, batch: range) -> tuple[Tensor, Tensor, Tensor]:
        length = self.config.train_vi_len
        images = [self.video.clip_on(self.device, clip * length, length) for clip in batch]
        noise_BTNHW = torch.stack([self._posterior_noise(epoch, clip) for clip in batch])
        return (
            torch.stack([frames_TCHW for frames_TCHW, _ in images]),
            torch.stack([labels_TCHW for _, labels_TCHW in images]),
            sent(noise_BTNHW, self.device),
        )

    def _posterior_noise(self, epoch: int, clip: int) -> Tensor:
        """N(0, 1) draws for the predicted frames of one clip: [T-1, N, H, W]."""
        config = self.config
        shape = (config.train_vi_len - 1, config.N_dim, config.frame_H, config.frame_W)
        return torch.randn(shape, generator=generator(config.seed, "posterior", epoch, clip))

    def validate(self, epoch: int, *, may_stop: bool = True) -> Validation:
        """Predict the validation clip from its first frame, with the noise of this epoch."""
        generated_TCHW = rollout(
            self.model,
            self.reference.frames_TCHW[:1],
            self.reference.labels_TCHW[None],
            generator=generator(self.config.seed, "validation", epoch),
            precision=self.precision,
            on_frame=self._stop_if_asked if may_stop else None,
            predict=self.predict,
        )[0]
        return Validation(generated_TCHW, Score.of(generated_TCHW, self.reference))

    def _use_of_z(self, epoch: int, validation: Validation) -> tuple[float, dict[str, float]]:
        """Compute the validation's KL divergence, divided as in training, and the metrics of how much z is used."""
        labels_TCHW = self.reference.labels_TCHW
        posterior = posterior_of(
            self.model,
            self.reference.frames_TCHW,
            labels_TCHW,
            divisor=self.config.batch_size,
            precision=self.precision,
            encode_frames=self.encode,
        )
        if not math.isfinite(posterior.kl):
            raise NonFiniteLossError(f"epoch {epoch}, validation")
        spread = draw_spread(
            self.model,
            validation.generated_TCHW,
            labels_TCHW,
            generator=generator(self.config.seed, "other z", epoch),
            precision=self.precision,
        )
        return posterior.kl, {
            "z/active_units": float(posterior.active_units),
            "z/kl": float(posterior.kl_N.sum()),
            "z/kl_max_channel": float(posterior.kl_N.max()),
            "z/draw_spread": spread,
        }

    def settle(self) -> None:
        """Wait for what the GPU still does: a process that ends before can harm those that share the GPU through MPS."""
        if self.device.type == "cuda":
            with contextlib.suppress(RuntimeError):  # of the GPU: the attempt ends because of it already
                torch.cuda.synchronize(self.device)

    def _stop_if_asked(self) -> None:
        if self.run.should_stop():
            raise StopRequestedError

    def save(self, before: Checkpoint | None, row: dict[str, float]) -> Checkpoint:
        """Save a checkpoint after a complete epoch, and the best epoch so far in a file of its own."""
        epoch, psnr = (before.epoch if before else 0), row["val/psnr"]
        state = self.model.state_dict()
        if before is None or psnr > before.best.psnr_db:
            best = BestEpoch(epoch, psnr, {name: value.detach().clone() for name, value in state.items()})
        else:
            best = before.best
        checkpoint = Checkpoint(
            epoch=epoch + 1,
            identity=self.identity,
            state_dict=state,
            optimizer=state_of(self.optimizer),
            history=[*(before.history if before else []), row],
            best=best,
        )
        save_checkpoint(self.dir, checkpoint)
        if best.epoch == epoch:
            write_archive(self.dir / BEST, {**vars(best), "identity": self.identity})
        return checkpoint

    def picture(self, epoch: int, validation: Validation) -> None:
        """In some epochs, hand over a picture of the validation, named as one step of a series."""
        if artifacts.is_pictured(epoch, self.config.num_epoch):
            path = self.dir / "pictures" / f"generated+step+{epoch}.png"
            path.parent.mkdir(exist_ok=True)
            artifacts.write_picture(path, validation.generated_TCHW, self.reference)
            self.run.artifact(path)

    def finish(self, validation: Validation, best: BestEpoch) -> None:
        """Log the final validation frame by frame, hand over the files, and note which file is the model."""
        score = validation.score
        rows = zip(score.psnr_db.tolist(), score.copy_first_db.tolist(), strict=True)
        for frame, (psnr, copied) in enumerate(rows, start=1):
            self.run.log({"frame/psnr": psnr, "frame/psnr_copy_first": copied}, frame)
        table, generated, comparison = (
            self.dir / name for name in ("psnr_per_frame.csv", "generated.gif", "comparison.gif")
        )
        artifacts.write_psnr_csv(table, score)
        artifacts.write_gif(generated, validation.generated_TCHW[1:])
        artifacts.write_comparison_gif(comparison, validation.generated_TCHW, self.reference)
        for path in (table, generated, comparison, self.dir / BEST, self.dir / LAST):
            self.run.artifact(path)
        write_provenance(self.dir, {**self.provenance, "model": {"file": BEST, "step": best.epoch}})
        self.run.artifact(self.dir / PROVENANCE)


def _new_model(config: TrainConfig) -> VideoCVAE:
    """The network that a config describes, with the first weights of its seed."""
    return seeded_model(
        derived_seed(config.seed, "weights"),
        F_dim=config.F_dim,
        L_dim=config.L_dim,
        N_dim=config.N_dim,
        D_out_dim=config.D_out_dim,
    )


def write_provenance(directory: Path, content: Mapping[str, Any]) -> None:
    """Write `provenance.json` atomically: the orchestrator reads it during the run."""
    path = directory / PROVENANCE
    half = path.with_name(f".{path.name}.tmp")
    half.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    half.replace(path)
