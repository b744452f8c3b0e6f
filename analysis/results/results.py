"""Results as plain values: each expected trial with its run, its curves and how it ended."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from analysis.read import tags
from analysis.results.criterion import FORM, HIGHER, LOWER, Criterion, Wording, as_recorded, form_of
from analysis.results.curves import Curve, is_finite
from analysis.results.expected import SEED_AXIS
from analysis.results.machine import Load
from analysis.results.metric_names import EPOCH, FRAME, PER_FRAME, STEP, is_loss, is_score

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from collections.abc import Set as AbstractSet

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

LAB_CRITERIA = (
    Criterion(
        PSNR,
        HIGHER,
        "dB",
        COPY_FIRST,
        Wording(
            sentence="validation PSNR",
            head="PSNR",
            baseline="copy first",
            gain="skill",
            beaten="copying the first frame",
            question="Does a model beat copying the first frame?",
            lacking="no trial has both PSNRs",
            remark="Each number is one trained model's on the validation video, at its last {step}. No baseline is recorded for "
            "the moving pixels alone, so nothing is said of them.",
            frames=(FRAME_PSNR, FRAME_COPY_FIRST),
            beside=((FOREGROUND, "moving pixels"),),
            form=".2f",
        ),
    ),
    Criterion(LOSS, LOWER, wording=Wording(sentence="training loss"), is_tabled=False),
)
"""By what runs of the video's trainer are judged where the file has no `measures:`."""
_BEFORE_VALIDATION = frozenset({LOSS, MSE, KL, BETA, TFR, EPOCH_S})
"""All that the video's trainer records but for its validation."""

ANNEALING, RATIO = "kl_anneal_type", "tfr"
"""The two keys of the config that the lab report's sweeps vary; the first tells its trainer from any other."""
MOST_METRICS = 12
"""Metrics of another trainer than the video's that a report shows."""

FINISHED, RUNNING, MISSING = "finished", "running", "missing"


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
    def epochs(self) -> int | None:
        """How many epochs, or other units of its length, have been recorded; None: there are metrics, and nothing tells it."""
        judged = [key for key in (LOSS, PSNR) if key in self.curves] or self._over_steps
        points = max((len(self.curves[key].steps) for key in judged), default=0)
        noted = self._noted
        if step_word((self,), *judged) == EPOCH or not points:
            return min(points, noted) if noted else points
        return noted or None

    @property
    def progress(self) -> str:
        """How far it is, in words: `7 epochs`; `step 180` where nothing tells its epochs, `5 recorded values` where its steps may only count these."""
        if self.epochs is None:
            steps = max((self.curves[key].steps for key in self._over_steps), key=lambda own: own[-1])
            is_count = steps == tuple(range(len(steps)))
            return counted(len(steps), "recorded value") if is_count else f"{STEP} {steps[-1]}"
        return counted(self.epochs, self.trial.unit)

    def counts_epochs(self, key: str) -> bool | None:
        """Whether the steps of a metric are epochs, by the rule of the function of this name; None where nothing tells."""
        curve, noted = self.curves.get(key), self._noted
        if noted is not None and self.state != FINISHED:
            noted = noted + 1 if noted else None  # the epoch that it stopped in may have shown something
        last = curve.steps[-1] if curve else 0
        return counts_epochs(last, self.trial.epochs, noted, by_epoch=self.trial.by_epoch)

    @property
    def _noted(self) -> int | None:
        """How many epochs its supervisor noted when it ended; 0: that nothing tells; None: it noted nothing."""
        is_noted = self.run is not None and self.run.outcome is not None and tags.EPOCHS in self.run.tags
        return self.run.epochs if self.run is not None and is_noted else None

    @property
    def _over_steps(self) -> list[str]:
        """Its metrics but those over frames."""
        return [key for key in self.curves if not key.startswith(PER_FRAME)]

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
            return f"running, {self.progress if self.epochs != 0 else 'nothing recorded'} so far"
        return f"{self.state}{f' after {self.progress}' if self.epochs != 0 else ', nothing recorded'}" + (
            f": {self.reason}" if self.reason and self.state != FINISHED else ""
        )

    def last(self, key: str) -> float | None:
        """Return the last value of a metric; None where it was never logged."""
        return self.curves[key].last if key in self.curves else None

    def score(self, criterion: Criterion) -> float | None:
        """Return what it is judged by, as `of_curve` of the measure says; None where it was never logged."""
        curve = self.curves.get(criterion.metric)
        return None if curve is None else curve.counted(criterion.of_curve, is_high=criterion.is_high)

    def to_beat(self, criterion: Criterion) -> float | None:
        """Return what the score has to beat, of a metric its last value or its average; None where there is no baseline, or it was never logged."""
        if not isinstance(criterion.baseline, str):
            return criterion.baseline
        curve = self.curves.get(criterion.baseline)
        return None if curve is None else curve.counted(criterion.of_baseline, is_high=criterion.is_high)

    def gain(self, criterion: Criterion) -> float | None:
        """Return how much better than its baseline the score is, in its unit; None or NaN where either is."""
        score, to_beat = self.score(criterion), self.to_beat(criterion)
        return None if score is None or to_beat is None else criterion.sign * (score - to_beat)

    @property
    def skill_db(self) -> float | None:
        """Last validation PSNR minus that of copying the first frame, dB; None or NaN where either is."""
        return self.gain(LAB_CRITERIA[0])

    @property
    def wall_s(self) -> float | None:
        """Seconds of work, as `seconds_of_work` has it."""
        return seconds_of_work(self.run, self.curves[EPOCH_S].values if EPOCH_S in self.curves else None)


