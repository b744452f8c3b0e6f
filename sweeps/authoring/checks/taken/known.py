"""What a script surely takes, whatever kind of command line it has."""

from __future__ import annotations

import re
from ast import literal_eval
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sweeps.authoring.checks.override_settings import Overrides
from sweeps.authoring.checks.taken import (
    argparse_names,
    class_names,
    configurator_names,
    decorated_names,
    flag_names,
    function_names,
    yacs_names,
)
from sweeps.authoring.checks.value_types import other_type
from sweeps.authoring.given.config_files import with_config_files
from sweeps.authoring.given.words import with_words
from sweeps.authoring.interface import interface_of
from sweeps.authoring.option import Formula
from sweeps.authoring.parsers import hydra_options
from sweeps.errors import ScriptError, did_you_mean
from sweeps.program.modules import shown_name
from sweeps.program.named_paths import is_file, is_folder
from sweeps.spec.settings import uppers

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from pathlib import Path

    from sweeps.authoring.option import Interface, Option
    from sweeps.authoring.script import Script, ScriptReader
    from sweeps.spec.yaml_reader import Value

_NAMES: Mapping[str, Callable[[Script, Interface, Path], frozenset[str] | None]] = {
    "argparse": lambda script, _, __: argparse_names.options_of(script),
    "a configurator": lambda script, _, here: configurator_names.options_of(script, here),
    "click": lambda script, _, __: decorated_names.options_of_click(script),
    "typer": lambda script, _, __: decorated_names.options_of_typer(script),
    "Fire": lambda script, interface, _: function_names.options_of_fire(script, interface),
    "jsonargparse": lambda script, interface, _: function_names.options_of_jsonargparse(script, interface),
    "absl": lambda script, interface, _: flag_names.options_of(script, interface),
    "tyro": lambda script, interface, _: class_names.options_of_tyro(script, interface),
    "HfArgumentParser": lambda script, interface, _: class_names.options_of_hf(script, interface),
    "yacs": lambda script, interface, _: yacs_names.options_of(script, interface),
}
"""What reads the names of each kind but Hydra's; None where a doubt is left."""
_DASHES_ARE_EQUAL = {"Fire", "tyro", "HfArgumentParser"}
_TAKES_BEGINNINGS = {"argparse", "HfArgumentParser", "jsonargparse"}
_HOLDS_OTHERS = {"tyro", "jsonargparse", "Hydra"}
_TYPES: Mapping[str, Callable[[str], str | float]] = {"": str, "str": str, "int": int, "float": float}
_WORD = re.compile(r"[\w./-]+")
_WHATS = {"a configurator": "setting", "Hydra": "key", "yacs": "key"}


