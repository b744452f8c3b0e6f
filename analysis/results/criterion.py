"""By what runs are judged: a metric, whether high or low is better, its unit, and what it has to beat. Pure."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field, replace
from decimal import Decimal
from statistics import stdev
from typing import TYPE_CHECKING

from analysis.results.metric_names import PER_FRAME, nearest

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

HIGHER, LOWER, NEITHER = "higher", "lower", "neither"
PERCENT = "%"
LAST, BEST, TAIL, MEAN = "last", "best", "tail", "mean"
"""Which value of a metric over steps counts, as a search's objective has it; the tail: the mean of the last tenth of the steps."""
VALUES = (LAST, BEST, TAIL, MEAN)
AVERAGES = {TAIL: "of the last 10 % of steps", MEAN: "of all steps"}
"""What those of them that are the mean of several values are the mean of, in words."""
FORM = ".4g"
"""How values are written of which nothing tells how far they spread."""
MOST_DECIMALS, SEVERAL_SCALES = 6, 10.0
"""Numbers with more decimals are not written in full; neither are positive ones of which the greatest is so many times the least."""
_NAMES_BEST = re.compile(r"(^|[/_.-])best([/_.-]|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Wording:
    """What a report says in place of a metric's name, where somebody knows better.

    Attributes:
        name: What the file calls the metric, wherever its key would stand.
        sentence: Of the metric, in a sentence.
        head: Of the metric, in the head of a column.
        baseline: Of the baseline, in the head of a column.
        gain: Of how much better than the baseline it is, in the head of a column.
        beaten: The baseline, as what ends above or below it.
        question: Whether the baseline is beaten.
        lacking: What no trial has, where that cannot be told.
        remark: What a reader must know of that question; `{step}` stands for what its steps are.
        frames: The metric and its baseline over the frames of a video.
        beside: Further metrics of the same kind, each with the head of its column.
        form: How its values are written; `FORM`: as `form_of` says of these.
    """

    name: str = ""
    sentence: str = ""
    head: str = ""
    baseline: str = ""
    gain: str = ""
    beaten: str = ""
    question: str = ""
    lacking: str = ""
    remark: str = ""
    frames: tuple[str, str] | None = None
    beside: tuple[tuple[str, str], ...] = ()
    form: str = FORM


@dataclass(frozen=True, slots=True)
class Criterion:
    """One measure of the file: a metric by which runs are judged. The first of several ranks them.

    Attributes:
        metric: Its key: `val/f1`. Of a metric over frames the mean counts, of any other what `value` says.
        better: `higher` or `lower`; `neither` of one by which settings are compared, and none is the best.
        unit: Of its values as they are recorded, such as `%`; empty where it has none.
        baseline: The metric, or the number, that it has to beat; None where there is none.
        wording: What a report calls it.
        is_tabled: Whether the results table has it.
        value: `last`, `best`, `tail` or `mean`: which of its values counts.
        is_single: Whether no run has it more than once, as one that is measured on the best checkpoint: whatever `value` says, that one counts.
    """

    metric: str
    better: str
    unit: str = ""
    baseline: str | float | None = None
    wording: Wording = field(default_factory=Wording)
    is_tabled: bool = True
    value: str = LAST
    is_single: bool = False

    @property
    def ranks(self) -> bool:
        """Whether runs can be ranked by it: whether one way is better."""
        return self.better in (HIGHER, LOWER)

    @property
    def way(self) -> str:
        """Which way is better, as figures have it: `higher` or `lower`; empty where neither is."""
        return self.better if self.ranks else ""

    @property
    def way_in_words(self) -> str:
        """What an axis says of it: `higher is better`; empty where neither is."""
        return f"{self.way} is better" if self.ranks else ""

    @property
    def is_high(self) -> bool:
        """Whether high values are better."""
        return self.better == HIGHER

    @property
    def sign(self) -> int:
        """1 where high is better, -1 where low is: times this, more is better.

        Raises:
            ValueError: Neither is better: nothing is ranked by it.
        """
        if not self.ranks:
            raise ValueError(
                f"nothing is ranked by {self.metric}: of its values neither the high nor the low are better"
            )
        return 1 if self.is_high else -1

    @property
    def is_per_frame(self) -> bool:
        """Whether it is one over the frames of a video."""
        return self.metric.startswith(PER_FRAME)

    @property
    def of_curve(self) -> str:
        """What of its curve counts, in a word."""
        return MEAN if self.is_per_frame else LAST if self.is_single else self.value

    @property
    def of_baseline(self) -> str:
        """What of its baseline's curve it is compared with: an average with an average, else the last value."""
        return self.of_curve if self.is_average else LAST

    @property
    def is_best(self) -> bool:
        """Whether the best value of its curve counts, not the last."""
        return self.of_curve == BEST

    @property
    def is_tail(self) -> bool:
        """Whether the mean of the last tenth of its curve counts, not the last value."""
        return self.of_curve == TAIL

    @property
    def is_average(self) -> bool:
        """Whether the mean of several values of its curve counts: of its tail, or of all."""
        return self.of_curve in AVERAGES

    @property
    def averaged_over(self) -> str:
        """Over which of its steps it is averaged, in words; empty where it is not, and of a metric over frames."""
        return "" if self.is_per_frame else AVERAGES.get(self.of_curve, "")

    @property
    def is_last(self) -> bool:
        """Whether its last value counts, which needs no curve."""
        return self.of_curve == LAST

    @property
    def is_mean(self) -> bool:
        """Whether the mean of all its values over steps counts: of runs that have more of them or fewer it is another."""
        return self.of_curve == MEAN and not self.is_per_frame

    @property
    def needs_curve(self) -> bool:
        """Whether another of its values over steps counts than the last: the best one, or an average."""
        return self.is_best or bool(self.averaged_over)

    @property
    def names_best(self) -> bool:
        """Whether the program keeps the best value itself, as the name says: its last value is that."""
        return self.is_last and _NAMES_BEST.search(self.metric) is not None

    @property
    def is_said(self) -> bool:
        """Whether its name says which value counts: there is one alone, or the program keeps the best one."""
        return self.names_best or (self.is_single and self.is_last)

    @property
    def in_words(self) -> str:
        """What counts: `last val/loss`, `best val/loss`; `best_val_loss` of what is the best by its name."""
        if self.averaged_over:
            return f"mean {self.called} {self.averaged_over}"
        return self.called if self.is_said else f"{self.of_curve} {self.called}"

    @property
    def column(self) -> str:
        """The head of the column that has it: `val/loss, last`."""
        return self.head if self.is_said else f"{self.head}, {self.of_curve}"

    @property
    def judge(self) -> str:
        """What ranks runs, in a line: the metric, `lowest val/loss` where the best of its curve counts, or the average in words."""
        if self.is_average:
            return self.in_words
        return f"{'highest' if self.is_high else 'lowest'} {self.called}" if self.is_best else self.called

    @property
    def keys(self) -> tuple[str, ...]:
        """The metrics that it needs."""
        return (self.metric, self.baseline) if isinstance(self.baseline, str) else (self.metric,)

    def named(self, names: Mapping[str, str]) -> Criterion:
        """The same measure as the file calls it and its baseline, by their keys."""
        wording = replace(self.wording, name=names.get(self.metric, ""))
        if isinstance(self.baseline, str) and self.baseline in names:
            wording = replace(wording, baseline=names[self.baseline])
        return replace(self, wording=wording)

    @property
    def called(self) -> str:
        """The metric as the file calls it, else its key."""
        return self.wording.name or self.metric

    @property
    def sentence(self) -> str:
        """What it is called in a sentence."""
        return self.wording.sentence or self.called

    @property
    def head(self) -> str:
        """What it is called in the head of a column."""
        return self.wording.head or self.called

    @property
    def baseline_name(self) -> str:
        """What its baseline is called."""
        number = "" if isinstance(self.baseline, str | None) else f"{self.baseline:g}{self.unit_after}"
        return self.wording.baseline or number or str(self.baseline)

    @property
    def unit_after(self) -> str:
        """The unit as it stands after a number."""
        return f" {self.unit}" if self.unit else ""

    @property
    def gap_after(self) -> str:
        """The unit of a difference: between percentages points, as a percent of them would be something else."""
        return " points" if self.unit == PERCENT else self.unit_after

    @property
    def axis_label(self) -> str:
        """The metric with its unit, for an axis or the head of a column: `val/f1 (%)`."""
        return f"{self.head}{self.unit_in_head}"

    @property
    def unit_in_head(self) -> str:
        """The unit as it stands behind a name on an axis or in the head of a column: ` (%)`."""
        return f" ({self.unit})" if self.unit else ""


def ranking_ones(criteria: Iterable[Criterion]) -> tuple[Criterion, ...]:
    """The measures that can rank runs, in their order; the others compare settings, and none is the best by them."""
    return tuple(one for one in criteria if one.ranks)


def each_metric_once(criteria: Iterable[Criterion]) -> list[Criterion]:
    """The measures, of several of a metric the first."""
    found: dict[str, Criterion] = {}
    for one in criteria:
        found.setdefault(one.metric, one)
    return list(found.values())


def as_recorded(criteria: Iterable[Criterion], recorded: Collection[str]) -> tuple[Criterion, ...]:
    """The measures that something has recorded, each without its baseline where nothing has; all, before anything is recorded."""
    return tuple(
        one
        if not isinstance(one.baseline, str) or one.baseline in recorded or not recorded
        else replace(one, baseline=None)
        for one in criteria
        if one.metric in recorded or not recorded
    )


ADDED_LATER = (
    "if it is new in the file, `sweep metrics FILE --apply` reads it from what runs left, where a source names it; "
    "else `sweep run FILE --sweep NAME --again` trains them anew"
)
"""What to do about a metric that no run has recorded."""


def not_recorded(criteria: Iterable[Criterion], recorded: Collection[str]) -> Iterator[str]:
    """Say which measures and baselines no run has recorded, each with what may be meant or done; nothing before any run recorded anything."""
    for criterion in criteria if recorded else ():
        for key in criterion.keys:
            if key not in recorded:
                whose = "" if key == criterion.metric else f", as the baseline of {criterion.metric}"
                yield f"`measures:` has {key}{whose}, which no run recorded; {meant(key, recorded)}."


def meant(key: str, recorded: Collection[str]) -> str:
    """What may be meant by a metric that no run has recorded, and what to do if it is right, as the end of a sentence."""
    near = nearest(key, recorded)
    other = f"did you mean {near}?" if near else f"recorded: {', '.join(sorted(recorded))}."
    return f"{other} {ADDED_LATER[0].upper()}{ADDED_LATER[1:]}"


def form_of(settings: Iterable[Sequence[float]]) -> str:
    """Return how all values of a measure are written in a report: two digits of what the seeds do, and no more.

    Where nothing was repeated, or the seed does nothing, two digits of how far the settings lie apart.

    Args:
        settings: Of each setting the finite numbers of its runs.
    """
    of_each = [tuple(values) for values in settings]
    values = [value for own in of_each for value in own]
    spread = pooled_spread(of_each) or pooled_spread([values])
    least, greatest = min(map(abs, values), default=0.0), max(map(abs, values), default=0.0)
    if not 0 < spread < math.inf or (least > 0 and greatest / least > SEVERAL_SCALES):
        return FORM
    decimals = max(0, 1 - math.floor(math.log10(spread)))
    if max(map(len, of_each)) == 1:
        decimals = min(
            decimals, max(map(_decimals, values))
        )  # nothing is a mean: values are as they were recorded
    return f".{decimals}f" if decimals <= MOST_DECIMALS else FORM


def pooled_spread(settings: Iterable[Sequence[float]]) -> float:
    """Return the standard deviation of repeats over all settings together (n - 1 in each); 0 where nothing was repeated."""
    return pooled((stdev(values), len(values)) for values in settings if len(values) > 1)


def pooled(spreads: Iterable[tuple[float, int]]) -> float:
    """Return the standard deviation of repeats over all settings together, of each its own (n - 1) and its n; 0 where no n is above 1."""
    repeated = [(spread, n - 1) for spread, n in spreads if n > 1]
    free = sum(own for _, own in repeated)
    return math.hypot(*(math.sqrt(own / free) * spread for spread, own in repeated))


def _decimals(value: float) -> int:
    exponent = Decimal(repr(float(value))).normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