def seconds_of_work(run: RunRecord | None, epochs_s: Iterable[float] | None) -> float | None:
    """Return how long a run trained: the sum over epochs, or of its attempts; a pause between two attempts counts in neither.

    Args:
        run: The run; None where there is none.
        epochs_s: The time of each epoch; None where that was not recorded: then what its attempts took, in an older record
            the time from its start to its end.
    """
    if epochs_s is not None:
        return math.fsum(value for value in epochs_s if math.isfinite(value))
    if run is None or run.end_ms is None:
        return None
    if run.seconds is not None:
        return run.seconds
    if run.adopted and run.end_ms == run.start_ms:
        return None  # its files do not tell when it began
    return (run.end_ms - run.start_ms) / 1000


@dataclass(frozen=True)
class SweepResults:
    """The results of one sweep: its expected trials, each with its run, in the sweep's order."""

    expected: ExpectedSweep
    results: tuple[Result, ...]

    @cached_property
    def setting_names(self) -> frozenset[str]:
        """What every key of its trials' configs is called; a metric of such a name is `lr (metric)` wherever it is shown."""
        return frozenset(map(self.called, {key for result in self.results for key in result.trial.config}))

    def called(self, key: str) -> str:
        """A metric or a setting as the file calls it, else its key."""
        return self.expected.names.get(key, key)

    @property
    def is_of_video(self) -> bool:
        """Whether its trials predict a video, by their config or by what they recorded."""
        return is_of_video(self.expected) or any(PSNR in result.curves for result in self.results)

    @property
    def is_scored_by_psnr(self) -> bool:
        """Whether its trials record what the video's trainer does; a script may have its settings and other metrics."""
        return PSNR in self.recorded or (self.is_of_video and self.recorded <= _BEFORE_VALIDATION)

    @cached_property
    def criteria(self) -> tuple[Criterion, ...]:
        """By what its runs are judged: the file's measures as far as they are recorded, else the video trainer's own."""
        if self.expected.criteria:
            found = as_recorded(self.expected.criteria, self.recorded)
            single = [replace(one, is_single=one.is_single or self.is_single(one.metric)) for one in found]
            return tuple(self._with_form(one.named(self.expected.names)) for one in single)
        return LAB_CRITERIA if self.is_scored_by_psnr else ()

    def _with_form(self, criterion: Criterion) -> Criterion:
        """The same measure, whose values are written with as many digits as its repeats tell."""
        if criterion.wording.form != FORM:
            return criterion
        of_each: defaultdict[str, list[float]] = defaultdict(list)
        for one in self.results:
            score = one.score(criterion) if one.is_whole else None
            if score is not None and is_finite(score):
                setting = repr([item for item in one.trial.axes.items() if item[0] != SEED_AXIS])
                of_each[setting].append(score)
        return replace(criterion, wording=replace(criterion.wording, form=form_of(of_each.values())))

    def is_single(self, key: str) -> bool:
        """Whether a metric is recorded, and of no run more than once."""
        curves = [result.curves[key] for result in self.results if key in result.curves]
        return bool(curves) and all(len(curve.steps) == 1 for curve in curves)

    def criterion_of(self, key: str) -> Criterion | None:
        """The measure of the file that is this metric; None where the file has none."""
        own = self.criteria if self.expected.criteria else ()
        return next((one for one in own if one.metric == key), None)

    @cached_property
    def recorded(self) -> frozenset[str]:
        """Every metric that some trial has recorded."""
        return frozenset(key for result in self.results for key in result.curves)

    @property
    def frame_metrics(self) -> tuple[str, ...]:
        """Every metric over the frames of a video that some trial has recorded but baselines: those that judge first, then by name."""
        found = {key for key in self.recorded if key.startswith(PER_FRAME)}
        return self._in_order(found - {FRAME_COPY_FIRST})

    @property
    def metrics(self) -> tuple[str, ...]:
        """Every metric but those over frames that some trial has recorded but the time of an epoch and baselines.

        First what judges, in the file's order; then losses, then others by name, speeds and times last.
        """
        found = {key for key in self.recorded if not key.startswith(PER_FRAME)}
        return self._in_order(found - {EPOCH_S})

    def _in_order(self, keys: AbstractSet[str]) -> tuple[str, ...]:
        judging = [criterion.metric for criterion in self.criteria if criterion.metric in keys]
        baselines = {key for criterion in self.criteria for key in criterion.keys[1:]}
        rest = keys - baselines - set(judging)
        return (*judging, *sorted(rest, key=lambda key: (not is_score(key), not is_loss(key), key)))


