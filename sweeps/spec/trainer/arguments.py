"""How a command spells the config's keys: `args:`, a style by its name, with choices for all keys or for one."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

from sweeps.errors import did_you_mean
from sweeps.spec.schema.shapes import KEY, SCALAR, either, flag, mapping, named, one_of, told, word
from sweeps.spec.settings import is_key

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sweeps.errors import Place
    from sweeps.spec.fields import FieldReader
    from sweeps.spec.schema.shapes import Keys, Shape
    from sweeps.spec.yaml_reader import Node

ARGS_KEY = "args"
"""A key of the config of this name has the placeholder for itself."""
ARGS = f"{{{ARGS_KEY}}}"
"""The word of a command that stands for every key that the command does not name itself."""
NONE = "none"
"""As a style: the program reads `$SWEEP_CONFIG`. As a key's choice: the program is not given the key."""

Join: TypeAlias = Literal["space", "equals"]
Flag: TypeAlias = Literal["flag", "no-flag", "noflag"]
ListStyle: TypeAlias = Literal["words", "repeat", "comma", "python", "json", "hydra"]
Texts: TypeAlias = Literal["plain", "python", "hydra"]

_JOINS, _FLAGS, _LISTS = get_args(Join), get_args(Flag), get_args(ListStyle)


@dataclass(frozen=True, slots=True)
class Spelling:
    """How a key and its value become words.

    Attributes:
        prefix: What stands before the key.
        join: Whether the value is a word of its own, or stands behind a `=`.
        dashes: Whether `_` of a key becomes `-`.
        booleans: `flag`: `--x` or nothing; `no-flag`: `--x` or `--no-x`; `noflag`: `--x` or `--nox`; or the two words
            for true and false, which follow as values do.
        null: The word for null; None: a key that is null is left out.
        lists: `words`: `--x 1 2`; `repeat`: `--x 1 --x 2`; `comma`: `--x 1,2`; or one word, as Python, JSON or Hydra write it.
        texts: Whether a text that Python or Hydra would read as something else is put in quotes.
        inner_no: Whether the `no-` of a dotted key stands before its last part.
        name: What stands for the key, as it is written; None: the key.
    """

    prefix: str = "--"
    join: Join = "space"
    dashes: bool = False
    booleans: Flag | tuple[str, str] = "flag"
    null: str | None = None
    lists: ListStyle = "words"
    texts: Texts = "plain"
    inner_no: bool = False
    name: str | None = None


