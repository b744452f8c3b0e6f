"""What is told of a spec before any trial is expanded: sweeps that are too large, keys that do not exist."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from sweeps.errors import Problem
from sweeps.spec.model import MAX_TRIALS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sweeps.spec.model import Spec, SweepSpec
    from sweeps.trainer.loader import Trainer


def profile_problems(spec: Spec, trainer: Trainer, chosen: str | None) -> Iterator[Problem]:
    """Unknown keys of the profiles that are not chosen, whose values no trial shows."""
    if trainer.schema is None:
        return
    for name, profile in spec.profiles.items():
        for layer in (profile.settings, *profile.sweeps.values()) if name != chosen else ():
            for key, setting in layer.items():
                if not trainer.schema.knows(key):
                    problem = trainer.schema.unknown(key)
                    place = setting.key_place or setting.place
                    yield Problem(place, f"{setting.layer}.{key}: {problem.message}")


def _size(sweep: SweepSpec) -> int:
    rows = len(sweep.zipped[0].values) if sweep.zipped else 1
    product = math.prod(len(axis.values) for axis in sweep.grid) * rows
    plain = product if sweep.grid or sweep.zipped or not sweep.include else 0
    return (plain + len(sweep.include)) * (len(sweep.seeds.values) if sweep.seeds else 1)


def size_problems(sweeps: Sequence[SweepSpec]) -> Iterator[Problem]:
    """Sweeps that are too large, told before anything is expanded."""
    sizes = [_size(sweep) for sweep in sweeps]
    for sweep, size in zip(sweeps, sizes, strict=True):
        if size > MAX_TRIALS:
            message = f"expands to {size:,} trials, and a file holds at most {MAX_TRIALS:,}; vary fewer keys at once"
            yield Problem(sweep.place, f"sweeps.{sweep.name}: {message}")
    if sum(sizes) > MAX_TRIALS >= max(sizes):
        message = (
            f"all sweeps expand to {sum(sizes):,} trials, and a file holds at most {MAX_TRIALS:,}; split it"
        )
        yield Problem(sweeps[0].place, f"sweeps: {message}")
