"""Chooses the range of y: the same for all panels of a metric, and not squeezed by a few points that lie far off. Knows which lines cover others."""

from __future__ import annotations

import math
import statistics
from collections import defaultdict
from dataclasses import dataclass, replace
from itertools import combinations, pairwise
from typing import TYPE_CHECKING, TypeVar

from analysis.figures.averages.repeats import named
from analysis.results.criterion import HIGHER, LOWER
from analysis.results.metric_names import EPOCH, FRAME, STEP

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from analysis.figures.figure_data import FigureData, Line, Panel

_Figure = TypeVar("_Figure", bound="FigureData")

LOG_FROM_RATIO = 30.0
"""A loss whose greatest value is this many times its least is drawn on a log scale."""

FEWEST_POINTS = 4
"""Of a line of fewer points none is far off."""

BLOWN_UP, BLOWN_UP_LOG = 1e6, 1e12
"""A line whose middle is this many times as large as that of most is far off as a whole, on a linear scale and on a log scale."""

MARGIN = 0.05
"""What stays free above and below the range, as a share of it."""

MOST_DECADES = 307
"""Beyond it there are no floats."""

_NEAR = 0.01
"""Lines that are closer than this share of the range of all lie on each other."""

FEW_DECADES = 2.5
"""Up to how many decades a log scale has room for labels at 1, 2 and 5."""

_OUTSIDE = "outside the scale, marked by triangles"


@dataclass(frozen=True)
class _Sight:
    """When a point is far off.

    Attributes:
        height: How high a value stands.
        far: It is further from the others than this many times their range, where nothing says which way is better.
        worse: The same on the side that is worse.
        kept: Which share of a line's points are never far off; of any line, one may be.
    """

    height: Callable[[float], float]
    far: float
    worse: float
    kept: float

    def far_below_and_above(self, span: float, better: str) -> tuple[float, float]:
        """How far below and above a range points are shown: on the side that is better all but what is beyond all proportion."""
        best = BLOWN_UP * span if self is LINEAR else math.log10(BLOWN_UP_LOG)
        worse = self.worse * span
        ways = {LOWER: (best, worse), HIGHER: (worse, best)}
        return ways.get(better, (self.far * span, self.far * span))


LINEAR = _Sight(float, 3.0, 1.5, 0.9)
LOG = _Sight(math.log10, 1.0, 1.0, 0.8)
"""A loss that falls by decades in its first epochs leaves the log scale to the others, who would have half of it."""


@dataclass(frozen=True)
class Scale:
    """The range of y that panels share, on a log scale or a linear one."""

    low: float
    high: float
    log: bool

    @property
    def ends(self) -> tuple[float, float]:
        """The ends of the axis: the range with its margin."""
        return limits((self.low, self.high), log=self.log)


class OnScale:
    """A figure whose values have one scale; None lets the data choose."""

    scale: Scale | None

    @property
    def ends(self) -> tuple[float, float] | None:
        """The ends of the axis of its values; None lets the data choose."""
        return self.scale.ends if self.scale else None

    @property
    def is_log(self) -> bool:
        """Whether that axis has a log scale."""
        return self.scale is not None and self.scale.log

    def shown(self, value: float) -> float:
        """Where a value is drawn: at the edge where it lies outside the scale; NaN stays."""
        low, high = self.ends or (-math.inf, math.inf)
        return min(max(value, low), high)


def on_one_scale(
    figures: Sequence[_Figure],
    *,
    log_from: float = LOG_FROM_RATIO,
    better: Mapping[str, str] | None = None,
) -> list[_Figure]:
    """Return the figures of a sweep with one scale for all panels of a metric, so that heights can be compared.

    The notes of a figure say which points lie outside. A panel whose range is known keeps it. A loss whose greatest value is
    `log_from` times its least is drawn on a log scale. `better` says of metrics which way that is.
    """
    ways = better or {}
    held: defaultdict[str, list[Panel]] = defaultdict(list)
    for figure in figures:
        for panel in figure.panels:
            held[panel.key].append(panel)
    scales = {key: scale_of(panels, log_from, ways.get(key, "")) for key, panels in held.items() if key}
    drawn = []
    for figure in figures:
        panels = tuple(
            _on(panel, scales[panel.key] if panel.key else scale_of([panel], log_from))
            for panel in figure.panels
        )
        drawn.append(replace(figure, panels=panels, notes=(*figure.notes, *_outside_words(panels))))
    return drawn


