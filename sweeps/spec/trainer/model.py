"""What the file says of the trainer: which code trains, and for a command its arguments, surroundings and metric sources."""

from __future__ import annotations

import hashlib
import shlex
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from analysis.results.metric_names import EPOCH, STEP
from sweeps.spec.trainer.arguments import ARGS, GROUPED, Arguments
from sweeps.spec.trainer.source_model import Sources
from sweeps.spec.trainer.surroundings import Surroundings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sweeps.errors import Place

_LONGEST_IDENTITY = 1000
"""A longer command stands in the record with its beginning and a hash."""


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
        places: Where each key of the trainer stands that is written.
        arguments: How a command spells the config's keys.
        surroundings: What a command finds around it.
        sources: Where its metrics are read.
        config_file: The program's own config file, of which each trial gets a copy with its settings; None: none.
    """

    run: str | None
    command: tuple[str, ...] | None
    config: str | None
    epochs: str
    place: Place
    command_places: tuple[Place, ...] = ()
    places: dict[str, Place] = field(default_factory=dict)
    arguments: Arguments = field(default_factory=Arguments)
    surroundings: Surroundings = field(default_factory=Surroundings)
    sources: Sources = field(default_factory=Sources)
    config_file: str | None = None

    @property
    def identity(self) -> str:
        """What tells it from other trainers: its function's dotted name, or its command's template."""
        text = self.run if self.run is not None else shlex.join(self.command or ())
        text = text.encode("utf-8", "backslashreplace").decode()
        if len(text) <= _LONGEST_IDENTITY:
            return text
        return f"{text[:_LONGEST_IDENTITY]}... {hashlib.sha256(text.encode()).hexdigest()[:12]}"

    @property
    def by_epoch(self) -> bool | None:
        """Whether it records by epoch: a function is taken to; of a command its record tells, so None.

        False where it is given a number of something else than epochs, by the name of that key: `max_steps`.
        """
        if "epoch" not in self.epochs.lower():
            return False
        return True if self.run is not None else None

    @property
    def has_groups(self) -> bool:
        """Whether a word of a key (`optim: sgd`) may choose of a group, with keys of it (`optim.lr`) beside it."""
        return self.command is not None and self.config is None and self.arguments.style in GROUPED

    def templates(self) -> Iterator[tuple[str, Place]]:
        """The texts whose placeholders give settings to the program, each with its place; `{args}` is none of them."""
        for word, place in zip(self.command or (), self.command_places, strict=True):
            if word != ARGS:
                yield word, place

    def place_of(self, part: str) -> Place:
        """Where a key of the trainer stands, or else the trainer."""
        return self.places.get(part, self.place)

    @property
    def unit(self) -> str:
        """What the length of a trial is counted in: `epoch`, or `step` where neither its key nor its sources name epochs."""
        return STEP if self.by_epoch is False and not self.sources.name_epochs else EPOCH
