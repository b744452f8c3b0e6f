"""The spec: what `experiments.yaml` says, each setting with the place it came from.

Layers of settings are flat: `data: {name: synthetic}` is the setting `data.name`. Which trainer keys exist
is the trainer's knowledge (`sweeps.trainer`); which layers win is `sweeps.expand`'s.
"""

from __future__ import annotations

import hashlib
import math
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from sweeps.errors import Place, Problem, SpecError
from sweeps.spec.resources import Limits, Resources
from sweeps.spec.yaml_reader import Value, parse_scalar

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sweeps.spec.search_space import SearchSpec


@dataclass(frozen=True, slots=True)
class Setting:
    """One value and where it comes from.

    Attributes:
        value: The value.
        layer: What set it: `defaults`, `profiles.quick`, `sweeps.a.grid`, `--set`.
        place: Where the value stands.
        key_place: Where its key stands; None: where the value does.
    """

    value: Value
    layer: str
    place: Place
    key_place: Place | None = None


_KEY = re.compile(r"[\w-]+(\.[\w-]+)*")

MAX_TRIALS = 200_000
"""More trials than this in one file are taken for a slip."""

Layer: TypeAlias = dict[str, Setting]
Condition: TypeAlias = dict[str, tuple[Value, ...]]


@dataclass(frozen=True, slots=True)
class Axis:
    """One key and the values that it takes in turn."""

    key: str
    values: tuple[Setting, ...]
    place: Place


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


def overlay(base: Layer, over: Layer) -> None:
    """Lay `over` on `base` in place; a setting replaces its own key and whatever stood above or below it."""
    for key, setting in over.items():
        if key not in base:
            parts = key.split(".")
            for upper in (".".join(parts[:i]) for i in range(1, len(parts))):
                base.pop(upper, None)
            for lower in [other for other in base if other.startswith(key + ".")]:
                del base[lower]
        base[key] = setting


def is_key(text: str) -> bool:
    """Whether a text is a dotted key that a trainer and MLflow's params can take."""
    return _KEY.fullmatch(text) is not None


def overlaps(one: str, other: str) -> bool:
    """Whether two dotted keys are the same, or one holds the other: `data` and `data.name`."""
    return one == other or one.startswith(f"{other}.") or other.startswith(f"{one}.")


def same(one: Value, other: Value) -> bool:
    """Whether two settings are the same value: 1 equals 1.0, true does not equal 1."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, float) and isinstance(other, float) and math.isnan(one):
        return math.isnan(other)
    return one == other