OVERRIDES = "overrides"
"""The style of programs that take settings as KEY=VALUE, mostly behind an option."""
_PYTHON = ("True", "False")
STYLES: Mapping[str, Spelling] = {
    "argparse": Spelling(),
    "click": Spelling(),
    "hf": Spelling(booleans=_PYTHON),
    "tyro": Spelling(dashes=True, booleans="no-flag", inner_no=True),
    "literal": Spelling(join="equals", booleans=_PYTHON, null="None", lists="python", texts="python"),
    "fire": Spelling(join="equals", booleans=_PYTHON, null="None", lists="python", texts="python"),
    "yacs": Spelling("", "space", booleans=_PYTHON, null="None", lists="python", texts="python"),
    "hydra": Spelling("", "equals", booleans=("true", "false"), null="null", lists="hydra", texts="hydra"),
    OVERRIDES: Spelling("", "equals", booleans=("true", "false"), lists="comma"),
    "absl": Spelling(join="equals", booleans="noflag", lists="comma"),
    "ml_collections": Spelling("--config.", "equals", booleans="noflag", lists="python"),
    "jsonargparse": Spelling(join="equals", booleans=("true", "false"), null="null", lists="json"),
}
"""Each style by its name."""
GROUPED = frozenset({"hydra", "jsonargparse"})
"""Styles of programs that take `optim=sgd optim.lr=0.1`: a word chooses of a group, and keys below it set what was chosen."""
_CHOICES: Keys = {
    "prefix": told("What stands before a key, such as --.", {"type": "string"}),
    "join": one_of(_JOINS, "Whether the value is a word of its own, or stands behind a =."),
    "dashes": flag("Whether _ of a key becomes -."),
    "booleans": told(
        "How true and false are spelled: by a flag, or by two words.",
        either(
            one_of(_FLAGS),
            {"type": "array", "items": {"type": ["string", "number"]}, "minItems": 2, "maxItems": 2},
        ),
    ),
    "null": told("The word for null, or omit: a key that is null is left out.", {"type": "string"}),
    "list": one_of(_LISTS, "How lists are spelled."),
}
KEY_CHOICES: Keys = {"name": word("What stands for the key, as it is written."), **_CHOICES}
ARGS_KEYS: Keys = {
    "style": one_of(STYLES, "The style that the other choices start from.", "argparse"),
    **_CHOICES,
    "keys": named(
        "Keys that are spelled otherwise: another name, none, or choices.",
        either(word(), mapping("", KEY_CHOICES)),
        KEY,
    ),
}
_ARGS: Shape = either(one_of((*STYLES, NONE)), mapping("", ARGS_KEYS))
ARGUMENT_KEYS: Keys = {
    "args": told(
        "How '{args}' of the command is spelled: a style, with choices for all keys or for one.", _ARGS
    )
}
"""The keys of `trainer:` that are read here."""
_ARGS_WORD: Shape = {"type": "string", "pattern": r"\{args\}"}
_ARGUMENT: Shape = {**SCALAR, "pattern": r"^(\{args\}|((?!\{args\})[\s\S])*|[\s\S]*\{\{args\}\}[\s\S]*)$"}
COMMAND: Shape = {
    "type": "array",
    "items": _ARGUMENT,
    "minItems": 1,
    "allOf": [{"items": [{"not": {"const": ARGS}}]}],
}
NEEDS_ARGS: Shape = {
    "if": {"properties": {"args": {"const": NONE}}},
    "then": {"properties": {"command": {"not": {"contains": {"const": ARGS}}}}},
    "else": {"properties": {"command": {"contains": _ARGS_WORD}}},
}
"""What holds of a trainer with `args:`."""


@dataclass(frozen=True, slots=True)
class Arguments:
    """How a command spells the config's keys.

    Attributes:
        style: The name of the style.
        usual: How a key is spelled of which nothing else is said.
        special: Keys that are spelled otherwise; None: not at all.
        places: Where each of these keys stands.
        told_booleans: The keys of which the file itself says how true and false are spelled; `""`: it says so of all.
    """

    style: str = "argparse"
    usual: Spelling = STYLES["argparse"]
    special: Mapping[str, Spelling | None] = field(default_factory=dict)
    places: Mapping[str, Place] = field(default_factory=dict)
    told_booleans: frozenset[str] = field(default=frozenset(), compare=False)

    def of(self, key: str) -> Spelling | None:
        """How a key is spelled; None: it is not given to the program."""
        return self.special.get(key, self.usual)


def read_arguments(entries: Mapping[str, Node], reader: FieldReader) -> Arguments:
    """Read them from the entries of `trainer:`."""
    node = entries.get("args")
    if node is None:
        return Arguments()
    if node.mapping is None:
        style = _read_style(node, reader)
        return Arguments(style, STYLES.get(style, Spelling()))
    reader.mapping(node, ARGS_KEYS)
    style = _read_style(node.mapping["style"], reader) if "style" in node.mapping else "argparse"
    if style == NONE:
        reader.problem(node, "the style `none` leaves nothing to choose; write `args: none`")
    usual = _read_spelling(node.mapping, STYLES.get(style, Spelling()), reader)
    keys = node.mapping.get("keys")
    special: dict[str, Spelling | None] = {}
    for key, choice in (reader.mapping(keys) or {}).items() if keys is not None else ():
        if not is_key(key):
            reader.problem(choice, "must be a key of the config, in parts joined by dots")
        special[key] = _read_special(choice, usual, reader)
    places = {key: keys.key_place(key) for key in special} if keys is not None else {}
    told = {key for key, choice in (keys.mapping or {}).items() if "booleans" in (choice.mapping or {})} if keys is not None else set()  # fmt: skip
    told |= {""} if "booleans" in node.mapping else set()
    return Arguments(style, usual, special, places, frozenset(told))


