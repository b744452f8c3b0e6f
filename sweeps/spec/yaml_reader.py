"""Reads YAML text into nodes that know their place in the file.

Scalars follow YAML 1.2's core schema: `1e-4` is a float, `None` is a string, `null` and `~` are null. What
other YAML readers accept but read differently (an unquoted `no`, a duplicate key, a tag) is an error.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import yaml

from sweeps.errors import Place, Problem, SpecError

if TYPE_CHECKING:
    from pathlib import Path

Scalar: TypeAlias = str | int | float | bool | None
Value: TypeAlias = "Scalar | list[Value] | dict[str, Value]"

ROOT = "the file"
"""The path of the outermost node."""

_PREFIX = "tag:yaml.org,2002:"
_AMBIGUOUS = frozenset({"yes", "no", "on", "off"})
_COLLECTION_TAGS = frozenset({_PREFIX + "map", _PREFIX + "seq"})
_QUESTION = re.compile(r"\s*(# \? [\w.-]+)\s*:")
_MAX_ALIASED = 100_000
"""More values than this behind aliases count as a slip, or as an attack."""
_MAX_DEPTH = 50
_MAX_SHOWN = 60
_MAX_BITS = 14_000
"""Python writes whole numbers of up to 4300 digits."""


@dataclass(frozen=True, slots=True)
class Node:
    """A YAML value and where it stands.

    Attributes:
        content: A scalar, the elements of a list, or the entries of a mapping.
        place: Where it stands.
        path: The keys that lead to it, joined by dots, without the positions in lists: `sweeps.a.when.set`.
        key_places: Where the keys of a mapping stand.
        question: Of a value that is not written: the question `# ? key` that stands in its place, and its line.
    """

    content: Scalar | tuple[Node, ...] | dict[str, Node]
    place: Place
    path: str = ROOT
    key_places: dict[str, Place] | None = None
    question: str = ""

    @property
    def mapping(self) -> dict[str, Node] | None:
        """The entries, if this is a mapping."""
        return self.content if isinstance(self.content, dict) else None

    @property
    def items(self) -> tuple[Node, ...] | None:
        """The elements, if this is a list."""
        return self.content if isinstance(self.content, tuple) else None

    def entry(self, key: str) -> Node:
        """The value of a key of this mapping."""
        assert isinstance(self.content, dict)  # noqa: S101 - callers have looked
        return self.content[key]

    def key_place(self, key: str) -> Place:
        """Where a key of this mapping stands."""
        return (self.key_places or {}).get(key, self.place)

    def plain(self) -> Value:
        """The value without its places."""
        if isinstance(self.content, dict):
            return {key: value.plain() for key, value in self.content.items()}
        if isinstance(self.content, tuple):
            return [item.plain() for item in self.content]
        return self.content

    def describe(self) -> str:
        """What this is, in words for an error message; where a question stands in its place, with what to do."""
        return describe(self.content) + (f": answer the {self.question}" if self.question else "")


def describe(value: object) -> str:
    """A value in words for an error message: `a list`, `a mapping`, or the scalar as YAML writes it."""
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str) and len(value) > _MAX_SHOWN:
        return repr(value[:_MAX_SHOWN] + "...")
    return repr(value)


class _CoreLoader(yaml.SafeLoader):
    """PyYAML's parser with the scalar rules of YAML 1.2's core schema, and merge keys."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 - PyYAML's own way


for _tag, _pattern, _first in (
    ("null", r"(?:null|Null|NULL|~|)", [*"nN~", ""]),
    ("bool", r"(?:true|True|TRUE|false|False|FALSE)", [*"tTfF"]),
    ("int", r"(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)", [*"-+0123456789"]),
    (
        "float",
        r"(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))",
        [*"-+.0123456789"],
    ),
    ("merge", r"<<", ["<"]),
):
    _CoreLoader.add_implicit_resolver(_PREFIX + _tag, re.compile(rf"^{_pattern}$"), _first)


def read_text(path: Path) -> str:
    """The text of a spec.

    Raises:
        SpecError: The file is missing, unreadable or not UTF-8.
    """
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        message = "no such file; name the YAML file that holds your sweeps"
        raise SpecError([Problem(Place(str(path)), message)]) from None
    except OSError as error:
        raise SpecError([Problem(Place(str(path)), f"cannot be read: {error.strerror}")]) from None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start]
        column = len(before) - (before.rfind(b"\n") + 1) + 1
        place = Place(str(path), before.count(b"\n") + 1, column)
        message = f"byte 0x{raw[error.start]:02x} is not UTF-8; save the file as UTF-8"
        raise SpecError([Problem(place, message)]) from None


