"""Expands the file into trials, and collects everything that is wrong with them. Pure.

The parts of it: `layers` says which setting wins, `cells` which combinations of `grid`, `zip`, `include`, `exclude`
and `seeds` there are, `resolution` makes a trial of each with the trainer's config, and `validation` checks what no
single trial shows. The values that an axis takes are read in `sweeps.spec.sweep_parser`.
"""

from __future__ import annotations

import gc
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sweeps.errors import Place, Problem, SelectionError, did_you_mean
from sweeps.planning.cells import axes_of, cells, repeated
from sweeps.planning.checks.conditions import condition_problems
from sweeps.planning.checks.names import name_warnings
from sweeps.planning.checks.objectives import objective_warnings
from sweeps.planning.checks.reach import argument_problems, seed_warnings
from sweeps.planning.checks.searches import search_warnings
from sweeps.planning.fingerprint import counts
from sweeps.planning.layers import Layers
from sweeps.planning.resolution import Refused, Resolver
from sweeps.planning.search_trials import SearchTrials, search_digest
from sweeps.planning.sweep import Sweep
from sweeps.planning.validation import (
    override_problems,
    profile_problems,
    size_problems,
    written_settings,
)
from sweeps.spec.setting_parser import read_overrides
from sweeps.spec.settings import Setting, same
from sweeps.spec.sweep_parser import SEED
from sweeps.spec.yaml_reader import describe

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sweeps.planning.trial import Trial
    from sweeps.spec.model import Spec, SweepSpec
    from sweeps.spec.settings import Layer
    from sweeps.trainer.loader import Trainer

MAX_PROBLEMS = 50
"""After so many different problems of one sweep, the rest is left for the next check."""


_NOT_REPEATED = "it repeats the trials of grids"
_AFTERWARDS = "train the best setting of a search with several seeds in a grid afterwards (`sweep best`)"


@dataclass(frozen=True, slots=True)
class Expansion:
    """The sweeps of a file with their trials, and everything that is wrong with them.

    Attributes:
        sweeps: The sweeps asked for; not to be used where there are problems.
        problems: The problems of the resolved configs, each at the place that set the value.
    """

    sweeps: tuple[Sweep, ...]
    problems: tuple[Problem, ...] = ()


def expand(
    spec: Spec,
    trainer: Trainer,
    *,
    profile: str | None = None,
    overrides: Layer | None = None,
    only_sweeps: Sequence[str] = (),
    seeds: int | None = None,
) -> Expansion:
    """Expand the sweeps of a spec.

    Args:
        spec: The file.
        trainer: The trainer, which knows the config's keys.
        profile: Laid over the defaults; None: the one that the file names.
        overrides: Settings that win over everything (`--set`).
        only_sweeps: Names of sweeps to expand; empty: all.
        seeds: How often each trial is repeated (`--seeds`); None: as the file says.

    Raises:
        SelectionError: The profile or a sweep does not exist, or a sweep that is to be repeated varies its seed otherwise.
    """
    chosen = _chosen_profile(spec, profile)
    defaults = trainer.schema.defaults if trainer.schema else {}
    layered = [
        (sweep, Layers.of(spec, sweep, defaults=defaults, profile=chosen, overrides=overrides or {}))
        for sweep in _wanted_sweeps(spec, only_sweeps)
    ]
    if seeds is not None and layered and all(sweep.search is not None for sweep, _ in layered):
        names = ", ".join(sweep.name for sweep, _ in layered)
        raise SelectionError(f"--seeds {seeds}: {_NOT_REPEATED}, and {names} has none; {_AFTERWARDS}")
    layered = [_repeated(spec, chosen, sweep, layers, seeds) for sweep, layers in layered]
    wanted = [sweep for sweep, _ in layered]
    said = list(_said_repeats(spec, wanted, seeds))
    problems = [
        *profile_problems(spec, trainer, chosen),
        *argument_problems(spec, trainer, overrides or {}, said),
    ]
    if too_large := list(size_problems(wanted)):
        return Expansion((), (*problems, *too_large))
    sweeps = []
    with _collector_paused():
        for sweep, layers in layered:
            expanded, found = _expand_sweep(sweep, layers, trainer)
            sweeps.append(expanded)
            problems += found
    return Expansion(tuple(sweeps), tuple(problems))


def given_settings(
    spec: Spec, assignments: Iterable[str], profile: str | None, seeds: int | None
) -> Iterator[tuple[str, Setting]]:
    """Every setting that is written, in the file or by `--set`, and the seeds that `--seeds` or a profile gives a sweep.

    Args:
        spec: The file.
        assignments: What `--set` says.
        profile: The profile in force.
        seeds: How often each trial is repeated (`--seeds`); None: as the file says.
    """
    yield from written_settings(spec, read_overrides(assignments, groups=spec.trainer.has_groups))
    for sweep in spec.sweeps:
        if (repeats := _repeats(spec, profile, sweep, seeds)) is not None:
            layer = "--seeds" if seeds is not None else f"profiles.{profile}.seeds"
            yield SEED, Setting(repeats, layer, sweep.place)


