"""One look for one meaning: a TFR has one colour, a strategy one colour and dash, in every figure.

Colours have a contrast of 3 to 1 at least to a white page and, but for black, to a dark one (WCAG 2.1, criterion 1.4.11).
They are as far apart as a search over such colours found (CIEDE2000) for readers with normal sight, protanopia,
deuteranopia and tritanopia; `tests/analysis/figures/test_palette.py` computes it. Hues are near those of Okabe and Ito
("Color Universal Design", 2008), whose orange and sky fade on white. Dashes and markers tell lines apart where there is no colour.

Three to five numbers have colours in order, from light to dark on a white page and from dim to bright on a dark one, where each has a
colour of its own (`ON_DARK`): between the contrast to both pages is no room for five. Beyond five no such colours are as far apart as those
without order, and neither are those of viridis, plasma or cividis where three are: more numbers have the colours without order.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Dash = tuple[float, ...]

BLACK, ORANGE, SKY, GREEN = "#000000", "#DD7700", "#0099DD", "#337744"
BLUE, RED, PURPLE = "#0055EE", "#CC0000", "#994488"
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
        "Cyclical": Style(RED, DASHED, "D"),
        "Monotonic": Style(SKY, DASH_DOT, "v"),
        "None": Style(BLACK, SOLID, "*"),
    },
}
"""Values that the report is about, and the look that each keeps."""

COLORS = (BLUE, ORANGE, GREEN, RED, PURPLE, SKY, BLACK)
RAMPS: Mapping[int, tuple[str, ...]] = {
    3: ("#FE5D3B", "#584BBE", "#000D18"),
    4: ("#FE5D3B", "#9D77B9", "#003979", "#000D18"),
    5: ("#FE5D3B", "#BA6FB2", "#584BBE", "#002F59", "#000D18"),
}
"""The colours of so many numbers, from the least to the greatest."""
ON_DARK: Mapping[str, str] = {
    BLACK: "#f2f2f2",
    "#FE5D3B": "#B23C23",
    "#BA6FB2": "#9B4D94",
    "#9D77B9": "#8959AB",
    "#584BBE": "#8D8CE6",
    "#003979": "#9BC4FB",
    "#002F59": "#A9D2FE",
    "#000D18": "#EEF7FC",
}
"""What stands for a colour on a dark page; others are the same there."""
_DASHES = (SOLID, DASHED, DASH_DOT, DOTTED)
# No plus: it would look like a mean with its bar.
_MARKERS = ("o", "s", "^", "D", "v", "*", "X")


def is_number(value: Any) -> bool:
    """Whether a value of a setting has a place in an order of numbers."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def styles(axis: str, values: Sequence[Any]) -> dict[Any, Style]:
    """Give each value of an axis its look: the report's own where it has one, numbers that are few one in their order, others the next that is free."""
    fixed = OF_AXIS.get(axis, {})
    if not fixed and len(values) in RAMPS and all(map(is_number, values)):
        ramp = zip(sorted(values), RAMPS[len(values)], _MARKERS, strict=False)
        in_order = {value: Style(color, SOLID, marker) for value, color, marker in ramp}
        return {value: in_order[value] for value in values}
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
