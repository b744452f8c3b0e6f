"""What the source of a program's script adds to its command lines: the style of its options, where config files stand, its outputs."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from sweeps.authoring.interface import NONE
from sweeps.authoring.option import plain_name
from sweeps.authoring.outputs.paths import first_part
from sweeps.authoring.roles import output_place, roles_of
from sweeps.importing.program.rewriting import count_written
from sweeps.spec.trainer.arguments import STYLES

if TYPE_CHECKING:
    from sweeps.authoring.given.option_words import Arguments, Option
    from sweeps.authoring.option import Interface
    from sweeps.authoring.option import Option as Taken
    from sweeps.importing.program.lines import Found, Line

_MAY_BE_READ = re.compile(r"model|ckpt|checkpoint|pretrained|init")
"""In the name of an option for a folder: it may be one that is read."""
_MOST_SHOWN = 4


@dataclass(frozen=True, slots=True)
class Source:
    """What the source of a script says.

    Attributes:
        interface: How it is started.
        here: Paths that it writes where it runs.
    """

    interface: Interface = NONE
    here: Sequence[str] = field(default_factory=tuple)

    @property
    def negated(self) -> frozenset[str]:
        """The options that `--no-...` turns off."""
        return frozenset(
            flag
            for option in self.interface.options
            if option.booleans == "no-flag"
            for flag in (option.flag, *option.aliases)
        )

    @property
    def taking(self) -> str:
        """The option that takes settings as KEY=VALUE; empty: there is none."""
        return next((option.flag for option in self.interface.options if option.assigns), "")

    def style_of(self, lines: Sequence[Sequence[Option]]) -> str | None:
        """The style in which the script reads options; None: it is not known, or the words look like another that fits more lines."""
        style = self.interface.style
        if style not in STYLES or not any(lines):
            return None
        return style if count_written(lines, style, self.negated) >= count_written(lines, None) else None

    def with_configs_first(self, lines: list[Line], found: Found) -> list[Line]:
        """The lines with what says which config file is read in front: what is read later overrides it."""
        moved = [_put_first(line.arguments, self.interface) for line in lines]
        if any(moved):
            told = "what says which config file is read stands before the settings, which override it; in your commands it stood behind some"
            found.notes[told] = None
        return lines

    def outputs(self, lines: Sequence[Line], found: Found) -> list[str]:
        """The words that have each trial write to its own folder, where the lines do not say where, or all say the same."""
        words: list[str] = []
        for option in roles_of(self.interface.options).outputs:
            if option.flag:
                words += self._output(option, lines, found)
        names = {option.name for line in lines for option in line.arguments.options}
        for word in self.interface.after:
            name, _, value = word.partition("=")
            if name not in names and value == "{run_dir}":
                words.append(word)
                found.notes[f"{name} is {value}, a place of each trial's own"] = None
        self._tell_here(lines, found)
        return words

    def _output(self, option: Taken, lines: Sequence[Line], found: Found) -> list[str]:
        """The words for one option that says where the script writes."""
        names = set(map(plain_name, (option.flag, *option.aliases)))
        given = [[one for one in line.arguments.options if plain_name(one.name) in names] for line in lines]
        texts = {each.values for own in given for each in own}
        place = output_place(option)
        if not texts:
            told = f"no command says {option.flag}, where the script writes"
        elif len(texts) == 1 and all(len(own) == 1 for own in given) and len(next(iter(texts))) == 1:
            ((text,),) = texts
            if _MAY_BE_READ.search(option.flag):
                told = f"{option.flag} is {text} in all trials; if they write there, put {{run_dir}} in its place"
                found.notes[told] = None
                return []
            told = f"all commands write to {option.flag} {text}"
            for line, own in zip(lines, given, strict=True):
                line.arguments.options.remove(own[0])
        else:
            return []
        found.notes[f"{told}: it is {place}, a place of each trial's own"] = None
        joined = not option.flag.startswith("-") or STYLES[self.interface.style].join == "equals"
        return [f"{option.flag}={place}"] if joined else [option.flag, place]

    def _tell_here(self, lines: Sequence[Line], found: Found) -> None:
        """Say that trials write the same files, where they run in one folder."""
        options = roles_of(self.interface.options).outputs
        own = {first_part(str(option.default)) for option in options if option.default}
        firsts = sorted({*map(first_part, self.here)} - own)
        if firsts and lines[0].cwd is None:
            script = lines[0].head[-1]
            shown = ", ".join(firsts[:_MOST_SHOWN])
            told = f"{script} writes {shown} where it runs, so that all trials write the same"
            found.notes[
                f"{told}: `sweep init {script} --out -` shows the lines `cwd` and `link` for that"
            ] = None


Reads: TypeAlias = Callable[[Sequence[str], Sequence[str]], Source | None]
"""Reads the source of a program, given its words and those that follow them."""


def _put_first(arguments: Arguments, interface: Interface) -> bool:
    """Put what names a config file before the options; returns whether that changes what overrides what."""
    flags = [option for option in arguments.options if option.name in interface.config_flags]
    first = next((at for at, option in enumerate(arguments.options) if option not in flags), None)
    last = max((at for at, option in enumerate(arguments.options) if option in flags), default=-1)
    is_behind = first is not None and first < last
    for option in flags:
        arguments.before += [option.name, *option.values]
    arguments.options = [option for option in arguments.options if option not in flags]
    if interface.config_flags and set(arguments.fixed) & set(interface.config_flags):
        arguments.before += arguments.fixed
        arguments.fixed = []
    if interface.takes_files and arguments.after:
        arguments.before += arguments.after
        arguments.after = []
        return True
    return is_behind and interface.style != "hydra"  # whose own options stand apart
