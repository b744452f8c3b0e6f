"""Computes rate against distortion: how many nats a frame the latent z carries, and how well frames are predicted.

One figure for the whole report, of all sweeps that vary what weighs the rate: beta's ceiling, or free bits.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from analysis.figures.averages.band import Band
from analysis.figures.figure_data import OfResults, notes
from analysis.figures.palette import Style, styles
from analysis.figures.scale import LOG_FROM_RATIO
from analysis.results.grouping import by_setting, value_label
from analysis.results.results import ACTIVE_UNITS, COPY_FIRST, MSE, PSNR, RATE, Result, step_word
from analysis.visible import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from analysis.results.results import SweepResults

PATH = "rate_distortion.png"
WEIGHING = ("kl_beta_max", "kl_free_nats")
"""The settings of the video's trainer that weigh the rate against the distortion."""
DISTORTIONS = ((PSNR, "validation PSNR (dB): higher is better"), (MSE, "training MSE: lower is better"))
"""What the distortion is read from; the first that was recorded."""


@dataclass(frozen=True)
class RateMark:
    """One setting: its trial, or the mean of its repeats by seed with their ends.

    Attributes:
        label: The values of all its axes; with its sweep where the figure is of several.
        rate: Nats a frame.
        distortion: In the unit of the figure's y.
        rate_ends: The ends of the bar of the repeats; NaN where there is none.
        distortion_ends: The same.
        active: The least and the greatest number of active units.
        n: How many trials it stands for.
    """

    label: str
    rate: float
    distortion: float
    rate_ends: tuple[float, float]
    distortion_ends: tuple[float, float]
    active: tuple[int, int]
    n: int

    @property
    def is_alive(self) -> bool:
        """Whether a unit of z is active in any of its trials."""
        return self.active[1] > 0


@dataclass(frozen=True)
class RateGroup:
    """The marks that share what weighs the rate, and with it a look."""

    label: str
    style: Style
    marks: tuple[RateMark, ...]


@dataclass(frozen=True)
class RateFigure(OfResults):
    """Rate against distortion; `is_log` says whether the rate has a log scale, other attributes are those of `FigureData`."""

    title: str
    x_label: str
    y_label: str
    groups: tuple[RateGroup, ...]
    is_log: bool
    notes: tuple[str, ...]
    keys: tuple[str, ...]
    results: tuple[Result, ...]
    path: str = PATH
    about: str = RATE
    band: str = ""

    @property
    def rates(self) -> tuple[float, float]:
        """The least and the greatest rate."""
        found = sorted(mark.rate for group in self.groups for mark in group.marks)
        return found[0], found[-1]

    @property
    def content(self) -> dict[str, Any]:
        """What it says, words and values."""
        words = {"title": self.title, "x": self.x_label, "y": self.y_label, "log": self.is_log}
        return {**words, "groups": self.groups, "notes": self.notes, "keys": self.keys}


def rate_figures(sweeps: Sequence[SweepResults], band: Band = Band.MINMAX) -> list[RateFigure]:
    """Return the figure of all sweeps that vary what weighs the rate; none where no two of its settings can be shown."""
    weighed = _weighed(sweeps)
    results = tuple(one.result for one in weighed)
    key, y_label = next(
        (one for one in DISTORTIONS if any(one[0] in result.curves for result in results)), DISTORTIONS[0]
    )
    usable = [
        one for one in weighed if one.result.is_whole and _is_finite(one.result, RATE, key, ACTIVE_UNITS)
    ]
    above = [one for one in usable if one.rate > 0]
    rates = [one.rate for one in above]
    is_log = bool(rates) and max(rates) / min(rates) >= LOG_FROM_RATIO
    silent = [f"{one.result.trial.name}{one.place}" for one in usable if one.rate <= 0] if is_log else []
    groups = _groups(above if is_log else usable, key, band)
    if sum(len(group.marks) for group in groups) < 2:  # noqa: PLR2004 - one point is no comparison
        return []
    return [
        RateFigure(
            "Rate against distortion of the latent z",
            f"rate: KL divergence of z (nats a frame{', log scale' if is_log else ''})",
            y_label,
            groups,
            is_log,
            tuple(_notes(results, groups, key, silent, band)),
            (RATE, key, ACTIVE_UNITS),
            results,
            band=band if any(mark.n > 1 for group in groups for mark in group.marks) else "",
        )
    ]


