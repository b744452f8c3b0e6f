"""Settings: values with the place that set them, in layers of dotted keys, and when two of them are the same.

A key with a value and keys below it (`optim`, `optim.lr`) exclude each other, but in a file whose program has groups: there
the word `sgd` of `optim` chooses an option of the group, and `optim.lr` is a key of that option (`is_choice`, `groups`).
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any, TypeAlias

from sweeps.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from sweeps.errors import Place
    from sweeps.spec.yaml_reader import Value

_KEY = re.compile(r"[\w-]+(\.[\w-]+)*")


@dataclass(frozen=True, slots=True)
class Setting:
    """One value and where it comes from.

    Attributes:
        value: The value.
        layer: What set it: `defaults`, `profiles.quick`, `sweeps.a.grid`, `--set`.
        place: Where the value stands.
        key_place: Where its key stands; None: where the value does.
        written: Of a value that follows another, what the file has: `{seed}`; None: the value itself.
    """

    value: Value
    layer: str
    place: Place
    key_place: Place | None = None
    written: Value = None

    def told(self, key: str, wrong: str) -> Problem:
        """What is wrong with it, at its key's place; `seeds` says a key itself."""
        where = self.layer if self.layer.endswith("seeds") else f"{self.layer}.{key}"
        return Problem(self.key_place or self.place, f"{where}: {wrong}")


Layer: TypeAlias = dict[str, Setting]
Condition: TypeAlias = "dict[str, tuple[Value, ...]]"


@dataclass(frozen=True, slots=True)
class Axis:
    """One key and the values that it takes in turn."""

    key: str
    values: tuple[Setting, ...]
    place: Place


class KeySet:
    """Dotted keys, of which none may be another or hold it; however many there are, each is looked up at once.

    Args:
        groups: Whether a key that is only ever a choice may hold others.
    """

    def __init__(self, *, groups: bool = False) -> None:
        self._groups = groups
        self._keys: set[str] = set()
        self._plain: set[str] = set()
        self._holding: dict[str, str] = {}

    def twin(self, key: str, values: Iterable[Value] = ()) -> str | None:
        """The key of this set that excludes `key`: that is it, holds it or stands in it; None where there is none.

        Args:
            key: The key.
            values: Those that it is to have.
        """
        if key in self._keys:
            return key
        below = None if self._are_choices(values) else self._holding.get(key)
        return next((upper for upper in uppers(key) if upper in self._plain), below)

    def add(self, key: str, values: Iterable[Value] = ()) -> None:
        """Add a key that has no twin."""
        self._keys.add(key)
        if not self._are_choices(values):
            self._plain.add(key)
        for upper in uppers(key):
            self._holding.setdefault(upper, key)

    def _are_choices(self, values: Iterable[Value]) -> bool:
        found = list(values)
        return self._groups and bool(found) and all(map(is_choice, found))


def is_choice(value: Value) -> bool:
    """Whether a value can choose of a group, as a word does, and a list of words."""
    if isinstance(value, list):
        return bool(value) and all(isinstance(item, str) for item in value)
    return isinstance(value, str)


def overlay(base: Layer, over: Mapping[str, Setting], *, groups: bool = False) -> None:
    """Lay `over` on `base` in place; a setting replaces its own key, and whatever stood above or below it.

    Args:
        base: What is replaced.
        over: What replaces it.
        groups: Whether a choice stays above the keys below it, and leaves them there.
    """
    holding = {upper for key in base if "." in key for upper in uppers(key)}
    for key, setting in over.items():
        if key not in base or groups:
            for upper in uppers(key):
                if upper in base and not (groups and is_choice(base[upper].value)):
                    del base[upper]
            if key in holding and not (groups and is_choice(setting.value)):
                for lower in [other for other in base if other.startswith(f"{key}.")]:
                    del base[lower]
            holding.update(uppers(key))
        base[key] = setting


