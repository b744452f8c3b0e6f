"""Results as plain values: each expected trial with its run, its curves and how it ended."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from analysis.results.machine import Load

if TYPE_CHECKING:
    from collections.abc import Mapping

    from analysis.read.store import RunRecord
    from analysis.results.expected import ExpectedSweep, ExpectedTrial

PSNR, COPY_FIRST, FOREGROUND = "val/psnr", "val/psnr_copy_first", "val/psnr_foreground"
FRAME_PSNR, FRAME_COPY_FIRST = "frame/psnr", "frame/psnr_copy_first"
LOSS, MSE, KL, BETA, TFR, EPOCH_S = "train/loss", "train/mse", "train/kl", "beta", "tfr", "time/epoch_s"
ACTIVE_UNITS, RATE, KL_MAX_CHANNEL, DRAW_SPREAD = (
    "z/active_units",
    "z/kl",
    "z/kl_max_channel",
    "z/draw_spread",
)
OF_Z = (ACTIVE_UNITS, RATE, KL_MAX_CHANNEL, DRAW_SPREAD)
KEYS = (LOSS, MSE, KL, BETA, TFR, PSNR, COPY_FIRST, FOREGROUND, FRAME_PSNR, FRAME_COPY_FIRST, EPOCH_S, *OF_Z)
"""Every metric that the report draws or tabulates of the video's trainer."""

ANNEALING, RATIO = "kl_anneal_type", "tfr"
"""The two keys of the config that the lab report's sweeps vary; the first tells its trainer from any other."""
PER_FRAME = "frame/"
"""What metrics over the frames of a video begin with: they are no curves over epochs."""
MOST_METRICS = 12
"""Metrics of another trainer than the video's that a report shows."""

LARGEST = 1e300
"""Numbers from here on count as infinite: SQL stores write an infinity as the greatest float there is, and what is larger
than this can be neither averaged nor drawn."""

FINISHED, RUNNING, MISSING = "finished", "running", "missing"


@dataclass(frozen=True)
class Curve:
    """One metric of one run: `values[i]` at `steps[i]`, steps rising; NaN where it was not a finite number."""

    steps: tuple[int, ...]
    values: tuple[float, ...]

    @property
    def last(self) -> float:
        """The value at the greatest step; NaN where that is what was logged."""
        return self.values[-1]

    @property
    def best(self) -> tuple[float, int] | None:
        """The greatest value and its step (the first of equals); None where every value is NaN."""
        pairs = zip(self.values, self.steps, strict=True)
        finite = [(value, -step) for value, step in pairs if not math.isnan(value)]
        if not finite:
            return None
        value, minus_step = max(finite)
        return value, -minus_step


