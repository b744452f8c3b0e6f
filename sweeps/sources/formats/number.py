"""Reads numbers as programs print them, and flattens nested values."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sweeps.spec.fields import is_number

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

ABSENT = frozenset({"", "none", "null", "-", "--"})
"""What stands, in small letters, where there is no value."""
POINT, THOUSANDS = "point", "thousands"
"""What a comma in numbers may mean: `0,5` is 0.5, or `1,234` is 1234."""
OPEN = "may be thousands or a decimal comma"
"""What is said of a number that another one would have to explain."""
_TYPED = re.compile(
    r"(?:\w+\.)*(?:tensor|variable|(?:device)?array|decimal|(?:b?float|u?int|complex)\d*)\((.*)",
    re.IGNORECASE,
)
"""How values of libraries are written: `tensor(0.5, device='cuda:0')`, `np.float64(0.5)`, `Array(0.5, dtype=float32)`."""
_FIRST = re.compile(r"(?:(?:\[\s*)+([^\[\](),\s]+)\s*\]+|([^\[\](),\s]+))\s*(?:\)|$|,\s*(?:[A-Za-z_].*)?$).*")
_SURELY_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(?:(?:,\d{3}){2,}(?:\.\d*)?|,\d{3}\.\d*)")
_MAY_BE_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}")
_COMMA = re.compile(r"[+-]?\d+,\d+(?:[eE][+-]?\d+)?")
_WITH_POINT = re.compile(r"[+-]?\d*\.\d+(?:[eE][+-]?\d+)?")
_FORTRAN = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+))[dD]([+-]?\d+)")
_FROM_INEXACT = 2.0**53
_WHOLE = re.compile(r"[+-]?\d{16,308}")
"""Whole numbers that may be no floating-point numbers."""
_WRAPPING = "()[]{}<>,;:|'\"*="
_LIST = re.compile(r"[^\w.+-]*(?:\[[^\w.+-]*[+-]?[\d.]+,|[({][^\w.+-]*[+-]?[\d.]+,\s*[+-]?[\d.])")
"""The beginning of several numbers, such as `[125,250]`."""
_BOUND = re.compile(r"[(\[{'\"]*[<>](?!.*>)")
"""The beginning of what is less or more than a number, and not in `<` and `>`."""


class Commas:
    """Learns from the numbers of a file what a comma in them means; the first number that tells it decides.

    Attributes:
        mean: `POINT` or `THOUSANDS`; empty: nothing tells it yet, so that `1,234` is no number.
    """

    def __init__(self, mean: str = "") -> None:
        self.mean = mean

    def learn(self, texts: Iterable[str | None]) -> None:
        """Learn from texts of numbers."""
        for text in () if self.mean else texts:
            plain = "" if text is None else _unwrapped(text)
            if _SURELY_THOUSANDS.fullmatch(plain) or _WITH_POINT.fullmatch(plain):
                self.mean = THOUSANDS
            elif _COMMA.fullmatch(plain) and not _MAY_BE_THOUSANDS.fullmatch(plain):
                self.mean = POINT
            if self.mean:
                return


def number(text: str, comma: str = THOUSANDS) -> float | None:
    r"""The number that a text says; None where it says none.

    `nan` and `inf` are numbers; `12%` is 12; `1,234.5` is 1234.5; brackets and punctuation around it do not count, as
    `\\S+` takes them along; `tensor(0.5)` and `np.float64(0.5)` are 0.5; Fortran's `1.5D+02` is 150; `12ms`, the list `[0.5,0.7]`
    and the bound `<0.001` are none.

    Args:
        text: The text.
        comma: What a comma means where the text itself leaves that open: `POINT`, or `THOUSANDS`; empty: it is not known.
    """
    plain = text.strip()
    try:
        return _exact(plain)
    except ValueError:
        pass
    plain = _unwrapped(plain)
    if _SURELY_THOUSANDS.fullmatch(plain) or (comma == THOUSANDS and _MAY_BE_THOUSANDS.fullmatch(plain)):
        plain = plain.replace(",", "")
    elif comma == POINT and _COMMA.fullmatch(plain):
        plain = plain.replace(",", ".")
    if fortran := _FORTRAN.fullmatch(plain):
        plain = f"{fortran[1]}e{fortran[2]}"
    try:
        return _exact(plain)
    except ValueError:
        return None


def is_open(text: str) -> bool:
    """Whether a text is a number that has another value as `POINT` than as `THOUSANDS`."""
    return _MAY_BE_THOUSANDS.fullmatch(_unwrapped(text)) is not None


def _exact(text: str) -> float:
    """The number; a whole one that floating point would round, such as a time in nanoseconds, as it is."""
    value = float(text)
    return int(text) if abs(value) >= _FROM_INEXACT and _WHOLE.fullmatch(text) else value


def _unwrapped(text: str) -> str:
    """A text of one number without what stands around it; empty where it is a list or a bound."""
    plain = text.strip()
    if typed := _TYPED.fullmatch(plain.strip("[]{},;:")):
        first = _FIRST.fullmatch(typed[1])
        plain = "" if first is None else first[1] or first[2]
    if _LIST.match(plain) or _BOUND.match(plain):
        return ""
    return plain.strip(_WRAPPING).removesuffix("%").strip(_WRAPPING).rstrip(".").strip()


def numbers(
    texts: Mapping[str, str | None], commas: Commas | None = None
) -> tuple[dict[str, float], dict[str, str]]:
    """The numbers among texts by their names, and what is none; absent values are in neither.

    Args:
        texts: The texts.
        commas: What commas of the same file mean, which learns from these; None: they separate thousands.
    """
    found, odd = {}, {}
    if commas is not None:
        commas.learn(texts.values())
    for name, text in texts.items():
        if text is None or text.strip().lower() in ABSENT:
            continue
        value = number(text) if commas is None else number(text, commas.mean)
        if value is None:
            odd[name] = text
        else:
            found[name] = value
    return found, odd


def flattened(content: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """The values of nested mappings, their keys joined by slashes; lists are left out."""
    for key, value in content.items():
        if isinstance(value, dict):
            yield from flattened(value, f"{before}{key}/")
        elif not isinstance(value, list):
            yield f"{before}{key}", value


def numbers_of(
    content: Mapping[str, Any], commas: Commas | None = None
) -> tuple[dict[str, float], dict[str, str]]:
    """The numbers of a JSON object, flattened, and what is none; true, false, null and lists are in neither. `commas` as of `numbers`."""
    values = dict(flattened(content))
    found, odd = numbers({name: value for name, value in values.items() if isinstance(value, str)}, commas)
    for name, value in values.items():
        if is_number(value):
            try:
                exact = abs(float(value)) >= _FROM_INEXACT and isinstance(value, int)
                found[name] = value if exact else float(value)
            except OverflowError:
                odd[name] = str(value)[:20]
    return found, odd
