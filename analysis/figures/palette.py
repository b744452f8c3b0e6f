"""One look for one meaning: a TFR has one colour, a strategy one colour and dash, in every figure.

Colours are those of Okabe and Ito (without their yellow, which fades on white), which colour-blind readers can tell apart; dashes and markers do the same
where there is no colour. Source: Okabe and Ito, "Color Universal Design", 2008, https://jfly.uni-koeln.de/color/.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Dash = tuple[float, ...]

BLACK, ORANGE, SKY, GREEN = "#000000", "#E69F00", "#56B4E9", "#009E73"
BLUE, VERMILLION, PURPLE = "#0072B2", "#D55E00", "#CC79A7"
GREY = "#767676"

SOLID: Dash = ()
DASHED: Dash = (5, 1.6)
DOTTED: Dash = (1, 1.4)
DASH_DOT: Dash = (5, 1.4, 1, 1.4)


@dataclass(frozen=True)
class Style:
    """How a line looks: a colour, a dash pattern in units of its width (empty: solid), a marker."""

    color: str
    dash: Dash = SOLID
    marker: str = ""


BASELINE = Style(GREY, DOTTED)
"""Copying the first frame, wherever it is drawn; nothing else is grey."""

OF_AXIS: Mapping[str, Mapping[Any, Style]] = {
    "tfr": {
        1.0: Style(BLUE, SOLID, "o"),
        0.5: Style(ORANGE, DASHED, "s"),
        0.0: Style(GREEN, DASH_DOT, "^"),
    },
    "kl_anneal_type": {
        "Cyclical": Style(VERMILLION, DASHED, "D"),
        "Monotonic": Style(PURPLE, DASH_DOT, "v"),
        "None": Style(BLACK, SOLID, "P"),
    },
}
"""Values that the report is about, and the look that each keeps."""

COLORS = (BLUE, ORANGE, GREEN, VERMILLION, PURPLE, SKY, BLACK)
_DASHES = (SOLID, DASHED, DASH_DOT, DOTTED)
_MARKERS = ("o", "s", "^", "D", "v", "P", "X")


def styles(axis: str, values: Sequence[Any]) -> dict[Any, Style]:
    """Give each value of an axis its look: the report's own where it has one, else the next that is free."""
    fixed = OF_AXIS.get(axis, {})
    reserved = {style.color for style in fixed.values()}
    free = [
        Style(color, _DASHES[(index + shift) % len(_DASHES)], _MARKERS[(index + shift) % len(_MARKERS)])
        for shift in range(len(_DASHES))
        for index, color in enumerate(COLORS)
        if color not in reserved
    ]
    rest = [value for value in values if value not in fixed]
    assigned = {value: free[index % len(free)] for index, value in enumerate(rest)}
    return {value: fixed[value] if value in fixed else assigned[value] for value in values}
