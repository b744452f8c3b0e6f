"""Leaves out of the record what only repeats a setting of the trial, such as a column `lr` that has its value in every row."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from sweeps.spec.fields import is_number
from sweeps.spec.trainer.source_model import FILES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from sweeps.spec.trainer.source_model import Source
    from sweeps.spec.yaml_reader import Value

_MOST_HELD = 1000
_NEAR = 1e-6


def settings_by_name(config: Mapping[str, Value]) -> dict[str, list[float]]:
    """The settings that are numbers, by what a column of one may be called: `lr` and `optim_lr` of `optim.lr`."""
    found: dict[str, list[float]] = {}
    for key, value in config.items():
        if is_number(value):
            for name in dict.fromkeys((_plain(key), _plain(key.rpartition(".")[2]))):
                found.setdefault(name, []).append(float(value))
    return found


class SettingColumns:
    """Knows which numbers of lines and rows are settings.

    A name is a setting's as long as each of its values is the setting's. What has another value once, as a learning rate that
    a schedule changes, is a metric, and what was left out of it comes back.

    Args:
        settings: What `settings_by_name` gave.
        kept: Names that are metrics whatever their values.

    Attributes:
        left_out: The names that are left out, each with the source that has it.
    """

    def __init__(self, settings: Mapping[str, Sequence[float]], kept: Collection[str]) -> None:
        self._settings = settings
        self._kept = set(kept)
        self._held: dict[str, dict[int, float]] = {}
        self.left_out: dict[str, str] = {}

    def repeats(self, source: Source, name: str, step: int | None, value: float) -> bool:
        """Whether a value is a setting's; what is held of its name is to be released otherwise."""
        if name in self._kept or source.kind not in ("stdout", *FILES):
            return False
        known = self._settings.get(_plain(name), ())
        if not any(math.isclose(value, setting, rel_tol=_NEAR) for setting in known):
            self._kept.add(name)
            return False
        self.left_out.setdefault(name, source.label)
        held = self._held.setdefault(name, {})
        if step is not None and len(held) < _MOST_HELD:
            held[step] = value
        return True

    def released(self, name: str) -> Iterator[tuple[int, float]]:
        """The steps and values of a name that turns out to be a metric."""
        self.left_out.pop(name, None)
        yield from self._held.pop(name, {}).items()

    def notes(self) -> list[str]:
        """Which names are left out, a sentence for each source."""
        sources = dict.fromkeys(self.left_out.values())
        return [
            _note(source, [name for name, own in self.left_out.items() if own == source])
            for source in sources
        ]


def _note(source: str, names: Sequence[str]) -> str:
    named = ", ".join(map(repr, names))
    what = (
        "has the value of the setting, and is"
        if len(names) == 1
        else "have the values of the settings, and are"
    )
    return f"{source}: {named} {what} no metric; `rename: {{{names[0]}: {names[0]}}}` records {names[0]!r}"


def _plain(name: str) -> str:
    return re.sub(r"\W+", "_", name.lower())
