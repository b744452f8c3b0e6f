"""Which figures a study is shown in: the report's own where its axes are the report's, else a generic pair."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from itertools import chain, count
from typing import TYPE_CHECKING, Any

from analysis.figures.facets import MOST_LINES, small_multiples
from analysis.figures.figure_data import (
    FigureData,
    Group,
    Line,
    Panel,
    baselines,
    grouped,
    grouped_by_settings,
    line,
    notes,
    panel,
)
from analysis.results.results import (
    ANNEALING,
    BETA,
    COPY_FIRST,
    FRAME_COPY_FIRST,
    FRAME_PSNR,
    KL,
    LOSS,
    MOST_METRICS,
    MSE,
    PSNR,
    RATIO,
    TFR,
    Result,
    StudyResults,
    is_loss,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

_Layout = Callable[[StudyResults, str], list[FigureData]]

SHORT_NAMES = {"Monotonic": "Mono"}
"""The report's own file name for one loss figure: `Mono_loss.png`."""


def lay_out(studies: Sequence[StudyResults]) -> dict[str, tuple[FigureData, ...]]:
    """Lay out the figures of every study, by its name.

    The first study over `kl_anneal_type` and `tfr`, and the first over `kl_anneal_type` alone, are drawn as the
    report draws them, in its places; a second of the same kind goes into a folder of its name, and so do
    the training loss and the validation PSNR of any other, and every metric of another trainer than the video's.
    """
    kinds: dict[frozenset[str] | None, _Layout] = {
        frozenset((ANNEALING, RATIO)): by_ratio,
        frozenset((ANNEALING,)): by_strategy,
    }
    taken: set[frozenset[str] | None] = set()
    folders = {"diff_tfr", "diff_strategy", "psnr_per_frame"}
    drawn = {}
    for found in studies:
        kind = frozenset(found.study.settings) if _is_drawn_whole(found) else None
        folder = "" if kind in kinds and kind not in taken else f"{_free(slug(found.study.name), folders)}/"
        taken.add(kind)
        drawn[found.study.name] = tuple(kinds.get(kind, by_settings)(found, folder))
    return drawn


def by_ratio(found: StudyResults, folder: str) -> list[FigureData]:
    """Teacher forcing ratios under each strategy: the losses, and what teacher forcing and beta did to PSNR."""
    figures = []
    for strategy in found.study.values(ANNEALING):
        results = _having(found, ANNEALING, strategy)
        groups = grouped(results, RATIO, found.study.values(RATIO))
        losses = (LOSS, MSE, KL)
        labels = ("training loss", "MSE", "KL divergence")
        schedules = (TFR, BETA, PSNR)
        figures += [
            FigureData(
                f"{folder}diff_tfr/{SHORT_NAMES.get(strategy, slug(strategy))}_loss.png",
                f"Training losses by teacher forcing ratio, {_annealing(strategy)}",
                tuple(
                    panel(groups, key, label, loss=True) for key, label in zip(losses, labels, strict=True)
                ),
                notes(results, losses),
                losses,
                results,
            ),
            FigureData(
                f"{folder}diff_tfr/{slug(strategy)}_TFR_Beta_PSNR.png",
                f"Schedules and validation PSNR, {_annealing(strategy)}",
                (
                    panel(groups, TFR, "teacher forcing ratio"),
                    panel(groups, BETA, "beta"),
                    panel(groups, PSNR, "validation PSNR (dB)", baseline=COPY_FIRST),
                ),
                notes(results, schedules, COPY_FIRST),
                (*schedules, COPY_FIRST),
                results,
            ),
        ]
    return figures


