"""Spec to trials: a pure function from what the file says to the resolved configs that it stands for."""

from __future__ import annotations

import itertools
import math
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sweeps.config import ConfigError
from sweeps.errors import Place, Problem, SelectionError, SpecError, did_you_mean
from sweeps.fingerprint import fingerprint
from sweeps.spec import overlay, same

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sweeps.source import Value
    from sweeps.spec import Axis, Layer, Setting, Spec, SweepSpec
    from sweeps.trainer import Trainer

MAX_TRIALS = 200_000
"""More trials than this in one sweep are taken for a slip."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One resolved config of a sweep.

    Attributes:
        sweep: The sweep's name.
        name: Readable and unique within the sweep, such as `Cyclical-tfr0.5`.
        settings: What the file and the command line set, each with its origin; defaults are the trainer's.
        axes: The keys that vary in the sweep.
        fingerprint: The identity of the resolved config.
    """

    sweep: str
    name: str
    settings: Layer = field(repr=False)
    axes: tuple[str, ...]
    fingerprint: str

    def config(self, trainer: Trainer) -> dict[str, Value]:
        """The resolved config, flat with dotted keys, the trainer's defaults included."""
        return _resolve(self.settings, trainer)


@dataclass(frozen=True, slots=True)
class Sweep:
    """One sweep of the spec, expanded."""

    spec: SweepSpec
    axes: tuple[str, ...]
    trials: tuple[Trial, ...]

    @property
    def name(self) -> str:
        """The sweep's name."""
        return self.spec.name


def expand(
    spec: Spec,
    trainer: Trainer,
    *,
    profile: str | None = None,
    overrides: Layer | None = None,
    only_sweeps: Sequence[str] = (),
) -> tuple[Sweep, ...]:
    """Expand the sweeps of a spec.

    Args:
        spec: The file.
        trainer: What knows the config's keys.
        profile: Laid over the defaults; None: the one that the file names.
        overrides: Settings that win over everything (`--set`).
        only_sweeps: Names of sweeps to expand; empty: all.

    Raises:
        SpecError: With every problem of the resolved configs, each at the place that set the value.
        SelectionError: The profile or a sweep does not exist.
    """
    chosen = profile if profile is not None else spec.profile
    if chosen is not None and chosen not in spec.profiles:
        known = ", ".join(spec.profiles) or "none"
        raise SelectionError(
            f"--profile {chosen}: {spec.path} has {known}{did_you_mean(chosen, spec.profiles)}"
        )
    names = [sweep.name for sweep in spec.sweeps]
    for name in only_sweeps:
        if name not in names:
            raise SelectionError(
                f"--sweep {name}: {spec.path} has {', '.join(names)}{did_you_mean(name, names)}"
            )
    problems: list[Problem] = []
    expanded = tuple(
        _Expander(spec, sweep, trainer, chosen, overrides or {}, problems).expand()
        for sweep in spec.sweeps
        if not only_sweeps or sweep.name in only_sweeps
    )
    if problems:
        raise SpecError(problems)
    return expanded


