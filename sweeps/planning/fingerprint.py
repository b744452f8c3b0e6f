"""Computes the identity of a trial: a hash of what changes its result, and of nothing else."""

from __future__ import annotations

import hashlib
import json
import math
from itertools import compress, count
from operator import is_not
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sweeps.spec.yaml_reader import Value

SCHEME = "s1"
"""Version of the scheme below; a change of the scheme changes this, and with it every fingerprint."""

OPERATIONAL = frozenset(
    {"compile", "cuda_graph", "device", "num_workers", "log_every", "log_level", "verbose"}
)
"""Keys that change how a trial runs, not what it finds; matched on the last part of a dotted key."""


_quoted = json.encoder.encode_basestring_ascii


def canonical(value: Value) -> str:
    """A value as identity sees it, as JSON: 1.0 is 1, -0.0 is 0, and keys are sorted.

    Raises:
        ValueError: The value is not finite, so that it would not equal itself.
    """
    if isinstance(value, dict):
        return f"{{{','.join(_member(key, value[key]) for key in sorted(value))}}}"
    if isinstance(value, list | tuple):
        return f"[{','.join(map(canonical, value))}]"
    if isinstance(value, float):
        if not math.isfinite(value):
            message = f"{value} cannot be part of a config's identity"
            raise ValueError(message)
        return str(int(value)) if value.is_integer() else repr(value)
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return _quoted(value) if isinstance(value, str) else str(value)


def is_finite(value: Value) -> bool:
    """Whether a value can be part of an identity."""
    try:
        canonical(value)
    except ValueError:
        return False
    return True


def fingerprint(config: Mapping[str, Value]) -> str:
    """The fingerprint of a resolved config, flat with dotted keys: the scheme and 16 hex digits.

    Key order never matters, 1 equals 1.0, and operational keys are left out.

    Raises:
        ValueError: A value is NaN or infinite.
    """
    return Fingerprinter().fingerprint(config)


class Fingerprinter:
    """Makes the fingerprints of many configs; what is the same as in the config before is not written again.

    Args:
        left_out: Settings that are no part of the identity where they have this value.
    """

    def __init__(self, left_out: Mapping[str, Value] | None = None) -> None:
        self._left_out = frozenset(_member(key, value) for key, value in (left_out or {}).items())
        self._keys: tuple[str, ...] = ()
        self._values: list[Value] = []
        self._members: list[str] = []
        self._positions: list[int | None] = []

    def fingerprint(self, config: Mapping[str, Value]) -> str:
        """As the function `fingerprint`."""
        keys, values = tuple(config), list(config.values())
        if keys == self._keys:
            positions, members = self._positions, self._members.copy()
            for at in compress(count(), map(is_not, values, self._values)):
                if (position := positions[at]) is not None:
                    members[position] = _member(keys[at], values[at])
        else:
            ordered = sorted(key for key in keys if counts(key))
            members = [_member(key, config[key]) for key in ordered]
            position_of = {key: position for position, key in enumerate(ordered)}
            positions = [position_of.get(key) for key in keys]
        self._keys, self._values, self._members, self._positions = keys, values, members, positions
        if self._left_out:
            members = [member for member in members if member not in self._left_out]
        identity = f"{{{','.join(members)}}}"
        return f"{SCHEME}-{hashlib.sha256(identity.encode()).hexdigest()[:16]}"


def counts(key: str) -> bool:
    """Whether a dotted key is part of the identity."""
    return key.rpartition(".")[2] not in OPERATIONAL


def _member(key: str, value: Value) -> str:
    """One member of a JSON object: `"tfr":0.5`."""
    return f"{_quoted(key)}:{canonical(value)}"