def by_strategy(found: StudyResults, folder: str) -> list[FigureData]:
    """The annealing strategies against each other, and the PSNR of each frame under every one."""
    groups = grouped(found.results, ANNEALING, found.study.values(ANNEALING))
    wanted = (
        ("train_loss", LOSS, "Training loss by KL annealing strategy", "training loss"),
        ("beta", BETA, "Weight of the KL divergence", "beta"),
        ("tfr", TFR, "Teacher forcing ratio", "teacher forcing ratio"),
        ("psnr_val", PSNR, "Validation PSNR by KL annealing strategy", "validation PSNR (dB)"),
    )
    figures = [
        _single(f"{folder}diff_strategy/{name}.png", title, groups, key, label)
        for name, key, title, label in wanted
    ]
    figures += [
        _per_frame(f"{folder}psnr_per_frame/{slug(strategy)}.png", strategy, alone)
        for strategy in found.study.values(ANNEALING)
        for alone in grouped(_having(found, ANNEALING, strategy), ANNEALING, found.study.values(ANNEALING))
    ]
    return figures


def by_settings(found: StudyResults, folder: str) -> list[FigureData]:
    """Any other study: a line a setting, in small multiples where they are more than can be told apart."""
    name = found.study.name
    groups = grouped_by_settings(found.results)
    wanted: Sequence[tuple[str, str, str, str]] = (
        ("train_loss", LOSS, f"Training loss, {name}", "training loss"),
        ("psnr_val", PSNR, f"Validation PSNR, {name}", "validation PSNR (dB)"),
    )
    if not found.is_of_video:
        taken: set[str] = set()
        wanted = [
            (_free(slug(key), taken), key, f"{key}, {name}", key) for key in found.metrics[:MOST_METRICS]
        ]
    if len(groups) <= MOST_LINES:
        return [
            _single(f"{folder}{file}.png", title, groups, key, label) for file, key, title, label in wanted
        ]
    return [
        figure
        for file, key, title, label in wanted
        for figure in small_multiples(found, f"{folder}{file}", title, key, label)
    ]


def _free(name: str, taken: set[str]) -> str:
    """Return `name`, numbered where it is taken already, and take it."""
    numbered = (f"{name}-{number}" for number in count(2))
    free = next(one for one in chain((name,), numbered) if one not in taken)
    taken.add(free)
    return free


def _single(path: str, title: str, groups: Sequence[Group], key: str, label: str) -> FigureData:
    baseline = COPY_FIRST if key == PSNR else ""
    results = tuple(result for group in groups for result in group.results)
    return FigureData(
        path,
        title,
        (panel(groups, key, label, loss=is_loss(key), baseline=baseline),),
        notes(results, (key,), baseline),
        (key, baseline) if baseline else (key,),
        results,
    )


def _per_frame(path: str, strategy: Any, group: Group) -> FigureData:
    drawn = line(group, FRAME_PSNR, suffix=_mean(line(group, FRAME_PSNR)))
    lines = (drawn, *baselines(group.results, FRAME_COPY_FIRST, mean=True)) if drawn else ()
    waiting = "; ".join(f"{result.trial.name}: {result.condition}" for result in group.results)
    return FigureData(
        path,
        f"PSNR of each validation frame, {_annealing(strategy)}",
        (Panel("frame", "PSNR (dB)", lines, empty=f"recorded when training ends\n{waiting}"),),
        notes(group.results, (FRAME_PSNR,), FRAME_COPY_FIRST),
        (FRAME_PSNR, FRAME_COPY_FIRST),
        group.results,
    )


def _mean(drawn: Line | None) -> str:
    values = [value for value in drawn.y if math.isfinite(value)] if drawn else []
    return f": mean {math.fsum(values) / len(values):.2f} dB" if values else ""


def _is_drawn_whole(found: StudyResults) -> bool:
    """Whether each value of an axis can have a look of its own in one panel."""
    study = found.study
    return study.is_whole and all(len(study.values(axis)) <= MOST_LINES for axis in study.settings)


def _having(found: StudyResults, axis: str, value: Any) -> tuple[Result, ...]:
    return tuple(result for result in found.results if result.trial.axes.get(axis) == value)


def _annealing(strategy: Any) -> str:
    return "no KL annealing" if strategy == "None" else f"{strategy} KL annealing"


def slug(name: Any) -> str:
    """Return `name` as one part of a path, whatever characters it has."""
    return re.sub(r"[^\w.-]+", "-", str(name)).strip(".-") or "unnamed"