def parse(text: str, file: str) -> Node:
    """Parse YAML text.

    Raises:
        SpecError: With every problem that can be seen without knowing the fields.
    """
    try:
        root = yaml.compose(text, Loader=_CoreLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(file, mark.line + 1, mark.column + 1) if mark else Place(file)
        raise SpecError([Problem(place, _syntax_message(error))]) from None
    except yaml.reader.ReaderError as error:
        before = text[: int(error.position)]
        place = Place(file, before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1)
        code = ord(error.character) if isinstance(error.character, str) else int(error.character)
        message = f"character U+{code:04X} is not allowed in YAML; delete it"
        raise SpecError([Problem(place, message)]) from None
    except RecursionError:
        raise SpecError(
            [Problem(Place(file), f"is nested more than {_MAX_DEPTH} levels deep; reduce the nesting")]
        ) from None
    if root is None:
        raise SpecError([Problem(Place(file, 1, 1), "is empty; it needs at least `trainer:` and `sweeps:`")])
    builder = _Builder(file, text)
    node = builder.build(root, ROOT, 0)
    if builder.problems:
        raise SpecError(builder.problems)
    return node


def parse_scalar(text: str) -> Value:
    """The value that `text` has on the right of `key:` in a spec (for `--set key=value`).

    Raises:
        SpecError: `text` is not YAML; the places are in `text`.
    """
    return parse(text, "value").plain() if text.strip() else ""


def _syntax_message(error: yaml.MarkedYAMLError) -> str:
    problem = (error.problem or "is not YAML").strip()
    context = error.context or ""
    mark = error.context_mark
    since = f"line {mark.line + 1}, column {mark.column + 1}" if mark else "its beginning"
    plainer = {
        "'\\t'": "a tab; YAML is indented with spaces, replace the tab",
        "undefined alias": f"{problem.removeprefix('found ')}; define it with & before it is used",
        "but found another document": "a second document begins here; keep one document a file, without ---",
        "mapping values are not allowed": "a second `key:` on one line; put it on its own line, or in quotes or {}",
        "expected <block end>": f"is not aligned with what begins at {since}; start both in the same column",
        "could not find expected ':'": f"the key at {since} has no colon after it; write `key: value`",
        "cannot start any token": f"a value cannot begin with {problem[16:19]}; put it in quotes",
        "expected ',' or": f"what opens at {since} is not closed here; close it, or add a comma",
    }
    if "quoted scalar" in context and "end of stream" in problem:
        return f"the quote that opens at {since} is not closed; close it"
    fallback = f"{problem} ({context})" if context else problem
    return next((message for part, message in plainer.items() if part in problem), fallback)


def _whole(text: str) -> int:
    """A whole number, also in hexadecimal or octal.

    Raises:
        ValueError: It has more digits than Python writes.
    """
    number = int(text, 0) if text[:2].lower() in {"0x", "0o"} else int(text)
    if number.bit_length() > _MAX_BITS:
        raise ValueError(text)
    return number


class _Builder:
    """Turns PyYAML's graph of nodes into a tree of `Node`s, and collects problems."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self._lines = text.splitlines()
        self.problems: list[Problem] = []
        self._open: set[int] = set()
        self._visited: set[int] = set()
        self._aliased = 0

    def build(self, node: yaml.Node, path: str, depth: int) -> Node:
        place = self._place(node)
        if id(node) in self._open:
            self.problems.append(Problem(place, "this anchor contains itself; an alias may not loop"))
            return Node(None, place, path)
        if depth > _MAX_DEPTH:
            raise SpecError(
                [
                    *self.problems,
                    Problem(place, f"is nested more than {_MAX_DEPTH} levels deep; reduce the nesting"),
                ]
            )
        self._count_aliased(node, place)
        self._open.add(id(node))
        try:
            if isinstance(node, yaml.CollectionNode) and node.tag not in _COLLECTION_TAGS:
                self._unsupported_tag(node, place)  # and what is in it is the tag's own
                return Node((), place, path)
            if isinstance(node, yaml.MappingNode):
                return self._mapping(node, place, path, depth)
            if isinstance(node, yaml.SequenceNode):
                items = tuple(self.build(item, path, depth + 1) for item in node.value)
                return Node(items, place, path)
            scalar = self._scalar(node, place)
            is_unwritten = scalar is None and node.value == ""
            return Node(scalar, place, path, question=self._question(node) if is_unwritten else "")
        finally:
            self._open.discard(id(node))

    def _question(self, node: yaml.Node) -> str:
        """The question in the comments right below a value that is not written, as `sweep init` writes them."""
        for at in range(node.start_mark.line + 1, len(self._lines)):
            line = self._lines[at]
            if line.strip() and not line.lstrip().startswith("#"):
                break
            if (match := _QUESTION.match(line)) is not None:
                return f"`{match[1]}` in line {at + 1}"
        return ""

    def _count_aliased(self, node: yaml.Node, place: Place) -> None:
        """Refuse aliases that multiply: each visit of a node after the first comes from an alias."""
        self._aliased += id(node) in self._visited
        self._visited.add(id(node))
        if self._aliased > _MAX_ALIASED:
            message = f"aliases multiply into more than {_MAX_ALIASED:,} values; write out what you mean"
            raise SpecError([*self.problems, Problem(place, message)])

    def _mapping(self, node: yaml.MappingNode, place: Place, path: str, depth: int) -> Node:
        own: dict[str, Node] = {}
        merged: dict[str, Node] = {}
        key_places: dict[str, Place] = {}
        for key_node, value_node in node.value:
            key_place = self._place(key_node)
            if key_node.tag == _PREFIX + "merge":
                merged.update(self._merge(self.build(value_node, path, depth + 1), key_place))
                continue
            if not isinstance(key_node, yaml.ScalarNode):
                self.problems.append(Problem(key_place, "a key must be a word, not a list or a mapping"))
                continue
            key = str(key_node.value)
            if key in own:
                first = key_places[key]
                message = (
                    f"key '{key}' appears twice in this mapping (first at line {first.line}); delete one"
                )
                self.problems.append(Problem(key_place, message))
                continue
            own[key] = self.build(value_node, key if path == ROOT else f"{path}.{key}", depth + 1)
            key_places[key] = key_place
        return Node({**merged, **own}, place, path, key_places)

    def _merge(self, value: Node, place: Place) -> dict[str, Node]:
        sources = value.items if value.items is not None else (value,)
        merged: dict[str, Node] = {}
        for source in reversed(sources):
            if source.mapping is None:
                if source.content is None and self.problems:
                    continue  # its problem is listed already
                self.problems.append(Problem(place, "`<<` takes a mapping or a list of mappings"))
                continue
            merged.update(source.mapping)
        return merged

    def _scalar(self, node: yaml.Node, place: Place) -> Scalar:
        text = str(node.value)
        tag = node.tag.removeprefix(_PREFIX)
        plain = isinstance(node, yaml.ScalarNode) and node.style is None
        if tag == "str":
            if plain and text.lower() in _AMBIGUOUS:
                meaning = "true" if text.lower() in {"yes", "on"} else "false"
                message = f"unquoted {text} is a boolean to some YAML readers; write {meaning}, or '{text}' for the word"
                self.problems.append(Problem(place, message))
            return text
        try:
            match tag:
                case "null":
                    return None
                case "bool":
                    return {"true": True, "false": False}[text.lower()]
                case "int":
                    return _whole(text)
                case "float":
                    return float(re.sub(r"\.(inf|nan)$", r"\1", text.lower()))
        except (KeyError, ValueError):
            self.problems.append(
                Problem(
                    place, f"{describe(text)} cannot be read as {tag}; correct the value, or delete the tag"
                )
            )
            return None
        self._unsupported_tag(node, place)
        return None

    def _unsupported_tag(self, node: yaml.Node, place: Place) -> None:
        written = node.tag.replace(_PREFIX, "!!")
        is_numpy = "python/object" in written and "numpy" in written
        hint = (
            ": convert numpy's with `float(x)`, `int(x)` or `x.tolist()` before the file is written"
            if is_numpy
            else ""
        )
        self.problems.append(
            Problem(place, f"tag {written} is not supported here; write the plain value{hint}")
        )

    def _place(self, node: yaml.Node) -> Place:
        return Place(self.file, node.start_mark.line + 1, node.start_mark.column + 1)
