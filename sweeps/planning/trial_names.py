"""Readable names of trials, from the values that vary."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sweeps.spec.settings import Layer
    from sweeps.spec.yaml_reader import Value

_OTHER = re.compile(r"[^A-Za-z0-9._+-]+")


def trial_name(settings: Layer, axes: Sequence[str]) -> str:
    """`Cyclical-tfr0.5`: words stand alone, other values behind the last part of their key."""
    parts = []
    for key in axes:
        if key in settings:
            value = settings[key].value
            is_word = isinstance(value, str) and value
            parts.append(str(value) if is_word else f"{key.rpartition('.')[2]}{shown(value)}")
    return _OTHER.sub("_", "-".join(parts)).strip("_") or "trial"


def shown(value: Value) -> str:
    """A value as it stands behind its key: `0.5`, `-true`, `2_5` for a list."""
    if value is None:
        return "-null"
    if isinstance(value, bool):
        return f"-{str(value).lower()}"
    if isinstance(value, list):
        return "_".join(shown(item) for item in value)
    if isinstance(value, dict):
        return "_".join(f"{key}{shown(item)}" for key, item in value.items())
    return str(value)