def scale_of(panels: Sequence[Panel], log_from: float = LOG_FROM_RATIO, better: str = "") -> Scale | None:
    """Return the scale on which panels can be compared; None where all their values are equal, or there are none."""
    drawn = [line for panel in panels for line in panel.lines]
    lines = _settling(list(map(_above_zero, drawn)), BLOWN_UP_LOG)
    if all(panel.may_log for panel in panels) and log_wanted(lines, log_from=log_from):
        low, high = _with_near(_range(lines, LOG, better), drawn, LOG)
        return Scale(low, high, log=log_wanted(lines, low, high, log_from))
    lines = _settling(drawn, BLOWN_UP)
    low, high = _with_near(_range(lines, LINEAR, better), drawn, LINEAR)
    return Scale(low, high, log=False) if low < high and math.isfinite(high - low) else None


def _above_zero(line: Line) -> Line:
    """A line whose band has no lower edge where that is zero or below, under a mean above zero, as of a standard deviation: a log scale has no place for it."""
    edges = zip(line.low, line.y, strict=True)
    return (
        replace(line, low=tuple(math.nan if low <= 0 < y else low for low, y in edges)) if line.low else line
    )


def _settling(lines: Sequence[Line], blown_up: float) -> list[Line]:
    """The lines that set a scale: not those of failed runs, nor those that lie beyond all proportion, unless all do.

    Of few points, as of a run that blows up at once, none is far from its own line: only beside the others it is.
    """
    held = [line for line in lines if _scaling(line)] or [replace(line, scaling=None) for line in lines]
    middles = [abs(statistics.median_low(_scaling(line))) if _scaling(line) else 0.0 for line in held]
    usual = statistics.median_low(middles) if middles else 0.0
    near = [line for line, middle in zip(held, middles, strict=True) if middle <= blown_up * usual]
    return near if usual else held


def log_wanted(
    lines: Iterable[Line],
    low: float = -math.inf,
    high: float = math.inf,
    log_from: float = LOG_FROM_RATIO,
) -> bool:
    """Whether the values from `low` to `high` range too far for a linear scale, and all values are above zero."""
    values = [value for line in lines for value in _scaling(line)]
    near = [value for value in values if low <= value <= high]
    return bool(near) and min(values) > 0 and max(near) / min(near) >= log_from


def outside(line: Line, panel: Panel) -> list[tuple[float, float, bool]]:
    """Return the points of a line that its panel does not show: x, y, and whether it lies above."""
    if panel.y_range is None:
        return []
    low, high = limits(panel.y_range, log=panel.log)
    return [(x, y, y > high) for x, y in _points(line) if y < low or y > high]


def gaps_of(line: Line) -> list[float]:
    """Return where a line, or a run that goes on beyond it, has no finite number."""
    return [x for x, y in _points(line) if not math.isfinite(y)]


def _points(line: Line) -> list[tuple[float, float]]:
    """The points of a line, and of each tail those beyond the line's end."""
    beyond = [(x, y) for tail in line.tails for x, y in zip(tail.x, tail.y, strict=True) if x > line.x[-1]]
    return [*zip(line.x, line.y, strict=True), *beyond]


def clipped(line: Line, panel: Panel) -> Line:
    """Return a line whose far points lie just out of sight, however far off they are: libraries that draw lose count."""
    if panel.y_range is None:
        return line
    low, high = limits(panel.y_range, log=panel.log, margin=1.0)

    def within(values: tuple[float, ...]) -> tuple[float, ...]:
        return tuple(value if math.isnan(value) else min(max(value, low), high) for value in values)

    return replace(
        line,
        y=within(line.y),
        low=within(line.low),
        high=within(line.high),
        tails=tuple(replace(tail, y=within(tail.y)) for tail in line.tails),
        ends=tuple((x, within((y,))[0]) for x, y in line.ends),
    )


def limits(y_range: tuple[float, float], *, log: bool, margin: float = MARGIN) -> tuple[float, float]:
    """Return the ends of the axis for a range of values: further out by a share of it."""
    low, high = map(math.log10, y_range) if log else y_range
    ends = low - margin * (high - low), high + margin * (high - low)
    if not log:
        return ends
    return 10 ** max(ends[0], -MOST_DECADES), 10 ** min(ends[1], MOST_DECADES)


def has_few_decades(shown: tuple[float, float] | None) -> bool:
    """Whether the range of a log scale is small enough for more labels than its powers of ten."""
    low, high = shown or (1.0, 1.0)
    return math.log10(high) - math.log10(low) < FEW_DECADES


def finite(line: Line) -> list[float]:
    """Return all that a line shows: its values, the edges of its band, and the runs that go on beyond it."""
    return [value for part in _parts(line) for value in part if math.isfinite(value)]


def _parts(line: Line) -> list[tuple[float, ...]]:
    return [line.y, line.low, line.high, *(tail.y for tail in line.tails)]


