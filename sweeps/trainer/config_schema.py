"""The trainer's own model of its config: which keys it has, their types, ranges and defaults."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError
from pydantic.errors import PydanticInvalidForJsonSchema, PydanticUserError

from sweeps.errors import did_you_mean
from sweeps.spec.settings import flatten, nest, uppers
from sweeps.spec.yaml_reader import describe

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pydantic_core import ErrorDetails

    from sweeps.spec.yaml_reader import Value

_CHOICE = frozenset({"literal_error", "enum"})
BEFORE = "sweep_before"
"""In the JSON schema of a key that the trainer got later: the value that all trials before it had."""
_MAX_DEPTH = 10
"""Models that hold themselves are followed so far."""


class Part(Enum):
    """What stands under a dotted key of a config model."""

    VALUE = "value"
    GROUP = "group of known keys"
    OPEN = "keys of any name"


@dataclass(frozen=True, slots=True)
class ConfigProblem:
    """What the trainer's model says against a config.

    Attributes:
        key: The dotted key; empty for the config as a whole.
        message: What is wrong and what would be right.
        about_key: Whether the key itself is wrong, not its value.
    """

    key: str
    message: str
    about_key: bool = False


class ConfigSchema:
    """The keys, types, ranges and defaults of a trainer's config, from its own model.

    Args:
        model: A pydantic model, a dataclass or a typed dict.

    Attributes:
        document: Its JSON schema, as pydantic gives it.
        defaults: The value of each key that has one, flat, as far as they are known.
        before: The keys that the trainer got later, with the value that all trials before them had.

    Raises:
        TypeError: The model is of something else than keys with values.
    """

    def __init__(self, model: Any) -> None:
        self._adapter: TypeAdapter[Any] = TypeAdapter(model)
        self._open: set[str] = set()
        self._declared: dict[str, Value] = {}
        self.before: dict[str, Value] = {}
        try:
            self.document = self._adapter.json_schema()
        except (PydanticInvalidForJsonSchema, PydanticUserError):
            self.document = {"additionalProperties": True}
        self._keys = frozenset(self._read_keys())
        if not self._keys and not self._open:
            raise TypeError("it has no keys")
        self.defaults = self._read_defaults()

    def resolve(self, flat: Mapping[str, Value]) -> dict[str, Value]:
        """The whole config, flat, defaults included.

        Raises:
            ConfigError: With every problem of the config.
        """
        unknown = [self.unknown(key) for key in flat if not self.knows(key)]
        nested = nest(flat)
        try:
            checked = self._adapter.validator.validate_python(nested)
        except ValidationError as error:
            unknown_keys = {problem.key for problem in unknown}
            found = _problems(error.errors(include_url=False), nested, self._keys)
            raise ConfigError([*unknown, *(p for p in found if p.key not in unknown_keys)]) from None
        if unknown:
            raise ConfigError(unknown)
        return flatten(self._adapter.serializer.to_python(checked, mode="json"))

    def knows(self, key: str) -> bool:
        """Whether the model has a dotted key, or takes any."""
        return key in self._keys or not self._open.isdisjoint(("", key, *uppers(key)))

    def hint(self, key: str) -> str:
        """The hint to append to a message about a key that the model does not have."""
        return did_you_mean(key, self._keys)

    def unknown(self, key: str) -> ConfigProblem:
        """The problem of a key that the model does not have."""
        inner = sorted(known for known in self._keys if known.startswith(f"{key}."))
        if inner:
            return ConfigProblem(key, f"is a group of keys, such as {inner[0]}; set those", about_key=True)
        hint = self.hint(key) or "; the trainer has no such key"
        return ConfigProblem(key, f"unknown key '{key}'{hint}", about_key=True)

    def _read_keys(self) -> Iterator[str]:
        """Each key that has a value; notes what else the document says of keys."""
        for key, part, node in walk(self.document):
            if part is Part.OPEN:
                self._open.add(key)
                continue
            if BEFORE in node:
                self.before |= flatten({key: node[BEFORE]})
            if "default" in node:
                self._declared |= flatten({key: node["default"]})
            if part is Part.VALUE:
                yield key

    def _read_defaults(self) -> dict[str, Value]:
        try:
            return flatten(self._adapter.dump_python(self._adapter.validate_python({}), mode="json"))
        except ValidationError:  # some key has no default
            return self._declared


def walk(document: Mapping[str, Any]) -> Iterator[tuple[str, Part, Mapping[str, Any]]]:
    """Each dotted key of a config model, with what stands under it and its own part of the document.

    A key comes several times where models of which one is taken have it, and `OPEN` comes beside what its key is else. The
    empty key is the config as a whole.
    """
    yield from _walk(document, document.get("$defs", {}), "")


def _walk(
    node: Mapping[str, Any], definitions: Mapping[str, Any], prefix: str
) -> Iterator[tuple[str, Part, Mapping[str, Any]]]:
    here = prefix.rstrip(".")
    if prefix.count(".") > _MAX_DEPTH:
        yield here, Part.OPEN, node
        return
    node = followed(node, definitions)
    for branch in branches(node):
        yield from _walk(branch, definitions, prefix)
    if node.get("additionalProperties") not in (None, False):
        yield here, Part.OPEN, node
    for name, inner in node.get("properties", {}).items():
        below = list(_walk(inner, definitions, f"{prefix}{name}."))
        has_keys = any(part is not Part.OPEN for _, part, _ in below)
        yield f"{prefix}{name}", Part.GROUP if has_keys else Part.VALUE, inner
        yield from below


def followed(node: Mapping[str, Any], definitions: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a part of a JSON schema refers to, else the part itself."""
    if "$ref" not in node:
        return node
    found: Mapping[str, Any] = definitions.get(node["$ref"].rpartition("/")[2], {})
    return found


