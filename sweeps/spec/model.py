"""The spec: what `experiments.yaml` says, each setting with the place it came from.

Layers of settings are flat: `data: {name: synthetic}` is the setting `data.name`. Which trainer keys exist
is the trainer's knowledge (`sweeps.trainer`); which layers win is decided in `sweeps.planning.layers`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sweeps.errors import Place, Problem, SpecError
from sweeps.spec.resources import Limits, Resources
from sweeps.spec.settings import Axis, Condition, Layer, Setting, is_key, overlay
from sweeps.spec.yaml_reader import parse_scalar

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sweeps.spec.search_space import SearchSpec


MAX_TRIALS = 200_000
"""More trials than this in one file are taken for a slip."""


@dataclass(frozen=True, slots=True)
class When:
    """Settings that hold in the trials whose config has one of the given values for each key."""

    condition: Condition
    settings: Layer
    place: Place


@dataclass(frozen=True, slots=True)
class TrainerSpec:
    """Which code trains: `module:function`, or a command line with `{key}` placeholders.

    Attributes:
        run: `module:function`, or None for a command.
        command: The argument list, or None for a function.
        config: `module:Model`, the importable description of the trainer's keys; None: keys are not checked.
        epochs: The config key that holds the number of epochs, for progress and ETA.
        place: Where it stands.
        command_places: The place of each argument of the command.
        places: Where `run`, `config` and `epochs` stand, as far as they are written.
    """

    run: str | None
    command: tuple[str, ...] | None
    config: str | None
    epochs: str
    place: Place
    command_places: tuple[Place, ...] = ()
    places: dict[str, Place] = field(default_factory=dict)

    def place_of(self, part: str) -> Place:
        """Where `run`, `config` or `epochs` stands."""
        return self.places.get(part, self.place)


@dataclass(frozen=True, slots=True)
class Profile:
    """Settings laid over the defaults, and over single sweeps' own `set`."""

    settings: Layer
    sweeps: dict[str, Layer]


@dataclass(frozen=True, slots=True)
class SweepSpec:
    """One named sweep as written."""

    name: str
    place: Place
    grid: tuple[Axis, ...] = ()
    zipped: tuple[Axis, ...] = ()
    include: tuple[tuple[Layer, Place], ...] = ()
    exclude: tuple[tuple[Condition, Place], ...] = ()
    when: tuple[When, ...] = ()
    settings: Layer = field(default_factory=dict)
    seeds: Axis | None = None
    resources: Resources = field(default_factory=Resources)
    limits: Limits = field(default_factory=Limits)
    search: SearchSpec | None = None


@dataclass(frozen=True, slots=True)
class Spec:
    """The whole file."""

    path: str
    text: str
    experiment: str
    trainer: TrainerSpec
    profile: str | None
    defaults: Layer
    profiles: dict[str, Profile]
    sweeps: tuple[SweepSpec, ...]

    @property
    def digest(self) -> str:
        """A short hash of the file's text."""
        return hashlib.sha256(self.text.encode()).hexdigest()[:12]


def read_overrides(assignments: Iterable[str]) -> Layer:
    """The layer of `--set key=value` flags; values are read as YAML scalars or flow lists.

    Raises:
        SpecError: A flag is not `key=value`, or its value is not YAML.
    """
    layer: Layer = {}
    problems: list[Problem] = []
    for assignment in assignments:
        key, equals, text = assignment.partition("=")
        place = Place(f"--set {assignment}")
        if not equals or not is_key(key):
            problems.append(Problem(place, "is not key=value; write for example --set lr=1e-3"))
            continue
        try:
            value = parse_scalar(text)
        except SpecError as error:
            problems.extend(Problem(place, problem.message) for problem in error.problems)
            continue
        if isinstance(value, dict):
            remedy = f"is a mapping; set its keys, such as --set {key}.name=VALUE"
            problems.append(Problem(place, remedy))
            continue
        overlay(layer, {key: Setting(value, "--set", place)})
    if problems:
        raise SpecError(problems)
    return layer
