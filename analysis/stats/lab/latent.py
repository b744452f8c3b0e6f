"""Whether the latent z of the video's trainer is used: active units, and what another z changes, counted at the end."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from analysis.results.document import Cell, Finding, Table
from analysis.results.results import (
    ACTIVE_UNITS,
    DRAW_SPREAD,
    KL_MAX_CHANNEL,
    MSE,
    PSNR,
    RATE,
    Result,
    counted,
    step_word,
)
from analysis.stats.measures import number

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class _Use:
    """How much one trial uses z: active units, and how far frames with other z lie apart, in percent of the range."""

    name: str
    active: int
    percent: float

    @property
    def words(self) -> str:
        units = "1 unit" if self.active == 1 else f"{self.active} units"
        return (
            f"{self.name} ({units}; frames drawn with other z differ by {_share(self.percent)} of the range)"
        )


def use_of_z(results: Sequence[Result]) -> Finding | None:
    """Say in how many trials z has active units; None where no trial has recorded it."""
    uses = [use for result in results if (use := _use(result)) is not None]
    if not uses:
        return None
    judged = {use.name for use in uses}
    missing = [result.trial.name for result in results if result.trial.name not in judged]
    active = [use for use in uses if use.active]
    details = (
        (
            "Where no unit is active, the posterior has collapsed: it is the same for all frames, the model is a plain "
            "predictor, and how beta is annealed weighs nothing. A far lower ceiling of beta (`kl_beta_max`) keeps z alive, "
            "or free bits (`kl_free_nats`)."
        ),
    )
    basis = [
        (
            f"At the last {step_word(results, ACTIVE_UNITS)}, on the validation video. A unit is a channel of z. It is active "
            "if its posterior mean varies over the frames with a variance above 0.01, in the mean over pixels (Burda et al. "
            "2016). Frames drawn with "
            "other z: the next frame of the rollout, predicted twice, each with its own z; mean difference, as a share "
            "of the range of pixel values."
        )
    ]
    if missing:
        basis.append(f"Not judged, for lack of these metrics: {', '.join(missing)}.")
    answer = _answer(uses)
    return Finding(
        "Is the latent z used?",
        answer,
        _numbers([result for result in results if result.trial.name in judged]),
        () if len(active) == len(uses) else details,
        tuple(basis),
        answered=True,
        headline=answer,
        rank=2 if active else 1,  # where z is used, that is what is expected
        pooled=_pooled,
        keys=(RATE,),
    )


def _pooled(sweeps: Sequence[tuple[str, Sequence[Result]]]) -> str:
    """The answer of all sweeps together."""
    return _answer(
        [
            replace(use, name=f"{use.name} in {name}")
            for name, results in sweeps
            for result in results
            if (use := _use(result)) is not None
        ]
    )


def _use(result: Result) -> _Use | None:
    active, spread = result.last(ACTIVE_UNITS), result.last(DRAW_SPREAD)
    if active is None or spread is None or not math.isfinite(active) or not math.isfinite(spread):
        return None
    return _Use(result.trial.name, round(active), 100 * spread)


def _all(trials: int) -> str:
    return "the one trial" if trials == 1 else f"any of {trials} trials"


def _answer(uses: Sequence[_Use]) -> str:
    active = [use for use in uses if use.active]
    if not active:
        most = max(use.percent for use in uses)
        return (
            f"z is not used: no unit is active in {_all(len(uses))}, and frames drawn with other z differ "
            f"by {_share(most)} of the range{' at most' if len(uses) > 1 else ''}."
        )
    best = max(active, key=lambda use: (use.active, use.percent))
    where = f"most in {best.words}" if len(active) > 1 else best.words
    rest = "; in the others none is" if len(active) < len(uses) else ""
    return f"Units of z are active in {len(active)} of {counted(len(uses), 'trial')}: {where}{rest}."


def _share(percent: float) -> str:
    return f"{percent:.2g} %" if percent < 10 else f"{percent:.0f} %"  # noqa: PLR2004 - two digits are enough


def _numbers(results: Sequence[Result]) -> Table:
    return Table(
        (
            ("trial", "name"),
            ("active units", "number"),
            ("KL, nats a frame", "number"),
            ("KL of the strongest unit", "number"),
            ("other z differs by, %", "number"),
            ("MSE, training", "number"),
            ("PSNR, validation", "number"),
        ),
        tuple(
            tuple(
                Cell(text)
                for text in (
                    result.trial.name,
                    number(result.last(ACTIVE_UNITS), ".0f"),
                    number(result.last(RATE), ".3g"),
                    number(result.last(KL_MAX_CHANNEL), ".3g"),
                    number(100 * (result.last(DRAW_SPREAD) or 0), ".2g"),
                    number(result.last(MSE), ".4g"),
                    number(result.last(PSNR)),
                )
            )
            for result in results
        ),
    )