class _Expander:
    """One sweep's expansion, with the problems found on the way."""

    def __init__(
        self,
        spec: Spec,
        sweep: SweepSpec,
        trainer: Trainer,
        profile: str | None,
        overrides: Layer,
        problems: list[Problem],
    ) -> None:
        self.sweep = sweep
        self.trainer = trainer
        self.overrides = overrides
        self.problems = problems
        self.base: Layer = dict(spec.defaults)
        if profile is not None:
            overlay(self.base, spec.profiles[profile].settings)
        overlay(self.base, sweep.settings)
        if profile is not None:
            overlay(self.base, spec.profiles[profile].sweeps.get(sweep.name, {}))
        self.used_excludes: set[int] = set()
        self.used_whens: set[int] = set()

    def expand(self) -> Sweep:
        axes = self._axes()
        if not self._size_fits() or not self._overrides_fit(axes):
            return Sweep(self.sweep, axes, ())
        trials: list[Trial] = []
        places: dict[str, str] = {}
        for cell, place in self._cells():
            settings = self._settings(cell, place)
            if settings is None:
                continue
            trial = self._trial(settings, axes, place)
            if trial is None:
                continue
            self._unique(trial, place, places)
            trials.append(trial)
        self._report_unused()
        if not trials and not self.problems:
            message = f"sweeps.{self.sweep.name}: no trial is left; loosen `exclude`"
            self.problems.append(Problem(self.sweep.place, message))
        return Sweep(self.sweep, axes, tuple(trials))

    def _axes(self) -> tuple[str, ...]:
        keys = [axis.key for axis in (*self.sweep.grid, *self.sweep.zipped)]
        keys += [key for layer, _ in self.sweep.include for key in layer]
        keys += [self.sweep.seeds.key] if self.sweep.seeds else []
        return tuple(dict.fromkeys(keys))

    def _size_fits(self) -> bool:
        size = math.prod(len(axis.values) for axis in self.sweep.grid) * self._rows()
        size = (size + len(self.sweep.include)) * (len(self.sweep.seeds.values) if self.sweep.seeds else 1)
        if size <= MAX_TRIALS:
            return True
        message = (
            f"sweeps.{self.sweep.name}: expands to {size:,} trials; at most {MAX_TRIALS:,} are taken in one sweep: "
            "vary fewer keys at once, or split the sweep"
        )
        self.problems.append(Problem(self.sweep.place, message))
        return False

    def _rows(self) -> int:
        return len(self.sweep.zipped[0].values) if self.sweep.zipped else 1

    def _overrides_fit(self, axes: Iterable[str]) -> bool:
        clashes = [key for key in self.overrides if key in axes]
        for key in clashes:
            message = (
                f"sweeps.{self.sweep.name} varies {key}; select with --only {key}=VALUE, or edit the sweep"
            )
            self.problems.append(Problem(self.overrides[key].place, message))
        return not clashes

    def _cells(self) -> Iterator[tuple[Layer, Place]]:
        """The settings that vary, cell by cell; the first grid key varies slowest."""
        plain = not self.sweep.include or self.sweep.grid or self.sweep.zipped
        seeds = self.sweep.seeds
        columns = [_column(axis) for axis in self.sweep.grid]
        if self.sweep.zipped:
            columns.append(
                [tuple((a.key, a.values[row]) for a in self.sweep.zipped) for row in range(self._rows())]
            )
        seeding = _column(seeds) if seeds else [()]
        if plain:
            for picks in itertools.product(*columns, seeding):
                yield dict(itertools.chain.from_iterable(picks)), self.sweep.place
        for layer, place in self.sweep.include:
            for seed in seeding:
                yield {**layer, **dict(seed)}, place

    def _settings(self, cell: Layer, place: Place) -> Layer | None:
        settings = dict(self.base)
        overlay(settings, cell)
        for index, (condition, _) in enumerate(self.sweep.exclude):
            if self._holds(condition, settings) and place == self.sweep.place:
                self.used_excludes.add(index)
                return None
        for index, when in enumerate(self.sweep.when):
            if self._holds(when.condition, settings):
                self.used_whens.add(index)
                overlay(settings, when.settings)
        overlay(settings, self.overrides)
        return settings

    def _holds(self, condition: Mapping[str, tuple[Value, ...]], settings: Layer) -> bool:
        return all(
            any(same(self._value(key, settings), wanted) for wanted in choices)
            for key, choices in condition.items()
        )

    def _value(self, key: str, settings: Layer) -> Value:
        if key in settings:
            return settings[key].value
        return self.trainer.schema.defaults.get(key) if self.trainer.schema else None

    def _trial(self, settings: Layer, axes: tuple[str, ...], place: Place) -> Trial | None:
        try:
            config = _resolve(settings, self.trainer)
            identity = fingerprint(config)
        except ConfigError as error:
            for problem in error.problems:
                self.problems.append(self._located(problem.key, problem.message, settings, place))
            return None
        except ValueError as error:
            self.problems.append(Problem(place, f"sweeps.{self.sweep.name}: {error}"))
            return None
        if self.trainer.spec.command is not None:
            missing = list(self.trainer.missing_keys(config))
            for key, argument_place in missing:
                message = f"trainer.command: {{{key}}} is no key of the config{did_you_mean(key, config)}"
                self.problems.append(Problem(argument_place, message))
            if missing:
                return None
        return Trial(self.sweep.name, _name(settings, axes), settings, axes, identity)

    def _located(self, key: str, message: str, settings: Layer, place: Place) -> Problem:
        setting = settings.get(key) or next((s for k, s in settings.items() if k.startswith(f"{key}.")), None)
        if not key or setting is None:
            name = f"sweeps.{self.sweep.name}"
            return Problem(place, f"{name}{f'.{key}' if key else ''}: {message}")
        path = key if setting.layer == "--set" else f"{setting.layer}.{key}"
        return Problem(setting.place, f"{path}: {message}")

    def _unique(self, trial: Trial, place: Place, seen: dict[str, str]) -> None:
        """Note a trial, or the problem that another of its name or its config stands already."""
        prefix = f"sweeps.{self.sweep.name}"
        if trial.name in seen:
            message = (
                f"{prefix}: two trials are named {trial.name}; give values that differ in letters or digits"
            )
            self.problems.append(Problem(place, message))
        elif trial.fingerprint in seen:
            twin = seen[trial.fingerprint]
            message = f"{prefix}: {trial.name} and {twin} are the same config; exclude one of them"
            self.problems.append(Problem(place, message))
        seen[trial.name] = trial.name
        seen[trial.fingerprint] = trial.name

    def _report_unused(self) -> None:
        prefix = f"sweeps.{self.sweep.name}"
        if self.problems:
            return
        for index, (condition, place) in enumerate(self.sweep.exclude):
            if index not in self.used_excludes:
                told = _told(condition)
                self.problems.append(
                    Problem(place, f"{prefix}.exclude: {told} matches no trial; delete or mend it")
                )
        for index, when in enumerate(self.sweep.when):
            if index not in self.used_whens:
                told = _told(when.condition)
                self.problems.append(
                    Problem(when.place, f"{prefix}.when: {told} matches no trial; delete or mend it")
                )