@dataclass(frozen=True, slots=True)
class Known:
    """What a script surely takes.

    Attributes:
        script: The script's name.
        kind: What reads its command line.
        names: All its options, such as `--lr`.
        described: What the source says of an option, by its long name and its aliases.
        on: Those of argparse's flags that are on unless `--no-...` is given.
        is_typed: Whether a value must have the very type of the default.
        groups: The folder whose folders are keys that choose a file; None: there is none.
        files: Of each such key the files that there are to choose.
        overrides: How it takes settings as KEY=VALUE; None: it does not.
    """

    script: str
    kind: str
    names: frozenset[str]
    described: Mapping[str, Option] = field(default_factory=dict)
    on: frozenset[str] = frozenset()
    is_typed: bool = False
    groups: Path | None = None
    files: Mapping[str, Sequence[str]] = field(default_factory=dict)
    overrides: Overrides | None = None

    @property
    def what(self) -> str:
        """What it calls one of them."""
        return _WHATS.get(self.kind, "option")

    def is_group(self, key: str) -> bool:
        """Whether a key chooses a file, so that others may be there than were read."""
        return self.groups is not None and is_folder(self.groups / key.partition("@")[0])

    def choice_trouble(self, option: str, value: Value) -> str | None:
        """Which file is not there that a value is to choose; None where all are, or may be."""
        files = self.files.get(option)
        if files is None or self.groups is None:
            return None
        for word in value if isinstance(value, list) else [value]:
            if not isinstance(word, str) or not _WORD.fullmatch(word) or word in files:
                continue
            path = self.groups / option.partition("@")[0] / f"{word.removesuffix('.yaml')}.yaml"
            if not is_file(path):
                hint = did_you_mean(word, files) or f"; there is {', '.join(files) or 'none'}"
                shown = path.relative_to(self.groups.parent).as_posix()
                return f"{self.script} has no file {shown} to choose{hint}"
        return None

    def takes(self, option: str) -> bool:
        """Whether the script takes an option, or may."""
        name = self._plain(option)
        if name in self.names or name.startswith(("+", "~", "hydra.")):
            return True
        if self.kind in _TAKES_BEGINNINGS and any(known.startswith(name) for known in self.names):
            return True
        return self.kind in _HOLDS_OTHERS and any(map(self._is_innermost, uppers(name)))

    def _is_innermost(self, name: str) -> bool:
        """Whether the source shows an option and nothing below it, so that its value may be a mapping."""
        return name in self.names and not any(known.startswith(f"{name}.") for known in self.names)

    def value_trouble(self, option: str, values: Sequence[str]) -> str | None:
        """Why the script refuses the values of an option that it takes; None where it is not sure that it does."""
        found = self._described(option)
        if found is None or (self.kind != "argparse" and found.is_list):
            return None
        if self.is_typed:
            return self._other_type(found, values)
        read = _TYPES.get(found.kind) if found.lists is None else None
        if read is None or self.kind not in {
            "argparse",
            "click",
            "typer",
            "absl",
            "tyro",
            "HfArgumentParser",
        }:
            return None
        for text in values:
            try:
                value = read(text)
            except ValueError:
                return f"{self.script} takes {found.flag} as {found.kind}, which {text} is not"
            if found.choices and value not in found.choices and self.kind == "argparse":
                shown = ", ".join(map(str, found.choices))
                return f"{self.script} takes {found.flag} as one of {shown}; {text} is none"
        return None

    def _described(self, option: str) -> Option | None:
        """What the source says of an option, of which argparse takes the beginning, too."""
        if option in self.described or self.kind not in _TAKES_BEGINNINGS:
            return self.described.get(option)
        meant = [name for name in self.names if name.startswith(option)]
        return self.described.get(meant[0]) if len(meant) == 1 else None

    def _other_type(self, option: Option, values: Sequence[str]) -> str | None:
        if isinstance(option.default, Formula):
            return None
        for text in values:
            try:
                value = literal_eval(text)
            except (ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
                value = text
            like = other_type(option.default, value, exactly=True)
            if like and not (value is None and self.kind == "yacs"):
                return f"{self.script} takes {option.key} as {like}, which {text} is not"
        return None

    def _plain(self, option: str) -> str:
        if self.kind not in _DASHES_ARE_EQUAL or not option.startswith("--"):
            return option
        return f"--{option[2:].replace('-', '_')}"


def known_of(path: Path, words: Sequence[str], scripts: ScriptReader) -> Known | None:
    """What a script takes; None where that is not sure.

    Args:
        path: The script.
        words: The words of the command behind it, `{args}` left out.
        scripts: Reads it; its root is where the script is started.
    """
    here = scripts.root
    try:
        script = scripts.read(path, words)
        interface = script.once(interface_of)
        read = _NAMES.get(interface.kind)
        taken = hydra_options.taken_by(script) if interface.kind == "Hydra" else None
        names = read(script, interface, here) if read is not None else taken.names if taken else None
        if names is None or not _is_typed_so(interface, words):
            return None
        interface = with_config_files(with_words(interface, script.words), script, here).interface
    except (ScriptError, RecursionError):
        return None
    flags = [each for each in interface.options if each.booleans == "no-flag" and each.default is True]
    reader = configurator_names.reader_of(script, here) if interface.kind == "a configurator" else None
    return Known(
        shown_name(path),
        interface.kind,
        names,
        _by_flag(interface),
        frozenset(name for flag in flags for name in (flag.flag, *flag.aliases)),
        interface.kind == "yacs" or (reader is not None and configurator_names.compares_types(reader)),
        taken.home if taken is not None else None,
        taken.groups if taken is not None else {},
        Overrides.of(interface),
    )


def seen_of(path: Path, words: Sequence[str], scripts: ScriptReader) -> Mapping[str, Option]:
    """What the source shows of a script's options, by their flags; there may be others. The arguments are those of `known_of`."""
    try:
        script = scripts.read(path, words)
        interface = script.once(interface_of)
        if not _is_typed_so(interface, words):
            return {}
        return _by_flag(
            with_config_files(with_words(interface, script.words), script, scripts.root).interface
        )
    except (ScriptError, RecursionError):
        return {}


def _by_flag(interface: Interface) -> dict[str, Option]:
    return {name: each for each in interface.options for name in (each.flag, *each.aliases) if name}


def _is_typed_so(interface: Interface, words: Collection[str]) -> bool:
    """Whether the command has the subcommand whose options were read."""
    return all(word in words for word in interface.before if not word.startswith("-"))
