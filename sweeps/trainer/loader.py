"""Finds and checks the trainer that the spec names; its function is not imported until a trial runs."""

from __future__ import annotations

import ast
import glob
import importlib
import importlib.util
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from sweeps.errors import Problem, did_you_mean
from sweeps.program import resuming, surroundings
from sweeps.program.arguments import SpellingError, command_words, spelled
from sweeps.program.config_file import CONFIG_FILE, ENDINGS, ConfigFile, ConfigFileError, flat
from sweeps.program.named_paths import is_file
from sweeps.program.template import OWN, TrialValues, fill, fill_value, keys_of, plain
from sweeps.sources.following.order import ReadOrder
from sweeps.sources.following.setting_columns import settings_by_name
from sweeps.spec.trainer.arguments import ARGS, NONE
from sweeps.spec.trainer.surroundings import Template
from sweeps.trainer.command_check import command_problems, command_warnings
from sweeps.trainer.config_schema import ConfigSchema
from sweeps.trainer.configs.inner_paths import content_in
from sweeps.trainer.imports import found_in, places_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from sweeps.errors import Place
    from sweeps.spec.trainer.model import TrainerSpec
    from sweeps.spec.yaml_reader import Value

_ARGUMENTS = 2
"""A trainer function is called with its config and its run."""


@dataclass(frozen=True, slots=True)
class Trainer:
    """A checked trainer.

    Attributes:
        spec: What the file says of it.
        schema: The schema of its config, where it has one.
        placeholders: The keys that the command's `{key}` placeholders name, each with its place.
        around: The keys that those of its surroundings name, each with the part of the trainer before it.
        named: The keys that the command and its environment name; `{args}` stands for the others.
        config_file: The program's own config file, of which each trial gets a copy; None: it has none.
        takes_rest: Whether a word of the command is `{args}`.
    """

    spec: TrainerSpec
    schema: ConfigSchema | None
    placeholders: tuple[tuple[str, Place], ...] = ()
    around: tuple[tuple[str, str, Place], ...] = ()
    config_file: ConfigFile | None = None
    named: frozenset[str] = field(init=False)
    takes_rest: bool = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "named", frozenset(self._named()))
        object.__setattr__(self, "takes_rest", ARGS in (self.spec.command or ()))

    @property
    def before(self) -> Mapping[str, Value]:
        """The keys that its config got later, with the value that all trials before them had."""
        return self.schema.before if self.schema else {}

    @property
    def tells_configs(self) -> bool:
        """Whether it is known which config each trial has, even if it cannot run here: its config model and file are here, if it has any."""
        has_model = self.schema is not None or self.spec.config is None
        return has_model and (self.config_file is not None or self.spec.config_file is None)

    def _named(self) -> Iterator[str]:
        yield from (key for key, _ in self.placeholders)
        yield from (key for part, key, _ in self.around if part == "env")

    def arguments(self, values: TrialValues) -> list[str]:
        """The command line for a trial, each placeholder filled in, argument by argument.

        Raises:
            KeyError: A placeholder names a key that the config does not hold.
            NoFileError: There is no file of a `{newest:GLOB}`.
            SpellingError: A value has no words.
        """
        named = {*self.named, *filter(self.is_in_file, values.config)}
        return command_words(self.spec.command or (), self.spec.arguments, values, named)

    def is_in_file(self, key: str) -> bool:
        """Whether a key of the config reaches the program in its config file."""
        return self.config_file is not None and key not in self.named and self.config_file.has(key)

    def write_own_file(self, values: TrialValues) -> None:
        """Write a trial's copy of the program's config file to where `{trial_config}` says, if there is such a file.

        Raises:
            NoFileError: There is no file of a `{newest:GLOB}`.
            OSError: It cannot be written.
        """
        text = self.own_text(values)
        if text is None:
            return
        path = Path(values.own[CONFIG_FILE])
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def own_text(self, values: TrialValues) -> str | None:
        """The text of a trial's copy of the program's config file; None: there is no such file.

        Raises:
            NoFileError: There is no file of a `{newest:GLOB}`.
        """
        if self.config_file is None:
            return None
        settings = {
            key: fill_value(value, values) for key, value in values.config.items() if self.is_in_file(key)
        }
        return self.config_file.written(settings)

    def gives(self, key: str) -> bool:
        """Whether the file says how a key of the config reaches the program, or that it does not."""
        said = self.spec.arguments
        is_around = any(key == named for _, named, _ in self.around)  # `link: ["data/{set}"]` gives it, too
        is_given = key in self.named or is_around or self.takes_rest or self.is_in_file(key)
        return is_given or said.style == NONE or said.of(key) is None

    def _in_configs(self, config: Mapping[str, Value], folder: str) -> dict[str, Value]:
        """What the config files say that the command and the settings name: a column that repeats it is no metric, either."""
        found = dict(flat(self.config_file.content)) if self.config_file is not None else {}
        texts = [word.rpartition("=")[2] for word in self.spec.command or ()]
        texts += [value for value in config.values() if isinstance(value, str)]
        for text in texts:
            if text.lower().endswith(ENDINGS) and "{" not in text:
                places = [place for place in (Path(folder, text), Path(text)) if is_file(place)]
                found |= dict(flat(content_in(places[0]))) if places else {}
        return found

    def unspoken(self, key: str, value: Value) -> str | None:
        """Why `{args}` has no words for a key's value; None where it has, or where the key is none of its keys."""
        if key in self.named or self.is_in_file(key):
            return None
        try:
            spelled(self.spec.arguments, key, value)
        except SpellingError as error:
            return str(error)
        return None

    def read_order(self, values: TrialValues, folder: str, epochs: int | None, since_ms: int) -> ReadOrder:
        """Where the metrics of a trial of a command are read.

        Args:
            values: What placeholders stand for.
            folder: Where its program runs.
            epochs: How many epochs it is to have; None: it does not say.
            since_ms: Since when files are its own.
        """
        # What stands for a placeholder is no pattern, whatever characters are in it.
        own = TrialValues(values.config, {name: glob.escape(value) for name, value in values.own.items()})
        sources = self.spec.sources.filled(
            lambda text: fill(text, own, lambda key, value: glob.escape(plain(key, value)))
        )
        settings = settings_by_name({**self._in_configs(values.config, folder), **values.config})
        return ReadOrder(sources, folder, epochs, since_ms, self.spec.unit, settings)

    def epochs_of(self, config: Mapping[str, Value]) -> int | None:
        """How many epochs a config asks for; None where it does not say."""
        epochs = config.get(self.spec.epochs)
        return epochs if isinstance(epochs, int) and epochs > 0 else None

    def warnings(self) -> Iterator[Problem]:
        """What of it works, or may, and is hardly meant so; each with its place."""
        said = self.spec.surroundings
        yield from resuming.warnings(said.resume)
        if self.spec.command is not None:
            yield from command_warnings(self.spec, surroundings.search_path(said))

    def missing_keys(self, config: Mapping[str, Value]) -> list[tuple[str, Place]]:
        """Placeholders of the command that a config leaves open, each with its place."""
        return [(key, place) for key, place in self.placeholders if key not in config and key not in OWN]

    def missing_around(self, config: Mapping[str, Value]) -> list[tuple[str, str, Place]]:
        """The same of its surroundings, each with the part of the trainer before it."""
        return [found for found in self.around if found[1] not in config and found[1] not in OWN]


