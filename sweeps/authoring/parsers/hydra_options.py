"""Settings of Hydra: the config folder that `@hydra.main` names, or a structured config."""

from __future__ import annotations

import ast
import posixpath
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sweeps.authoring.literals import text_of, value_of
from sweeps.authoring.option import Interface, Option, asked, kind_of, with_uppers, without_repeats
from sweeps.authoring.parsers.dataclass_options import fields_of
from sweeps.authoring.syntax import arguments_of
from sweeps.program.named_paths import is_file, is_folder
from sweeps.spec.settings import is_key
from sweeps.trainer.configs.defaults import SELF, entries_of, list_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sweeps.authoring.script import Script
    from sweeps.trainer.configs.defaults import Entry

_MOST_BYTES = 1 << 18
_DEEPEST = 8
_MISSING = "???"
_FOLDER = "hydra.run.dir={run_dir}"
_NAME, _ADDED = ("--config-name", "-cn"), ("--config-dir", "-cd")
CONFIG_FLAGS = (*_NAME, "--config-path", "-cp", "--config-dir", "-cd")
"""Hydra takes no words behind one of these that follows others, so that they come first."""


def read(script: Script) -> Interface | None:
    """What a script takes through Hydra; None: it has no `@hydra.main`."""
    call = _decorator(script)
    if call is None:
        return None
    empty = Interface("Hydra", "hydra", after=(_FOLDER,), config_flags=CONFIG_FLAGS)
    home, name = _config(call, script)
    if not name:
        return replace(empty, comments=("its config has no name in the source: which keys does it have?",))
    stored = _stored(name, script)
    if stored is not None:
        own = [replace(option, flag=option.key) for option in fields_of(stored, script)]
        return replace(empty, options=without_repeats(own))
    composed = _Composed(home, _choices(script.words, home))
    filled_in = _filled_in(script)
    options = [
        replace(asked(option, "the script fills it in itself"), is_required=False)
        if option.is_required and option.key.rpartition(".")[2] in filled_in
        else replace(option, is_quiet=not option.is_required)
        for option in composed.options(name)
        if not option.key.startswith("hydra.") and not option.key.rpartition(".")[2].startswith("_")
    ]
    comments = composed.comments
    if not options:
        comments.append(f"there is no config {home / name}.yaml with keys: which keys does it have?")
    return replace(empty, options=without_repeats(options), comments=tuple(comments))


def _filled_in(script: Script) -> set[str]:
    """What the source sets of a config, as `cfg.agent.obs_shape = env.shape`."""
    set_there = (node for node in script.each(ast.Attribute) if isinstance(node.ctx, ast.Store))
    return {node.attr for node in set_there if not f"{text_of(node.value)}.".startswith("self.")}


@dataclass(frozen=True, slots=True)
class Taken:
    """What a script's config surely takes.

    Attributes:
        names: Its keys, with those that hold others, and its groups.
        home: The folder of its files.
        groups: The files of each group that has to have the one that is chosen.
    """

    names: frozenset[str]
    home: Path
    groups: Mapping[str, Sequence[str]]


def taken_by(script: Script) -> Taken | None:
    """What a script's config takes, whichever of the files is chosen that its words name; None where that is not sure."""
    call = _decorator(script)
    home, name = _config(call, script) if call is not None else (Path(), "")
    if not name or _stored(name, script) is not None or list(script.calls("store", "ConfigStore.instance")):
        return None
    composed = _Composed(home, _choices(script.words, home), takes_all=True)
    keys = {option.key for option in composed.options(name)}
    if not composed.is_whole:
        return None
    is_added = script.typed_value(*_ADDED) is not None  # where further files of groups are
    return Taken(with_uppers(keys) | composed.groups.keys(), home, {} if is_added else dict(composed.groups))


def choices_of(home: Path, group: str) -> tuple[str, ...]:
    """The files of a group, by their names; none where there is no such group."""
    folder = home / group.partition("@")[0]
    return tuple(sorted(path.stem for path in folder.glob("*.yaml"))) if folder.is_dir() else ()