def branches(node: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    """The parts of which a union, or a sum, of a JSON schema is made; none where it is neither."""
    return (*node.get("anyOf", ()), *node.get("oneOf", ()), *node.get("allOf", ()))


class ConfigError(Exception):
    """All problems of one config."""

    def __init__(self, problems: Sequence[ConfigProblem]) -> None:
        self.problems = problems
        super().__init__("; ".join(f"{p.key}: {p.message}" for p in problems))


def _problems(
    errors: Sequence[ErrorDetails], nested: dict[str, Any], known: frozenset[str]
) -> list[ConfigProblem]:
    """One problem a value: what the members of a union each say of it becomes one message."""
    by_value: dict[tuple[str, str], list[ErrorDetails]] = {}
    for details in errors:
        key = _key_of(details["loc"], nested)
        found = details["input"]
        apart = str(details["loc"]) if isinstance(found, dict) else repr(found)
        by_value.setdefault((key, apart), []).append(details)
    return [_problem(key, details, known) for (key, _), details in by_value.items()]


def _problem(key: str, errors: Sequence[ErrorDetails], known: frozenset[str]) -> ConfigProblem:
    first = errors[0]
    found = first["input"]
    if first["type"] == "missing":
        missing = ".".join(str(part) for part in first["loc"])
        return ConfigProblem(key, f"key '{missing}' is missing; the trainer needs it")
    if first["type"] == "extra_forbidden":
        return ConfigProblem(key, f"unknown key '{key}'{did_you_mean(key, known)}", about_key=True)
    if len(errors) == 1 and first["type"] in _CHOICE:
        choices = _choices(first)
        hint = did_you_mean(str(found), choices) if isinstance(found, str) else ""
        if found is None and "None" in choices:
            hint = "; did you mean the word None? YAML's null is no value"
        return ConfigProblem(key, f"{describe(found)} is not one of {', '.join(choices)}{hint}")
    wanted = [_wanted(details) for details in errors]
    if all(wanted):
        return ConfigProblem(key, f"must be {' or '.join(wanted)}, not {describe(found)}")
    message = first["msg"].removeprefix("Value error, ").removeprefix("Assertion failed, ")
    message = message[:1].lower() + message[1:]
    if not key or isinstance(found, dict):
        return ConfigProblem(key, message)
    return ConfigProblem(key, f"{describe(found)}: {message}")


def _wanted(details: ErrorDetails) -> str:
    """`a valid number`, from `Input should be a valid number`; empty for a message of another form."""
    if details["type"] in _CHOICE:
        return ", ".join(_choices(details))
    _, prefix, wanted = details["msg"].partition("Input should be ")
    if not prefix:
        return ""
    return wanted.partition(",")[0].replace("a valid integer", "a whole number").replace("a valid ", "a ")


def _choices(details: ErrorDetails) -> list[str]:
    expected = str(details.get("ctx", {}).get("expected", ""))
    return [choice.strip(" '") for choice in expected.replace(" or ", ", ").split(",")]


def _key_of(loc: tuple[int | str, ...], nested: dict[str, Any]) -> str:
    """The dotted key that an error's location stands for, without list indices and union tags."""
    key: list[str] = []
    level: Any = nested
    for part in loc:
        if isinstance(level, dict) and part in level:
            key.append(str(part))
            level = level[part]
    return ".".join(key)