def file_warnings(spec: Spec, trainer: Trainer, seeds: int | None) -> Iterator[Problem]:
    """Names of nothing that there is, objectives that judge otherwise than measures, and what `repeat_warnings` finds."""
    yield from name_warnings(spec, trainer)
    yield from objective_warnings(spec)
    yield from search_warnings(spec)
    yield from repeat_warnings(spec, trainer, seeds)


def repeat_warnings(spec: Spec, trainer: Trainer, seeds: int | None) -> Iterator[Problem]:
    """Repeats that train alike, as `seed_warnings` finds them, with `--seeds` where it is given."""
    yield from seed_warnings(spec, trainer, _said_repeats(spec, spec.sweeps, seeds))
    for sweep in spec.sweeps if seeds is not None else ():
        if sweep.search is not None:
            message = f"{_NOT_REPEATED}, and nothing of {sweep.name}, which is a search"
            yield Problem(sweep.place, f"--seeds {seeds}: {message}")


def _repeats(spec: Spec, profile: str | None, sweep: SweepSpec, seeds: int | None) -> int | None:
    """How often the trials of a sweep are repeated; None: as the sweep says."""
    if sweep.search is not None:
        return None
    if seeds is None and profile is not None:
        return spec.profiles[profile].seeds_of.get(sweep.name, spec.profiles[profile].seeds)
    return seeds


def _said_repeats(
    spec: Spec, wanted: Iterable[SweepSpec], seeds: int | None
) -> Iterator[tuple[SweepSpec, int, Place, str]]:
    """How often trials are repeated by `--seeds`, else by the file and each of its profiles; with what says so."""
    for sweep in wanted if seeds is not None else ():
        if seeds is not None and sweep.search is None:
            yield sweep, seeds, Place(f"--seeds {seeds}"), f"sweeps.{sweep.name}"
    for sweep in spec.sweeps if seeds is None else ():
        if sweep.seeds is not None:
            yield sweep, len(sweep.seeds.values), sweep.seeds.place, f"sweeps.{sweep.name}.seeds"
        for name, profile in spec.profiles.items():
            if (repeats := _repeats(spec, name, sweep, None)) is not None:
                part = f"sweeps.{sweep.name}.seeds" if sweep.name in profile.seeds_of else "seeds"
                yield sweep, repeats, sweep.place, f"profiles.{name}.{part}: sweeps.{sweep.name}"


def _repeated(
    spec: Spec, profile: str | None, sweep: SweepSpec, layers: Layers, seeds: int | None
) -> tuple[SweepSpec, Layers]:
    seeds = _repeats(spec, profile, sweep, seeds)
    if seeds is None:
        return sweep, layers
    found = repeated(sweep, layers, seeds)
    if sweep.seeds is not None or SEED not in layers.overrides:
        return found, layers
    # `--set seed=7` is the first of the repeats, as `defaults: {seed: 7}` would be; it does not win over the others.
    overrides = {key: setting for key, setting in layers.overrides.items() if key != SEED}
    return found, replace(layers, overrides=overrides)


def _chosen_profile(spec: Spec, named: str | None) -> str | None:
    chosen = named if named is not None else spec.profile
    if chosen is not None and chosen not in spec.profiles:
        known = ", ".join(spec.profiles) or "none"
        hint = did_you_mean(chosen, spec.profiles)
        raise SelectionError(f"--profile {chosen}: {spec.path} has {known}{hint}")
    return chosen


def _wanted_sweeps(spec: Spec, only: Sequence[str]) -> list[SweepSpec]:
    names = [sweep.name for sweep in spec.sweeps]
    for name in only:
        if name not in names:
            hint = did_you_mean(name, names)
            raise SelectionError(f"--sweep {name}: {spec.path} has {', '.join(names)}{hint}")
    return [sweep for sweep in spec.sweeps if not only or sweep.name in only]


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


def _expand_sweep(sweep: SweepSpec, layers: Layers, trainer: Trainer) -> tuple[Sweep, Sequence[Problem]]:
    """One sweep with its trials, and what is wrong with it."""
    axes = axes_of(sweep)
    if clashes := list(override_problems(sweep, axes, layers.overrides, groups=layers.groups)):
        return Sweep(sweep, axes, ()), clashes
    resolver = Resolver(sweep.name, axes, trainer)
    found = _trials(sweep, layers, resolver)
    if len(found.problems) > MAX_PROBLEMS:
        message = f"has more problems than the {MAX_PROBLEMS} listed here; fix these first"
        found.add([Problem(sweep.place, f"sweeps.{sweep.name}: {message}")])
        return Sweep(sweep, axes, ()), list(found.problems)
    found.add(condition_problems(sweep, trainer.schema, found.held, layers.fixed))
    if not found.trials and not found.problems:
        found.add([Problem(sweep.place, f"sweeps.{sweep.name}: no trial is left; loosen `exclude`")])
    if sweep.search is None:
        return Sweep(sweep, axes, tuple(found.trials)), list(found.problems)
    example = found.trials[0].fingerprint if found.trials else ""
    digest = search_digest(sweep.search, example)
    search = SearchTrials(sweep.name, sweep.search, layers, resolver, digest, trainer.spec)
    return Sweep(sweep, axes, (), search), [*found.problems, *search.problems()]


