"""Reads the sweeps of the file: `grid`, `zip`, `seeds`, `include`, `exclude`, `when`, and the parts of other modules."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from sweeps.spec.fields import is_whole
from sweeps.spec.launch.measures import MEASURES, read_measures
from sweeps.spec.model import MAX_TRIALS, SweepSpec, When
from sweeps.spec.resources import KEEP, LIMITS, RESOURCES, read_keep, read_limits, read_resources
from sweeps.spec.schema.shapes import (
    SCALAR,
    count,
    either,
    listed,
    mapping,
    named,
    shared,
    some_of,
    told,
    without,
    word,
)
from sweeps.spec.search_parser import REPLACED, SEARCH, read_search
from sweeps.spec.setting_parser import beside_words, is_valid_key, read_condition, read_layer
from sweeps.spec.settings import Axis, Setting, identity, is_choice, overlaps
from sweeps.spec.yaml_reader import describe

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sweeps.errors import Place
    from sweeps.spec.fields import FieldReader
    from sweeps.spec.schema.shapes import Keys, Shape
    from sweeps.spec.settings import Layer
    from sweeps.spec.yaml_reader import Node

SWEEPS_EXAMPLE = "sweeps: {my-sweep: {grid: {lr: [1e-3, 1e-4]}}}"

SEED = "seed"
"""The key that `seeds` varies."""
SEED_NAME = re.compile(
    r"(?i)(manual|random|rand|p?rng|global|base|main|master|init|np|numpy|torch|train|training)?_?seed(_everything|_value)?"
    r"|(random|p?rng)_?(state|key)|p?rng"
)
"""What programs call a setting that is their seed, with `_` for `-`."""
_OURS = ("sweeps.", "mlflow.")
"""Tags that begin so are written by the record, and by MLflow."""
_MAKES_TRIALS = frozenset({"grid", "zip", "include", "seeds", "set", "search"})
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]*")
_MAX_NAME = 100
WHEN_KEYS: Keys = {
    "if": shared(
        "condition", "The trials that are meant: those whose config has one of its values for each key."
    ),
    "set": shared("settings", "What is set for them."),
}
_SEEDS = either(count("", most=MAX_TRIALS), listed("", {"type": "integer"}, least=1, uniqueItems=True))
SWEEP_KEYS: Keys = {
    "grid": shared("axes", "The values that each key takes; every combination is a trial."),
    "zip": shared("axes", "Lists of the same length, whose values are taken side by side."),
    "include": listed("Further trials, each with its settings.", shared("settings", "")),
    "exclude": listed("Trials to leave out: those that match one of these.", shared("condition", "")),
    "when": listed("Settings of the trials that match.", mapping("", WHEN_KEYS, WHEN_KEYS)),
    "set": shared("settings", "Settings of all its trials."),
    "seeds": told("How often each trial is repeated, or with which seeds.", _SEEDS),
    "search": SEARCH,
    "resources": RESOURCES,
    "limits": LIMITS,
    "keep": KEEP,
    "tags": named("Tags of its runs in MLflow.", SCALAR, {"pattern": r"^(?!sweeps\.|mlflow\.)"}),
    "description": word("What it is for; stands in MLflow."),
    "measures": MEASURES,
}
_SWEEP: Shape = {
    **mapping("", SWEEP_KEYS, **some_of(sorted(_MAKES_TRIALS))),
    "dependencies": {"search": without(REPLACED)},
}
SWEEPS = named(
    "The sweeps by name, each a grid or a search.",
    _SWEEP,
    {"pattern": f"^{_NAME.pattern}$", "maxLength": _MAX_NAME},
    least=1,
)


def seed_keys(keys: Iterable[str]) -> list[str]:
    """Those of dotted keys that programs call their seed."""
    return [key for key in keys if SEED_NAME.fullmatch(key.rpartition(".")[2].replace("-", "_"))]


def read_sweeps(node: Node, reader: FieldReader) -> tuple[SweepSpec, ...]:
    """Read the sweeps by name; a sweep that cannot be read is left out."""
    entries = reader.mapping(node)
    if entries is not None and not entries:
        reader.problem(node, f"defines no sweep; write for example `{SWEEPS_EXAMPLE}`")
    sweeps = []
    for name, body in (entries or {}).items():
        place = node.key_place(name)
        if not _NAME.fullmatch(name) or len(name) > _MAX_NAME:
            allowed = "start with a letter or digit, continue with letters, digits and . _ + -"
            message = f"the name {describe(name)} must {allowed}, and have at most {_MAX_NAME} characters"
            reader.problem(node, message, at=place)
            continue
        sweep = _read_sweep(name, body, place, reader)
        if sweep is not None:
            sweeps.append(sweep)
    return tuple(sweeps)


def _read_sweep(name: str, body: Node, place: Place, reader: FieldReader) -> SweepSpec | None:
    entries = reader.mapping(body, SWEEP_KEYS)
    if entries is None:
        return None
    if not _MAKES_TRIALS & entries.keys():
        reader.problem(body, "defines no trials; add `grid`, `zip`, `include` or `search`")
    grid = read_grid(entries.get("grid"), reader)
    zipped = read_zip(entries.get("zip"), reader)
    seeds = read_seeds(entries.get("seeds"), reader)
    check_axes_differ((*grid, *zipped), seeds, body, reader)
    return SweepSpec(
        name=name,
        place=place,
        grid=grid,
        zipped=zipped,
        include=tuple(_read_include(entries.get("include"), seeds, reader)),
        exclude=tuple(
            (read_condition(item, reader), item.place) for item in reader.items(entries.get("exclude"))
        ),
        when=tuple(_read_whens(entries.get("when"), reader)),
        settings=read_layer(entries.get("set"), reader),
        seeds=seeds,
        resources=read_resources(entries.get("resources"), reader),
        limits=read_limits(entries.get("limits"), reader),
        keep=read_keep(entries.get("keep"), reader),
        search=read_search(body, reader),
        tags=dict(_read_tags(entries.get("tags"), reader)),
        description=reader.word(entries.get("description")) or "",
        measures=read_measures(entries.get("measures"), reader),
    )


def _read_tags(node: Node | None, reader: FieldReader) -> Iterator[tuple[str, Setting]]:
    """Read `{team: video, paper: true}`: names and texts; other values as they are written in JSON."""
    for name, value in (reader.mapping(node) or {}).items():
        place = node.key_place(name) if node else None
        if name.startswith(_OURS):
            writer = name.partition(".")[0]
            reader.problem(value, f"the tag would be taken for one that {writer} writes; rename it", at=place)
        elif not isinstance(value.content, str | int | float):
            reader.problem(value, f"must be a text, a number, or true or false, not {value.describe()}")
        else:
            text = value.content if isinstance(value.content, str) else json.dumps(value.content)
            yield name, Setting(text, node.path if node else "", value.place, place)


def _read_include(
    node: Node | None, seeds: Axis | None, reader: FieldReader
) -> Iterator[tuple[Layer, Place]]:
    for item in reader.items(node):
        layer = read_layer(item, reader)
        if seeds is not None and SEED in layer:
            reader.problem(item, "`seeds` varies seed already; keep one of them", at=layer[SEED].place)
        yield layer, item.place


def _read_whens(node: Node | None, reader: FieldReader) -> Iterator[When]:
    for item in reader.items(node):
        entries = reader.mapping(item, WHEN_KEYS)
        if entries is None:
            continue
        missing = [key for key in WHEN_KEYS if key not in entries]
        if missing:
            reader.problem(item, f"each entry is {{if: {{...}}, set: {{...}}}}; `{missing[0]}` is missing")
            continue
        condition = read_condition(entries["if"], reader)
        yield When(condition, read_layer(entries["set"], reader), item.place)


def read_grid(node: Node | None, reader: FieldReader) -> tuple[Axis, ...]:
    """Read `{tfr: [1.0, 0.5], lr: [1e-3]}`."""
    entries = reader.mapping(node)
    if node is None or entries is None:
        return ()
    if not entries:
        reader.problem(node, "is empty; name at least one key with its values")
    axes = []
    for key, values in entries.items():
        place = node.key_place(key)
        if is_valid_key(key, place, node, reader) and _is_list_of_values(key, values, reader):
            elements = values.items or ()
            settings = tuple(Setting(item.plain(), node.path, item.place, place) for item in elements)
            _check_distinct(elements, reader)
            axes.append(Axis(key, settings, place))
    return tuple(axes)


def read_zip(node: Node | None, reader: FieldReader) -> tuple[Axis, ...]:
    """Read lists of equal length."""
    axes = read_grid(node, reader)
    if node is not None and len({len(axis.values) for axis in axes}) > 1:
        lengths = ", ".join(f"{axis.key} has {len(axis.values)}" for axis in axes)
        reader.problem(node, f"lists must have the same length, but {lengths}")
    return axes


def read_seeds(node: Node | None, reader: FieldReader) -> Axis | None:
    """Read `[1, 2, 3]`, or the number of seeds, which then count from 0."""
    if node is None:
        return None
    value = node.content
    if isinstance(value, int) and is_whole(value) and 0 < value <= MAX_TRIALS:
        settings = tuple(Setting(seed, node.path, node.place) for seed in range(value))
        return Axis(SEED, settings, node.place)
    if node.items:
        wrong = [item for item in node.items if not is_whole(item.content)]
        for item in wrong:
            reader.problem(item, f"a seed must be a whole number, not {item.describe()}")
        if wrong:
            return None
        _check_distinct(node.items, reader)
        settings = tuple(Setting(item.plain(), node.path, item.place) for item in node.items)
        return Axis(SEED, settings, node.place)
    written = "an empty list" if node.items is not None else node.describe()
    if isinstance(value, int) and is_whole(value) and value > MAX_TRIALS:
        written = f"{value:,}: a file holds {MAX_TRIALS:,} trials at most"
    wanted = "a list of whole numbers, such as [1, 2, 3], or the number of seeds"
    reader.problem(node, f"must be {wanted}, not {written}")
    return None


def check_axes_differ(axes: Iterable[Axis], seeds: Axis | None, sweep: Node, reader: FieldReader) -> None:
    """No two axes may set the same key, or a key inside the other's."""
    seen: list[Axis] = []
    for axis in axes:
        for other in seen:
            if _exclude_each_other(axis, other, reader):
                first = f"as {other.key} at line {other.place.line}"
                remedy = f"keep one{beside_words(axis.key, other.key, reader)}"
                reader.problem(sweep, f"{axis.key} is varied twice ({first}); {remedy}", at=axis.place)
        if seeds is not None and overlaps(axis.key, seeds.key):
            reader.problem(sweep, f"`seeds` varies {axis.key} already; keep one of them", at=axis.place)
        seen.append(axis)