@dataclass(frozen=True)
class Result:
    """One expected trial and what the record holds of it.

    Attributes:
        trial: The expected trial.
        run: The run that stands for it (see `standing_runs`); None where there is none.
        curves: What its trainer logged: those in `KEYS`, of another trainer than the video's all.
        load: What it took of the machine.
        others: How many further runs carry the fingerprint, and are not shown.
        mark: The provenance group of its run: `a`, `b`, ...; empty where all runs of the report are in one.
    """

    trial: ExpectedTrial
    run: RunRecord | None
    curves: Mapping[str, Curve] = field(default_factory=dict)
    load: Load = field(default_factory=Load)
    others: int = 0
    mark: str = ""

    @property
    def state(self) -> str:
        """`missing`, `running`, the recorded outcome, or MLflow's status where no outcome is recorded."""
        if self.run is None:
            return MISSING
        return self.run.outcome or self.run.status.lower()

    @property
    def epochs(self) -> int:
        """How many epochs have been recorded."""
        judged = [key for key in (LOSS, PSNR) if key in self.curves] or self.curves
        points = max(
            (len(self.curves[key].steps) for key in judged if not key.startswith(PER_FRAME)), default=0
        )
        # A program's steps may be batches; its supervisor noted the epochs when it ended.
        noted = self.run.epochs if self.run is not None and self.run.outcome is not None else 0
        return min(points, noted) if noted else points

    @property
    def progress(self) -> str:
        """The epochs in words: `1 epoch`, `7 epochs`."""
        return f"{self.epochs} epoch{'' if self.epochs == 1 else 's'}"

    @property
    def reason(self) -> str:
        """Why it ended as it did, on one line; empty where nothing is recorded."""
        return " ".join(self.run.reason.split()) if self.run else ""

    @property
    def is_whole(self) -> bool:
        """Whether it finished and left a metric."""
        return self.state == FINISHED and bool(self.curves)

    @property
    def condition(self) -> str:
        """The state with what a reader needs beside it: `failed after 7 epochs: loss is NaN`."""
        if self.state == FINISHED and not self.curves:
            return "finished, nothing recorded"
        if self.state == MISSING:
            return "missing: no run is recorded"
        if self.state == RUNNING:
            return f"running, {self.progress} so far"
        return f"{self.state} after {self.progress}" + (
            f": {self.reason}" if self.reason and self.state != FINISHED else ""
        )

    def last(self, key: str) -> float | None:
        """Return the last value of a metric; None where it was never logged."""
        return self.curves[key].last if key in self.curves else None

    @property
    def skill_db(self) -> float | None:
        """Last validation PSNR minus that of copying the first frame, dB; None or NaN where either is."""
        psnr_db, copy_db = self.last(PSNR), self.last(COPY_FIRST)
        return None if psnr_db is None or copy_db is None else psnr_db - copy_db

    @property
    def wall_s(self) -> float | None:
        """Seconds of work: the sum over epochs, so that a pause between two attempts does not count."""
        if EPOCH_S in self.curves:
            return math.fsum(value for value in self.curves[EPOCH_S].values if math.isfinite(value))
        if self.run is None or self.run.end_ms is None:
            return None
        if self.run.adopted and self.run.end_ms == self.run.start_ms:
            return None  # its files do not tell when it began
        return (self.run.end_ms - self.run.start_ms) / 1000


@dataclass(frozen=True)
class SweepResults:
    """The results of one sweep: its expected trials, each with its run, in the sweep's order."""

    expected: ExpectedSweep
    results: tuple[Result, ...]

    @property
    def is_of_video(self) -> bool:
        """Whether its trials predict a video, by their config or by what they recorded."""
        return is_of_video(self.expected) or any(PSNR in result.curves for result in self.results)

    @property
    def is_scored_by_psnr(self) -> bool:
        """Whether its trials record what the video's trainer does; a script may have its settings and other metrics."""
        recorded = [result.curves for result in self.results if result.curves]
        return any(PSNR in curves for curves in recorded) or (self.is_of_video and not recorded)

    @property
    def frame_metrics(self) -> tuple[str, ...]:
        """Every metric over the frames of a video that some trial has recorded but the baseline, by name."""
        found = {key for result in self.results for key in result.curves if key.startswith(PER_FRAME)}
        return tuple(sorted(found - {FRAME_COPY_FIRST}))

    @property
    def metrics(self) -> tuple[str, ...]:
        """Every metric over epochs that some trial has recorded but the time of an epoch: losses first, then by name."""
        found = {key for result in self.results for key in result.curves if key != EPOCH_S}
        shown = (key for key in found if not key.startswith(PER_FRAME))
        return tuple(sorted(shown, key=lambda key: (not is_loss(key), key)))


def is_loss(key: str) -> bool:
    """Whether a metric is a loss, by its name: one that may be drawn on a log scale."""
    return "loss" in key.rpartition("/")[2].lower()


def is_of_video(sweep: ExpectedSweep) -> bool:
    """Whether a sweep's trials predict a video, by the config of the video's trainer."""
    return any(ANNEALING in trial.config for trial in sweep.trials)