def _decorator(script: Script) -> ast.Call | None:
    decorators = (decorator for node in script.definitions() for decorator in node.decorator_list)
    calls = (decorator for decorator in decorators if isinstance(decorator, ast.Call))
    return next((call for call in calls if script.is_named(call.func, "hydra.main")), None)


def _config(call: ast.Call, script: Script) -> tuple[Path, str]:
    """The folder of configs and the config's name, as they are typed or else in the source; without a name where it has none."""
    said = arguments_of(call, "config_path", "config_name")
    path, name = (value_of(said.get(key), script.constants) for key in ("config_path", "config_name"))
    path, name = script.typed_value("--config-path", "-cp") or path, script.typed_value(*_NAME) or name
    home = script.folder / path if isinstance(path, str) else script.folder
    if not isinstance(name, str):
        return home, ""
    name = Path(name).with_suffix("").as_posix() if name.endswith((".yaml", ".yml")) else name
    added = script.typed_value(*_ADDED)
    return (Path(added), name) if added is not None and not is_file(home / f"{name}.yaml") else (home, name)


def _choices(words: Sequence[str], home: Path) -> dict[str, list[str]]:
    """The files that words such as `model=large` choose of the folder's groups, by the group, what is added with its `+`."""
    found: dict[str, list[str]] = {}
    for word in words:
        name, equals, choice = word.partition("=")
        bare = name.lstrip("+")
        if equals and bare and not bare.startswith("-") and is_folder(home / bare.partition("@")[0]):
            plus = "+" if name.startswith("+") else ""
            found.setdefault(f"{plus}{bare.removeprefix('/')}", []).append(choice.removesuffix(".yaml"))
    return found


def _stored(name: str, script: Script) -> ast.ClassDef | None:
    """The dataclass that `ConfigStore` holds under a name."""
    for call in script.calls("store"):
        said = arguments_of(call, "name", "node")
        node = said.get("node")
        node = node.func if isinstance(node, ast.Call) else node
        is_it = value_of(said.get("name"), script.constants) == name and "group" not in said
        if is_it and isinstance(node, ast.Name):
            return script.classes.get(node.id)
    return None


