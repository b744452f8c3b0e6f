"""Checks what the sweeps and profiles of a file say: too many trials, unknown keys, what no database takes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from sweeps.errors import Place, Problem
from sweeps.rundir.store_limits import of_name
from sweeps.spec.model import MAX_TRIALS
from sweeps.spec.settings import holds_key, is_choice, overlaps

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sweeps.rundir.store_limits import StoreLimits
    from sweeps.spec.model import Spec, SweepSpec
    from sweeps.spec.settings import Layer, Setting
    from sweeps.spec.yaml_reader import Value
    from sweeps.trainer.loader import Trainer


_MOST_SHOWN = 60
"""How many characters of a key a message shows."""


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


def cell_count(sweep: SweepSpec) -> int:
    """How many trials a sweep has without its seeds and what it excludes, counted without expanding it."""
    rows = len(sweep.zipped[0].values) if sweep.zipped else 1
    product = math.prod(len(axis.values) for axis in sweep.grid) * rows
    plain = product if sweep.grid or sweep.zipped or not sweep.include else 0
    return plain + len(sweep.include)


def _size(sweep: SweepSpec) -> int:
    return cell_count(sweep) * (len(sweep.seeds.values) if sweep.seeds else 1)


def size_problems(sweeps: Sequence[SweepSpec]) -> Iterator[Problem]:
    """Sweeps with more trials than a file may hold, found before anything is expanded."""
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


def limit_problems(spec: Spec, trainer: Trainer, overrides: Layer, store: StoreLimits) -> Iterator[Problem]:
    """Names, keys and values that the tracking store cannot take."""
    yield from _name_problems(spec, trainer, store)
    tags = (entry for sweep in spec.sweeps for entry in sweep.tags.items())
    for key, setting in (*written_settings(spec, overrides), *tags):
        if (wrong := of_name(key)) is not None:
            place = setting.key_place or setting.place
            yield Problem(place, f"{setting.layer}.{key[:_MOST_SHOWN]}: the key {wrong}")
        if (wrong := next(filter(None, map(store.of_text, texts_in(setting.value))), None)) is not None:
            yield Problem(setting.place, f"{setting.layer}.{key[:_MOST_SHOWN]}: the value {wrong}")


def _name_problems(spec: Spec, trainer: Trainer, store: StoreLimits) -> Iterator[Problem]:
    if (wrong := store.of_experiment(spec.experiment)) is not None:
        yield Problem(spec.experiment_place or Place(spec.path), f"experiment: the name {wrong}")
    for name in spec.profiles:
        if (wrong := store.of_text(name)) is not None:
            yield Problem(Place(spec.path), f"profiles.{name!r}: the name {wrong}")
    for key in trainer.schema.defaults if trainer.schema else ():
        if (wrong := of_name(key)) is not None:
            yield Problem(trainer.spec.place, f"trainer.config: the key {key[:_MOST_SHOWN]} {wrong}")
    yield from _metric_name_problems(spec)
    for sweep in spec.sweeps:
        for objective in sweep.search.objectives if sweep.search else ():
            if (wrong := of_name(objective.metric)) is not None:
                yield Problem(objective.place, f"sweeps.{sweep.name}.search: the metric's name {wrong}")


def _metric_name_problems(spec: Spec) -> Iterator[Problem]:
    sources = spec.trainer.sources
    own = [name for source in sources.sources for name, _ in source.derive]
    for part, names in (("rename", sources.rename.values()), ("derive", sources.derive), ("metrics", own)):
        for name in names:
            if (wrong := of_name(name.replace("{", "").replace("}", ""))) is not None:
                place = spec.trainer.place_of(part)
                yield Problem(place, f"trainer.{part}: '{name[:_MOST_SHOWN]}': the name {wrong}")


def written_settings(spec: Spec, overrides: Layer) -> Iterator[tuple[str, Setting]]:
    """Every setting that is written, with its key."""
    layers = [spec.defaults, overrides]
    for profile in spec.profiles.values():
        layers += [profile.settings, *profile.sweeps.values()]
    for sweep in spec.sweeps:
        layers += [sweep.settings, *(layer for layer, _ in sweep.include), *(w.settings for w in sweep.when)]
        for axis in (*sweep.grid, *sweep.zipped, *([sweep.seeds] if sweep.seeds else [])):
            yield from ((axis.key, setting) for setting in axis.values)
        if sweep.search is not None:
            layers += [layer for layer, _ in sweep.search.points]
            for dimension in sweep.search.dimensions:
                yield from ((dimension.key, setting) for setting in dimension.values)
    for layer in layers:
        yield from layer.items()


def texts_in(value: Value) -> Iterator[str]:
    """Every text in a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from texts_in(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from texts_in(item)


def override_problems(
    sweep: SweepSpec, axes: Sequence[str], overrides: Layer, *, groups: bool = False
) -> Iterator[Problem]:
    """`--set` of keys that the sweep varies; beside a word that chooses of a group, and below one, keys stay.

    Args:
        sweep: The sweep.
        axes: The keys that it varies.
        overrides: What `--set` says.
        groups: Whether there are groups.
    """
    for key, setting in overrides.items():
        stays = groups and is_choice(setting.value)
        for axis in axes:
            if key != axis and groups and (stays if holds_key(key, axis) else holds_key(axis, key)):
                continue
            if overlaps(key, axis):
                remedy = f"select with --only {axis}=VALUE, or edit the sweep"
                yield Problem(setting.place, f"sweeps.{sweep.name} varies {axis}; {remedy}")