def in_order(keys: Iterable[str]) -> list[str]:
    """Keys as they are written, but each behind the key that holds it."""
    ordered: dict[str, None] = {}
    written = dict.fromkeys(keys)
    for key in written:
        ordered.update(dict.fromkeys(upper for upper in uppers(key) if upper in written))
        ordered[key] = None
    return list(ordered)


def uppers(key: str) -> list[str]:
    """What holds a dotted key, the outermost first: `a` and `a.b` of `a.b.c`."""
    if "." not in key:
        return []
    parts = key.split(".")
    return [".".join(parts[:at]) for at in range(1, len(parts))]


def nest(flat: Mapping[str, Value]) -> dict[str, Any]:
    """`{"data.name": "folder"}` to `{"data": {"name": "folder"}}`."""
    nested: dict[str, Any] = {}
    for dotted, value in flat.items():
        if "." not in dotted:
            nested[dotted] = value
            continue
        *parents, last = dotted.split(".")
        level = nested
        for parent in parents:
            level = level.setdefault(parent, {})
        level[last] = value
    return nested


def flatten(nested: Mapping[str, Any], prefix: str = "") -> dict[str, Value]:
    """`{"data": {"name": "folder"}}` to `{"data.name": "folder"}`; an empty mapping stays a value."""
    if not prefix and dict not in map(type, nested.values()):
        return dict(nested)  # most configs have no groups
    flat: dict[str, Value] = {}
    for key, value in nested.items():
        if type(value) is dict and value:
            flat.update(flatten(value, f"{prefix}{key}."))
        else:
            flat[prefix + key] = value
    return flat


def is_key(text: str) -> bool:
    """Whether a text is a dotted key that a trainer and MLflow's params can take."""
    return _KEY.fullmatch(text) is not None


def overlaps(one: str, other: str) -> bool:
    """Whether two dotted keys are the same, or one holds the other: `data` and `data.name`."""
    return one == other or holds_key(one, other) or holds_key(other, one)


def holds_key(one: str, other: str) -> bool:
    """Whether a dotted key stands above another: `data` above `data.name`."""
    return other.startswith(f"{one}.")


def same(one: Value, other: Value) -> bool:
    """Whether two settings are the same value: 1 equals 1.0, true does not equal 1."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, float) and isinstance(other, float) and math.isnan(one):
        return math.isnan(other)
    return one == other


def identity(value: Value) -> str:
    """A text that two values share exactly if they are the same: 1 and 1.0 do, 1 and true do not."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, list):
        return f"[{','.join(map(identity, value))}]"
    return repr(value)


class ConditionIndex:
    """Conditions of which the first that holds is found without trying each, as there may be thousands.

    Args:
        conditions: In the order in which they count.
    """

    _MOST_COMBINATIONS = 1000
    """A condition on lists whose product is larger is tried as it stands."""

    def __init__(self, conditions: Iterable[Condition]) -> None:
        self._by_keys: dict[tuple[str, ...], dict[tuple[str, ...], int]] = {}
        self._others: list[tuple[int, Condition]] = []
        for position, condition in enumerate(conditions):
            if math.prod(map(len, condition.values())) > self._MOST_COMBINATIONS:
                self._others.append((position, condition))
                continue
            known = self._by_keys.setdefault(tuple(condition), {})
            for combination in product(
                *([identity(value) for value in choices] for choices in condition.values())
            ):
                known.setdefault(combination, position)

    def first_held(self, value_of: Callable[[str], Value]) -> int | None:
        """The position of the first condition that holds, or None."""
        held = [
            position
            for keys, known in self._by_keys.items()
            if (position := known.get(tuple([identity(value_of(key)) for key in keys]))) is not None
        ]
        first = min(held, default=None)
        for position, condition in self._others:
            if (first is None or position < first) and holds(condition, value_of):
                return position
        return first


def holds(condition: Condition, value_of: Callable[[str], Value]) -> bool:
    """Whether every key has one of its values."""
    for key, choices in condition.items():
        value = value_of(key)
        if not any(same(value, choice) for choice in choices):
            return False
    return True
