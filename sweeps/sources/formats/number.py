"""Reads numbers as programs print them, and flattens nested values."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeGuard

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ABSENT = frozenset({"", "none", "null", "-", "--"})
"""What stands, in small letters, where there is no value."""
_TENSOR = re.compile(r"tensor\(\[?([^,\])]+).*")
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?")
_FORTRAN = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+))[dD]([+-]?\d+)")
_WRAPPING = "()[]{}<>,;:|'\"*="


def number(text: str) -> float | None:
    r"""The number that a text says; None where it says none.

    `nan` and `inf` are numbers; `12%` is 12; `1,234.5` is 1234.5; brackets and punctuation around it do not count, as
    `\\S+` takes them along; `tensor(0.5)` is 0.5; Fortran's `1.5D+02` is 150; `0,5` and `12ms` are none.
    """
    plain = text.strip()
    try:
        return float(plain)
    except ValueError:
        pass
    if wrapped := _TENSOR.fullmatch(plain.strip("[]{},;:")):
        plain = wrapped[1]
    plain = plain.strip(_WRAPPING).removesuffix("%").strip(_WRAPPING).rstrip(".").strip()
    if _THOUSANDS.fullmatch(plain):
        plain = plain.replace(",", "")
    if fortran := _FORTRAN.fullmatch(plain):
        plain = f"{fortran[1]}e{fortran[2]}"
    try:
        return float(plain)
    except ValueError:
        return None


def numbers(texts: Mapping[str, str | None]) -> tuple[dict[str, float], dict[str, str]]:
    """The numbers among texts by their names, and what is none; absent values are in neither."""
    found, odd = {}, {}
    for name, text in texts.items():
        if text is None or text.strip().lower() in ABSENT:
            continue
        value = number(text)
        if value is None:
            odd[name] = text
        else:
            found[name] = value
    return found, odd


def is_number(value: object) -> TypeGuard[int | float]:
    """Whether a value of JSON is a number; true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def flattened(content: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """The values of nested mappings, their keys joined by slashes; lists are left out."""
    for key, value in content.items():
        if isinstance(value, dict):
            yield from flattened(value, f"{before}{key}/")
        elif not isinstance(value, list):
            yield f"{before}{key}", value


def numbers_of(content: Mapping[str, Any]) -> tuple[dict[str, float], dict[str, str]]:
    """The numbers of a JSON object, flattened, and what is none; true, false, null and lists are in neither."""
    found: dict[str, float] = {}
    odd: dict[str, str] = {}
    for name, value in flattened(content):
        if isinstance(value, str):
            one, other = numbers({name: value})
            found |= one
            odd |= other
        elif is_number(value):
            try:
                found[name] = float(value)
            except OverflowError:
                odd[name] = str(value)[:20]
    return found, odd