def _exclude_each_other(one: Axis, other: Axis, reader: FieldReader) -> bool:
    """Whether two axes set the same key, or one sets what the other's key holds."""
    if not reader.groups or one.key == other.key:
        return overlaps(one.key, other.key)
    upper = min(one, other, key=lambda axis: len(axis.key))
    return overlaps(one.key, other.key) and not all(is_choice(setting.value) for setting in upper.values)


def _is_list_of_values(key: str, values: Node, reader: FieldReader) -> bool:
    if values.items is None:
        written = values.describe()
        remedy = f"write [{written}], or move it to `set`"
        if values.mapping is not None:
            remedy = f"write a dotted key, such as {key}.{next(iter(values.mapping), 'name')}"
        elif values.content is None:
            remedy = "write its values, such as [1, 2]"
        reader.problem(values, f"must be a list of values, not {written}; {remedy}")
        return False
    if not values.items:
        reader.problem(values, "is empty; list at least one value")
        return False
    mappings = [item for item in values.items if item.mapping is not None]
    for item in mappings:
        inner = f"{key}.{next(iter(item.mapping or ()), 'name')}"
        word = f"{key} by words that choose of its group, and " if reader.groups else ""
        message = f"a mapping cannot be varied; vary {word}dotted keys, such as {inner}, under `zip`"
        reader.problem(item, message)
    return not mappings


def _check_distinct(items: Iterable[Node], reader: FieldReader) -> None:
    seen: set[str] = set()
    for item in items:
        value = item.plain()
        text = identity(value)
        if text in seen:
            remedy = "delete one, or write None for the word" if value is None else "delete one"
            reader.problem(item, f"{describe(value)} appears twice; {remedy}")
        seen.add(text)