def _resolve(settings: Layer, trainer: Trainer) -> dict[str, Value]:
    flat = {key: setting.value for key, setting in settings.items()}
    return trainer.schema.resolve(flat) if trainer.schema else flat


def _column(axis: Axis) -> list[tuple[tuple[str, Setting], ...]]:
    return [((axis.key, value),) for value in axis.values]


def _name(settings: Layer, axes: Sequence[str]) -> str:
    """`Cyclical-tfr0.5`: words stand alone, other values behind the last part of their key."""
    parts = []
    for key in axes:
        if key in settings:
            value = settings[key].value
            parts.append(
                value if isinstance(value, str) and value else f"{key.rpartition('.')[2]}{_shown(value)}"
            )
    return re.sub(r"[^A-Za-z0-9._+-]+", "_", "-".join(parts)).strip("_") or "trial"


def _shown(value: Value) -> str:
    if value is None or isinstance(value, bool):
        return f"-{str(value).lower()}" if value is not None else "-null"
    if isinstance(value, list):
        return "_".join(_shown(item) for item in value)
    if isinstance(value, dict):
        return "_".join(f"{key}{_shown(item)}" for key, item in value.items())
    return str(value)


def _told(condition: Mapping[str, tuple[Value, ...]]) -> str:
    return ", ".join(
        f"{key}={'|'.join(_shown(v).strip('-') for v in values)}" for key, values in condition.items()
    )
