"""A trial: one resolved config of a sweep, with its readable name."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sweeps.rundir.store_limits import MAX_NAME
from sweeps.spec.sweep_parser import SEED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sweeps.spec.settings import Setting
    from sweeps.spec.yaml_reader import Value

_OTHER = re.compile(r"[^A-Za-z0-9._+-]+")


@dataclass(frozen=True, slots=True)
class Trial:
    """One resolved config of a sweep.

    Attributes:
        sweep: The sweep's name.
        name: Readable and unique within the sweep, such as `Cyclical-tfr0.5`.
        settings: What the file and the command line set, each with its origin; the trainer's defaults are not in it.
        axes: The keys that vary in the sweep.
        fingerprint: The identity of the resolved config.
        config: The resolved config, flat with dotted keys, the trainer's defaults included. Read-only.
    """

    sweep: str
    name: str
    settings: Mapping[str, Setting] = field(repr=False)
    axes: tuple[str, ...]
    fingerprint: str
    config: Mapping[str, Value] = field(repr=False, compare=False)

    @property
    def setting(self) -> tuple[tuple[str, str], ...]:
        """What tells it from the sweep's other trials but for the seed: the repeats of a setting have it in common."""
        return tuple(
            (key, repr(self.settings[key].value)) for key in self.axes if key != SEED and key in self.settings
        )

    @property
    def setting_name(self) -> str:
        """Its name without the seed; of a trial that is not repeated, its name."""
        if SEED not in self.axes:
            return self.name
        return trial_name(self.settings, [key for key in self.axes if key != SEED])


def trial_name(settings: Mapping[str, Setting], axes: Sequence[str]) -> str:
    """`Cyclical-tfr0.5`: words stand alone, other values behind the last part of their key; 250 characters at most."""
    parts = []
    for key in axes:
        if key in settings:
            value = settings[key].value
            is_word = isinstance(value, str) and value
            parts.append(str(value) if is_word else f"{key.rpartition('.')[2]}{shown(value)}")
    name = _OTHER.sub("_", "-".join(parts)).strip("_") or "trial"
    if len(name) <= MAX_NAME:
        return name
    # Cut where a database would refuse it; the digest keeps apart what only differs behind the cut.
    digest = hashlib.sha256("-".join(parts).encode("utf-8", "backslashreplace")).hexdigest()[:8]
    return f"{name[: MAX_NAME - len(digest) - 1]}-{digest}"


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
