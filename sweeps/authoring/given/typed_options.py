"""Options that are known only as somebody types them: their names and types, and how they are spelled."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sweeps.authoring.given.option_words import read_arguments
from sweeps.authoring.literals import number_or_text
from sweeps.authoring.option import NOTHING, UNKNOWN, Interface, Option, without_repeats

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sweeps.authoring.given.option_words import Option as Typed

_STYLES = frozenset({"", "argparse", "click", "hf", "tyro"})
"""Styles of parsers that take options as anybody types them."""
_SAID = "those that were typed stand under `defaults:`, and others may go there, too"
_TRUTHS = (("true", "false"), ("True", "False"))


def with_typed_options(interface: Interface, words: Sequence[str]) -> Interface:
    """What a script takes; where its source shows no option, those that are typed.

    Of a script without a command line, or with constants alone, too: a library that it imports may read the words.
    """
    is_unseen = not interface.options and interface.style in _STYLES
    found = read_arguments(words).options if is_unseen or interface.runner else []
    if interface.runner:  # whose constants are set as LR=0.1
        found = [option for option in found if option.name.startswith("-")]
    if not found:
        return interface
    if interface.kind == NOTHING or interface.runner:
        told = "its source shows no options: "
        interface = Interface(UNKNOWN, "", comments=(f"{told}{_SAID}",))
    else:
        comments = (f"{text.partition(' here: ')[0]}: {_SAID}" for text in interface.comments)
        interface = replace(interface, comments=tuple(comments))
    valued = [option for option in found if option.values]
    join = "equals" if valued and all(option.has_equals for option in valued) else ""
    style = interface.style or "argparse"
    return replace(interface, style=style, options=_alike(without_repeats(map(_option, found))), join=join)


def _option(typed: Typed) -> Option:
    """An option as it is typed: its name, its type, and how its false is spelled where that is to be seen."""
    bare = typed.name.lstrip("-")
    dashes = typed.name[: len(typed.name) - len(bare)]
    if not typed.values:
        no = next((no for no in ("no-", "no_") if bare.startswith(no) and dashes == "--"), "")
        key = bare.removeprefix(no)
        return Option(key, "bool", flag=f"{dashes}{key}", booleans="no-flag" if no else None)
    truth = next((pair for pair in _TRUTHS if typed.values[0] in pair), None)
    if truth is not None and len(typed.values) == 1:
        return Option(bare, "bool", flag=typed.name, booleans=truth)
    kinds = {type(number_or_text(text, int, float)).__name__ for text in typed.values}
    kind = kinds.pop() if len(kinds) == 1 else "str" if "str" in kinds else "float"
    return Option(bare, kind, flag=typed.name, is_list=len(typed.values) > 1)


def _alike(options: Iterable[Option]) -> tuple[Option, ...]:
    """The options, of which all flags are turned off by `--no-x` where one is."""
    options = tuple(options)
    if not any(option.booleans == "no-flag" for option in options):
        return options
    return tuple(
        replace(option, booleans=option.booleans or "no-flag") if option.is_flag else option
        for option in options
    )
