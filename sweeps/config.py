"""Trial configs: flat settings to nested dicts and back, and the trainer's own model of its keys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError
from pydantic.errors import PydanticInvalidForJsonSchema, PydanticUserError

from sweeps.errors import did_you_mean
from sweeps.source import describe

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pydantic_core import ErrorDetails

    from sweeps.source import Value


def nest(flat: Mapping[str, Value]) -> dict[str, Any]:
    """`{"data.name": "folder"}` to `{"data": {"name": "folder"}}`."""
    nested: dict[str, Any] = {}
    for dotted, value in flat.items():
        *parents, last = dotted.split(".")
        level = nested
        for parent in parents:
            level = level.setdefault(parent, {})
        level[last] = value
    return nested


def flatten(nested: Mapping[str, Any], prefix: str = "") -> dict[str, Value]:
    """`{"data": {"name": "folder"}}` to `{"data.name": "folder"}`; an empty mapping stays a value."""
    flat: dict[str, Value] = {}
    for key, value in nested.items():
        if isinstance(value, dict) and value:
            flat.update(flatten(value, f"{prefix}{key}."))
        else:
            flat[f"{prefix}{key}"] = value
    return flat


@dataclass(frozen=True, slots=True)
class ConfigProblem:
    """What the trainer's model says against a config; `key` is dotted, empty for the config as a whole."""

    key: str
    message: str


class ConfigSchema:
    """The keys, types, ranges and defaults of a trainer's config, from its own model.

    Args:
        model: A pydantic model, a dataclass or a typed dict.
    """

    def __init__(self, model: Any) -> None:
        self._adapter: TypeAdapter[Any] = TypeAdapter(model)
        self._open: set[str] = set()
        try:
            document = self._adapter.json_schema()
        except (PydanticInvalidForJsonSchema, PydanticUserError):
            document = {"additionalProperties": True}
        self._keys = frozenset(self._walk(document, document.get("$defs", {}), ""))
        self.defaults = self._read_defaults()

    def resolve(self, flat: Mapping[str, Value]) -> dict[str, Value]:
        """The whole config, flat, defaults included.

        Raises:
            ConfigError: With every problem of the config.
        """
        unknown = [ConfigProblem(key, self._unknown_message(key)) for key in flat if not self._is_known(key)]
        nested = nest(flat)
        try:
            checked = self._adapter.validate_python(nested)
        except ValidationError as error:
            unknown_keys = {problem.key for problem in unknown}
            found = [_problem(details, nested, self._keys) for details in error.errors(include_url=False)]
            raise ConfigError([*unknown, *(p for p in found if p.key not in unknown_keys)]) from None
        if unknown:
            raise ConfigError(unknown)
        return flatten(self._adapter.dump_python(checked, mode="json"))

    def _is_known(self, key: str) -> bool:
        if key in self._keys or "" in self._open:
            return True
        parts = key.split(".")
        return any(".".join(parts[:i]) in self._open for i in range(1, len(parts) + 1))

    def _unknown_message(self, key: str) -> str:
        if any(known.startswith(f"{key}.") for known in self._keys):
            inner = sorted(known for known in self._keys if known.startswith(f"{key}."))
            return f"is a group of keys, such as {inner[0]}; set those"
        return f"unknown key '{key}'{did_you_mean(key, self._keys) or '; the trainer has no such key'}"

    def _read_defaults(self) -> dict[str, Value]:
        try:
            return flatten(self._adapter.dump_python(self._adapter.validate_python({}), mode="json"))
        except ValidationError:
            return {}

    def _walk(self, node: Mapping[str, Any], defs: Mapping[str, Any], prefix: str) -> Iterator[str]:
        if "$ref" in node:
            node = defs.get(node["$ref"].rpartition("/")[2], {})
        for branch in (*node.get("anyOf", ()), *node.get("oneOf", ()), *node.get("allOf", ())):
            yield from self._walk(branch, defs, prefix)
        if node.get("additionalProperties") not in (None, False):
            self._open.add(prefix.rstrip("."))
        for name, inner in node.get("properties", {}).items():
            below = list(self._walk(inner, defs, f"{prefix}{name}."))
            yield from below or [f"{prefix}{name}"]


class ConfigError(Exception):
    """All problems of one config."""

    def __init__(self, problems: Sequence[ConfigProblem]) -> None:
        self.problems = problems
        super().__init__("; ".join(f"{p.key}: {p.message}" for p in problems))


def _problem(details: ErrorDetails, nested: dict[str, Any], known: frozenset[str]) -> ConfigProblem:
    key = _key_of(details["loc"], nested)
    found = details["input"]
    if details["type"] == "missing":
        missing = ".".join(str(part) for part in details["loc"])
        return ConfigProblem(key, f"key '{missing}' is missing; the trainer needs it")
    if details["type"] == "extra_forbidden":
        return ConfigProblem(key, f"unknown key '{key}'{did_you_mean(key, known)}")
    if details["type"] in {"literal_error", "enum"}:
        expected = str(details.get("ctx", {}).get("expected", ""))
        choices = [choice.strip(" '") for choice in expected.replace(" or ", ", ").split(",")]
        hint = did_you_mean(str(found), choices) if isinstance(found, str) else ""
        if found is None and "None" in choices:
            hint = "; did you mean the word None? YAML's null is no value"
        return ConfigProblem(key, f"{describe(found)} is not one of {', '.join(choices)}{hint}")
    message = details["msg"].removeprefix("Value error, ").removeprefix("Assertion failed, ")
    message = message[:1].lower() + message[1:].replace("Input should", "should")
    if not key:
        return ConfigProblem(key, message)
    message = message.removeprefix("input ")
    return ConfigProblem(key, f"{describe(found)}: {message}" if not isinstance(found, dict) else message)


def _key_of(loc: tuple[int | str, ...], nested: dict[str, Any]) -> str:
    """The dotted key that an error's location stands for, without list indices and union tags."""
    key: list[str] = []
    level: Any = nested
    for part in loc:
        if isinstance(level, dict) and part in level:
            key.append(str(part))
            level = level[part]
    return ".".join(key)
