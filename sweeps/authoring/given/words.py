"""Takes the words of a command line, as somebody types them after the script, for the defaults of its options."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sweeps.authoring.given.option_words import is_option
from sweeps.authoring.given.typed_options import with_typed_options
from sweeps.authoring.literals import number_or_text
from sweeps.authoring.option import Formula, plain_name, with_other

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sweeps.authoring.option import Default, Interface, Option

_READS_TYPES = {"fire", "hydra", "jsonargparse", "literal"}
"""Styles of programs that take `3` for a number, whatever the option."""
_TRUE = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False, "": False}


@dataclass(frozen=True, slots=True)
class Given:
    """What the words of a command line say.

    Attributes:
        interface: What the script takes, with the defaults that the words set.
        before: The words that belong to no option and stand before the options.
        after: Those that stand behind them.
        files: The config files among the words, in the order in which they are read.
        held: What config files set and no option stands for.
    """

    interface: Interface
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    held: tuple[Option, ...] = ()


def with_words(interface: Interface, words: Sequence[str]) -> Given:
    """Set the options that words give. All other words keep their place, before the options or behind them.

    What says which config file is read comes first in any case: what is read later overrides it.
    """
    taker = _Taker(with_typed_options(interface, words))
    waiting = list(words)
    while waiting:
        taker.take(waiting.pop(0), waiting)
    return taker.given()


class _Taker:
    """Takes one word after the other."""

    def __init__(self, interface: Interface) -> None:
        self._interface = interface
        self._options = {option.key: option for option in interface.options}
        named = (
            (flag, option.key) for option in interface.options for flag in (*option.aliases, option.flag)
        )
        self._flags = {plain_name(flag): key for flag, key in named if flag}
        self._places = [option.key for option in interface.options if option.is_positional]
        self._commands = list(interface.before)
        self._waited_for = list(interface.before)
        self._outer: list[str] = []
        self._configs: list[str] = []
        self._before: list[str] = []
        self._after: list[str] = []
        self._files: list[str] = []
        self._repeated: set[str] = set()
        is_behind_word = bool(interface.rest_flag) and interface.style != "yacs"
        is_bare = any(option.flag and not option.flag.startswith("-") for option in interface.options)
        self._takes_assignments = interface.style == "hydra" or is_behind_word
        self._takes_assignments |= is_bare and interface.style != "yacs"
        self._is_behind = False

    def given(self) -> Given:
        before = (*self._outer, *self._commands)
        interface = replace(self._interface, options=tuple(self._options.values()), before=before)
        return Given(interface, (*self._configs, *self._before), tuple(self._after), tuple(self._files))

    def take(self, word: str, waiting: list[str]) -> None:
        """Take a word, with those that are its values from what is waiting."""
        name, equals, value = word.partition("=")
        if word == "--":
            self._after += [word, *waiting]
            waiting.clear()
        elif word == self._interface.rest_flag or (
            self._interface.style == "yacs" and self._take_pair(word, waiting)
        ):
            self._is_behind = True
        elif not is_option(word) and not (equals and self._takes_assignments):
            self._place(word)
        elif name in self._interface.config_flags:
            value = value if equals or not waiting else waiting.pop(0)
            self._configs += [word] if equals else [word, value]
            if self._interface.style != "hydra":  # its words name a config below a folder
                self._files.append(value)
        elif (key := self._flags.get(plain_name(name))) is not None and not self._takes_none(key, value):
            self._is_behind = True
            self._set(key, [value] if equals else _values(self._options[key], waiting))
        elif (negated := _negated(name, self._flags)) is not None and not equals:
            self._is_behind = True
            self._options[negated] = _now(self._options[negated], False)
        elif (at := self._own(name)) is not None and (equals or waiting):
            self._commands[at] = word if equals else f"{name}={waiting.pop(0)}"
        else:
            self._keep(word)
            is_flag = equals or not is_option(word)
            following = waiting[0] if waiting and not is_flag else "--"
            if not is_option(following) and following != self._interface.rest_flag:
                self._keep(waiting.pop(0))

    def _takes_none(self, key: str, value: str) -> bool:
        """Whether a word says that no file of a group is taken, which no default of a file says."""
        return self._options[key].is_group and value == "null"

    def _take_pair(self, word: str, waiting: list[str]) -> bool:
        """Take a key of yacs with the value behind it; whether it is one."""
        is_key = word in self._flags and bool(waiting)
        if is_key:
            self._set(self._flags[word], [waiting.pop(0)])
        return is_key

    def _place(self, word: str) -> None:
        """Take a word that is no option."""
        if word in self._waited_for:
            self._waited_for.remove(word)
            self._outer += [*self._configs, *self._before]
            self._configs, self._before = [], []
        elif self._places:
            key = self._places[0] if self._options[self._places[0]].assigns else self._places.pop(0)
            if self._options[key].assigns:
                self._repeated.add(key)
                self._set(key, [word])
                return
            self._options[key] = _given(self._options[key], [word], self._interface.style)
        elif self._interface.takes_files:
            self._configs.append(word)
            self._files.append(word)
        else:
            self._keep(word)

    def _keep(self, word: str) -> None:
        (self._after if self._is_behind else self._before).append(word)

    def _set(self, key: str, values: list[str]) -> None:
        option = self._options[key]
        before = option.default if key in self._repeated else None
        option = _given(option, values, self._interface.style)
        if isinstance(before, list) and isinstance(option.default, list):
            option = replace(option, default=[*before, *option.default])
        self._options[key] = option
        if option.lists == "repeat":
            self._repeated.add(key)

    def _own(self, name: str) -> int | None:
        """Which of the words that the script gets anyway this one replaces; None: it is another's."""
        return next((at for at, word in enumerate(self._commands) if word.startswith(f"{name}=")), None)


def _negated(name: str, flags: dict[str, str]) -> str | None:
    plain = plain_name(name)
    yes = (plain.removeprefix(no) for no in ("no_", "no") if plain.startswith(no))
    return next((flags[one] for one in yes if one in flags), None)


def _values(option: Option, waiting: list[str]) -> list[str]:
    """The words behind an option that are its value."""
    is_bare = option.is_flag and isinstance(option.booleans, str | None)
    if is_bare and not (waiting and waiting[0].lower() in {"true", "false"}):
        return []
    taken: list[str] = []
    while waiting and not is_option(waiting[0]) and (not taken or option.is_list):
        taken.append(waiting.pop(0))
    return taken


def _given(option: Option, values: list[str], style: str) -> Option:
    if option.is_flag:
        value: Default = _TRUE.get(values[0].lower(), True) if values else True
    elif option.is_list or (option.is_group and "[" in values[0][:1]):
        is_divided = len(values) == 1 and not option.assigns
        items = values[0].strip("[]").split(",") if is_divided else values
        value = [_typed(item.strip(), option, style) for item in items if item.strip()]
    else:
        value = _typed(values[0], option, style) if values else None
    return _now(option, value)


def _now(option: Option, value: Default) -> Option:
    """The option with a value that was typed."""
    return replace(with_other(option, value), is_required=False, question="")


def _typed(text: str, option: Option, style: str) -> str | int | float:
    """A word as the option's type reads it; of an option without a type, what its default is."""
    is_open = option.default is not None or style in _READS_TYPES
    is_number = is_open and not isinstance(option.default, str | Formula)
    kinds = {"int": (int,), "float": (float,), "": (int, float) if is_number else ()}
    return number_or_text(text, *kinds.get(option.kind, ()))