def load_trainer(spec: TrainerSpec) -> tuple[Trainer, tuple[Problem, ...]]:
    """Find the trainer and import its config model.

    Returns:
        The trainer, and what is wrong with it; with a schema only where the model is right.
    """
    problems: list[Problem] = []
    if spec.command is not None:
        problems += command_problems(spec, surroundings.search_path(spec.surroundings))
    with found_in(places_of(spec), (spec.run, spec.config)):
        return _load(spec, problems)


def unchecked(spec: TrainerSpec) -> Trainer:
    """The trainer, whether or not its program exists: imports nothing, and looks at no file."""
    placeholders, around, _ = _placeholders(spec)
    return Trainer(spec, None, placeholders, around)


def _load(spec: TrainerSpec, problems: list[Problem]) -> tuple[Trainer, tuple[Problem, ...]]:
    if spec.run is not None:
        problems += _function_problems(spec.run, spec.place_of("run"))
    placeholders, around, wrong = _placeholders(spec, {problem.place for problem in problems})
    problems += wrong
    if spec.command is not None:
        problems += surroundings.problems(spec, os.environ)
    config_file = None
    if spec.config_file is not None:
        try:
            config_file = ConfigFile.read(spec.config_file)
        except ConfigFileError as error:
            problems.append(Problem(spec.place_of("config_file"), f"trainer.config_file: {error}"))
    schema = None
    if spec.config is not None:
        loaded = _load_schema(spec.config, spec.place_of("config"))
        if isinstance(loaded, Problem):
            problems.append(loaded)
        else:
            schema = loaded
    if schema is not None and "epochs" in spec.places and not schema.knows(spec.epochs):
        message = f"trainer.epochs: {spec.config} has no key '{spec.epochs}'{schema.hint(spec.epochs)}"
        problems.append(Problem(spec.place_of("epochs"), message))
    return Trainer(spec, schema, placeholders, around, config_file), tuple(problems)


def _placeholders(
    spec: TrainerSpec, refused: Collection[Place] = ()
) -> tuple[tuple[tuple[str, Place], ...], tuple[tuple[str, str, Place], ...], list[Problem]]:
    """The keys that placeholders name: of the command, and of its surroundings, as `Trainer` has them; and braces that name none."""
    keys: list[tuple[str, str, Place]] = []
    problems: list[Problem] = []
    of_command = (Template("command", text, place) for text, place in spec.templates())
    for one in (*of_command, *spec.surroundings.templates()):
        try:
            keys += [(one.part, key, one.place) for key in keys_of(one.text)]
        except ValueError as error:
            problems.append(Problem(one.place, f"trainer.{one.part}: {one.text!r}: {error}"))
    named = ((key, place) for part, key, place in keys if part == "command" and place not in refused)
    return tuple(named), tuple(found for found in keys if found[0] != "command"), problems


