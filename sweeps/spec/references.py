"""Values that follow another: with `lr_decay_iters: "{max_iters}"`, a program is given the value of `max_iters` twice.

Only a text that is nothing but `{key}` follows, or an element of a list; any other braces are the text's own.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from sweeps.errors import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from sweeps.spec.yaml_reader import Value

_REFERENCE = re.compile(r"\{([\w-]+(?:\.[\w-]+)*)\}")
_ESCAPED = re.compile(r"\{\{([\w-]+(?:\.[\w-]+)*)\}\}")
_LONGEST_WAY = 100


class Followed(NamedTuple):
    """Values in which each that followed another is that other's value.

    Attributes:
        values: The values.
        wrong: Of each key that cannot follow, the reason.
        changed: The keys whose values were written otherwise.
    """

    values: Mapping[str, Value]
    wrong: Mapping[str, str]
    changed: Collection[str]


def referenced(value: Value) -> str | None:
    """The key that a value follows; None where it is a value of its own."""
    if isinstance(value, str) and value.startswith("{") and (match := _REFERENCE.fullmatch(value)):
        return match[1]
    return None


def references(value: Value) -> list[str]:
    """The keys that a value, or an element of it, follows."""
    if isinstance(value, list):
        return [key for item in value for key in references(item)]
    key = referenced(value)
    return [] if key is None else [key]


def may_follow(value: Value) -> bool:
    """Whether a value, or an element of it, begins as one that follows another does."""
    if isinstance(value, str):
        return value.startswith("{")
    return isinstance(value, list) and any(map(may_follow, value))


def follow(values: Mapping[str, Value], defaults: Mapping[str, Value], own: Collection[str]) -> Followed:
    """Replace each value that follows another by that other's.

    Args:
        values: The values that are set, flat.
        defaults: The values of the other keys, as far as they are known.
        own: Names that stand for something of the trial, where they are no keys: such a text stays.
    """
    written = [key for key, value in values.items() if may_follow(value)]
    if not written:
        return Followed(values, {}, ())
    resolved, wrong = dict(values), {}
    for key in written:
        try:
            resolved[key] = _resolved(key, values, defaults, own, ())
        except _CannotFollowError as error:
            wrong[key] = str(error)
    return Followed(resolved, wrong, [key for key in written if resolved[key] != values[key]])


def end_of(value: Value, value_of: Callable[[str], Value], known: Callable[[str], bool]) -> Value:
    """The value at the end of the way that begins with `value`; where it leads nowhere, what stands there."""
    for _ in range(_LONGEST_WAY):
        key = referenced(value)
        if key is None or not known(key):
            break
        value = value_of(key)
    return value


class _CannotFollowError(Exception):
    """A value names no key, or in the end itself."""


def _resolved(
    key: str,
    values: Mapping[str, Value],
    defaults: Mapping[str, Value],
    own: Collection[str],
    way: tuple[str, ...],
) -> Value:
    if key in way:
        circle = " -> ".join((*way[way.index(key) :], key))
        raise _CannotFollowError(f"follows itself ({circle}); give one of them a value")
    if key not in values:
        return defaults[key]

    def filled(value: Value) -> Value:
        if isinstance(value, list):
            return [filled(item) for item in value]
        name = referenced(value)
        if name is not None and (name in values or name in defaults):
            return _resolved(name, values, defaults, own, (*way, key))
        if name is not None and name not in own:
            hint = did_you_mean(name, [*values, *defaults])
            braces = f"to have the text itself, write {{{{{name}}}}}"
            raise _CannotFollowError(f"{{{name}}} is no key of the config{hint}; {braces}")
        is_escaped = isinstance(value, str) and _ESCAPED.fullmatch(value) is not None
        return value[1:-1] if is_escaped else value  # type: ignore[index]

    return filled(values[key])