def _scaling(line: Line) -> list[float]:
    """The values of a line that set the scale: all that it shows, but for those of failed runs."""
    return [value for part in _scaling_parts(line) for value in part if math.isfinite(value)]


def _scaling_parts(line: Line) -> Sequence[tuple[float, ...]]:
    return _parts(line) if line.scaling is None else line.scaling


def _range(lines: Sequence[Line], sight: _Sight, better: str) -> tuple[float, float]:
    """Least and greatest value that is not far off."""
    values = [value for line in lines for value in _scaling(line)]
    parts = [part for line in lines for part in _scaling_parts(line)]
    near = [sight.height(value) for part in parts for value in _near(part, sight)]
    if not near:
        return 0.0, 0.0
    low, high = min(near), max(near)
    below, above = sight.far_below_and_above(high - low, better) if high > low else (math.inf, math.inf)
    shown = [value for value in values if low - below <= sight.height(value) <= high + above]
    return min(shown), max(shown)


def _with_near(ends: tuple[float, float], drawn: Sequence[Line], sight: _Sight) -> tuple[float, float]:
    """The ends of a range, moved out to what failed runs have near them: it is shown as far as the others have a third of the height."""
    low, high = map(sight.height, ends) if sight is LINEAR or ends[0] > 0 else (0.0, 0.0)
    slack = high - low
    near = [
        value
        for line in drawn
        if line.scaling is not None
        for value in finite(line)
        if (sight is LINEAR or value > 0) and low - slack <= sight.height(value) <= high + slack
    ]
    return min((*near, ends[0])), max((*near, ends[1]))


def _near(part: Sequence[float], sight: _Sight) -> list[float]:
    """The values of one curve without the few that lie furthest from its middle."""
    values = sorted(value for value in part if math.isfinite(value))
    if len(values) < FEWEST_POINTS:
        return values
    middle = sight.height(values[len(values) // 2])
    kept = min(len(values) - 1, math.ceil(sight.kept * len(values)))
    return sorted(values, key=lambda value: abs(sight.height(value) - middle))[:kept]


def _on(panel: Panel, scale: Scale | None) -> Panel:
    if scale is None or panel.y_range is not None or not panel.lines:
        return panel
    label = f"{panel.y_label} (log scale)" if scale.log else panel.y_label
    return replace(panel, y_range=(scale.low, scale.high), log=scale.log, y_label=label)


def _outside_words(panels: Sequence[Panel]) -> list[str]:
    """One note for a figure: of each panel which points its scale leaves out, and how far the furthest lies."""
    words = []
    for panel in panels:
        far = [point for line in panel.lines for point in outside(line, panel)]
        for found, way, pick in (
            ([point for point in far if point[2]], "up", max),
            ([point for point in far if not point[2]], "down", min),
        ):
            if not found:
                continue
            steps = sorted({x for x, _, _ in found})
            title = f"{panel.title}, " if panel.title else ""
            name = panel.y_label.partition(" (")[0]
            furthest = pick(y for _, y, _ in found)
            many = "s" if len(steps) > 1 and panel.x_label in {EPOCH, STEP, FRAME} else ""
            words.append(f"{title}{name} at {panel.x_label}{many} {named(steps)}: {way} to {furthest:.3g}")
    return [f"{_OUTSIDE}: {'; '.join(words)}"] if words else []


def outside_runs(runs: Iterable[tuple[str, float]], scale: Scale | None) -> list[str]:
    """The note on runs whose value, one each, lies outside the scale; none where no value does."""
    low, high = scale.ends if scale else (-math.inf, math.inf)
    far = [
        f"{name} at {value:.3g}" for name, value in runs if math.isfinite(value) and not low <= value <= high
    ]
    return [f"{_OUTSIDE}: {', '.join(far)}"] if far else []


def do_coincide(lines: Sequence[Line]) -> bool:
    """Whether some line covers another one over half of its points or more."""
    values = [y for line in lines for y in line.y if math.isfinite(y)]
    near = _NEAR * (max(values) - min(values)) if values else 0.0
    return any(_covers(one, other, near) for one, other in combinations(lines, 2))


def _covers(one: Line, other: Line, near: float) -> bool:
    at = dict(zip(one.x, one.y, strict=True))
    shared = [abs(at[x] - y) <= near for x, y in zip(other.x, other.y, strict=True) if x in at]
    return len(shared) > 1 and 2 * sum(shared) >= len(shared)


def even_steps(panel: Panel, most: int) -> list[float]:
    """The steps of a panel that all have room for a tick, such as those of a few evaluations; none where they are uneven."""
    steps = sorted({place for line in panel.lines for place in line.places})
    gaps = {after - before for before, after in pairwise(steps)}
    return steps if len(gaps) == 1 and len(steps) <= most else []
