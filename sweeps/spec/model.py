"""The content of `experiments.yaml`: the trainer, the defaults and profiles, and the sweeps.

Layers of settings are flat: `data: {name: synthetic}` is the setting `data.name`. Which keys the trainer has is
checked in `sweeps.trainer.config_schema`; which layer wins is decided in `sweeps.planning`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sweeps.spec.launch.hooks import Hooks
from sweeps.spec.launch.names import Names
from sweeps.spec.launch.order import LONGEST
from sweeps.spec.resources import Keep, Limits, Resources

if TYPE_CHECKING:
    from collections.abc import Iterable

    from analysis.results.criterion import Criterion
    from sweeps.errors import Place
    from sweeps.spec.search_space import SearchSpec
    from sweeps.spec.settings import Axis, Condition, Layer
    from sweeps.spec.trainer.model import TrainerSpec

MAX_TRIALS = 200_000
"""More trials than this in one file count as a slip."""


@dataclass(frozen=True, slots=True)
class When:
    """Settings for the trials that match a condition: their config has one of its values for each of its keys."""

    condition: Condition
    settings: Layer
    place: Place


@dataclass(frozen=True, slots=True)
class Profile:
    """Settings laid over the defaults, and over single sweeps' own `set`; and how often trials are repeated.

    Args:
        settings: Laid over the defaults.
        sweeps: By sweep, laid over its own `set`.
        seeds: How often each trial of a grid is repeated.
        seeds_of: By sweep, the same for it alone.
    """

    settings: Layer
    sweeps: dict[str, Layer]
    seeds: int | None = None
    seeds_of: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SweepSpec:
    """One named sweep as written; `keep`, `tags`, `description` and `measures` are part of no fingerprint."""

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
    keep: Keep = Keep.ALL
    search: SearchSpec | None = None
    tags: Layer = field(default_factory=dict)
    description: str = ""
    measures: tuple[Criterion, ...] = ()

    @property
    def tag_texts(self) -> dict[str, str]:
        """Its tags as MLflow gets them."""
        return {name: str(setting.value) for name, setting in self.tags.items()}


@dataclass(frozen=True, slots=True)
class Spec:
    """The whole file; `names` and `measures` are part of no fingerprint."""

    path: str
    text: str
    experiment: str
    trainer: TrainerSpec
    profile: str | None
    defaults: Layer
    profiles: dict[str, Profile]
    sweeps: tuple[SweepSpec, ...]
    experiment_place: Place | None = None
    hooks: Hooks = field(default_factory=Hooks)
    order: str = LONGEST
    measures: tuple[Criterion, ...] = ()
    names: Names = field(default_factory=Names)

    def measures_of(self, sweep: str) -> tuple[Criterion, ...]:
        """By what the trials of a sweep are judged: its own measures, else those of the file, else what its search seeks."""
        own = next((one for one in self.sweeps if one.name == sweep), None)
        if own is None:
            return self.measures
        return own.measures or self.measures or (own.search.measures if own.search is not None else ())

    def measures_among(self, sweeps: Iterable[str]) -> tuple[Criterion, ...]:
        """By what the trials of any of these sweeps are judged, each metric once."""
        found = (one for sweep in sweeps for one in self.measures_of(sweep))
        return tuple({one.metric: one for one in found}.values())

    @property
    def digest(self) -> str:
        """A short hash of the file's text."""
        return hashlib.sha256(self.text.encode()).hexdigest()[:12]
