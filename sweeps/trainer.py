"""The trainer as the spec names it: found, checked, but not imported until a trial runs."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import shutil
import string
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sweeps.config import ConfigSchema
from sweeps.errors import Problem, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sweeps.errors import Place
    from sweeps.source import Value
    from sweeps.spec import TrainerSpec


@dataclass(frozen=True, slots=True)
class Trainer:
    """A checked trainer and, where it has one, the schema of its config."""

    spec: TrainerSpec
    schema: ConfigSchema | None

    def arguments(self, config: Mapping[str, Value]) -> list[str]:
        """The command line for a resolved flat config, each `{key}` filled in, argument by argument.

        Raises:
            KeyError: A placeholder names a key that the config does not hold.
        """
        return [_fill(argument, config) for argument in self.spec.command or ()]

    def missing_keys(self, config: Mapping[str, Value]) -> Iterator[tuple[str, Place]]:
        """Placeholders of the command that a config leaves open, each with its place."""
        for argument, place in zip(self.spec.command or (), self.spec.command_places, strict=True):
            for key in placeholders(argument):
                if key not in config:
                    yield key, place


def load_trainer(spec: TrainerSpec, problems: list[Problem]) -> Trainer:
    """Find the trainer and import its config model, adding what is wrong to `problems`."""
    if spec.run is not None:
        _check_function(spec.run, spec.place, problems)
    if spec.command is not None:
        _check_command(spec.command, spec.command_places, problems)
    schema = _load_schema(spec.config, spec.place, problems) if spec.config is not None else None
    return Trainer(spec, schema)


def search_beside(directory: Path) -> None:
    """Let modules beside the spec, and in the working directory, be found as a Python script's would be."""
    for place in (str(Path.cwd()), str(directory.resolve())):
        if place not in sys.path:
            sys.path.insert(0, place)


def command_path() -> str:
    """The directory of this Python, so that a command's `python` is the one that runs `sweep`."""
    return str(Path(sys.executable).parent)


def placeholders(argument: str) -> list[str]:
    """The keys that `{key}` placeholders of an argument name."""
    return [name for _, name, _, _ in string.Formatter().parse(argument) if name is not None]


def _fill(argument: str, config: Mapping[str, Value]) -> str:
    parts = []
    for text, name, _, _ in string.Formatter().parse(argument):
        parts.append(text)
        if name is not None:
            value = config[name]
            parts.append(str(value).lower() if isinstance(value, bool) else str(value))
    return "".join(parts)


def _check_function(target: str, place: Place, problems: list[Problem]) -> None:
    module, _, name = target.partition(":")
    try:
        found = importlib.util.find_spec(module)
    except Exception as error:  # noqa: BLE001 - importing a user's package may raise anything
        problems.append(Problem(place, f"trainer.run: {module} cannot be imported: {_told(error)}"))
        return
    if found is None:
        message = f"trainer.run: there is no module {module} beside the spec or among the installed packages"
        problems.append(Problem(place, message))
        return
    names = _top_level_names(found.origin)
    if names is not None and name not in names:
        problems.append(Problem(place, f"trainer.run: {module} has no {name}{did_you_mean(name, names)}"))


def _top_level_names(origin: str | None) -> set[str] | None:
    """What a module defines at its top, read without running it; None where that cannot be told."""
    if origin is None or not origin.endswith(".py"):
        return None
    try:
        tree = ast.parse(Path(origin).read_bytes())
    except (OSError, SyntaxError, ValueError):
        return None
    names: set[str] = set()
    for statement in tree.body:
        match statement:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                names.add(name)
            case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                names.update(alias.asname or alias.name.partition(".")[0] for alias in aliases)
            case ast.Assign(targets=targets):
                names.update(target.id for target in targets if isinstance(target, ast.Name))
            case ast.AnnAssign(target=ast.Name(id=name)):
                names.add(name)
            case ast.If() | ast.Try() | ast.With() | ast.For():
                return None
    return None if "*" in names or "__getattr__" in names else names


def _check_command(command: Sequence[str], places: Sequence[Place], problems: list[Problem]) -> None:
    program = command[0]
    if not placeholders_valid(command, places, problems):
        return
    if shutil.which(program) is None and shutil.which(program, path=command_path()) is None:
        message = f"trainer.command: there is no program '{program}' on the PATH or here"
        problems.append(Problem(places[0], message))


def placeholders_valid(command: Sequence[str], places: Sequence[Place], problems: list[Problem]) -> bool:
    """Whether every argument's braces are balanced and named, adding what is wrong to `problems`."""
    before = len(problems)
    for argument, place in zip(command, places, strict=True):
        try:
            names = placeholders(argument)
        except ValueError as error:
            message = f"trainer.command: {argument!r}: {error}; write {{{{ for a brace"
            problems.append(Problem(place, message))
            continue
        if "" in names:
            message = (
                f"trainer.command: {argument!r}: {{}} names no key; write {{key}}, or {{{{}}}} for braces"
            )
            problems.append(Problem(place, message))
    return len(problems) == before


def _load_schema(target: str, place: Place, problems: list[Problem]) -> ConfigSchema | None:
    module, _, name = target.partition(":")
    try:
        found = getattr(importlib.import_module(module), name)
    except AttributeError:
        names = vars(importlib.import_module(module)) if module in sys.modules else {}
        problems.append(Problem(place, f"trainer.config: {module} has no {name}{did_you_mean(name, names)}"))
        return None
    except Exception as error:  # noqa: BLE001 - importing a user's module may raise anything
        problems.append(Problem(place, f"trainer.config: {module} cannot be imported: {_told(error)}"))
        return None
    try:
        return ConfigSchema(found)
    except Exception as error:  # noqa: BLE001 - pydantic raises what the user's class makes it raise
        message = f"trainer.config: {target} does not describe a config: {_told(error)}; use a pydantic model"
        problems.append(Problem(place, message))
        return None


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".splitlines()[0]
