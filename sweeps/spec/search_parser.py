"""Reads the `search:` of a sweep: objectives, number of trials, sampler, pruner and starting points."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.results.criterion import LAST, VALUES
from sweeps.errors import did_you_mean
from sweeps.spec.model import MAX_TRIALS
from sweeps.spec.schema.shapes import (
    count,
    duration,
    either,
    listed,
    mapping,
    named,
    one_of,
    shared,
    told,
    word,
)
from sweeps.spec.search_space import PRUNERS, SAMPLERS, Algorithm, Objective, SearchSpec, choice_text
from sweeps.spec.setting_parser import read_layer
from sweeps.spec.settings import Setting, identity
from sweeps.spec.space_parser import SPACE_EXAMPLE, read_space

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sweeps.errors import Place
    from sweeps.spec.fields import FieldReader
    from sweeps.spec.schema.shapes import Keys, Shape
    from sweeps.spec.search_space import Dimension
    from sweeps.spec.settings import Layer
    from sweeps.spec.yaml_reader import Node

_DIRECTIONS = {"max": True, "maximize": True, "min": False, "minimize": False}
_DIRECTION = one_of(_DIRECTIONS, "Whether large or small values are good.")
OBJECTIVE_KEYS: Keys = {
    "direction": _DIRECTION,
    "value": one_of(
        VALUES,
        "Whether a trial is judged by its last epoch, its best, the mean of its last tenth, or the mean of all, as of folds.",
        LAST,
    ),
    "by": count("How many epochs may pass before the trainer must have logged it."),
}


def _algorithm(text: str, known: Mapping[str, str], usual: str) -> Shape:
    """A name, or a mapping of it and its options."""
    by_name = mapping("", {"name": one_of(known)}, ("name",), additionalProperties=True)
    return told(text, {**either(one_of(known), by_name), "default": usual})


SEARCH_KEYS: Keys = {
    "space": shared("space", "What is searched: for each key its values."),
    "objective": named(
        "The metrics to optimize, each with max or min.",
        either(_DIRECTION, mapping("", OBJECTIVE_KEYS, ("direction",))),
        least=1,
    ),
    "trials": count("The number of trials in total, over every `sweep run`.", most=MAX_TRIALS),
    "sampler": _algorithm(
        "What suggests trials; with options as {name: tpe, n_startup_trials: 8}.", SAMPLERS, "tpe"
    ),
    "pruner": _algorithm("What stops trials that are not worth continuing.", PRUNERS, "none"),
    "enqueue": listed(
        "Starting points, tried first: a value for each key that is drawn.",
        shared("settings", ""),
    ),
    "timeout": duration("For how long one `sweep run` starts new trials."),
    "seed": count("The seed of the suggestions.", least=0),
    "storage": word("The URL of Optuna's storage. Without: a file beside the record.", "://"),
}
_REQUIRED = {
    "space": SPACE_EXAMPLE,
    "objective": "objective: {val/loss: min}",
    "trials": "trials: 50",
}
REPLACED = ("grid", "zip", "include", "exclude", "seeds")
"""The keys of a sweep that `search` replaces."""
_SEEDS = (
    "a search trains each setting once. Write `seed` under `set:` for all its trials, and train its best setting with several seeds in a "
    "grid afterwards (`sweep best`)"
)
SEARCH = mapping("Suggest trials with Optuna, in place of `grid`.", SEARCH_KEYS, _REQUIRED)


def read_search(sweep: Node, reader: FieldReader) -> SearchSpec | None:
    """Read the `search:` of a sweep; None if it has none, or none that can be read."""
    if sweep.mapping is None or "search" not in sweep.mapping:
        return None
    for key in REPLACED:
        if key in sweep.mapping:
            remedy = _SEEDS if key == "seeds" else "move what it varies to `space`"
            message = f"`{key}` cannot be combined with `search`; {remedy}"
            reader.problem(sweep, message, at=sweep.key_place(key))
    node, place = sweep.mapping["search"], sweep.key_place("search")
    entries = reader.mapping(node, SEARCH_KEYS)
    if entries is None:
        return None
    for key, example in _REQUIRED.items():
        if key not in entries:
            reader.problem(node, f"`{key}` is missing; write for example `{example}`", at=place)
    dimensions = read_space(entries["space"], reader) if "space" in entries else ()
    objectives = tuple(_read_objectives(entries["objective"], reader)) if "objective" in entries else ()
    trials = _read_trials(entries.get("trials"), reader)
    storage = entries.get("storage")
    search = SearchSpec(
        dimensions=dimensions,
        objectives=objectives,
        trials=trials or 1,
        sampler=_read_algorithm(entries.get("sampler"), SAMPLERS, Algorithm("tpe", {}, place), reader),
        pruner=_read_algorithm(entries.get("pruner"), PRUNERS, Algorithm("none", {}, place), reader),
        place=place,
        points=tuple(_read_points(entries.get("enqueue"), entries.get("space"), dimensions, reader)),
        timeout_s=reader.duration_s(entries.get("timeout")),
        seed=reader.count(entries.get("seed"), least=0) or 0,
        storage=_read_storage(storage, reader),
        storage_place=storage.place if storage else None,
    )
    if trials is not None and len(search.points) > trials:
        message = f"{len(search.points)} starting points are more than the search has trials ({trials})"
        reader.problem(entries["enqueue"], f"{message}; delete some, or raise `trials`")
    if search.pruner.name != "none" and len(objectives) > 1:
        message = (
            f"{search.pruner.name} compares trials by one objective, and this search has {len(objectives)}"
        )
        remedy = "leave `pruner` out, or keep one objective"
        reader.problem(entries["pruner"], f"{message}; {remedy}", at=search.pruner.place)
    return search if dimensions and objectives else None


def _read_objectives(node: Node, reader: FieldReader) -> Iterator[Objective]:
    """Read `{val/psnr: max}` or `{val/psnr: {direction: max, value: best, by: 5}}`."""
    entries = reader.mapping(node)
    if entries is not None and not entries:
        reader.problem(node, f"is empty; write for example `{_REQUIRED['objective']}`")
    for metric, body in (entries or {}).items():
        options = {"direction": body}
        if body.mapping is not None:
            options = reader.mapping(body, OBJECTIVE_KEYS) or {}
        direction = options.get("direction")
        word = direction.content if direction is not None else None
        if not isinstance(word, str) or word not in _DIRECTIONS:
            written = direction.describe() if direction is not None else "nothing"
            reader.problem(body, f"must be max or min, not {written}", at=(direction or body).place)
            continue
        value = options.get("value")
        if value is not None and value.content not in VALUES:
            reader.problem(value, f"must be one of {', '.join(VALUES)}, not {value.describe()}")
        yield Objective(
            metric=metric,
            maximize=_DIRECTIONS[word],
            place=node.key_place(metric),
            of_curve=str(value.content) if value is not None else LAST,
            by=reader.count(options.get("by")) or 1,
        )


def _read_trials(node: Node | None, reader: FieldReader) -> int | None:
    count = reader.count(node)
    if node is not None and count is not None and count > MAX_TRIALS:
        reader.problem(node, f"must be at most {MAX_TRIALS:,}, not {count:,}")
    return count


def _read_storage(node: Node | None, reader: FieldReader) -> str | None:
    text = reader.word(node)
    if text is not None and node is not None and "://" not in text:
        wanted = "a URL such as sqlite:///optuna.db or postgresql://host/name"
        is_secret = "@" in text or "password" in text  # an address without its scheme
        reader.problem(node, f"must be {wanted}" + ("" if is_secret else f", not {node.describe()}"))
    return text


def _read_algorithm(
    node: Node | None, known: Mapping[str, str], default: Algorithm, reader: FieldReader
) -> Algorithm:
    """Read a sampler or pruner: `tpe`, or `{name: tpe, n_startup_trials: 8}`."""
    if node is None:
        return default
    name_node = node
    options: dict[str, Setting] = {}
    if node.mapping is not None:
        if "name" not in node.mapping:
            reader.problem(node, f"`name` is missing; it is one of {', '.join(known)}")
            return default
        name_node = node.mapping["name"]
        options = {
            key: Setting(item.plain(), node.path, item.place, node.key_place(key))
            for key, item in node.mapping.items()
            if key != "name"
        }
    name = name_node.content
    if not isinstance(name, str) or name not in known:
        hint = did_you_mean(str(name), known)
        message = f"{name_node.describe()} is not one of {', '.join(known)}{hint}"
        reader.problem(node, message, at=name_node.place)
        return default
    return Algorithm(name, options, name_node.place)


def _read_points(
    node: Node | None, space: Node | None, dimensions: tuple[Dimension, ...], reader: FieldReader
) -> Iterator[tuple[Layer, Place]]:
    """Read the starting points of `enqueue`: each has values that the space holds, and none appears twice."""
    by_key = {dimension.key: dimension for dimension in dimensions}
    searched = (space.mapping if space else None) or {}
    seen: dict[tuple[tuple[str, str], ...], Place] = {}
    for item in reader.items(node):
        layer = read_layer(item, reader)
        twin = seen.setdefault(_point_identity(layer), item.place)
        if twin is not item.place:
            reader.problem(item, f"is the same as the starting point at line {twin.line}; delete one")
        for key, setting in layer.items():
            if key not in searched:
                hint = did_you_mean(key, searched) or f"; the space has {', '.join(searched) or 'no keys'}"
                reader.problem(item, f"{key} is not in the space{hint}", at=setting.key_place)
            elif key in by_key and not by_key[key].contains(setting.value):
                message = f"{key} {choice_text(setting.value)} is not in the space: {by_key[key].words}"
                reader.problem(item, message, at=setting.place)
        yield layer, item.place


def _point_identity(layer: Layer) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((key, identity(setting.value)) for key, setting in layer.items()))