def command_problems(
    command: list[tuple[str, Place]], entries: Mapping[str, Node], arguments: Arguments, reader: FieldReader
) -> None:
    """Note what does not fit between the command's `{args}` and `args:`."""
    node = entries["command"]
    whole = [place for argument, place in command if argument == ARGS]
    for argument, place in command:
        if ARGS in argument and argument != ARGS and "{{args}}" not in argument:
            reader.problem(node, f"`{ARGS}` must be a word of its own, not a part of {argument!r}", at=place)
    if command and command[0][0] == ARGS:
        reader.problem(node, f"the first word is the program; write it before `{ARGS}`", at=whole[0])
    for place in whole[1:]:
        reader.problem(node, f"`{ARGS}` may stand once; delete one", at=place)
    if "args" not in entries or not command:
        return
    if arguments.style == NONE and whole:
        message = f"`none` says that the program reads $SWEEP_CONFIG itself; delete it, or `{ARGS}`"
        reader.problem(entries["args"], message)
    elif arguments.style != NONE and not any(ARGS in argument for argument, _ in command):
        message = f"says how `{ARGS}` is spelled, and the command has no such word; add '{ARGS}' to it"
        reader.problem(entries["args"], message)


def _read_style(node: Node, reader: FieldReader) -> str:
    known = (*STYLES, NONE)
    if isinstance(node.content, str) and node.content in known:
        return node.content
    written = node.content if isinstance(node.content, str) else ""
    hint = did_you_mean(written, known) or f"; the styles are {', '.join(known)}"
    reader.problem(node, f"must name a style, not {node.describe()}{hint}")
    return "argparse"


def _read_special(node: Node, usual: Spelling, reader: FieldReader) -> Spelling | None:
    """What is said of one key: another name, `none`, or a mapping of choices."""
    if node.content == NONE:
        return None
    if node.mapping is None:
        name = reader.word(node)
        return replace(usual, name=name)
    reader.mapping(node, KEY_CHOICES)
    return replace(_read_spelling(node.mapping, usual, reader), name=reader.word(node.mapping.get("name")))


def _read_spelling(entries: Mapping[str, Node], base: Spelling, reader: FieldReader) -> Spelling:
    """A spelling with the choices of a mapping."""
    spelling = base
    if (node := entries.get("prefix")) is not None:
        if isinstance(node.content, str):
            spelling = replace(spelling, prefix=node.content)
        else:
            reader.problem(node, f"must be a text, such as '--', not {node.describe()}")
    if (dashes := reader.flag(entries.get("dashes"))) is not None:
        spelling = replace(spelling, dashes=dashes)
    if (node := entries.get("join")) is not None and _is_one_of(node, _JOINS, reader):
        spelling = replace(spelling, join=node.content)  # type: ignore[arg-type]
    if (node := entries.get("list")) is not None and _is_one_of(node, _LISTS, reader):
        spelling = replace(spelling, lists=node.content)  # type: ignore[arg-type]
    if (node := entries.get("null")) is not None:
        spelling = replace(spelling, null=_read_null(node, reader))
    if (node := entries.get("booleans")) is not None:
        spelling = replace(spelling, booleans=_read_booleans(node, reader))
    return spelling


def _read_null(node: Node, reader: FieldReader) -> str | None:
    if not isinstance(node.content, str):
        reader.problem(node, f"must be `omit`, or the word for null in quotes, not {node.describe()}")
        return None
    return None if node.content == "omit" else node.content


def _read_booleans(node: Node, reader: FieldReader) -> Flag | tuple[str, str]:
    if node.items is not None:
        words = [item.content for item in node.items]
        if len(words) == 2 and not any(isinstance(word, bool | tuple | dict | None) for word in words):  # noqa: PLR2004 - true and false
            return str(words[0]), str(words[1])
        reader.problem(node, "must be the words for true and for false, in quotes, such as ['1', '0']")
    elif _is_one_of(node, _FLAGS, reader, also=", or the words for true and for false, such as ['1', '0']"):
        return node.content  # type: ignore[return-value]
    return "flag"


def _is_one_of(node: Node, known: tuple[str, ...], reader: FieldReader, also: str = "") -> bool:
    if isinstance(node.content, str) and node.content in known:
        return True
    hint = did_you_mean(node.content, known) if isinstance(node.content, str) else ""
    reader.problem(node, f"must be one of {', '.join(known)}{also}, not {node.describe()}{hint}")
    return False
