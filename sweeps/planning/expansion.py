"""Spec to trials: a pure function from what the file says to the resolved configs that it stands for."""

from __future__ import annotations

import gc
import itertools
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sweeps.errors import Place, Problem, SelectionError, SpecError, did_you_mean
from sweeps.planning.fingerprint import counts, fingerprint, is_finite
from sweeps.planning.search_trials import SearchTrials, probes
from sweeps.planning.trial_names import trial_name
from sweeps.planning.validation import condition_problems, profile_problems, size_problems
from sweeps.spec.settings import holds, overlaps, overlay, same
from sweeps.spec.yaml_reader import describe
from sweeps.trainer.config_schema import ConfigError, ConfigProblem

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sweeps.spec.model import Spec, SweepSpec
    from sweeps.spec.settings import Axis, Layer, Setting
    from sweeps.spec.yaml_reader import Value
    from sweeps.trainer.loader import Trainer

MAX_TOLD = 50
"""After so many different problems of one sweep the rest is left for the next check."""


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
    """One sweep of the spec, expanded.

    Attributes:
        spec: What the file says.
        axes: The keys that vary.
        trials: The trials; of a search, those that the record has.
        search: What makes trials of suggestions, for a search.
    """

    spec: SweepSpec
    axes: tuple[str, ...]
    trials: tuple[Trial, ...]
    search: SearchTrials | None = field(default=None, repr=False, compare=False)

    @property
    def name(self) -> str:
        """The sweep's name."""
        return self.spec.name

    @property
    def size(self) -> int:
        """How many trials there are to be."""
        return len(self.trials) if self.search is None else self.search.spec.total


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
    problems = list(profile_problems(spec, trainer, chosen))
    expanders = [
        _Expander(spec, sweep, trainer, chosen, overrides or {}, problems)
        for sweep in spec.sweeps
        if not only_sweeps or sweep.name in only_sweeps
    ]
    if too_large := list(size_problems([expander.sweep for expander in expanders])):
        raise SpecError([*problems, *too_large])
    with _collector_paused():
        expanded = tuple(expander.expand() for expander in expanders)
    if problems:
        raise SpecError(problems)
    return expanded


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Trials are kept, and hold no cycles: looking for garbage among them again and again only costs time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


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
        self.where = f"sweeps.{sweep.name}"
        self.axes = _axes(sweep)
        self._trainer = trainer
        self._overrides = overrides
        self._problems = problems
        self._base: Layer = dict(spec.defaults)
        if profile is not None:
            overlay(self._base, spec.profiles[profile].settings)
        overlay(self._base, sweep.settings)
        if profile is not None:
            overlay(self._base, spec.profiles[profile].sweeps.get(sweep.name, {}))
        overlay(self._base, overrides)
        self._used: set[int] = set()
        self._bad: set[int] = set()
        self._tried: set[int] = set()
        self._names: dict[str, Trial] = {}
        self._fingerprints: dict[str, Trial] = {}

    def expand(self) -> Sweep:
        if not self._overrides_fit():
            return Sweep(self.sweep, self.axes, ())
        told_before = len(self._problems)
        trials: list[Trial] = []
        for settings, place in self._cells():
            if self._bad and self._brings_nothing_new(settings):
                continue
            trial = self._trial(settings, place)
            if trial is not None and (self.sweep.search is not None or self._is_unique(trial, place)):
                trials.append(trial)
            if len(self._problems) - told_before > MAX_TOLD:
                self._tell(
                    self.sweep.place, f"has more problems than the {MAX_TOLD} told here; mend these first"
                )
                return Sweep(self.sweep, self.axes, ())
        for problem in condition_problems(
            self.sweep, self._trainer.schema, self._used, lambda key: self._value(key, self._base)
        ):
            self._add(problem)
        if not trials and len(self._problems) == told_before:
            self._tell(self.sweep.place, "no trial is left; loosen `exclude`")
        if self.sweep.search is None:
            return Sweep(self.sweep, self.axes, tuple(trials))
        example = trials[0].fingerprint if trials else ""
        searching = SearchTrials(self.sweep, self.sweep.search, self, example, self._trainer.spec.epochs)
        self._problems.extend(searching.problems())
        return Sweep(self.sweep, self.axes, (), searching)

    def searched(self, layer: Layer, place: Place) -> Trial:
        """The trial of a search that has these settings.

        Raises:
            SpecError: The trainer's config refuses them together.
        """
        settings = dict(self._base)
        overlay(settings, layer)
        before = len(self._problems)
        trial = self._trial(self._with_whens(settings), place)
        if trial is None:
            told = self._problems[before:]
            del self._problems[before:]
            raise SpecError(told)
        return trial

    def fixed(self, key: str) -> Value:
        """The value of a key that the sweep does not vary."""
        return self._value(key, self._base)

    def _tell(self, place: Place, message: str) -> None:
        self._add(Problem(place, f"{self.where}: {message}"))

    def _add(self, problem: Problem) -> None:
        if problem not in self._problems:
            self._problems.append(problem)

    def _overrides_fit(self) -> bool:
        clashes = [(key, axis) for key in self._overrides for axis in self.axes if overlaps(key, axis)]
        for key, axis in clashes:
            message = f"{self.where} varies {axis}; select with --only {axis}=VALUE, or edit the sweep"
            self._add(Problem(self._overrides[key].place, message))
        return not clashes

    def _cells(self) -> Iterator[tuple[Layer, Place]]:
        """The settings of each trial and the place they come from; the first grid key varies slowest.

        Of a search: settings that show between them every bound, every choice and every starting point.
        """
        if self.sweep.search is not None:
            for layer, place in probes(self.sweep.search, self.fixed):
                settings = dict(self._base)
                overlay(settings, layer)
                yield self._with_whens(settings), place
            return
        seeding = _column(self.sweep.seeds) if self.sweep.seeds else [()]
        columns = [_column(axis) for axis in self.sweep.grid]
        if self.sweep.zipped:
            rows = zip(*(_column(axis) for axis in self.sweep.zipped), strict=True)
            columns.append([tuple(itertools.chain.from_iterable(row)) for row in rows])
        if columns or not self.sweep.include:
            varied = {key for key, *_ in itertools.chain.from_iterable(c[0] for c in (*columns, seeding))}
            base = {k: s for k, s in self._base.items() if not any(overlaps(k, axis) for axis in varied)}
            for picks in itertools.product(*columns, seeding):
                settings = {**base, **dict(itertools.chain.from_iterable(picks))}
                if not self._is_excluded(settings):
                    yield self._with_whens(settings), self.sweep.place
        for layer, place in self.sweep.include:
            for seed in seeding:
                settings = dict(self._base)
                overlay(settings, layer)
                overlay(settings, dict(seed))
                yield self._with_whens(settings), place

    def _is_excluded(self, settings: Layer) -> bool:
        for condition, _ in self.sweep.exclude:
            if holds(condition, lambda key: self._value(key, settings)):
                self._used.add(id(condition))
                return True
        return False

    def _with_whens(self, settings: Layer) -> Layer:
        for when in self.sweep.when:
            if holds(when.condition, lambda key: self._value(key, settings)):
                self._used.add(id(when.condition))
                overlay(settings, when.settings)
                overlay(settings, self._overrides)
        return settings

    def _value(self, key: str, settings: Layer) -> Value:
        if key in settings:
            return settings[key].value
        return self._trainer.schema.defaults.get(key) if self._trainer.schema else None

    def _brings_nothing_new(self, settings: Layer) -> bool:
        """Whether a cell repeats a wrong setting, and has no setting that was not tried yet."""
        ids = {id(setting) for setting in settings.values()}
        nothing_new = not self._bad.isdisjoint(ids) and ids <= self._tried
        self._tried |= ids
        return nothing_new

    def _trial(self, settings: Layer, place: Place) -> Trial | None:
        try:
            config = _resolve(settings, self._trainer)
            identity = fingerprint(config)
        except ConfigError as error:
            for problem in error.problems:
                self._add(self._located(problem, settings, place))
                if problem.key in settings:
                    self._bad.add(id(settings[problem.key]))
            return None
        except ValueError:
            for key, setting in settings.items():
                if not is_finite(setting.value):
                    told = describe(setting.value)
                    told = (
                        f"{told} is not"
                        if told in {"nan", "inf", "-inf"}
                        else f"{told} holds a number that is not"
                    )
                    message = f"{told} finite; write a finite one"
                    self._add(self._located(ConfigProblem(key, message), settings, place))
            return None
        missing = self._trainer.missing_keys(config)
        for key, argument_place in missing:
            hint = did_you_mean(key, config) or f"; there are {', '.join(config) or 'none'}"
            self._add(Problem(argument_place, f"trainer.command: {{{key}}} is no key of the config{hint}"))
        return (
            None
            if missing
            else Trial(self.sweep.name, trial_name(settings, self.axes), settings, self.axes, identity)
        )

    def _located(self, problem: ConfigProblem, settings: Layer, place: Place) -> Problem:
        key = problem.key
        inner = f"{key}."
        setting = settings.get(key) or next((s for k, s in settings.items() if k.startswith(inner)), None)
        if not key or setting is None:
            return Problem(place, f"{self.where}{f'.{key}' if key else ''}: {problem.message}")
        path = key if setting.layer == "--set" else f"{setting.layer}.{key}"
        found = setting.key_place if problem.about_key and setting.key_place else setting.place
        return Problem(found, f"{path}: {problem.message}")

    def _is_unique(self, trial: Trial, place: Place) -> bool:
        """Note a trial, or the problem that another of its config or its name stands already."""
        twin = self._fingerprints.setdefault(trial.fingerprint, trial)
        namesake = self._names.setdefault(trial.name, trial)
        if twin is not trial:
            told = f"{trial.name} and {twin.name} are the same config"
            if twin.name == trial.name:
                told = f"the config of {trial.name} stands twice"
            self._tell(place, f"{told}{_operational(self.axes)}; keep one of them")
        elif namesake is not trial:
            told = _differences(trial, namesake)
            self._tell(
                place, f"two trials are named {trial.name} ({told}); use values that letters tell apart"
            )
        return twin is trial and namesake is trial


def _axes(sweep: SweepSpec) -> tuple[str, ...]:
    keys = [axis.key for axis in (*sweep.grid, *sweep.zipped)]
    keys += [key for layer, _ in sweep.include for key in layer]
    keys += [sweep.seeds.key] if sweep.seeds else []
    keys += sweep.search.keys if sweep.search else []
    return tuple(dict.fromkeys(keys))


def _resolve(settings: Layer, trainer: Trainer) -> dict[str, Value]:
    flat = {key: setting.value for key, setting in settings.items()}
    return trainer.schema.resolve(flat) if trainer.schema else flat


def _column(axis: Axis) -> list[tuple[tuple[str, Setting], ...]]:
    return [((axis.key, value),) for value in axis.values]


def _differences(one: Trial, other: Trial) -> str:
    pairs = ((key, one.settings.get(key), other.settings.get(key)) for key in one.axes)
    return ", ".join(
        f"{key} {describe(there.value)} and {describe(here.value)}"
        for key, here, there in pairs
        if here and there and not same(here.value, there.value)
    )


def _operational(axes: Sequence[str]) -> str:
    keys = [key for key in axes if not counts(key)]
    return f" ({', '.join(keys)} changes how a trial runs, not its result)" if keys else ""
