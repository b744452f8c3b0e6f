"""The names in a file that command lines ask for, without its trainer, its record or anything that takes time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sweeps.planning.expansion import expand
from sweeps.planning.validation import cell_count, written_settings
from sweeps.spec.parser import read_spec
from sweeps.spec.search_space import choice_text
from sweeps.trainer.loader import unchecked

if TYPE_CHECKING:
    from pathlib import Path

    from sweeps.spec.model import Spec, SweepSpec

_MOST_TRIALS = 2_000
"""Nobody looks for one of more trials among the names that a shell lists; to find them all takes seconds."""


def profiles_of(file: Path) -> list[str]:
    """The names of its profiles.

    Raises:
        SpecError: The file is wrong, here and below.
    """
    return list(read_spec(file).profiles)


def sweeps_of(file: Path) -> list[str]:
    """The names of its sweeps."""
    return [sweep.name for sweep in read_spec(file).sweeps]


def trials_of(file: Path, profile: str | None = None, seeds: int | None = None) -> list[str]:
    """The names of its trials, but for those of searches, which only the record has.

    Args:
        file: The file.
        profile: The profile that is asked for; None: the file's own.
        seeds: How often each trial is repeated; None: as the file says.
    """
    spec = read_spec(file)
    small = [
        sweep.name
        for sweep in spec.sweeps
        if sweep.search is None and _size(spec, sweep, seeds) <= _MOST_TRIALS
    ]
    if not small:
        return []
    found = expand(
        spec, unchecked(spec.trainer), profile=profile, overrides={}, only_sweeps=tuple(small), seeds=seeds
    )
    return list(dict.fromkeys(trial.name for sweep in found.sweeps for trial in sweep.trials))


def axes_of(file: Path) -> dict[str, list[str]]:
    """What varies in its sweeps, each key with its values as `--only` takes them."""
    axes: dict[str, list[str]] = {}
    for sweep in read_spec(file).sweeps:
        for axis in (*sweep.grid, *sweep.zipped, *((sweep.seeds,) if sweep.seeds is not None else ())):
            texts = axes.setdefault(axis.key, [])
            texts += [text for value in axis.values if (text := choice_text(value.value)) not in texts]
    return axes


def keys_of(file: Path) -> list[str]:
    """The keys that it sets anywhere."""
    return list(dict.fromkeys(key for key, _ in written_settings(read_spec(file), {})))


def _size(spec: Spec, sweep: SweepSpec, seeds: int | None) -> int:
    """How many trials a sweep has, not fewer."""
    said = (profile.seeds_of.get(sweep.name, profile.seeds) or 1 for profile in spec.profiles.values())
    most = max(said, default=1)
    repeats = seeds or max(most, len(sweep.seeds.values) if sweep.seeds is not None else 1)
    return cell_count(sweep) * repeats
