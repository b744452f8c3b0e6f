"""Whether a value is of another type than the one that stands where it is to stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sweeps.spec.fields import is_number

if TYPE_CHECKING:
    from sweeps.spec.yaml_reader import Value


def other_type(usual: Value, value: Value, *, exactly: bool) -> str:
    """What a value should be, such as `int, like 5`; empty: it is, or may be.

    Args:
        usual: The value that is known to fit; of none, and of a text where that is not exactly asked for, nothing is known.
        value: The other value.
        exactly: Whether a whole number is another type than one with a fraction, and a text than anything else.
    """
    is_known = (
        isinstance(usual, bool | int | float | str)
        if exactly
        else isinstance(usual, bool | int | float | list)
    )
    if not is_known or (value is None and not exactly):
        return ""
    is_other = type(value) is not type(usual)
    if not exactly and is_number(usual):
        is_other = not is_number(value)
    if not is_other:
        return ""
    name = "a number" if not exactly and is_number(usual) else type(usual).__name__
    return f"{name}, like {usual!r}"
