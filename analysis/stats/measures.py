"""The measures by which settings are compared: one number a run, and why a run has none."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from analysis.results.criterion import MOST_DECIMALS
from analysis.results.grouping import LONGEST, short_number
from analysis.results.metric_names import is_loss
from analysis.results.results import BETA, FINISHED, LAB_CRITERIA, LOSS, TFR, Result, step_word

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from analysis.results.criterion import Criterion
    from analysis.results.curves import Curve

NONE = "\N{EN DASH}"
"""Stands for a number that was not recorded; one that was recorded as not a number says so."""

ONCE = "One run a setting (n = 1) says nothing of how another seed would do."
"""What a reader must know where nothing was repeated."""

SAME_BETA = 1e-6

AT_THE_LAST = " at the last "
"""What stands in the words of a measure between what it is of, and what its steps are."""


@dataclass(frozen=True)
class Measure:
    """One number a run.

    Attributes:
        words: What it is.
        best: `lowest` or `highest`, whichever is better; where neither is, the end from which answers tell of the others.
        unit: With a space before it, or empty.
        form: How its values are written.
        value: Of a run; None or NaN where it has none.
        doubt: Why these runs cannot be compared by it; empty where they can.
        epochs: Which epochs it looks at, where not the last alone.
        remark: What a reader must know about it.
        is_ratio: Whether its values differ by factors, as losses do: they are compared on a log scale.
        key: The metric that it is of.
        gap_unit: Of a difference of two values, where that is not the unit.
        ranks: Whether runs are ranked by it, of several measures.
        is_said: Whether its name alone says which value of a run it is.
        is_neutral: Whether neither way is better: then settings differ, and none is better.
    """

    words: str
    best: str
    unit: str
    form: str
    value: Callable[[Result], float | None]
    doubt: Callable[[Sequence[Result]], str] = lambda _: ""
    epochs: tuple[int, ...] = ()
    remark: str = ""
    is_ratio: bool = False
    key: str = ""
    gap_unit: str = ""
    ranks: bool = False
    is_said: bool = False
    is_neutral: bool = False

    @property
    def better(self) -> str:
        """What a setting nearer to `best` is: `better`; `higher` where neither way is better."""
        return ("higher" if self.best == "highest" else "lower") if self.is_neutral else "better"

    @property
    def worse(self) -> str:
        """The opposite of `better`."""
        return ("lower" if self.best == "highest" else "higher") if self.is_neutral else "worse"

    @property
    def foremost(self) -> str:
        """What the first of all settings is: `best`; `highest` where neither way is better."""
        return self.best if self.is_neutral else "best"

    @property
    def heading(self) -> str:
        """What it is, as a line begins: `Last acc`; a metric's name stays as it is."""
        is_name = self.key != "" and self.words.startswith(self.key)
        return self.words if is_name else f"{self.words[:1].upper()}{self.words[1:]}"

    def words_for(self, value: float) -> str:
        """Return a value in words, with its unit."""
        return f"{self.number(value)}{self.unit}"

    def gap_words(self, difference: float) -> str:
        """Return a difference of two values in words, with its unit."""
        return f"{self.gap(difference)}{self.gap_unit or self.unit}"

    def gap(self, difference: float) -> str:
        """Return a difference of two values without its unit; one that would read as 0 has a digit of its own."""
        return not_zero(difference, self.number(difference))

    def number(self, value: float) -> str:
        """Return a value as a table shows it."""
        return number(value, self.form)

    def with_spread(self, mean: float, spread: float) -> tuple[str, str]:
        """Return a mean and the spread around it, both with as many decimals as two digits of the spread take."""
        if self.form.endswith("f") or not 0 < spread < math.inf or not abs(mean) < LONGEST:
            return self.number(mean), not_zero(spread, self.number(spread))
        decimals = max(0, 1 - math.floor(math.log10(spread)))
        if decimals > MOST_DECIMALS:
            return self.number(mean), self.number(spread)
        return f"{mean:.{decimals}f}", f"{spread:.{decimals}f}"


