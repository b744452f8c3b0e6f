"""Finds how a program's options are spelled: the style and its choices with which `{args}` writes the words again."""

from __future__ import annotations

import json
import re
from ast import literal_eval
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from sweeps.program.arguments import RESERVED, SpellingError, spelled
from sweeps.spec.settings import KeySet, is_key
from sweeps.spec.trainer.arguments import GROUPED, STYLES, Arguments, Spelling
from sweeps.spec.yaml_writer import typed

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from sweeps.authoring.given.option_words import Option
    from sweeps.spec.yaml_reader import Value

_REFERENCE = re.compile(r"\{[\w-]+(?:\.[\w-]+)*\}")
_IN_A_TEXT = re.compile(r"\{(?:run_dir|trial|run_id|newest:[^{}]*)\}")


@dataclass(slots=True)
class Spelled:
    """How options are spelled, and what their words say.

    Attributes:
        style: The style's name.
        choices: What `args:` says beside the style.
        keys: What it says of single keys.
        key_of: The key of each option, by its name as it is written.
        flags: The keys of options that never have a value: where one is missing, it is false.
    """

    style: str
    choices: dict[str, Value] = field(default_factory=dict)
    keys: dict[str, Value] = field(default_factory=dict)
    key_of: dict[str, str] = field(default_factory=dict)
    flags: set[str] = field(default_factory=set)

    @property
    def text(self) -> Value:
        """What stands behind `args:`."""
        if not self.choices and not self.keys:
            return self.style
        return {"style": self.style, **self.choices, **({"keys": self.keys} if self.keys else {})}


class Misfit(Exception):  # noqa: N818 - told as a line that does not fit
    """An option that no key of the file can stand for; the message says why."""


def spelling_of(
    lines: Sequence[Sequence[Option]], style: str | None = None, lead: str | None = None
) -> Spelled:
    """The style in which all options of some command lines are spelled.

    Args:
        lines: The options of each.
        style: The style, where it is known.
        lead: What stands before the keys of an option that takes KEY=VALUE, such as `--set=`; None: there is none.
    """
    options = [option for line in lines for option in line]
    names = list(dict.fromkeys(option.name for option in options))
    if style is None:
        style = _style(options)
    found = Spelled(style)
    usual = STYLES[style]
    prefix = _prefix(names, usual) if lead is None else lead
    if prefix != usual.prefix:
        found.choices["prefix"] = prefix
    if lead is None and usual.join != _usual_join(options, usual):
        found.choices["join"] = _usual_join(options, usual)
    inner = {name: name[len(lead) :] if lead and name.startswith(lead) else name for name in names}
    bare = {name: inner[name].lstrip("-+~").replace("/", ".").replace("@", ".") for name in names}
    is_dashed = any("-" in text for text in bare.values()) and not any("_" in text for text in bare.values())
    if is_dashed and not usual.dashes:
        found.choices["dashes"] = True
    as_dashes = is_dashed or usual.dashes
    base = replace(usual, prefix=prefix, join=found.choices.get("join", usual.join), dashes=as_dashes)  # type: ignore[arg-type]
    by_name: dict[str, list[Option]] = {name: [] for name in names}
    for option in options:
        by_name[option.name].append(option)
    repeated = {name for line in lines for name, count in Counter(o.name for o in line).items() if count > 1}
    keys = KeySet(groups=style in GROUPED)
    for name, own in by_name.items():
        values = [_value_or_text(word, style) for option in own for word in option.values]
        key = found.key_of[name] = _take_key(bare[name].replace("-", "_"), values, keys)
        is_flag = all(not option.values for option in own)
        if is_flag and not any(option.no for option in own):
            found.flags.add(key)
        choice = _choice(key, own, base)
        if name in repeated and not is_flag:
            choice["list"] = "repeat"
        if choice:
            found.keys[key] = choice["name"] if set(choice) == {"name"} else choice
    return found


