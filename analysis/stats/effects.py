"""What a sweep tells of one axis by one measure: the settings that differ in it alone, ready to be compared.

Where other axes vary too, there are several blocks of such settings. The main effect is compared first, by the mean over
the blocks, seed by seed; then each block by itself.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from analysis.results.document import Cell, Table
from analysis.results.expected import SEED_AXIS
from analysis.results.grouping import short_name, value_label
from analysis.results.provenance_marks import differ_by_seed_alone, run_differences
from analysis.results.results import FINISHED, Result, SweepResults
from analysis.results.side_by_side import RECORD
from analysis.stats.comparison import decide
from analysis.stats.measures import NONE, Measure
from analysis.stats.samples.changed_along import changed_along
from analysis.stats.samples.changed_basis import changed_basis
from analysis.stats.samples.coarseness import rounding_of
from analysis.stats.samples.distance import Distance
from analysis.stats.samples.ties import are_close, ranked
from analysis.stats.seed_tests import FEWEST, ROUNDING, Sample

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from analysis.results.curves import Curve
    from analysis.results.document import ColumnType
    from analysis.stats.comparison import Page

MOST_BLOCKS, MOST_VALUES = 12, 12
"""Beyond these a table of settings is no longer read: the results table has every trial."""
PLUS_MINUS = "\N{PLUS-MINUS SIGN}"


@dataclass(frozen=True)
class Block:
    """Settings that share everything but the axis and the seed.

    Attributes:
        label: What they share.
        samples: For each value of the axis that has results, on the scale on which they are compared.
        missing: For each value whose repeats have not all a result: how many have, of how many.
        doubt: Why they cannot be compared; empty where they can.
        shared: The same as its label, of each other axis.
        is_mixed: Whether the doubt is that its runs are of different code, data or environment.
    """

    label: str
    samples: tuple[Sample, ...]
    missing: tuple[tuple[str, int, int], ...]
    doubt: str
    shared: tuple[str, ...] = ()
    is_mixed: bool = False


@dataclass(frozen=True)
class Effect:
    """One question about one axis, and all that is needed to answer it.

    Attributes:
        question: In the terms of the sweep.
        axis: What is varied.
        measure: What it is judged by.
        is_log: Whether the samples are logarithms of the measure.
        blocks: Of settings that can be compared, and of others.
        main: The axis's values by the mean over the blocks; empty where no block has them all.
        numbers: What was measured.
        remarks: What a reader must know of the question.
        left_out: Which runs are not in it, and why.
        too_many: Whether the axis has more values than are compared.
        repeats: What a setting's samples are of.
        others: The other axes.
        names: What the file calls axes, by their keys.
        basis: How it stands where other settings change along, or runs are of different code, data or environment; empty where they are alike.
        seed_is_lost: Whether the repeats of each setting are equal in all that they recorded, not in the measure alone.
    """

    question: str
    axis: str
    measure: Measure
    is_log: bool
    blocks: tuple[Block, ...]
    main: tuple[Sample, ...]
    numbers: Table
    remarks: tuple[str, ...]
    left_out: tuple[str, ...]
    too_many: bool
    repeats: str = "runs"
    seed_is_lost: bool = False
    others: tuple[str, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    basis: str = ""

    @property
    def above(self) -> str:
        """What to say above its numbers: what stands behind a ±."""
        has_spread = any(PLUS_MINUS in cell.text for row in self.numbers.rows for cell in row)
        return f"Mean {PLUS_MINUS} standard deviation of the n runs of a setting." if has_spread else ""

    @property
    def judged(self) -> tuple[Block, ...]:
        """The blocks whose settings can be compared."""
        return () if self.too_many else tuple(block for block in self.blocks if not block.doubt)

    @property
    def cells(self) -> tuple[Block, ...]:
        """The blocks that are compared by themselves, after the main effect."""
        is_grid = len(self.judged) > 1 or not self.main
        return self.judged if is_grid and len(self.blocks) <= MOST_BLOCKS else ()

    @property
    def shown(self) -> tuple[Sample, ...]:
        """The values of the axis as one line tells of them: by the mean over the blocks, else those of the first that is judged.

        Raises:
            IndexError: No block's settings can be compared.
        """
        return self.main or self.judged[0].samples

    @property
    def ran_once(self) -> bool:
        """Whether no setting was repeated, so that nothing can be tested."""
        samples = [sample for block in self.judged for sample in block.samples]
        return bool(samples) and all(sample.n < FEWEST for sample in samples)

    def distance(self, difference: float, interval: tuple[float, ...] = (), *, up: bool) -> Distance:
        """How far two settings lie from each other, to be put into words."""
        return Distance(self.measure, self.is_log, difference, interval, up)

    def rounding(self, one: Sample, other: Sample) -> float:
        """The difference of two means up to which they are equal: what rounding leaves of them."""
        return ROUNDING * (1.0 if self.is_log else max(map(abs, (*one.values, *other.values))))

    def are_equal(self, one: Sample, other: Sample) -> bool:
        """Whether two settings have the same mean, up to rounding."""
        return abs(one.mean - other.mean) <= self.rounding(one, other)

    def equals(self, best: Sample, samples: Sequence[Sample]) -> list[str]:
        """Return the labels of the others that have the mean of the best."""
        return [one.label for one in samples if one.label != best.label and self.are_equal(best, one)]

    def extremes(self, samples: Sequence[Sample]) -> tuple[Sample, Sample]:
        """Return the best and the worst: the first and the last of `ranked`."""
        sign = -1 if self.measure.best == "highest" else 1
        found = ranked(samples, lambda sample: sign * sample.mean, self.are_equal)
        return found[0], found[-1]

    def in_its_unit(self, value: float) -> float:
        """Return a mean of samples as a value of the measure."""
        return math.exp(value) if self.is_log else value


def effect(
    sweep: SweepResults, axis: str, measure: Measure, question: str, remarks: tuple[str, ...] = ()
) -> Effect:
    """Gather what tells the values of `axis` apart by `measure`: finished runs that share everything else."""
    used, left_out = _usable(sweep.results, measure)
    is_log = measure.is_ratio and all(value > 0 for value in used.values())
    rounding = rounding_of(used.values(), is_log=is_log)
    scaled = {key: math.log(value) if is_log else value for key, value in used.items()}
    settings = _settings(sweep, axis)
    # Records are compared because of what their runs differ in.
    differ = axis == RECORD
    blocks = tuple(
        _block(shared, having, scaled, rounding, measure, may_differ=differ) for shared, having in settings
    )
    too_many = len(sweep.expected.values(axis)) > MOST_VALUES
    apart = [block.label for block in blocks if block.is_mixed]
    judged = [having for (_, having), block in zip(settings, blocks, strict=True) if not block.doubt]
    shown = [having for _, having in settings] if apart else judged
    runs = [[run for _, own in having for run in own if id(run) in used] for having in shown]
    names = sweep.expected.names
    doubts: list[str] = []
    if judged and not differ:
        doubts = [changed_along(axis, runs, names), changed_basis(apart, len(blocks), runs, measure.key)]
    return Effect(
        question,
        axis,
        measure,
        is_log,
        blocks,
        () if too_many else _averaged([block for block in blocks if not block.doubt], rounding),
        _numbers(sweep, axis, settings, measure, used),
        tuple(filter(None, (measure.remark, *remarks))),
        tuple(left_out),
        too_many,
        others=tuple(other for other in sweep.expected.settings if other != axis),
        names=names,
        basis="; ".join(filter(None, doubts)),
        seed_is_lost=all(_recorded_alike(runs) for _, having in settings for _, runs in having),
    )


def page_of(effects: Sequence[Effect]) -> Page:
    """What the effects of a page tell, in their order, and after these their cells."""
    return decide([one.main for one in effects], [block.samples for one in effects for block in one.cells])


_Settings = list[tuple[tuple[str, ...], list[tuple[str, list[Result]]]]]
"""For each block what it shares, and for each value of the axis its label and runs."""


def _settings(sweep: SweepResults, axis: str) -> _Settings:
    others = [other for other in sweep.expected.settings if other != axis]
    names = sweep.expected.names
    held: defaultdict[tuple[Any, ...], defaultdict[Any, list[Result]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for result in sweep.results:
        held[tuple(result.trial.axes[other] for other in others)][result.trial.axes[axis]].append(result)
    return [
        (
            tuple(value_label(other, value, names) for other, value in zip(others, shared, strict=True)),
            [
                (value_label(axis, value, names), having[value])
                for value in sweep.expected.values(axis)
                if value in having
            ],
        )
        for shared, having in held.items()
    ]


def _usable(results: Iterable[Result], measure: Measure) -> tuple[dict[int, float], list[str]]:
    """Sort out which runs have the measure (by identity of the result), and say why the others have not."""
    used, reasons = {}, defaultdict(list)
    for result in results:
        value = measure.value(result)
        if result.state != FINISHED:
            reasons[result.condition].append(result.trial.name)
        elif value is None:
            reasons["its metric is not recorded"].append(result.trial.name)
        elif not math.isfinite(value):
            reasons["its value is not a finite number"].append(result.trial.name)
        else:
            used[id(result)] = value
    return used, [f"Left out: {', '.join(names)} ({reason})." for reason, names in reasons.items()]


def _recorded_alike(runs: Iterable[Result]) -> bool:
    """Whether finished runs recorded the same metrics, equal up to rounding at each step."""
    first, *others = [result.curves for result in runs if result.state == FINISHED] or [{}]
    return all(
        other.keys() == first.keys() and all(_is_alike(other[key], first[key]) for key in first)
        for other in others
    )


def _is_alike(one: Curve, other: Curve) -> bool:
    return one.steps == other.steps and all(
        are_close(mine, theirs) or (math.isnan(mine) and math.isnan(theirs))
        for mine, theirs in zip(one.values, other.values, strict=True)
    )


def _block(
    shared: tuple[str, ...],
    settings: Sequence[tuple[str, list[Result]]],
    scaled: dict[int, float],
    rounding: float,
    measure: Measure,
    *,
    may_differ: bool,
) -> Block:
    samples, missing, runs = [], [], []
    for value, results in settings:
        having = [result for result in results if id(result) in scaled]
        runs += having
        if having:
            by_seed = {result.trial.axes.get(SEED_AXIS): scaled[id(result)] for result in having}
            samples.append(Sample(value, by_seed, rounding))
        if len(having) < len(results):
            missing.append((value, len(having), len(results)))
    block = Block(", ".join(shared), tuple(samples), tuple(missing), "", shared)
    if len(samples) < 2:  # noqa: PLR2004 - one setting is no comparison
        return replace(block, doubt="no two settings that differ in this alone have finished with numbers")
    if (
        not may_differ
        and (found := run_differences(runs, {measure.key}))
        and not differ_by_seed_alone(runs, len(samples))
    ):
        parts = " and ".join(difference.part for difference in found)
        doubt = f"the runs differ in {parts} too, and a difference may come from there"
        return replace(block, doubt=doubt, is_mixed=True)
    return replace(block, doubt=measure.doubt(runs))


def _averaged(blocks: Sequence[Block], rounding: float) -> tuple[Sample, ...]:
    """For each value of the axis the mean over blocks, seed by seed; of each seed the same blocks for all values."""
    if len(blocks) == 1:
        return blocks[0].samples
    samples = [sample for block in blocks for sample in block.samples]
    repeated = list(dict.fromkeys(sample.label for sample in samples if sample.n >= FEWEST))
    # A value with one seed left everywhere is not tested, and would cost the others their further seeds.
    labels = repeated if len(repeated) > 1 else list(dict.fromkeys(sample.label for sample in samples))
    tables = [
        {sample.label: sample.by_seed for sample in block.samples if sample.label in labels}
        for block in blocks
    ]
    whole = [table for table in tables if len(table) == len(labels)]
    means: dict[str, dict[Any, float]] = {label: {} for label in labels}
    for seed in dict.fromkeys(seed for table in whole for by_seed in table.values() for seed in by_seed):
        having = [table for table in whole if all(seed in by_seed for by_seed in table.values())]
        for label in labels if having else ():
            means[label][seed] = math.fsum(table[label][seed] for table in having) / len(having)
    return tuple(Sample(label, by_seed, rounding) for label, by_seed in means.items() if by_seed)


def _numbers(
    sweep: SweepResults, axis: str, settings: _Settings, measure: Measure, used: dict[int, float]
) -> Table:
    names = sweep.expected.names
    values = [value_label(axis, value, names) for value in sweep.expected.values(axis)][:MOST_VALUES]
    others = ", ".join(short_name(other, names) for other in sweep.expected.settings if other != axis)
    rows = []
    for shared, block in settings[:MOST_BLOCKS]:
        having = dict(block)
        cells = [
            _sample_words(
                [used[id(result)] for result in having.get(value, ()) if id(result) in used], measure
            )
            for value in values
        ]
        rows.append((Cell(", ".join(shared) or measure.words), *(Cell(text) for text in cells)))
    columns: tuple[tuple[str, ColumnType], ...] = ((others, "text"), *((value, "number") for value in values))
    return Table(columns, tuple(rows))


def _sample_words(values: Sequence[float], measure: Measure) -> str:
    if not values:
        return NONE
    sample = Sample("", dict(enumerate(values)))
    if sample.spread is None:
        return measure.number(sample.mean)
    mean, spread = measure.with_spread(sample.mean, sample.spread)
    return f"{mean} {PLUS_MINUS} {spread} (n = {sample.n})"