def measure_of(criterion: Criterion, results: Iterable[Result], *, ranks: bool = False) -> Measure:
    """Return a measure of the file, or of the video's trainer: the value at the end, of a metric over frames its mean.

    `results` are the runs that it is to compare.
    """
    named = criterion.sentence if criterion.wording.sentence else ""
    at_end = f"{AT_THE_LAST}{step_word(results, criterion.metric)}"
    words = f"{named}{at_end}" if named else criterion.in_words
    return Measure(
        words,
        "highest" if criterion.is_high or not criterion.ranks else "lowest",
        criterion.unit_after,
        criterion.wording.form,
        lambda result: result.score(criterion),
        # It can be compared where beta weighs the same at the end.
        _other_weights if criterion.metric == LOSS else _no_doubt,
        is_ratio=is_loss(criterion.metric),
        ranks=ranks,
        key=criterion.metric,
        gap_unit=criterion.gap_after,
        is_said=criterion.is_said,
        is_neutral=not criterion.ranks,
    )


def last_psnr(results: Iterable[Result]) -> Measure:
    """Return the validation PSNR of the last epoch, dB."""
    return measure_of(LAB_CRITERIA[0], results, ranks=True)


def last_loss(results: Iterable[Result]) -> Measure:
    """Return the training loss of the last epoch."""
    return measure_of(LAB_CRITERIA[1], results)


def _no_doubt(_: Sequence[Result]) -> str:
    return ""


def _other_weights(results: Sequence[Result]) -> str:
    last = [beta for result in results if (beta := result.last(BETA)) is not None and math.isfinite(beta)]
    if not last or max(last) - min(last) <= SAME_BETA:
        return ""
    return (
        f"beta ends at {min(last):.3g} in some of these runs and at {max(last):.3g} in others, so their losses do not "
        "weigh the KL divergence alike"
    )


def loss_while_forced(results: Sequence[Result]) -> Measure:
    """Return the median training loss over the epochs in which some run's teacher forcing ratio is above 0.

    The median, for a mean would be the first epoch's: an untrained model's loss is a thousand times the others.
    """
    epochs = sorted(
        {
            step
            for result in results
            if result.state == FINISHED and TFR in result.curves
            for step, ratio in zip(result.curves[TFR].steps, result.curves[TFR].values, strict=True)
            if ratio > 0
        }
    )
    return Measure(
        f"median training loss over {step_word(results, TFR)}s {epochs[0]} to {epochs[-1]}" if epochs else "",
        "lowest",
        "",
        ".4g",
        lambda result: _median_over(result.curves.get(LOSS), epochs),
        epochs=tuple(epochs),
        remark="With teacher forcing each frame is predicted from the true one before it; without, errors add up over "
        "the clip. The two losses are measured on tasks of different difficulty.",
        is_ratio=True,
        key=LOSS,
    )


def _median_over(curve: Curve | None, epochs: Sequence[int]) -> float | None:
    if curve is None:
        return None
    at = dict(zip(curve.steps, curve.values, strict=True))
    values = [at[epoch] for epoch in epochs if epoch in at]
    if not values or len(values) < len(epochs):
        return None
    return median(values) if all(map(math.isfinite, values)) else math.nan


def number(value: float | None, form: str = ".2f") -> str:
    """Return a number as a table shows it; `NONE` where there is none, NaN where that was recorded."""
    if value is None or not math.isfinite(value):
        return NONE if value is None else "NaN"
    in_full = form if abs(value) < LONGEST else f"{'+' * form.startswith('+')}.4g"
    return short_number(value, in_full) if in_full.endswith("g") else format(value, in_full)


def not_zero(value: float, text: str) -> str:
    """Return how a number is written, with one digit where it would read as 0 and is not."""
    return f"{value:.1g}" if value and math.isfinite(value) and not float(text) else text


def duration(seconds: float | None) -> str:
    """Return a time as a person reads it."""
    if seconds is None:
        return NONE
    hours, minutes = divmod(round(seconds) // 60, 60)
    if hours:
        return f"{hours} h {minutes:02d} min"
    return f"{minutes} min {round(seconds) % 60:02d} s" if minutes else f"{seconds:.1f} s"
