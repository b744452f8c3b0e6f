"""Reads `experiments.yaml` into a `Spec`, and reports every problem of its shape at once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sweeps.errors import Problem, SpecError, did_you_mean
from sweeps.spec.fields import FieldReader
from sweeps.spec.launch.hooks import ON, read_hooks
from sweeps.spec.launch.measures import MEASURES, read_measures
from sweeps.spec.launch.names import NAMES, read_names
from sweeps.spec.launch.order import ORDER, read_order
from sweeps.spec.model import Profile, Spec
from sweeps.spec.resources import LIMIT_KEYS, RESOURCE_KEYS
from sweeps.spec.schema.shapes import count, named, shared, word
from sweeps.spec.search_parser import SEARCH_KEYS
from sweeps.spec.setting_parser import flat_layer, read_layer
from sweeps.spec.sweep_parser import SWEEP_KEYS, SWEEPS, SWEEPS_EXAMPLE, read_sweeps
from sweeps.spec.trainer.arguments import ARGS_KEYS
from sweeps.spec.trainer.parser import TRAINER, TRAINER_KEYS, read_trainer
from sweeps.spec.trainer.sources import METRIC_KEYS
from sweeps.spec.yaml_reader import parse, read_text

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from sweeps.spec.schema.shapes import Keys
    from sweeps.spec.yaml_reader import Node

PROFILE_SWEEP_KEYS: Keys = {"seeds": count("How often each trial of this sweep is repeated in this profile.")}
"""What may stand in a profile for a sweep, beside settings."""
PROFILE_KEYS: Keys = {
    "sweeps": named("Settings of single sweeps in this profile.", shared("profile_sweep", "")),
    "seeds": count("How often each trial is repeated in this profile."),
}
"""What may stand in a profile beside settings."""
TOP_KEYS: Keys = {
    "experiment": word("The name of the experiment in MLflow."),
    "trainer": TRAINER,
    "profile": word("The profile that holds where the command line names none."),
    "defaults": shared("settings", "Settings of every trial."),
    "profiles": named("Settings laid over the defaults, by the name of a profile.", shared("profile", "")),
    "sweeps": SWEEPS,
    "order": ORDER,
    "on": ON,
    "measures": MEASURES,
    "names": NAMES,
}
_LEVELS: Mapping[str, Keys] = {
    "at the top level of the file": TOP_KEYS,
    "below `trainer:`": TRAINER_KEYS,
    "into a sweep, below its name under `sweeps:`": SWEEP_KEYS,
    "below `search:` of a sweep": SEARCH_KEYS,
    "below `args:` of the trainer": ARGS_KEYS,
    "into an entry of `metrics:` of the trainer": METRIC_KEYS,
    "below `resources:` of a sweep": RESOURCE_KEYS,
    "below `limits:` of a sweep": LIMIT_KEYS,
}
"""Where the file's own keys belong, for one that stands elsewhere."""
REQUIRED = {
    "trainer": "trainer: {command: [./program, '{lr}', '{seed}', '{run_dir}/out']}",
    "sweeps": SWEEPS_EXAMPLE,
}
_OTHERWISE = {
    "trainer": ", of a Python function `trainer: my_module:train`; `sweep recipe` shows such files",
}
"""What else a key that is missing may be."""


def read_spec(path: Path) -> Spec:
    """Read a spec and check its shape.

    Raises:
        SpecError: With every problem of the file's shape at once.
    """
    return read_spec_text(read_text(path), str(path))


def read_spec_text(text: str, file: str) -> Spec:
    """Read a spec that is a text.

    Args:
        text: The text.
        file: What messages call it.

    Raises:
        SpecError: With every problem of the file's shape at once.
    """
    reader = FieldReader(levels=_LEVELS)
    spec = _read_file(parse(text, file), file, text, reader)
    if reader.problems or spec is None:
        raise SpecError(reader.problems)
    return spec


def _read_file(root: Node, file: str, text: str, reader: FieldReader) -> Spec | None:
    entries = reader.mapping(root, TOP_KEYS)
    if entries is None:
        return None
    for key, example in REQUIRED.items():
        if key not in entries:
            message = f"`{key}:` is missing; write for example `{example}`{_OTHERWISE.get(key, '')}"
            reader.problems.append(Problem(root.place, message))
    names = entries["sweeps"].mapping or {} if "sweeps" in entries else {}
    trainer = read_trainer(entries["trainer"], reader) if "trainer" in entries else None
    reader.groups = trainer is not None and trainer.has_groups
    profiles = _read_profiles(entries.get("profiles"), names, reader)
    experiment = reader.word(entries.get("experiment")) or "sweeps"
    profile = _read_default_profile(entries.get("profile"), profiles, reader)
    defaults = read_layer(entries.get("defaults"), reader)
    sweeps = read_sweeps(entries["sweeps"], reader) if "sweeps" in entries else ()
    hooks, order = read_hooks(entries.get("on"), reader), read_order(entries.get("order"), reader)
    measures, called = (
        read_measures(entries.get("measures"), reader),
        read_names(entries.get("names"), reader),
    )
    if trainer is None:
        return None
    sources = trainer.sources
    sweeps = tuple(
        sweep if sweep.search is None else replace(sweep, search=sweep.search.read_from(sources))
        for sweep in sweeps
    )
    place = entries["experiment"].place if "experiment" in entries else None
    return Spec(
        file,
        text,
        experiment,
        trainer,
        profile,
        defaults,
        profiles,
        sweeps,
        place,
        hooks,
        order,
        measures,
        called,
    )


def _read_profiles(node: Node | None, sweeps: Collection[str], reader: FieldReader) -> dict[str, Profile]:
    profiles = {}
    for name, body in (reader.mapping(node) or {}).items():
        entries = reader.mapping(body)
        if entries is None:
            continue
        layers, seeds_of = {}, {}
        per_sweep = entries.get("sweeps")
        for sweep, settings in (reader.mapping(per_sweep) or {}).items():
            if sweep not in sweeps and per_sweep is not None:
                hint = did_you_mean(sweep, sweeps) or f"; the sweeps are {', '.join(sweeps) or 'none'}"
                reader.problem(per_sweep, f"there is no sweep '{sweep}'{hint}", at=per_sweep.key_place(sweep))
            parts = reader.mapping(settings) or {}
            kept = {key: value for key, value in parts.items() if key not in PROFILE_SWEEP_KEYS}
            layers[sweep] = flat_layer(settings, kept, reader)
            if (repeats := reader.count(parts.get("seeds"))) is not None:
                seeds_of[sweep] = repeats
        seeds = reader.count(entries.get("seeds"))
        own = {key: value for key, value in entries.items() if key not in PROFILE_KEYS}
        profiles[name] = Profile(flat_layer(body, own, reader), layers, seeds, seeds_of)
    return profiles


def _read_default_profile(node: Node | None, profiles: Collection[str], reader: FieldReader) -> str | None:
    name = reader.word(node)
    if node is not None and name is not None and name not in profiles:
        message = f"'{name}' is not one of {', '.join(profiles)}{did_you_mean(name, profiles)}"
        if not profiles:
            message = f"'{name}' is not defined; write for example `profiles: {{{name}: {{lr: 1e-3}}}}`"
        reader.problem(node, message)
    return name
