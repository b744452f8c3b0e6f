"""Merges the layers of a sweep's settings, and applies the conditions of `when`.

Later layers win: the trainer's defaults < `defaults` < the profile < the sweep's `set` < the profile's settings for the
sweep < what the sweep varies (`grid`, `zip`, `include`, `seeds`, `search`) < `when` < `--set`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sweeps.spec.references import end_of
from sweeps.spec.settings import holds, overlay

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sweeps.spec.model import Spec, SweepSpec, When
    from sweeps.spec.settings import Condition, ConditionIndex, Layer, Setting
    from sweeps.spec.yaml_reader import Value


@dataclass(frozen=True, slots=True)
class Layers:
    """The layers of one sweep, below and above what it varies.

    Attributes:
        base: What all trials of the sweep start from, `--set` included.
        overrides: The settings of `--set`, which win over `when` too.
        whens: The sweep's `when` entries.
        defaults: The trainer's defaults, as far as they are known.
        follows: Whether a value may follow another.
        groups: Whether a word may choose of a group, with keys of the group beside it.
    """

    base: Layer
    overrides: Layer
    whens: tuple[When, ...]
    defaults: Mapping[str, Value]
    follows: bool = False
    groups: bool = False

    @classmethod
    def of(
        cls,
        spec: Spec,
        sweep: SweepSpec,
        *,
        defaults: Mapping[str, Value],
        profile: str | None,
        overrides: Layer,
    ) -> Layers:
        """The layers of a sweep.

        Args:
            spec: The file.
            sweep: One of its sweeps.
            defaults: The trainer's defaults.
            profile: The name of the profile in force, or None.
            overrides: The settings of `--set`.
        """
        base: Layer = dict(spec.defaults)
        groups = spec.trainer.has_groups
        if profile is not None:
            overlay(base, spec.profiles[profile].settings, groups=groups)
        overlay(base, sweep.settings, groups=groups)
        if profile is not None:
            overlay(base, spec.profiles[profile].sweeps.get(sweep.name, {}), groups=groups)
        overlay(base, overrides, groups=groups)
        return cls(
            base, overrides, sweep.when, defaults, follows=spec.trainer.command is not None, groups=groups
        )

    def with_layer(self, *layers: Mapping[str, Setting]) -> Layer:
        """The base with further layers laid over it; `when` is not applied yet."""
        settings = dict(self.base)
        for layer in layers:
            overlay(settings, layer, groups=self.groups)
        return settings

    def with_whens(self, settings: Layer) -> tuple[Layer, tuple[int, ...]]:
        """The settings with those of each `when` that holds; a later `when` sees what an earlier one set.

        Returns:
            The settings, and the positions of the `when` entries that held.
        """
        held: list[int] = []
        for position, when in enumerate(self.whens):
            if self.hold(when.condition, settings):
                settings = dict(settings)
                overlay(settings, when.settings, groups=self.groups)
                overlay(settings, self.overrides, groups=self.groups)
                held.append(position)
        return settings, tuple(held)

    def first_held(self, conditions: ConditionIndex, settings: Layer) -> int | None:
        """The position of the first condition that holds, or None."""
        return conditions.first_held(lambda key: self.value_of(key, settings))

    def hold(self, condition: Condition, settings: Layer) -> bool:
        """Whether a condition holds for a trial of these settings."""
        return holds(condition, lambda key: self.value_of(key, settings))

    def value_of(self, key: str, settings: Layer) -> Value:
        """The value of a key: as set, else the trainer's default, else None."""

        def written(name: str) -> Value:
            return settings[name].value if name in settings else self.defaults.get(name)

        value = written(key)
        if self.follows and isinstance(value, str):
            return end_of(value, written, lambda name: name in settings or name in self.defaults)
        return value

    def fixed(self, key: str) -> Value:
        """The value of a key that the sweep does not vary."""
        return self.value_of(key, self.base)