def written_out(data: RateFigure) -> RateFigure:
    """Return a figure in whose words is written out what no font draws, and no file takes."""
    groups = tuple(replace(group, label=visible(group.label)) for group in data.groups)
    return replace(data, title=visible(data.title), notes=tuple(map(visible, data.notes)), groups=groups)


class _Weighed(NamedTuple):
    """A trial, the values of what weighs its rate, and where it stands; empty where there is one sweep only."""

    label: str
    place: str
    result: Result

    @property
    def rate(self) -> float:
        return self.result.curves[RATE].last


def _weighed(sweeps: Sequence[SweepResults]) -> list[_Weighed]:
    """Every trial of the sweeps that vary what weighs the rate, once."""
    varying = [
        (sweep, varied)
        for sweep in sweeps
        if (varied := [axis for axis in WEIGHING if len(sweep.expected.values(axis)) > 1])
    ]
    found: dict[tuple[str, str], _Weighed] = {}
    for sweep, varied in varying:
        place = f" in {sweep.expected.name}" if len(varying) > 1 else ""
        for result in sweep.results:
            own = (axis for axis in varied if axis in result.trial.axes)
            label = ", ".join(value_label(axis, result.trial.axes[axis], result.trial.names) for axis in own)
            run_id = result.run.run_id if result.run else ""
            # Sweeps may share trials.
            found.setdefault((result.trial.fingerprint, run_id), _Weighed(label, place, result))
    return list(found.values())


def _groups(drawn: Sequence[_Weighed], key: str, band: Band) -> tuple[RateGroup, ...]:
    held: defaultdict[str, defaultdict[str, list[Result]]] = defaultdict(lambda: defaultdict(list))
    for label, place, result in drawn:
        held[label][place].append(result)
    looks = styles("", tuple(held))
    groups = []
    for label, places in held.items():
        # Settings of two sweeps may be called alike, and differ in what neither varies: they are no repeats.
        marks = tuple(
            _mark(f"{setting}{place}", members, key, band)
            for place, results in places.items()
            for setting, members in by_setting(results).items()
        )
        active = _range(end for mark in marks for end in mark.active)
        units = ends_words(active)
        groups.append(RateGroup(f"{label}: {units} active", looks[label], marks))
    return tuple(groups)


def _mark(label: str, members: Sequence[Result], key: str, band: Band) -> RateMark:
    rates, distortions = ([member.curves[one].last for member in members] for one in (RATE, key))
    return RateMark(
        label,
        _mean(rates),
        _mean(distortions),
        band.of(rates),
        band.of(distortions),
        _range(round(member.curves[ACTIVE_UNITS].last) for member in members),
        len(members),
    )


def _notes(
    results: Sequence[Result],
    groups: Sequence[RateGroup],
    key: str,
    silent: Sequence[str],
    band: Band,
) -> Iterable[str]:
    marks = [mark for group in groups for mark in group.marks]
    yield f"at the last {step_word(results, RATE)}, with the number of active units of z"
    yield "filled: a unit of z is active; open: none is"
    if any(mark.n > 1 for mark in marks):
        yield f"with several seeds a mark is their mean, each of its bars {band.words}"
    if silent:
        yield f"not shown, as a log scale has no place for a rate of 0: {', '.join(silent)}"
    copies = [value for result in results if (value := result.last(COPY_FIRST)) is not None]
    if key == PSNR and copies and math.isfinite(_mean(copies)):
        yield f"copying the first frame has {_mean(copies):.2f} dB"
    yield from notes(results, (RATE, key, ACTIVE_UNITS), band=None)


def _is_finite(result: Result, *keys: str) -> bool:
    return all((value := result.last(key)) is not None and math.isfinite(value) for key in keys)


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)


def _range(values: Iterable[int]) -> tuple[int, int]:
    ordered = sorted(values)
    return ordered[0], ordered[-1]


def ends_words(ends: tuple[int, int]) -> str:
    """Return a range of numbers in words: one where its ends are the same."""
    return str(ends[0]) if ends[0] == ends[1] else f"{ends[0]} to {ends[1]}"
