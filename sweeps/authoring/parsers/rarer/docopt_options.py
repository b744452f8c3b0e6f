"""Options of docopt: a text that says how the script is used."""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from sweeps.authoring.literals import number_or_text, value_of
from sweeps.authoring.option import Interface, Option, kind_of, without_repeats
from sweeps.authoring.parsers.texts import one_line
from sweeps.authoring.script import TRAINING
from sweeps.authoring.syntax import argument

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sweeps.authoring.script import Script

_USAGE = re.compile(r"^[^\n]*usage:[ \t]*(\n?.*?)(?=\n[ \t]*\n|\Z)", re.IGNORECASE | re.MULTILINE | re.DOTALL)
_DESCRIBED = re.compile(r"^[ \t]*(-\S.*(?:\n(?![ \t]*(?:-|\n|$)).*)*)", re.MULTILINE)
_FLAG = re.compile(
    r"(?P<name>--?[A-Za-z][\w-]*)(?:(?:=| (?=[<A-Z]))(?P<value><[^>]+>|[A-Z][A-Z0-9_-]*\b|<?\w+>?))?"
)
_DEFAULT = re.compile(r"\[default:[ \t]*(.*?)\]", re.IGNORECASE | re.DOTALL)
_SKIPPED = ("--help", "--version", "-h")


def read(script: Script) -> Interface | None:
    """What a script takes through `docopt(__doc__)`; None: it has no such call."""
    for call in script.calls("docopt", "docopt.docopt"):
        text = _text(call, script)
        if text is None:
            asks = "its usage is no text of the source: which options does it have?"
            return Interface("docopt", "argparse", comments=(asks,))
        pattern = _chosen(text, script)
        described = [option for part in _DESCRIBED.findall(text) if (option := _described(part)) is not None]
        known = {name for option in described for name in (option.flag, *option.aliases)}
        used = [option for option in _used(text) if option.flag not in known]
        required = _required(pattern)
        options = (
            replace(one, is_required=one.flag in required and one.default is None and not one.is_flag)
            for one in (*described, *used)
        )
        own = without_repeats([*_places(pattern), *options])
        return Interface("docopt", "argparse", own, tuple(_commands(pattern)))
    return None


def _text(call: ast.Call, script: Script) -> str | None:
    """The text that docopt is given: the docstring of its module, or a constant."""
    given = argument(call, 0, "doc", "docstring")
    if isinstance(given, ast.Name) and given.id == "__doc__":
        return ast.get_docstring(script.source.tree)
    found = value_of(given, script.constants)
    return found if isinstance(found, str) else None


def _patterns(text: str) -> list[list[str]]:
    """The words of each way to use the script, its name left out."""
    usage = _USAGE.search(text)
    lines = [line.strip() for line in (usage[1].splitlines() if usage is not None else []) if line.strip()]
    if not lines:
        return []
    name = lines[0].split()[0]
    patterns: list[list[str]] = []
    for line in lines:
        words = line.split()
        if words[0] == name or not patterns:
            patterns.append(words[1:])
        else:
            patterns[-1] += words
    return patterns


def _chosen(text: str, script: Script) -> list[str]:
    """The words of the way to use it that trains: the one whose command is typed, or is called so."""
    patterns = _patterns(text)
    commands = [_commands(pattern) for pattern in patterns]
    asked = script.typed(word for words in commands for word in words)
    ways = [
        pattern
        for word in (asked, *TRAINING)
        for pattern, words in zip(patterns, commands, strict=True)
        if word in words
    ]
    return next(iter([*ways, *patterns]), [])


def _places(pattern: list[str]) -> list[Option]:
    """The arguments that it has by their places."""
    found = [re.fullmatch(r"<([\w-]+)>", word) for word in pattern]
    return [Option(one[1].replace("-", "_"), is_required=True) for one in found if one is not None]


def _commands(pattern: list[str]) -> list[str]:
    return [
        word
        for at, word in enumerate(pattern)
        if re.fullmatch(r"[a-z][\w-]*", word)
        and (not at or not pattern[at - 1].startswith("-") or "=" in pattern[at - 1])
    ]


def _required(pattern: list[str]) -> set[str]:
    """The options that a way to use the script has outside of brackets."""
    plain = re.sub(r"\[[^\[\]]*\]|\([^()]*\)", " ", " ".join(pattern))
    return {match["name"] for match in _FLAG.finditer(plain)}


def _described(part: str) -> Option | None:
    """The option that a paragraph below `Options:` describes."""
    head, *rest = re.split(r"[ \t]{2,}|\n", part.strip(), maxsplit=1)
    told = rest[0] if rest else ""
    flags = list(_FLAG.finditer(head.replace(",", " ")))
    if not flags or any(flag["name"] in _SKIPPED for flag in flags):
        return None
    flag = next((one["name"] for one in flags if one["name"].startswith("--")), flags[0]["name"])
    others = tuple(one["name"] for one in flags if one["name"] != flag)
    if not any(one["value"] for one in flags):
        return Option(flag.lstrip("-"), "bool", False, help=one_line(told), flag=flag, aliases=others)
    default = _DEFAULT.search(told)
    value = number_or_text(" ".join(default[1].split()), int, float) if default is not None else None
    kind = "" if isinstance(value, str) else kind_of(value)
    said = re.sub(r"\s+\.$", ".", one_line(_DEFAULT.sub("", told)))
    return Option(flag.lstrip("-"), kind, value, help=said, flag=flag, aliases=others)


def _used(text: str) -> Iterator[Option]:
    """The options that only the usage names."""
    for pattern in _patterns(text):
        for match in _FLAG.finditer(" ".join(pattern)):
            if match["name"] not in _SKIPPED:
                kind, default = ("", None) if match["value"] else ("bool", False)
                yield Option(match["name"].lstrip("-"), kind, default, flag=match["name"])