class _Found:
    """The trials of a sweep's cells, with the problems and the conditions met on the way.

    Attributes:
        trials: The trials.
        problems: The problems, each once, in the order in which they were found.
        held: The conditions that held for some cell, as `condition_problems` takes them.
    """

    def __init__(self) -> None:
        self.trials: list[Trial] = []
        self.problems: dict[Problem, None] = {}
        self.held: set[tuple[str, int]] = set()

    def add(self, problems: Iterable[Problem]) -> None:
        """Note problems, except those that are known."""
        for problem in problems:
            self.problems.setdefault(problem)


def _trials(sweep: SweepSpec, layers: Layers, resolver: Resolver) -> _Found:
    """Resolve the cells of a sweep, until there are more than `MAX_PROBLEMS` problems."""
    found = _Found()
    twins = _Twins(sweep.name)
    wrong = _WrongSettings()
    for cell in cells(sweep, layers):
        if cell.excluded_by is not None:
            found.held.add(("exclude", cell.excluded_by))
            continue
        if cell.whens:
            found.held.update(("when", position) for position in cell.whens)
        if wrong.explain(cell.settings):
            continue
        made = resolver.resolve(cell.settings, cell.place)
        if isinstance(made, Refused):
            wrong.add(cell.settings, made.keys)
            found.add(made.problems)
        elif sweep.search is None and (problem := twins.problem(made, cell.place)) is not None:
            found.add([problem])
        else:
            found.trials.append(made)
        if len(found.problems) > MAX_PROBLEMS:
            break
    return found


class _WrongSettings:
    """The settings that are wrong by themselves, so that a grid is not checked again for each of its cells."""

    def __init__(self) -> None:
        self._wrong: set[tuple[object, ...]] = set()
        self._tried: set[tuple[object, ...]] = set()

    def add(self, settings: Layer, keys: Iterable[str]) -> None:
        """Note the keys of a cell whose settings are wrong."""
        self._wrong.update(_origin(key, settings[key]) for key in keys)

    def explain(self, settings: Layer) -> bool:
        """Whether a cell repeats a wrong setting, and has no setting that was not tried since the first was found."""
        if not self._wrong:
            return False
        origins = {_origin(key, setting) for key, setting in settings.items()}
        explained = not self._wrong.isdisjoint(origins) and origins <= self._tried
        self._tried |= origins
        return explained


def _origin(key: str, setting: Setting) -> tuple[object, ...]:
    """A setting's identity: where it stands, and which value of that place it is."""
    place = setting.place
    return key, setting.layer, place.line, place.column, repr(setting.value)


class _Twins:
    """The trials of a sweep by config and by name, of which each may stand once."""

    def __init__(self, sweep: str) -> None:
        self._where = f"sweeps.{sweep}"
        self._names: dict[str, Trial] = {}
        self._fingerprints: dict[str, Trial] = {}

    def problem(self, trial: Trial, place: Place) -> Problem | None:
        """Note a trial, or say that there is one of its config, or of its name, already."""
        twin = self._fingerprints.setdefault(trial.fingerprint, trial)
        namesake = self._names.setdefault(trial.name, trial)
        if twin is not trial:
            finding = f"{trial.name} and {twin.name} are the same config"
            if twin.name == trial.name:
                finding = f"the config of {trial.name} stands twice"
            remedy = "keep one of them"
            return Problem(place, f"{self._where}: {finding}{_without_effect(trial.axes)}; {remedy}")
        if namesake is not trial:
            finding = f"two trials are named {trial.name} ({_differences(trial, namesake)})"
            return Problem(place, f"{self._where}: {finding}; use values that letters tell apart")
        return None


def _differences(one: Trial, other: Trial) -> str:
    pairs = ((key, one.settings.get(key), other.settings.get(key)) for key in one.axes)
    return ", ".join(
        f"{key} {describe(there.value)} and {describe(here.value)}"
        for key, here, there in pairs
        if here and there and not same(here.value, there.value)
    )


def _without_effect(axes: Sequence[str]) -> str:
    """Which of the keys that vary are no part of a trial's identity, in words."""
    keys = [key for key in axes if not counts(key)]
    return f" ({', '.join(keys)} changes how a trial runs, not its result)" if keys else ""
