"""Settings: values with the place that set them, in layers of dotted keys, and when two of them are the same."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from sweeps.spec.yaml_reader import Value

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sweeps.errors import Place

_KEY = re.compile(r"[\w-]+(\.[\w-]+)*")


@dataclass(frozen=True, slots=True)
class Setting:
    """One value and where it comes from.

    Attributes:
        value: The value.
        layer: What set it: `defaults`, `profiles.quick`, `sweeps.a.grid`, `--set`.
        place: Where the value stands.
        key_place: Where its key stands; None: where the value does.
    """

    value: Value
    layer: str
    place: Place
    key_place: Place | None = None


Layer: TypeAlias = dict[str, Setting]
Condition: TypeAlias = dict[str, tuple[Value, ...]]


@dataclass(frozen=True, slots=True)
class Axis:
    """One key and the values that it takes in turn."""

    key: str
    values: tuple[Setting, ...]
    place: Place


def overlay(base: Layer, over: Mapping[str, Setting]) -> None:
    """Lay `over` on `base` in place; a setting replaces its own key and whatever stood above or below it."""
    for key, setting in over.items():
        if key not in base:
            parts = key.split(".")
            for upper in (".".join(parts[:i]) for i in range(1, len(parts))):
                base.pop(upper, None)
            for lower in [other for other in base if other.startswith(key + ".")]:
                del base[lower]
        base[key] = setting


def is_key(text: str) -> bool:
    """Whether a text is a dotted key that a trainer and MLflow's params can take."""
    return _KEY.fullmatch(text) is not None


def overlaps(one: str, other: str) -> bool:
    """Whether two dotted keys are the same, or one holds the other: `data` and `data.name`."""
    return one == other or one.startswith(f"{other}.") or other.startswith(f"{one}.")


def same(one: Value, other: Value) -> bool:
    """Whether two settings are the same value: 1 equals 1.0, true does not equal 1."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, float) and isinstance(other, float) and math.isnan(one):
        return math.isnan(other)
    return one == other


def holds(condition: Condition, value_of: Callable[[str], Value]) -> bool:
    """Whether every key has one of its values."""
    for key, choices in condition.items():
        value = value_of(key)
        if not any(same(value, choice) for choice in choices):
            return False
    return True