@dataclass(slots=True)
class _Composed:
    """A config, put together of the files of a folder.

    Attributes:
        home: The folder.
        chosen: The files that words of the command line choose, by their groups.
        takes_all: Whether all of these count, and that of the config itself; else the last word counts, as for Hydra.
        comments: What a reader of the file should know.
        groups: The files of each of its groups, but for those that may have none.
        is_whole: Whether every file that belongs to it was read.
    """

    home: Path
    chosen: Mapping[str, Sequence[str]]
    takes_all: bool = False
    groups: dict[str, Sequence[str]] = field(default_factory=dict)
    comments: list[str] = field(default_factory=list)
    is_whole: bool = True
    _used: set[str] = field(default_factory=set)

    def options(self, name: str) -> Iterator[Option]:
        """The keys of a config, of those in its list of defaults, and of those that words add to it."""
        yield from self._of_file(name, "")
        for group, choices in self.chosen.items():
            if group.lstrip("+") in self._used or (self.takes_all and not group.startswith("+")):
                continue
            inner, at, package = group.lstrip("+").partition("@")
            below = package.replace("_global_", "") if at else inner.replace("/", ".")
            for choice in choices if self.takes_all else choices[-1:]:
                yield from self._of_file(f"{inner}/{choice}", below, 1)

    def _of_file(self, name: str, package: str, depth: int = 0) -> Iterator[Option]:
        path = self.home / f"{name}.yaml"
        if depth > _DEEPEST or not path.resolve().is_relative_to(self.home.resolve()):
            self.is_whole = False
            return
        text, content = _load(path, self.comments)
        if not isinstance(content, dict):
            self.is_whole = self.is_whole and bool(text) and content is None
            return
        self.is_whole = self.is_whole and "searchpath" not in str(content.get("hydra"))
        if "@package _global_" in text.partition("\n")[0]:
            package = ""
        own = {key: value for key, value in content.items() if key not in ("defaults", "hydra")}
        listed = list_of(content)
        for entry in listed:
            if entry == SELF:
                yield from _keys(own, package)
            for part in entries_of(entry, posixpath.dirname(name)):
                yield from self._of_entry(part, package, depth)
        if SELF not in listed:
            yield from _keys(own, package)

    def _of_entry(self, entry: Entry, package: str, depth: int) -> Iterator[Option]:
        """What one entry of a list of defaults brings in: a group with its chosen file, or a file."""
        if not entry.group:
            yield from self._of_file(entry.choice, package, depth + 1)
        elif not entry.is_of_hydra:
            inner = entry.written.removeprefix("/").replace("/", ".")
            below = ".".join(part for part in (package, inner) if part)
            if entry.package is not None:
                below = entry.package.replace("_global_", "")
            yield from self._of_group(entry.name, entry.choice)
            if not entry.is_optional:
                self.groups[entry.name] = choices_of(self.home, entry.name)
            for choice in self._taken(entry.name, entry.choice):
                self.is_whole = self.is_whole and (
                    choice is None or (isinstance(choice, str) and "$" not in choice)
                )
                if isinstance(choice, str) and choice != _MISSING:
                    yield from self._of_file(
                        f"{entry.group}/{choice.removesuffix('.yaml')}", below, depth + 1
                    )

    def _of_group(self, name: str, usual: Any) -> Iterator[Option]:
        """The option that chooses a file of a group; of a group whose name is no key, a comment says how it is varied."""
        choices = choices_of(self.home, name)
        is_required = usual == _MISSING
        if len(choices) + (usual is None or is_required) <= 1 or not isinstance(usual, str | None):
            return
        if is_key(name):
            told = f"chooses {self.home.name}/{name}/NAME.yaml"
            option = Option(name, flag=name, choices=choices, help=told, is_group=True)
            yield replace(option, default=None if is_required else usual, is_required=is_required)
        elif name not in self.chosen:
            shown = ", ".join(choices[:_DEEPEST]) + (", ..." if len(choices) > _DEEPEST else "")
            key = name.partition("@")[0].rpartition("/")[2]
            self.comments.append(
                f"{name}={usual}: the group has {shown}; to vary it, put the word '{name}={{{key}}}' into the command "
                f"and `{key}: [{', '.join(choices[:2])}]` into a grid"
            )

    def _taken(self, name: str, usual: Any) -> Sequence[Any]:
        """Which files of a group are taken: the one that a word chooses, else the one that the config names; or all of these."""
        words = [word for key in (name, f"+{name}") for word in self.chosen.get(key, ())]
        if words:
            self._used.add(name)
        if self.takes_all:
            return list(
                dict.fromkeys([usual, *(word for word in words if word in choices_of(self.home, name))])
            )
        return words[-1:] or [usual]


def _load(path: Path, comments: list[str]) -> tuple[str, Any]:
    import yaml

    try:
        if not path.is_file() or path.stat().st_size > _MOST_BYTES:
            return "", None
        text = path.read_text(encoding="utf-8")
        return text, yaml.safe_load(text)
    except (OSError, ValueError, yaml.YAMLError, RecursionError) as error:
        comments.append(f"{path.name} cannot be read: {' '.join(str(error).split())[:100]}")
        return "", None


def _keys(content: dict[Any, Any], package: str, depth: int = 0) -> Iterator[Option]:
    for name, value in content.items():
        key = f"{package}.{name}".lstrip(".")
        if isinstance(value, dict) and value and depth < _DEEPEST:
            yield from _keys(value, key, depth + 1)
            continue
        kind = kind_of(value)
        option = Option(key, kind, flag=key, is_list=isinstance(value, list))
        if value == _MISSING:
            yield replace(option, is_required=True)
        elif isinstance(value, str) and "${" in value:
            yield asked(option, f"it is {value}")
        elif isinstance(value, bool | int | float | str | None) or (
            isinstance(value, list) and all(isinstance(item, bool | int | float | str) for item in value)
        ):
            yield replace(option, default=_number(value))
        else:
            yield asked(option, "its value is a mapping or a list of lists")


def _number(value: Any) -> Any:
    """YAML 1.1 reads 1e-3 as a text; OmegaConf, and this, as a number."""
    if isinstance(value, str):
        try:
            return (
                float(value)
                if any(letter in value for letter in ".eE") and value.strip()[:1] in "+-.0123456789"
                else value
            )
        except ValueError:
            return value
    return value
