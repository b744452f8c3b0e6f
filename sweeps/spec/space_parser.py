"""Reads the `space` of a search: for each key its values, scale and step, and the condition under which it is drawn."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from sweeps.errors import did_you_mean
from sweeps.spec.schema.shapes import exactly_one, flag, listed, mapping, shared, told
from sweeps.spec.search_space import Dimension, ValueType, choice_text
from sweeps.spec.setting_parser import beside_words, is_valid_key, read_condition
from sweeps.spec.settings import KeySet, Setting, identity

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sweeps.errors import Place
    from sweeps.spec.fields import FieldReader
    from sweeps.spec.schema.shapes import Keys, Shape
    from sweeps.spec.settings import Condition
    from sweeps.spec.yaml_reader import Node, Value

SPACE_EXAMPLE = "space: {lr: {float: [1e-5, 1e-2], log: true}}"

_TYPES = tuple(value_type.value for value_type in ValueType)
MOST = 2**53
"""Bounds beyond this, and more steps than this between them, are no numbers that a sampler can tell apart."""
_NUMBER: Shape = {"type": "number"}
_WHOLE: Shape = {"type": "integer", "minimum": -MOST, "maximum": MOST}
DIMENSION_KEYS: Keys = {
    "float": listed("A number between the lowest and the highest value.", _NUMBER, least=2, maxItems=2),
    "int": listed("A whole number, from the lowest to the highest value.", _WHOLE, least=2, maxItems=2),
    "choice": listed("One of these values.", {"not": {"type": "object"}}, least=1, uniqueItems=True),
    "log": flag("Whether it is drawn on a logarithmic scale."),
    "step": told("The distance between neighbouring values.", {"type": "number", "exclusiveMinimum": 0}),
    "when": shared(
        "condition", "Draw it only where settings that are drawn before have one of these values."
    ),
}
DIMENSION: Shape = {
    **mapping("", DIMENSION_KEYS),
    **exactly_one(_TYPES),
    "dependencies": {
        "choice": {"properties": {"log": False, "step": False}},
        "int": {"properties": {"step": {"type": "integer"}}},
        "step": {"properties": {"log": {"const": False}}},
    },
}
"""What may be said of one searched key."""


def read_space(node: Node, reader: FieldReader) -> tuple[Dimension, ...]:
    """Read `{lr: {float: [1e-5, 1e-2], log: true}, model: {choice: [small, large]}}`."""
    entries = reader.mapping(node)
    if entries is not None and not entries:
        reader.problem(node, f"is empty; write for example `{SPACE_EXAMPLE}`")
    seen: dict[str, Dimension] = {}
    keys = KeySet(groups=reader.groups)
    for key, body in (entries or {}).items():
        place = node.key_place(key)
        if not is_valid_key(key, place, node, reader):
            continue
        choices = _choices_in(body)
        twin = keys.twin(key, choices)
        if twin is not None:
            first = f"as {twin} at line {seen[twin].place.line}"
            remedy = f"keep one{beside_words(key, twin, reader)}"
            reader.problem(node, f"{key} is searched twice ({first}); {remedy}", at=place)
            continue
        dimension = _read_dimension(key, body, place, node, seen, reader)
        if dimension is not None:
            seen[key] = dimension
            keys.add(key, choices)
    return tuple(seen.values())


def _choices_in(body: Node) -> list[Value]:
    """The values of a `choice`; none where it is something else."""
    choice = (body.mapping or {}).get(ValueType.CHOICE.value)
    return [item.plain() for item in (choice.items or () if choice is not None else ())]


def _read_dimension(
    key: str, body: Node, place: Place, space: Node, before: Mapping[str, Dimension], reader: FieldReader
) -> Dimension | None:
    if body.mapping is None:
        forms = "{float: [0, 1]}, {int: [1, 8]} or {choice: [a, b]}"
        message = f"write {forms}, not {body.describe()}; a fixed value belongs in `set`"
        reader.problem(body, message)
        return None
    entries = reader.mapping(body, DIMENSION_KEYS) or {}
    types = [value_type for value_type in _TYPES if value_type in entries]
    if len(types) != 1:
        if entries.keys() <= set(DIMENSION_KEYS):
            reader.problem(body, f"needs exactly one of {', '.join(_TYPES)}")
        return None
    value_type = ValueType(types[0])
    values_node = entries[value_type.value]
    if value_type is ValueType.CHOICE:
        values = _read_choices(values_node, space.path, place, reader)
    else:
        values = _read_bounds(values_node, value_type, space.path, place, reader)
    log = _read_log(entries.get("log"), value_type, reader)
    step = _read_step(entries.get("step"), value_type, reader, log=log)
    when = _read_when(entries.get("when"), space.mapping or {}, before, reader)
    if values is None:
        return None
    dimension = Dimension(key, value_type, values, place, log, step, when)
    if value_type is not ValueType.CHOICE and log and dimension.bounds[0] <= 0:
        message = f"a logarithmic scale needs values above 0, not {dimension.bounds[0]:g}"
        reader.problem(body, f"{message}; raise it, or delete `log`", at=values[0].place)
    if dimension.step and (dimension.size or 0) > MOST:
        finding = f"steps of {dimension.step:g} are too fine between {dimension.bounds[0]:g} and {dimension.bounds[1]:g}"
        reader.problem(entries["step"], f"{finding}; delete `step`, or write a larger one")
        return None
    return dimension


def _read_bounds(
    node: Node, value_type: ValueType, layer: str, key_place: Place, reader: FieldReader
) -> tuple[Setting, ...] | None:
    is_int = value_type is ValueType.INT
    if node.items is None or len(node.items) != 2:  # noqa: PLR2004 - the lowest and the highest
        written = node.describe() if node.items is None else f"a list of {len(node.items)}"
        reader.problem(node, f"must be the lowest and the highest value, such as [1, 8], not {written}")
        return None
    for item in node.items:
        value = item.content
        if isinstance(value, bool) or not isinstance(value, int if is_int else int | float):
            wanted = "two whole numbers" if is_int else "two numbers"
            reader.problem(item, f"must be {wanted}, not {item.describe()}")
            return None
        if isinstance(value, int) and abs(value) > MOST:
            reader.problem(
                item, f"a bound must lie between -{MOST:,} and {MOST:,}; search an exponent instead"
            )
            return None
        if not math.isfinite(value):
            reader.problem(item, f"{item.describe()} is not finite; write a finite number")
            return None
    low, high = (item.plain() for item in node.items)
    if not low < high:  # type: ignore[operator]
        remedy = "write the lower value first" if low != high else "move a fixed value to `set`"
        reader.problem(node, f"there is nothing between {low} and {high}; {remedy}")
        return None
    return tuple(Setting(item.plain(), layer, item.place, key_place) for item in node.items)


def _read_choices(
    node: Node, layer: str, key_place: Place, reader: FieldReader
) -> tuple[Setting, ...] | None:
    if not node.items:
        written = node.describe() if node.items is None else "an empty list"
        reader.problem(node, f"must be a list of values, such as [small, large], not {written}")
        return None
    settings: dict[str, Setting] = {}
    for item in node.items:
        value = item.plain()
        if item.mapping is not None:
            reader.problem(item, "a mapping cannot be a choice; search its dotted keys")
        elif (text := identity(value)) in settings:
            reader.problem(item, f"{item.describe()} appears twice; delete one")
        else:
            settings[text] = Setting(value, layer, item.place, key_place)
    return tuple(settings.values())


def _read_log(node: Node | None, value_type: ValueType, reader: FieldReader) -> bool:
    if node is None:
        return False
    is_log = reader.flag(node)
    if is_log is not None and value_type is ValueType.CHOICE:
        reader.problem(node, "a choice has no scale; delete `log`")
    return bool(is_log)


def _read_step(node: Node | None, value_type: ValueType, reader: FieldReader, *, log: bool) -> float | None:
    if node is None:
        return None
    value = node.content
    is_int = value_type is ValueType.INT
    if value_type is ValueType.CHOICE or log:
        owner = "a choice" if value_type is ValueType.CHOICE else "a logarithmic scale"
        reader.problem(node, f"{owner} has no steps; delete `step`")
        return None
    if isinstance(value, bool) or not isinstance(value, int if is_int else int | float) or value <= 0:
        wanted = "a whole number, 1 or more" if is_int else "a number above 0"
        reader.problem(node, f"must be {wanted}, not {node.describe()}")
        return None
    return value


def _read_when(
    node: Node | None, searched: Collection[str], before: Mapping[str, Dimension], reader: FieldReader
) -> Condition | None:
    """Read the condition under which a key is drawn; it may name only keys that are drawn before."""
    if node is None:
        return None
    condition = read_condition(node, reader)
    for key, values in condition.items():
        dimension = before.get(key)
        if dimension is None:
            if key in searched:
                reader.problem(node, f"{key} is not drawn before this key; move {key} further up")
            continue
        if dimension.value_type is ValueType.FLOAT and dimension.size is None:
            remedy = f"give {key} a `step`, or search a `choice` instead"
            reader.problem(node, f"{key} is continuous, so it almost never has a given value; {remedy}")
            continue
        for value in values:
            if not dimension.contains(value):
                words = [choice_text(choice.value) for choice in dimension.values]
                is_choice = dimension.value_type is ValueType.CHOICE
                hint = did_you_mean(choice_text(value), words) if is_choice else ""
                message = f"{key} is never {choice_text(value)}, only {dimension.words}{hint}"
                reader.problem(node, message)
    return condition
