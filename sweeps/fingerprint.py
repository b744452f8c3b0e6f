"""The identity of a trial: a hash of what changes its result, and of nothing else."""

from __future__ import annotations

import hashlib
import json
import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sweeps.source import Value

SCHEME = "s1"
"""Version of the scheme below; a change of the scheme changes this, and with it every fingerprint."""

OPERATIONAL = frozenset({"device", "num_workers", "log_every", "log_level", "verbose"})
"""Keys that change how a trial runs, not what it finds; matched on the last part of a dotted key."""


def canonical(value: Value) -> Value:
    """A value as identity sees it: whole floats are integers (1.0 is 1), and -0.0 is 0.

    Raises:
        ValueError: The value is not finite, so that it would not equal itself.
    """
    if isinstance(value, float):
        if not math.isfinite(value):
            message = f"{value} cannot be part of a config's identity"
            raise ValueError(message)
        return int(value) if value.is_integer() else value
    if isinstance(value, dict):
        return {key: canonical(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [canonical(inner) for inner in value]
    return value


_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False).encode


def fingerprint(config: Mapping[str, Value]) -> str:
    """The fingerprint of a resolved config, flat with dotted keys: the scheme and 16 hex digits.

    Key order never matters, 1 equals 1.0, and operational keys are left out.

    Raises:
        ValueError: A value is NaN or infinite.
    """
    identity = {key: canonical(value) for key, value in config.items() if _counts(key)}
    return f"{SCHEME}-{hashlib.sha256(_encode(identity).encode()).hexdigest()[:16]}"


def _counts(key: str) -> bool:
    return key.rpartition(".")[2] not in OPERATIONAL
