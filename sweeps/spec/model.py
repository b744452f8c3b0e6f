"""The content of `experiments.yaml`: the trainer, the defaults and profiles, and the sweeps.

Layers of settings are flat: `data: {name: synthetic}` is the setting `data.name`. Which keys the trainer has is
checked in `sweeps.trainer.config_schema`; which layer wins is decided in `sweeps.planning`.
"""

from __future__ import annotations

import hashlib
import shlex
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sweeps.spec.resources import Limits, Resources

if TYPE_CHECKING:
    from sweeps.errors import Place
    from sweeps.spec.search_space import SearchSpec
    from sweeps.spec.settings import Axis, Condition, Layer

MAX_TRIALS = 200_000
"""More trials than this in one file count as a slip."""
_LONGEST_IDENTITY = 1000
"""A longer command stands in the record with its beginning and a hash."""


@dataclass(frozen=True, slots=True)
class When:
    """Settings for the trials that match a condition: their config has one of its values for each of its keys."""

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
        place: Where the trainer stands.
        command_places: The place of each argument of the command.
        places: Where `run`, `config` and `epochs` stand, if they are written.
    """

    run: str | None
    command: tuple[str, ...] | None
    config: str | None
    epochs: str
    place: Place
    command_places: tuple[Place, ...] = ()
    places: dict[str, Place] = field(default_factory=dict)

    @property
    def identity(self) -> str:
        """What tells it from other trainers: its function's dotted name, or its command's template."""
        text = self.run if self.run is not None else shlex.join(self.command or ())
        text = text.encode("utf-8", "backslashreplace").decode()
        if len(text) <= _LONGEST_IDENTITY:
            return text
        return f"{text[:_LONGEST_IDENTITY]}... {hashlib.sha256(text.encode()).hexdigest()[:12]}"

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
    experiment_place: Place | None = None

    @property
    def digest(self) -> str:
        """A short hash of the file's text."""
        return hashlib.sha256(self.text.encode()).hexdigest()[:12]
