"""How coarsely numbers are written or counted, told from the numbers alone: 0.0005 of accuracies over 2000 items.

Repeats that are counted differ by whole steps, often by the same one: then their spread says nothing of the noise, and the
step does. A step is hidden by the format that the numbers came through, or by the digits that they were printed with:

- An event file of TensorBoard has 0.873 as 0.8730000257492065, its single precision. Where all numbers are exactly of half or
  single precision, the fewest digits count that tell them from their neighbours there.
- Accuracies over 360 items are multiples of 1/360, in percent of 100/360, also where they are printed as 0.8611 or 86.11.
- Anything else that is counted lies whole steps apart, digit by digit.

The parts of a whole are searched for: the fewest of which all numbers are multiples, as far as their digits tell. Few numbers
with few digits are multiples of a small part by chance; parts count where that chance is below `CHANCE`.
"""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

FLOAT32 = 1e-6
"""What single precision leaves of a number, in parts of it: 16 of its steps."""
FLOAT64 = 1e-15
"""The same of double precision."""

WHOLES = (1.0, 100.0)
"""What shares are shares of: themselves, and in percent."""
MOST_PARTS = 1 << 16
"""Parts of a whole that are tried: as many items as a test set may have."""
CHANCE = 1e-3
"""How probable it may be at most that numbers which were never counted look so."""


def coarseness_of(values: Iterable[float]) -> float:
    """Return how coarsely finite numbers are written or counted, whichever is coarser; what they hide is up to half of it."""
    values = list(values)
    return max(written_to(values), counted_in(values))


def rounding_of(values: Iterable[float], *, is_log: bool) -> float:
    """Return how coarsely numbers are written or counted, on the scale on which they are compared."""
    values = list(values)
    step = coarseness_of(values)
    return step / min(values) if is_log and values else step


def written_to(values: Iterable[float]) -> float:
    """Return how coarsely these numbers are written: 0.01 for 0.9, 0.93 and 12.25, also in half or single precision."""
    values = list(values)
    written, between = _as_written(values)
    exponents = [_exponent(number) for number in written if number]
    return max(10.0 ** min(exponents), between) if exponents else 0.0


def counted_in(values: Iterable[float]) -> float:
    """Return the step of which all these numbers are whole multiples apart: 1/397 of accuracies over 397 clips; 0 where they are equal.

    Numbers that were never counted are apart by multiples of hardly more than their precision.
    """
    values = list(values)
    if not values or min(values) == max(values):
        return 0.0
    greatest = max(map(abs, values))
    digits = max(written_to(values) / 2, FLOAT64 * greatest)
    return max(
        _common_divisor(_as_written(values)[0]),
        _common_divisor(
            [Decimal(value) for value in values]
        ),  # as sums of powers of two, which bfloat16 has few of
        *(
            _part(values, whole, slack)
            for whole in WHOLES
            for slack in dict.fromkeys((digits, max(digits, FLOAT32 * greatest)))
        ),
    )


def _as_written(values: Sequence[float]) -> tuple[list[Decimal], float]:
    """The numbers with the fewest digits that tell them from their neighbours in the least precise format that has all of them.

    Beside them stands what lies between the greatest and its neighbour, in a format of less than double precision.
    """
    import numpy as np

    with np.errstate(over="ignore"):
        for kind in (np.float16, np.float32):
            if all(float(kind(value)) == value for value in values):
                between = max((float(np.spacing(kind(abs(value)))) for value in values), default=0.0)
                return [Decimal(str(kind(value))) for value in values], between
    return [Decimal(repr(float(value))) for value in values], 0.0


def _exponent(number: Decimal) -> int:
    exponent = number.normalize().as_tuple().exponent
    return exponent if isinstance(exponent, int) else 0


def _common_divisor(numbers: Sequence[Decimal]) -> float:
    """The greatest step of which the numbers are multiples apart, digit by digit."""
    ratios = [number.as_integer_ratio() for number in numbers]
    parts = math.lcm(*(part for _, part in ratios))
    counts = [count * (parts // part) for count, part in ratios]
    return float(Fraction(math.gcd(*(count - counts[0] for count in counts)), parts))


def _part(values: Sequence[float], whole: float, slack: float) -> float:
    """The greatest part of a whole of which numbers, each known to `slack`, are multiples by more than chance; 0 where there is none."""
    shares = [share for value in dict.fromkeys(values) if (share := value / whole) != round(share)]
    parts = _parts(shares, slack / whole)
    return whole / parts if parts else 0.0


def _parts(shares: Sequence[float], slack: float) -> int:
    """In how many equal parts, at least, a whole is cut so that each share has a number of them; 0 where chance may do as much."""
    import numpy as np

    if not shares:
        return 0
    # A share is near a multiple by chance with twice the slack, in parts of a part. Of all numbers of parts up to this one the
    # chance is `CHANCE` in all; by logarithms, as powers of 1e-15 vanish.
    most = math.exp((math.log(CHANCE) - len(shares) * math.log(2 * slack)) / (len(shares) + 1))
    parts = np.arange(1, int(min(most, MOST_PARTS)) + 1)
    for share in shares:
        near = share * parts
        parts = parts[np.abs(near - np.rint(near)) <= slack * parts * (1 + FLOAT32)]
    return int(parts[0]) if len(parts) else 0
