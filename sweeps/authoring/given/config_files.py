"""Takes the config files that a command line names, and what they set, for the defaults of a script's options."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from sweeps.authoring.given.config_reads import config_options, constant_configs
from sweeps.authoring.given.file_values import values_of_file
from sweeps.authoring.given.folder_configs import only_config, with_folder_config
from sweeps.authoring.given.overrides import assigning, with_overrides
from sweeps.authoring.given.own_config import with_own_config
from sweeps.authoring.given.words import Given
from sweeps.authoring.literals import text_of, value_of
from sweeps.authoring.option import Formula, Option, plain_name, with_other
from sweeps.authoring.parsers.annotations import with_default
from sweeps.authoring.parsers.lightning_options import LOGGER
from sweeps.authoring.roles import is_output, option_name
from sweeps.program.config_file import ENDINGS
from sweeps.program.named_paths import is_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from sweeps.authoring.given.config_reads import Reads
    from sweeps.authoring.option import Default, Interface
    from sweeps.authoring.script import Script

_CONFIG = re.compile(
    r"(.*_)?(config|cfg|conf|hyp|hparams|hyperparameters|params|options|settings|recipe|preset|yaml)(_?(file|path|yaml|name))?|opt"
)
_ALONE = re.compile(r"(config|cfg)(_?(file|path))?")
"""Options whose value is a config whatever it looks like, as a name of one does."""
_OWN_READERS = {"jsonargparse", "LightningCLI", "HfArgumentParser", "absl", "a configurator", "yacs"}
"""Kinds of command lines that read config files themselves, and have options override them."""

_OF_TWO = re.compile(r"len\(sys\.argv\) == 2")
Values: TypeAlias = "Mapping[str, Default] | None"
"""What a file sets; None: it cannot be read."""


@dataclass(frozen=True, slots=True)
class _Named:
    """A config file that a command line names.

    Attributes:
        text: Its path, as it is written.
        is_sure: Whether it is one whatever is in it; else it is if it sets something that the script takes.
        is_config: Whether the option that names it is called as one for a config, so that it is one if it can be read.
    """

    text: str
    is_sure: bool
    is_config: bool = False


def with_config_files(given: Given, script: Script, here: Path) -> Given:
    """Take what config files set for the defaults of options that are not typed, none of which a file needs to repeat.

    Returns:
        The same, with its `files` those that were found. Where a file cannot be read, options are questions that it may set.
    """
    if given.interface.style in {"hydra", "ml_collections"}:
        return given  # whose readers know the files
    found: dict[str, Values] = {}
    keys = {plain_name(option.key) for option in given.interface.options}
    reads = config_options(script, given.interface)
    for named in _named(given, script, reads):
        values = _values(named.text, script, given.interface, here)
        may_be = values is not None and (named.is_config or not keys.isdisjoint(values))
        if named.is_sure or may_be:
            found[named.text] = values
    if (taking := assigning(given.interface)) is not None:
        return _with_overrides(given, taking, found, reads, script, here)
    if not found:
        return with_folder_config(given, reads, script, here)
    return _with_found(given, found, script, here)


def _with_found(given: Given, found: Mapping[str, Values], script: Script, here: Path) -> Given:
    """What options have once these files are read."""
    keys = {plain_name(option.key) for option in given.interface.options}
    if _stands_alone(given, found, script):
        return _as_typed(given, found)
    is_overridden = _is_overridden(given.interface, script)
    if len(found) == 1 and not is_overridden:
        own = with_own_config(given, next(iter(found)), here)
        if own is not None:
            return own
    changed = _Defaults(given.interface, found)
    interface = replace(
        given.interface,
        options=tuple(map(changed.of, given.interface.options)),
        after=_after(given.interface.after, found),
    )
    if not is_overridden:
        asks = f"{', '.join(found)} is read, too: do options override it? if not, what it sets does not vary: write `config_file: {next(iter(found))}`, and each trial gets a copy with its settings, by `{{trial_config}}` in the command"
        interface = replace(interface, comments=(*interface.comments, asks))
    sets = {key: value for values in found.values() for key, value in (values or {}).items()}
    held = tuple(Option(key, default=value) for key, value in sets.items() if key not in keys)
    return replace(given, interface=interface, files=tuple(found), held=held)


def _with_overrides(
    given: Given,
    taking: Option,
    files: Iterable[str],
    reads: Reads,
    script: Script,
    here: Path,
) -> Given:
    """The keys of the config files for settings, each of which an option sets; where nothing names one, of the only one there is."""
    paths = list(files) or constant_configs(script)
    if not paths and (only := only_config(reads, script, here)) is not None:
        option, path = only
        options = (
            replace(one, default=path, is_required=False) if one is option else one
            for one in given.interface.options
        )
        given = replace(given, interface=replace(given.interface, options=tuple(options)))
        paths = [path]
    return with_overrides(given, taking, {path: _content(path, script, here) for path in paths}, script, here)


def _named(given: Given, script: Script, reads: Reads) -> Iterator[_Named]:
    """What may be a config file, in the order in which they are read."""
    for word in script.each(ast.keyword):
        value = value_of(word.value, script.constants) if word.arg == "default_config_files" else None
        texts = value if isinstance(value, list) else []
        yield from (_Named(text, is_sure=False) for text in texts if isinstance(text, str))
    for option in given.interface.options:
        value = option.default
        if isinstance(value, str) and value and option.kind != "bool":
            endings = next((endings for one, endings in reads if one is option), frozenset())
            if value.lower().endswith(tuple(endings)):
                yield _Named(value, is_sure=False, is_config=True)
            yield from _of_option(option.flag or option.key, value, is_typed=option.is_given)
    yield from (_Named(text, is_sure=True) for text in given.files)
    yield from _of_words(given.before, given.files)
    yield from _of_words(given.after, given.files)


def _of_option(flag: str, value: str, *, is_typed: bool) -> Iterator[_Named]:
    name = plain_name(flag)
    if value.endswith(ENDINGS) or (is_typed and value.endswith(".py") and _CONFIG.fullmatch(name)):
        is_config = _CONFIG.fullmatch(name) is not None
        yield _Named(value, is_typed and is_config, is_config)
    elif is_typed and _ALONE.fullmatch(name):
        yield _Named(value, is_sure=True)


def _of_words(words: Sequence[str], files: Sequence[str]) -> Iterator[_Named]:
    """The config files among words that no option takes."""
    before = ""
    for word in words:
        name, equals, value = word.partition("=")
        if word.startswith("@"):
            yield _Named(word, is_sure=True)
        elif equals and name.startswith("-"):
            yield from _of_option(name, value, is_typed=True)
        elif before and not word.startswith("-") and word not in files:
            yield from _of_option(before, word, is_typed=True)
        elif word.endswith(ENDINGS) and word not in files:
            yield _Named(word, is_sure=True)
        before = word if word.startswith("-") and not equals else ""


def _content(text: str, script: Script, here: Path) -> Values:
    """What a file sets that lies where the script is started, or beside it."""
    place = next(filter(is_file, (here / text, script.folder / text)), None)
    return values_of_file(place, script.constants) if place is not None else None


def _values(text: str, script: Script, interface: Interface, here: Path) -> Values:
    """The same by keys as options have them."""
    values = _content(text, script, here)
    if values is None:
        return None
    outer = [f"{word}." for word in interface.before if f"{word}." and not word.startswith("-")]
    found = {}
    for key, value in values.items():
        inner = next((key.removeprefix(word) for word in outer if key.startswith(word)), key)
        found[plain_name(inner.replace(".init_args.", "."))] = value
    return found


class _Defaults:
    """Gives options the defaults that they have once files are read."""

    def __init__(self, interface: Interface, files: Mapping[str, Values]) -> None:
        self._interface = interface
        self._sets: dict[str, tuple[str, Default]] = {}
        self._nested: dict[str, str] = {}
        for path, values in files.items():
            for key, value in (values or {}).items():
                self._sets[key] = (path, value)
                if "." in key:
                    self._nested[key.rpartition(".")[2]] = path
        self._unread = next((path for path, values in reversed(list(files.items())) if values is None), None)
        self._files = set(files)

    def of(self, option: Option) -> Option:
        """The option, of which a file has no line if it is not typed."""
        if option.is_given or option.is_positional or self._names_a_file(option):
            return option
        eased = replace(option, is_required=option.is_required and not self._is_filled())
        path, value = self._sets.get(plain_name(option.key), ("", None))
        if path and self._unread is None:
            return self._set(eased, path, value)
        may = self._unread or self._nested.get(option_name(option))
        if may is None or is_output(option):
            return replace(eased, is_quiet=True) if not eased.is_required else option
        own = _shown(option.default)
        asks = f"{may} may set it" + (f"; else it is {own}" if own else "")
        return replace(eased, default=None, question=asks) if not eased.is_required else option

    def _names_a_file(self, option: Option) -> bool:
        return isinstance(option.default, str) and option.default in self._files

    def _is_filled(self) -> bool:
        """Whether the parser is content with what a file says of an option that it needs."""
        return self._interface.kind in _OWN_READERS

    def _set(self, option: Option, path: str, value: Default) -> Option:
        if option.is_required:
            return option
        if option.question or isinstance(value, Formula):
            asks = f"{path} has {_shown(value)}"
            known = None if isinstance(value, Formula) else value
            return replace(with_other(option, known, path), question=asks)
        return with_default(with_other(option, value, path), value)


def _shown(value: Default) -> str:
    if value is None:
        return ""
    return value.text if isinstance(value, Formula) else repr(value)


def _after(words: tuple[str, ...], files: Mapping[str, Values]) -> tuple[str, ...]:
    """The words behind the options, without a logger in place of the one that a config file chooses."""
    keys = [key for values in files.values() for key in values or ()]
    has_logger = any(f"{key}.".startswith("trainer.logger.") for key in keys)
    return tuple(word for word in words if not (has_logger and word in LOGGER))


def _is_overridden(interface: Interface, script: Script) -> bool:
    """Whether options surely override a config file."""
    if interface.kind in _OWN_READERS or script.imports_from("configargparse"):
        return True
    return any(
        keyword.arg is None or keyword.arg == "default_map" or text_of(keyword.value) == "True"
        for call in script.calls("set_defaults", "add_argument", "command")
        for keyword in call.keywords
        if keyword.arg in {None, "default_map", "is_config_file"}
    )


def _stands_alone(given: Given, files: Mapping[str, Values], script: Script) -> bool:
    """Whether the script reads a file only where nothing else is typed, as `len(sys.argv) == 2` of Hugging Face's examples."""
    typed = [*given.before, *given.after]
    is_only = given.interface.style == "hf" and len(files) == 1 and typed == list(files)
    return is_only and any(_OF_TWO.search(text_of(node)) for node in script.each(ast.Compare))


def _as_typed(given: Given, files: Mapping[str, Values]) -> Given:
    """What a file sets as if it were typed in its place."""
    ((path, values),) = files.items()
    interface = replace(given.interface, after=_after(given.interface.after, files))
    if values is None:
        asks = f"the script takes {path} only alone, and it cannot be read: which settings are in it?"
        return replace(given, interface=replace(interface, comments=(*interface.comments, asks)))
    options = {option.key: option for option in interface.options}
    for key, value in values.items():
        option = options.get(key) or Option(key, flag=f"--{key}", is_list=isinstance(value, list))
        if not option.is_given and value is not None:
            eased = replace(option, is_required=False, question="")
            options[key] = replace(
                with_default(with_other(eased, value, path), value), is_quiet=False, is_given=True
            )
    return Given(replace(interface, options=tuple(options.values())))