def counted(count: int, unit: str) -> str:
    """A length in words: `1 epoch`, `60 steps`."""
    return f"{count} {unit}{'' if count == 1 else 's'}"


def counts_epochs(last: int, asked: int | None, noted: int | None, *, by_epoch: bool | None) -> bool | None:
    """Whether steps are epochs: whether they go no further than the epochs that there are. None where nothing tells.

    Args:
        last: The greatest step. Some count from 1: as many steps as there are epochs are none too many.
        asked: How many epochs the config asks for; None: it does not say.
        noted: How many epochs were noted as recorded; 0: that nothing tells; None: nothing was noted.
        by_epoch: What is known of the trainer: True: it is to record by epoch; False: it counts something else.
    """
    if by_epoch is False:
        return False
    there_are = asked or noted
    if there_are:
        return last <= there_are
    return False if noted == 0 else by_epoch


def step_word(results: Iterable[Result], *keys: str) -> str:
    """What the steps of metrics are: `epoch` where some run shows that and none goes beyond its epochs, else `step`.

    Of metrics over the frames of a video: `frame`.
    """
    over_steps = [key for key in keys if not key.startswith(PER_FRAME)]
    if keys and not over_steps:
        return FRAME
    runs = tuple(results)
    having = [(run, key) for run in runs for key in over_steps if key in run.curves]
    found = {run.counts_epochs(key) for run, key in having or [(run, "") for run in runs]}
    return EPOCH if True in found and False not in found else STEP


def from_zero(results: Iterable[Result], *keys: str) -> bool:
    """Whether metrics have epochs that are numbered from 0, so that the last of 12 is epoch 11; steps are no numbers of epochs."""
    runs = tuple(results)
    firsts = [run.curves[key].steps[0] for run in runs for key in keys if key in run.curves]
    return step_word(runs, *keys) == EPOCH and 0 in firsts


def is_of_video(sweep: ExpectedSweep) -> bool:
    """Whether a sweep's trials predict a video, by the config of the video's trainer."""
    return any(ANNEALING in trial.config for trial in sweep.trials)