def _function_problems(target: str, place: Place) -> Iterator[Problem]:
    module, _, name = target.partition(":")
    if module == "__main__":
        remedy = "save it in a module, such as train.py, and write `trainer: train:train`"
        yield Problem(
            place,
            f"trainer.run: {target}: a function of a notebook's cell, or of the script that runs, is in no trial; {remedy}",
        )
        return
    try:
        found = importlib.util.find_spec(module)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - importing a user's package may raise anything
        if not _is_missing(module, error):
            yield Problem(place, f"trainer.run: {module} cannot be imported: {_first_line(error)}")
            return
        found = None
    if found is None:
        hint = f"; write {module.removesuffix('.py')}:{name}" if module.endswith(".py") else ""
        yield Problem(place, f"trainer.run: {_no_module(module)}{hint}")
        return
    try:
        tree = _tree_of(found.origin)
    except SyntaxError as error:
        yield Problem(place, f"trainer.run: {module} is not Python: {error.msg} (line {error.lineno})")
        return
    names = set(_defined(tree.body)) if tree is not None else {"*"}
    if name not in names and names.isdisjoint({"*", "__getattr__"}):
        yield Problem(place, f"trainer.run: {module} has no {name}{did_you_mean(name, names)}")
    if tree is not None and (takes := _other_parameters(tree, name)):
        remedy = f"write `def {name}(config, run)`, and `config[...]` for each setting"
        yield Problem(place, f"trainer.run: {name} takes {takes}; it is called with (config, run): {remedy}")


def _tree_of(origin: str | None) -> ast.Module | None:
    """A module's source, read without running it; None where there is none to read.

    Raises:
        SyntaxError: The module is not Python.
    """
    if origin is None or not origin.endswith(".py"):
        return None
    try:
        return ast.parse(Path(origin).read_bytes())
    except (OSError, ValueError):
        return None


def _other_parameters(tree: ast.Module, name: str) -> str:
    """The parameters of a function of the module, where it cannot be called with two arguments; else empty."""
    defined = [one for one in tree.body if isinstance(one, ast.FunctionDef) and one.name == name]
    if len(defined) != 1 or defined[0].decorator_list:
        return ""
    given = defined[0].args
    by_place = len(given.posonlyargs) + len(given.args)
    has_room = by_place >= _ARGUMENTS or given.vararg is not None
    needed = by_place - len(given.defaults)
    by_name = [default for default in given.kw_defaults if default is None]
    return "" if has_room and needed <= _ARGUMENTS and not by_name else f"({ast.unparse(given)})"


def _defined(body: Iterable[ast.AST]) -> Iterator[str]:
    """The names that statements bind, those inside `if`, `try`, `with` and loops included."""
    for node in body:
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.alias(name=name, asname=asname):
                yield asname or name.partition(".")[0]
            case ast.Name(id=name, ctx=ast.Store()):
                yield name
            case _:
                yield from _defined(ast.iter_child_nodes(node))


def _load_schema(target: str, place: Place) -> ConfigSchema | Problem:
    """The schema of a config model, or why there is none."""
    name, _, attribute = target.partition(":")
    try:
        module = importlib.import_module(name)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - importing a user's module may raise anything
        if _is_missing(name, error):
            return Problem(place, f"trainer.config: {_no_module(name)}")
        return Problem(place, f"trainer.config: {name} cannot be imported: {_first_line(error)}")
    found = getattr(module, attribute, None)
    if found is None:
        hint = did_you_mean(attribute, vars(module))
        return Problem(place, f"trainer.config: {name} has no {attribute}{hint}")
    remedy = "name a pydantic model, a dataclass or a typed dict"
    if not isinstance(found, type):
        kind = type(found).__name__
        return Problem(place, f"trainer.config: {target} is a {kind}, not a class; {remedy}")
    try:
        return ConfigSchema(found)
    except Exception as error:  # noqa: BLE001 - pydantic raises what the user's class makes it raise
        finding = f"{target} does not describe a config: {_first_line(error)}"
        return Problem(place, f"trainer.config: {finding}; {remedy}")


def _no_module(module: str) -> str:
    return f"there is no module {module} beside the spec or among the installed packages"


def _is_missing(module: str, error: BaseException) -> bool:
    """Whether the module itself, or a package that it is in, is what an import did not find."""
    return isinstance(error, ModuleNotFoundError) and f"{module}.".startswith(f"{error.name}.")


def _first_line(error: BaseException) -> str:
    return (f"{type(error).__name__}: {error}".splitlines() or [""])[0].removesuffix(": ")
