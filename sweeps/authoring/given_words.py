"""Takes the words of a command line, as somebody types them after the script, for the defaults of its options."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sweeps.authoring.option import Formula

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sweeps.authoring.option import Default, Interface, Option

_READS_TYPES = {"fire", "hydra", "jsonargparse", "literal"}
"""Styles of programs that take `3` for a number, whatever the option."""
_TRUE = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False, "": False}


def with_words(interface: Interface, words: Sequence[str]) -> tuple[Interface, tuple[str, ...]]:
    """Set the options that words give.

    Args:
        interface: What the script takes.
        words: The words behind the script's name.

    Returns:
        The interface with these defaults, and the words that belong to no option, which stay words of the command.
    """
    options = {option.key: option for option in interface.options}
    flags = {
        _plain(flag): option.key
        for option in interface.options
        for flag in (*option.aliases, option.flag)
        if flag
    }
    places = [option.key for option in interface.options if option.is_positional]
    left: list[str] = []
    repeated: set[str] = set()
    waiting = list(words)
    while waiting:
        word = waiting.pop(0)
        name, equals, value = word.partition("=")
        key = (
            flags.get(_plain(name))
            if word.startswith("-") or (equals and interface.style == "hydra")
            else None
        )
        if key is not None:
            values = [value] if equals else _values(options[key], waiting)
            before = options[key].default if key in repeated else None
            options[key] = _given(options[key], values, interface.style)
            now = options[key].default
            if isinstance(before, list) and isinstance(now, list):
                options[key] = replace(options[key], default=[*before, *now])
            if options[key].lists == "repeat":
                repeated.add(key)
        elif (negated := _negated(name, flags)) is not None and not equals:
            options[negated] = replace(
                options[negated], default=False, is_required=False, question="", is_quiet=False
            )
        elif not word.startswith("-") and word in interface.before and not left:
            continue
        elif not word.startswith("-") and places:
            taken = places.pop(0)
            options[taken] = _given(options[taken], [word], interface.style)
        else:
            left.append(word)
            if word.startswith("-") and not equals and waiting and not waiting[0].startswith("-"):
                left.append(waiting.pop(0))
    return replace(interface, options=tuple(options.values())), tuple(left)


def _plain(flag: str) -> str:
    return flag.lstrip("-").replace("-", "_")


def _negated(name: str, flags: dict[str, str]) -> str | None:
    plain = _plain(name)
    for beginning in ("no_", "no"):
        if plain.startswith(beginning) and plain.removeprefix(beginning) in flags:
            return flags[plain.removeprefix(beginning)]
    return None


def _values(option: Option, waiting: list[str]) -> list[str]:
    """The words behind an option that are its value."""
    if (
        option.is_flag
        and (option.booleans is None or isinstance(option.booleans, str))
        and not (waiting and waiting[0].lower() in {"true", "false"})
    ):
        return []
    taken: list[str] = []
    while (
        waiting
        and (not waiting[0].startswith("--"))
        and (not taken or (option.is_list and not waiting[0].startswith("-")))
    ):
        taken.append(waiting.pop(0))
    return taken


def _given(option: Option, values: list[str], style: str) -> Option:
    if option.is_flag:
        value: Default = _TRUE.get(values[0].lower(), True) if values else True
    elif option.is_list:
        items = [
            part for text in values for part in (text.strip("[]").split(",") if len(values) == 1 else [text])
        ]
        value = [_typed(item.strip(), option, style) for item in items if item.strip()]
    else:
        value = _typed(values[0], option, style) if values else None
    return replace(option, default=value, is_required=False, question="", is_quiet=False)


def _typed(text: str, option: Option, style: str) -> str | int | float:
    """A word as the option's type reads it; of an option without a type, what its default is."""
    kinds = {
        "int": (int,),
        "float": (float,),
        "str": (),
        "": (int, float)
        if not isinstance(option.default, str)
        and not isinstance(option.default, Formula)
        and (option.default is not None or style in _READS_TYPES)
        else (),
    }
    for kind in kinds.get(option.kind, ()):
        try:
            return int(text) if kind is int else float(text)
        except ValueError:
            continue
    return text
