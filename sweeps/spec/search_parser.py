"""Located YAML to a `SearchSpec`, every problem of its shape noted."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from sweeps.errors import did_you_mean
from sweeps.spec.fields import is_whole
from sweeps.spec.model import MAX_TRIALS
from sweeps.spec.resources import seconds
from sweeps.spec.search_space import (
    PRUNERS,
    SAMPLERS,
    Chosen,
    Dimension,
    Kind,
    Objective,
    SearchSpec,
    choice_text,
)
from sweeps.spec.setting_parser import read_condition, read_layer
from sweeps.spec.settings import Setting, is_key, overlaps, same

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sweeps.errors import Place
    from sweeps.spec.fields import Shape
    from sweeps.spec.settings import Condition, Layer
    from sweeps.spec.yaml_reader import Located

_KEYS = ("space", "objective", "trials", "sampler", "pruner", "enqueue", "timeout", "seed", "storage")
_KINDS = tuple(kind.value for kind in Kind)
_EXAMPLES = {
    "space": "space: {lr: {float: [1e-5, 1e-2], log: true}}",
    "objective": "objective: {val/loss: min}",
    "trials": "trials: 50",
}
_APART = ("grid", "zip", "include", "exclude", "seeds")
_DIRECTIONS = {"max": True, "maximize": True, "min": False, "minimize": False}


def read_search(sweep: Located, where: str, shape: Shape) -> SearchSpec | None:
    """Read the `search:` of a sweep; None where it has none, or one that cannot be read."""
    entries = sweep.mapping or {}
    if "search" not in entries:
        return None
    for key in _APART:
        if key in entries:
            message = f"{where}: `{key}` cannot stand beside `search`; put what it varies into the space"
            shape.problem(sweep.key_place(key), message)
    return _Reader(f"{where}.search", shape).search(entries["search"], sweep.key_place("search"))


class _Reader:
    def __init__(self, where: str, shape: Shape) -> None:
        self._where = where
        self._shape = shape
        self._searched: frozenset[str] = frozenset()

    def search(self, node: Located, place: Place) -> SearchSpec | None:
        entries = self._shape.mapping(node, self._where, _KEYS)
        if entries is None:
            return None
        for key, example in _EXAMPLES.items():
            if key not in entries:
                self._tell(place, f"`{key}` is missing; write for example `{example}`")
        dimensions = tuple(self._space(entries["space"])) if "space" in entries else ()
        objectives = tuple(self._objectives(entries["objective"])) if "objective" in entries else ()
        storage = entries.get("storage")
        trials = self._trials(entries.get("trials"))
        points = tuple(self._points(entries.get("enqueue"), entries.get("space"), dimensions))
        if len(points) > trials and "trials" in entries:
            message = f"{len(points)} starting points are more than the {trials} trials of the search; delete some, or raise `trials`"
            self._tell(entries["enqueue"].place, message, ".enqueue")
        search = SearchSpec(
            dimensions=dimensions,
            objectives=objectives,
            trials=trials,
            sampler=self._chosen(entries.get("sampler"), "sampler", SAMPLERS, "tpe", place),
            pruner=self._chosen(entries.get("pruner"), "pruner", PRUNERS, "none", place),
            place=place,
            points=points,
            timeout_s=self._timeout(entries.get("timeout")),
            seed=self._seed(entries.get("seed")),
            storage=self._storage(storage),
            storage_place=storage.place if storage else None,
        )
        if search.pruner.name != "none" and len(objectives) > 1:
            message = f"{search.pruner.name} compares trials by one objective, and this search has {len(objectives)}"
            self._tell(
                search.pruner.place, f"{message}; leave `pruner` out, or keep one objective", ".pruner"
            )
        return search if dimensions and objectives else None

    def _tell(self, place: Place, message: str, inner: str = "") -> None:
        self._shape.problem(place, f"{self._where}{inner}: {message}")

    def _space(self, node: Located) -> Iterator[Dimension]:
        where = f"{self._where}.space"
        entries = self._shape.mapping(node, where)
        if entries is not None and not entries:
            self._tell(node.place, f"is empty; write for example `{_EXAMPLES['space']}`", ".space")
        seen: dict[str, Dimension] = {}
        self._searched = frozenset(entries or {})
        for key, body in (entries or {}).items():
            place = node.key_place(key)
            if not is_key(key):
                self._tell(
                    place,
                    f"the key '{key}' must be letters, digits, _ and -, in parts joined by dots",
                    ".space",
                )
                continue
            twin = next((other for other in seen if overlaps(other, key)), None)
            if twin is not None:
                self._tell(
                    place, f"{key} is searched twice (as {twin} at line {seen[twin].place.line})", ".space"
                )
                continue
            dimension = self._dimension(key, body, place, seen)
            if dimension is not None:
                seen[key] = dimension
                yield dimension

    def _dimension(
        self, key: str, body: Located, place: Place, before: Mapping[str, Dimension]
    ) -> Dimension | None:
        inner = f".space.{key}"
        where = f"{self._where}{inner}"
        if body.mapping is None:
            remedy = (
                "write {float: [0, 1]}, {int: [1, 8]} or {choice: [a, b]}, or move a fixed value to `set`"
            )
            self._tell(body.place, f"must say what is drawn, not {body.describe()}; {remedy}", inner)
            return None
        entries = self._shape.mapping(body, where, (*_KINDS, "log", "step", "when")) or {}
        kinds = [kind for kind in _KINDS if kind in entries]
        if len(kinds) != 1:
            if entries.keys() <= {*_KINDS, "log", "step", "when"}:
                self._tell(body.place, f"takes exactly one of {', '.join(_KINDS)}", inner)
            return None
        kind = Kind(kinds[0])
        node = entries[kind.value]
        values = (
            self._choices(node, inner, place)
            if kind is Kind.CHOICE
            else self._bounds(node, kind, inner, place)
        )
        log = self._log(entries.get("log"), kind, inner)
        step = self._step(entries.get("step"), kind, inner, log=log)
        when = self._when(entries["when"], where, before) if "when" in entries else None
        if values is None:
            return None
        dimension = Dimension(key, kind, values, place, log, step, when)
        if kind is not Kind.CHOICE and log and dimension.bounds[0] <= 0:
            self._tell(
                values[0].place, f"a logarithmic scale begins above 0, not at {dimension.bounds[0]:g}", inner
            )
        return dimension

    def _bounds(self, node: Located, kind: Kind, inner: str, place: Place) -> tuple[Setting, ...] | None:
        what = "whole numbers" if kind is Kind.INT else "numbers"
        inner = f"{inner}.{kind.value}"
        items = node.items
        if items is None or len(items) != 2:  # noqa: PLR2004 - the least and the greatest
            found = node.describe() if items is None else f"a list of {len(items)}"
            self._tell(
                node.place, f"must be the least and the greatest value, such as [1, 8], not {found}", inner
            )
            return None
        for item in items:
            value = item.content
            if isinstance(value, bool) or not isinstance(value, int if kind is Kind.INT else int | float):
                self._tell(item.place, f"must be two {what}, not {item.describe()}", inner)
                return None
            if not math.isfinite(value):
                self._tell(item.place, f"{item.describe()} is not finite", inner)
                return None
        low, high = (item.plain() for item in items)
        if not low < high:  # type: ignore[operator]
            remedy = "write the least value first" if low != high else "move a fixed value to `set`"
            self._tell(node.place, f"holds nothing between {low} and {high}; {remedy}", inner)
            return None
        return tuple(self._setting(item, place) for item in items)

    def _choices(self, node: Located, inner: str, place: Place) -> tuple[Setting, ...] | None:
        inner = f"{inner}.choice"
        items = node.items
        if not items:
            found = node.describe() if items is None else "an empty list"
            self._tell(node.place, f"must be a list of values, such as [small, large], not {found}", inner)
            return None
        settings: list[Setting] = []
        for item in items:
            if item.mapping is not None:
                self._tell(item.place, "a mapping cannot be a choice; search its dotted keys", inner)
            elif any(same(item.plain(), other.value) for other in settings):
                self._tell(item.place, f"{item.describe()} stands twice; delete one", inner)
            else:
                settings.append(self._setting(item, place))
        return tuple(settings)

    def _setting(self, item: Located, key_place: Place) -> Setting:
        return Setting(item.plain(), f"{self._where}.space", item.place, key_place)

    def _log(self, node: Located | None, kind: Kind, inner: str) -> bool:
        if node is None:
            return False
        if not isinstance(node.content, bool):
            self._tell(node.place, f"must be true or false, not {node.describe()}", f"{inner}.log")
            return False
        if kind is Kind.CHOICE:
            self._tell(node.place, "a choice has no scale; delete it", f"{inner}.log")
        return node.content

    def _step(self, node: Located | None, kind: Kind, inner: str, *, log: bool) -> float | None:
        if node is None:
            return None
        inner = f"{inner}.step"
        value = node.content
        if kind is Kind.CHOICE or log:
            told = "a choice" if kind is Kind.CHOICE else "a logarithmic scale"
            self._tell(node.place, f"{told} has no steps; delete it", inner)
        elif (
            isinstance(value, bool)
            or not isinstance(value, int if kind is Kind.INT else int | float)
            or value <= 0
        ):
            what = "a whole number from 1" if kind is Kind.INT else "a number above 0"
            self._tell(node.place, f"must be {what}, not {node.describe()}", inner)
        else:
            return value
        return None

    def _when(self, node: Located, where: str, before: Mapping[str, Dimension]) -> Condition:
        condition = read_condition(node, f"{where}.when", self._shape)
        for key, values in condition.items():
            dimension = before.get(key)
            if dimension is None:
                if key in self._searched:
                    remedy = f"move {key} up, so that it is drawn first"
                    self._shape.problem(node.place, f"{where}.when: {key} does not stand before it; {remedy}")
                continue
            if dimension.kind is Kind.FLOAT and dimension.grid is None:
                remedy = f"give {key} a `step`, or search a choice beside it"
                told = f"{key} is drawn from a range, and all but never a given value; {remedy}"
                self._shape.problem(node.place, f"{where}.when: {told}")
                continue
            for value in values:
                if not dimension.contains(value):
                    words = [choice_text(choice.value) for choice in dimension.values]
                    hint = did_you_mean(choice_text(value), words) if dimension.kind is Kind.CHOICE else ""
                    message = (
                        f"{where}.when: {key} is never {choice_text(value)}, only {dimension.words}{hint}"
                    )
                    self._shape.problem(node.place, message)
        return condition

    def _objectives(self, node: Located) -> Iterator[Objective]:
        where = f"{self._where}.objective"
        entries = self._shape.mapping(node, where)
        if entries is not None and not entries:
            self._tell(node.place, f"is empty; write for example `{_EXAMPLES['objective']}`", ".objective")
        for metric, body in (entries or {}).items():
            inner = f".objective.{metric}"
            options = body.mapping if body.mapping is not None else {"direction": body}
            self._shape.mapping(
                body, f"{self._where}{inner}", ("direction", "value", "by")
            ) if body.mapping else None
            direction = options.get("direction")
            found = direction.content if direction is not None else None
            if not isinstance(found, str) or found not in _DIRECTIONS:
                told = direction.describe() if direction is not None else "nothing"
                self._tell((direction or body).place, f"must be max or min, not {told}", inner)
                continue
            value = options.get("value")
            if value is not None and value.content not in ("last", "best"):
                self._tell(value.place, f"must be last or best, not {value.describe()}", f"{inner}.value")
            yield Objective(
                metric=metric,
                maximize=_DIRECTIONS[found],
                place=node.key_place(metric),
                best=value is not None and value.content == "best",
                by=self._shape.count(options.get("by"), f"{self._where}{inner}.by") or 1,
            )

    def _trials(self, node: Located | None) -> int:
        count = self._shape.count(node, f"{self._where}.trials") or 1
        if node is not None and count > MAX_TRIALS:
            self._tell(node.place, f"must be at most {MAX_TRIALS:,}, not {count:,}", ".trials")
        return count

    def _seed(self, node: Located | None) -> int:
        if node is not None and (not is_whole(node.content) or node.content < 0):  # type: ignore[operator]
            self._tell(node.place, f"must be a whole number from 0, not {node.describe()}", ".seed")
        return node.content if node is not None and is_whole(node.content) else 0  # type: ignore[return-value]

    def _timeout(self, node: Located | None) -> float | None:
        found = seconds(node.content) if node is not None else None
        if node is not None and found is None:
            message = f"must be a time such as 90s, 30m, 2h or 1d, not {node.describe()}"
            self._tell(node.place, message, ".timeout")
        return found

    def _storage(self, node: Located | None) -> str | None:
        text = self._shape.word(node, f"{self._where}.storage")
        if text is not None and node is not None and "://" not in text:
            message = "must be a URL such as sqlite:///optuna.db or postgresql://user@host/name"
            self._tell(node.place, f"{message}, not {node.describe()}", ".storage")
        return text

    def _chosen(
        self, node: Located | None, part: str, known: Mapping[str, Any], default: str, place: Place
    ) -> Chosen:
        if node is None:
            return Chosen(default, {}, place)
        options: dict[str, Setting] = {}
        word = node
        if node.mapping is not None:
            if "name" not in node.mapping:
                self._tell(node.place, f"`name` is missing; it is one of {', '.join(known)}", f".{part}")
                return Chosen(default, {}, node.place)
            word = node.mapping["name"]
            options = {
                key: Setting(item.plain(), f"{self._where}.{part}", item.place, node.key_place(key))
                for key, item in node.mapping.items()
                if key != "name"
            }
        name = word.content
        if not isinstance(name, str) or name not in known:
            hint = did_you_mean(str(name), known)
            self._tell(word.place, f"{word.describe()} is not one of {', '.join(known)}{hint}", f".{part}")
            return Chosen(default, {}, word.place)
        return Chosen(name, options, word.place)

    def _points(
        self, node: Located | None, space: Located | None, dimensions: tuple[Dimension, ...]
    ) -> Iterator[tuple[Layer, Place]]:
        where = f"{self._where}.enqueue"
        known = {dimension.key: dimension for dimension in dimensions}
        written = (space.mapping if space else None) or {}
        seen: list[tuple[Layer, Place]] = []
        for item in self._shape.items(node, where):
            layer = read_layer(item, where, self._shape)
            twin = next((place for other, place in seen if _is_same_point(layer, other)), None)
            if twin is not None:
                self._tell(item.place, f"stands twice (as at line {twin.line}); delete one", ".enqueue")
            seen.append((layer, item.place))
            for key, setting in layer.items():
                place = setting.key_place or setting.place
                if key not in written:
                    hint = did_you_mean(key, written) or f"; searched are {', '.join(written) or 'none'}"
                    self._tell(place, f"{key} is not in the space{hint}", ".enqueue")
                elif key in known and not known[key].contains(setting.value):
                    told = choice_text(setting.value)
                    message = f"{key} {told} is not in the space: {known[key].words}"
                    self._tell(setting.place, message, ".enqueue")
            yield layer, item.place


def _is_same_point(one: Layer, other: Layer) -> bool:
    return one.keys() == other.keys() and all(same(one[key].value, other[key].value) for key in one)
