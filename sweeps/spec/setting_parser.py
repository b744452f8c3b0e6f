"""Reads settings, conditions, and the values that a sweep varies: `grid` and `zip` lists, and `seeds`.

How these values are combined into trials stands in `sweeps.planning.cells`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sweeps.spec.fields import is_whole
from sweeps.spec.model import MAX_TRIALS
from sweeps.spec.settings import Axis, Setting, is_key, overlaps
from sweeps.spec.yaml_reader import describe

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sweeps.errors import Place
    from sweeps.spec.fields import Shape
    from sweeps.spec.settings import Condition, Layer
    from sweeps.spec.yaml_reader import Located, Value

SEED = "seed"
"""The key that `seeds` varies."""


def read_layer(node: Located | None, where: str, shape: Shape) -> Layer:
    """Read settings; `data: {name: folder}` and `data.name: folder` are the same."""
    entries = shape.mapping(node, where)
    return flat_layer(entries, where, shape, node) if entries and node else {}


def flat_layer(entries: Mapping[str, Located], where: str, shape: Shape, parent: Located) -> Layer:
    """The flat settings of a mapping's entries, each key set once."""
    flat: Layer = {}
    _flatten(entries, parent, "", where, flat, shape)
    return flat


def read_condition(node: Located, where: str, shape: Shape) -> Condition:
    """Read `{tfr: 0.5, kl_anneal_type: [None, Cyclical]}`: of each key, one of its values."""
    layer = read_layer(node, where, shape)
    if not layer and node.mapping is not None:
        shape.problem(node.place, f"{where}: is empty, so it would hold always; name a key and a value")
    return {
        key: tuple(setting.value) if isinstance(setting.value, list) else (setting.value,)
        for key, setting in layer.items()
    }


def read_axes(node: Located | None, where: str, shape: Shape) -> tuple[Axis, ...]:
    """Read `{tfr: [1.0, 0.5], lr: [1e-3]}`."""
    entries = shape.mapping(node, where)
    if entries is not None and not entries and node is not None:
        shape.problem(node.place, f"{where}: is empty; name at least one key with its values")
    axes = []
    for key, values in (entries or {}).items():
        place = node.key_place(key) if node else values.place
        if _key_fits(key, where, place, shape) and _is_list_of_values(key, values, f"{where}.{key}", shape):
            settings = tuple(Setting(item.plain(), where, item.place, place) for item in values.items or ())
            _check_distinct(settings, f"{where}.{key}", shape)
            axes.append(Axis(key, settings, place))
    return tuple(axes)


def read_seeds(node: Located | None, where: str, shape: Shape) -> Axis | None:
    """Read `[1, 2, 3]`, or how many seeds from 0."""
    if node is None:
        return None
    found = node.content
    if isinstance(found, int) and not isinstance(found, bool) and 0 < found <= MAX_TRIALS:
        return Axis(SEED, tuple(Setting(seed, where, node.place) for seed in range(found)), node.place)
    told = node.describe()
    if isinstance(found, int) and not isinstance(found, bool) and found > MAX_TRIALS:
        told = f"{found:,}, which is more than the {MAX_TRIALS:,} trials that a file may hold"
    if node.items:
        wrong = [item for item in node.items if not is_whole(item.content)]
        if not wrong:
            settings = tuple(Setting(item.plain(), where, item.place) for item in node.items)
            _check_distinct(settings, where, shape)
            return Axis(SEED, settings, node.place)
        for item in wrong:
            shape.problem(item.place, f"{where}: a seed must be a whole number, not {item.describe()}")
        return None
    if node.items is not None:
        told = "an empty list"
    message = f"{where}: must be a list of whole numbers, such as [1, 2, 3], or how many, not {told}"
    shape.problem(node.place, message)
    return None


def check_apart(axes: Iterable[Axis], seeds: Axis | None, where: str, shape: Shape) -> None:
    """No two axes may set the same key, or a key inside the other's."""
    seen: list[Axis] = []
    for axis in axes:
        for other in seen:
            if overlaps(axis.key, other.key):
                message = f"{where}: {axis.key} is varied twice (as {other.key} at line {other.place.line}); keep one"
                shape.problem(axis.place, message)
        if seeds is not None and overlaps(axis.key, seeds.key):
            shape.problem(axis.place, f"{where}: {axis.key} is what `seeds` varies; keep one of them")
        seen.append(axis)


def _flatten(
    entries: Mapping[str, Located], parent: Located, prefix: str, where: str, flat: Layer, shape: Shape
) -> None:
    for key, node in entries.items():
        name = f"{prefix}{key}"
        place = parent.key_place(key)
        if not _key_fits(key, where, place, shape):
            continue
        if node.mapping:
            _flatten(node.mapping, node, f"{name}.", where, flat, shape)
            continue
        twin = next((other for other in flat if overlaps(other, name)), None)
        if twin is not None:
            first = flat[twin].place.line
            shape.problem(place, f"{where}: {name} is set twice (as {twin} at line {first}); delete one")
            continue
        flat[name] = Setting(node.plain(), where, node.place, place)


def _key_fits(key: str, where: str, place: Place, shape: Shape) -> bool:
    if is_key(key):
        return True
    told = describe(key)
    shape.problem(place, f"{where}: the key {told} must be letters, digits, _ and -, in parts joined by dots")
    return False


def _is_list_of_values(key: str, values: Located, where: str, shape: Shape) -> bool:
    if values.items is None:
        found = values.describe()
        message = f"{where}: must be a list of values, not {found}; write [{found}], or move it to `set`"
        if values.mapping is not None:
            inner = next(iter(values.mapping), "name")
            message = (
                f"{where}: must be a list of values, not a mapping; write a dotted key, such as {key}.{inner}"
            )
        elif values.content is None:
            message = f"{where}: must be a list of values, not null; write its values, such as [1, 2]"
        shape.problem(values.place, message)
        return False
    if not values.items:
        shape.problem(values.place, f"{where}: is empty; a key without values leaves no trial")
        return False
    mappings = [item for item in values.items if item.mapping is not None]
    for item in mappings:
        inner = next(iter(item.mapping or ()), "name")
        message = f"{where}: a mapping cannot be varied; vary dotted keys, such as {key}.{inner}, under `zip`"
        shape.problem(item.place, message)
    return not mappings


def _check_distinct(settings: Iterable[Setting], where: str, shape: Shape) -> None:
    seen: set[str] = set()
    for setting in settings:
        identity = _identity(setting.value)
        if identity in seen:
            remedy = "delete one, or write None for the word" if setting.value is None else "delete one"
            shape.problem(setting.place, f"{where}: {describe(setting.value)} stands twice; {remedy}")
        seen.add(identity)


def _identity(value: Value) -> str:
    """What two values share exactly if they are the same: 1 and 1.0 do, 1 and true do not."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, list):
        return f"[{','.join(map(_identity, value))}]"
    return repr(value)