def with_no_flags(
    lines: Sequence[Sequence[Option]], style: str | None, negated: Collection[str] = ()
) -> list[list[Option]]:
    """The options of lines, where `--no-x` and `--nox` are the false of `--x`: if both stand there, or the style says so.

    A lone `--no-cuda` of argparse is an option of that name.

    Args:
        lines: The options of each.
        style: The style, where it is known.
        negated: Options of which the source of the program says that `--no-...` turns them off.
    """
    flags: dict[str, bool] = {}
    for option in (option for line in lines for option in line):
        flags[option.name] = flags.get(option.name, True) and not option.values
    usual = STYLES[style or "argparse"]
    yes_of: dict[str, str] = {}
    for name in (name for name, is_flag in flags.items() if is_flag):
        outer, dot, inner = name.rpartition(".") if usual.inner_no else ("", "", name)
        dashes = inner[: len(inner) - len(inner.lstrip("-"))]
        bare = inner[len(dashes) :]
        for form, no in (("no-flag", "no-"), ("noflag", "no")):
            yes = f"{outer}{dot}{dashes}{bare.removeprefix(no)}"
            if (
                bare.startswith(no)
                and bare != no
                and (flags.get(yes) or usual.booleans == form or (yes in negated and form == "no-flag"))
            ):
                yes_of.setdefault(name, yes)
    return [
        [
            replace(option, name=yes_of[option.name], no=option.name) if option.name in yes_of else option
            for option in line
        ]
        for line in lines
    ]


def no_form(option: Option) -> str:
    """`no-flag` or `noflag`, by how a false is written."""
    length = len(option.no) - len(option.name)
    return "no-flag" if length == len("no-") else "noflag"


def _choice(key: str, options: Sequence[Option], base: Spelling) -> dict[str, Value]:
    """What `args:` has to say of one key, whose options are given."""
    written = f"{base.prefix}{key.replace('_', '-') if base.dashes else key}"
    choice: dict[str, Value] = {} if written == options[0].name else {"name": options[0].name}
    joins = {"equals" if option.has_equals else "space" for option in options if option.values}
    booleans = next((no_form(option) for option in options if option.no), "flag")
    if not joins and base.booleans != booleans:
        choice["booleans"] = booleans
    elif len(joins) == 1 and base.join not in joins:
        choice["join"] = joins.pop()
    return choice


def config_of(line: Sequence[Option], spelled_as: Spelled, several: set[str]) -> dict[str, Value]:
    """The settings that the options of a line say: a list of each key that has several values on some line.

    Raises:
        Misfit: An option's words cannot be said.
    """
    words: dict[str, list[Option]] = {}
    for option in line:
        words.setdefault(option.name, []).append(option)
    config: dict[str, Value] = {}
    for name, options in words.items():
        key = spelled_as.key_of[name]
        if len(options) > 1 and any(len(option.values) > 1 for option in options):
            raise Misfit(f"{name} stands several times, with several values; say it once")
        if key in several or len(options) > 1:
            config[key] = [_value(word, spelled_as.style) for option in options for word in option.values]
        elif not options[0].values:
            config[key] = not options[0].no
        else:
            config[key] = _value(options[0].values[0], spelled_as.style)
    return config


def arguments_of(spelled_as: Spelled) -> Arguments:
    """What the file's reader makes of `args:`."""
    choices = {"list": "lists"}
    usual = replace(
        STYLES[spelled_as.style],
        **{choices.get(k, k): v for k, v in spelled_as.choices.items()},  # type: ignore[arg-type]
    )
    special: dict[str, Spelling | None] = {}
    for key, choice in spelled_as.keys.items():
        said = {"name": choice} if isinstance(choice, str) else choice
        assert isinstance(said, dict)  # noqa: S101 - `spelling_of` writes nothing else
        special[key] = replace(usual, **{choices.get(k, k): v for k, v in said.items()})  # type: ignore[arg-type]
    return Arguments(spelled_as.style, usual, special)


def words_again(config: Mapping[str, Value], arguments: Arguments) -> list[str] | None:
    """The words that `{args}` writes of a config; None where it has none for a value."""
    try:
        return [word for key, value in config.items() for word in spelled(arguments, key, unescaped(value))]
    except SpellingError:
        return None


def escaped(value: Value) -> Value:
    """A text that the file would take for a placeholder, in the braces that keep it a text.

    Raises:
        Misfit: It holds a placeholder, which cannot be kept.
    """
    if isinstance(value, list):
        return [escaped(item) for item in value]
    if not isinstance(value, str):
        return value
    if _IN_A_TEXT.search(value) is not None:
        raise Misfit(f"{value!r} holds a word in braces that stands for something of the trial; rename it")
    return f"{{{value}}}" if _REFERENCE.fullmatch(value) else value


def unescaped(value: Value) -> Value:
    """The text that `escaped` was given."""
    if isinstance(value, list):
        return [unescaped(item) for item in value]
    is_escaped = isinstance(value, str) and value.startswith("{{") and _REFERENCE.fullmatch(value[1:-1])
    return value[1:-1] if is_escaped else value  # type: ignore[index]


def _value(word: str, style: str) -> Value:
    """The value that a word stands for in a style, where the style writes that value as this word again."""
    for reader in _READERS.get(style, ()):
        try:
            value = reader(word)
        except (ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
            continue
        if isinstance(value, bool | list | dict | str | None) and _is_written(value, word, style):
            return escaped(value)
    return escaped(typed(word))


def _value_or_text(word: str, style: str) -> Value:
    try:
        return _value(word, style)
    except Misfit:
        return word


def _is_written(value: Value, word: str, style: str) -> bool:
    try:
        return spelled(Arguments(style, STYLES[style]), "x", value)[-1].partition("=")[2] == word
    except (SpellingError, IndexError):
        return False


def _of_json(word: str) -> Value:
    return json.loads(word)  # type: ignore[no-any-return]


def _of_hydra(word: str) -> Value:
    """A text in Hydra's single quotes.

    Raises:
        ValueError: It is none.
    """
    match = re.fullmatch(r"'(.*)'", word, re.DOTALL)
    if match is None:
        raise ValueError(word)
    return re.sub(
        r"(\\*)(\\'|\Z)",
        lambda found: found[1][: len(found[1]) // 2] + found[2][1:],
        match[1],
        flags=re.DOTALL,
    )


_READERS: Mapping[str, Sequence[Callable[[str], Value]]] = {
    "hydra": (_of_json, _of_hydra, literal_eval),
    "jsonargparse": (_of_json,),
    "literal": (literal_eval,),
    "fire": (literal_eval,),
}
"""What makes values of words, in the styles that do not take them as they are."""


def _style(options: Sequence[Option]) -> str:
    """The style that the words of options look like."""
    valued = [option for option in options if option.values]
    if valued and all(option.has_equals for option in valued):
        texts = {option.values[0] for option in valued}
        if all(not option.name.startswith("-") for option in options):
            return "hydra" if _are_plain_to(texts, "hydra") else "argparse"
        is_quoted = any(text.startswith(("'", '"')) for text in texts)
        if (texts & {"True", "False"} or is_quoted) and _are_plain_to(texts, "fire"):
            return "fire"
        has_lists = any(text.startswith("[") for text in texts)
        if (has_lists or texts & {"true", "false", "null"}) and _are_plain_to(texts, "jsonargparse"):
            return "jsonargparse"
    return "argparse"


def _are_plain_to(texts: Iterable[str], style: str) -> bool:
    """Whether a style writes all texts again as they are, apart from numbers."""
    for text in texts:
        try:
            value = _value(text, style)
        except Misfit:
            return False
        if isinstance(value, str) and not _is_written(unescaped(value), text, style):
            return False
    return True


def _prefix(names: Sequence[str], usual: Spelling) -> str:
    counts: dict[str, int] = {}
    for name in names:
        prefix = name[: len(name) - len(name.lstrip("-+~"))]
        counts[prefix] = counts.get(prefix, 0) + 1
    return max(counts, key=lambda prefix: counts[prefix], default=usual.prefix)


def _usual_join(options: Sequence[Option], usual: Spelling) -> str:
    joins = [option.has_equals for option in options if option.values]
    if not joins:
        return usual.join
    return "equals" if sum(joins) * 2 > len(joins) else "space"


def _take_key(text: str, values: Sequence[Value], taken: KeySet) -> str:
    """A key of the file for an option with these values, which is taken then."""
    key = re.sub(r"[^\w.-]", "_", text).strip(".") or "option"
    key = key if is_key(key) else re.sub(r"[^\w]", "_", key)
    key = f"{key}_" if key in RESERVED else key
    if taken.twin(key, values):
        key = key.replace(".", "_")
    number = 2
    base = key
    while taken.twin(key, values):
        key = f"{base}_{number}"
        number += 1
    taken.add(key, values)
    return key
