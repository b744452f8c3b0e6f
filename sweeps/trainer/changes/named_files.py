"""Finds the files that a trial's arguments and settings name, such as data, and what has become of them since."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from analysis.read import tags
from analysis.read.tags import FileState
from sweeps.errors import LaunchError
from sweeps.program import links
from sweeps.program.arguments import SpellingError
from sweeps.program.config_file import ENDINGS
from sweeps.program.named_paths import is_file
from sweeps.program.outputs.written_files import is_edited
from sweeps.program.surroundings import filled, folder_of
from sweeps.program.template import NoFileError, TrialValues
from sweeps.rundir.paths import StateDir
from sweeps.spec.trainer.surroundings import names_secret
from sweeps.trainer.code_files import RECORD, SKIPPED
from sweeps.trainer.code_tree import find_code, runs_in_place, trainer_sources
from sweeps.trainer.configs.files import configs_of_trial, names_output
from sweeps.trainer.configs.hydra import is_known, names_folder
from sweeps.trainer.configs.inner_paths import texts_in, texts_of
from sweeps.trainer.git import find_repository
from sweeps.trainer.provenance import parts_of
from sweeps.trainer.words.shell_texts import shell_texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from analysis.read.store import RunRecord
    from sweeps.spec.yaml_reader import Value
    from sweeps.trainer.loader import Trainer
    from sweeps.trainer.provenance import Parts

MOST_BYTES = 64 << 20
"""Of a larger file only size and time are looked at."""
MOST_FILES = 64
"""So many files of a trial count."""
_LONGEST = 1000
"""A longer text is no path."""
_NOWHERE = Path(os.devnull, "run")
"""Stands for the directory of a run that is not known yet: nothing is there."""
_OF_THE_SYSTEM = ("/proc/", "/sys/", "/dev/")
_FORMATS = frozenset({"csv", "json", "csv_file", "json_file", "csv_path", "json_path"})
_PYTHON = re.compile(r"python[\d.]*")
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a trial's program runs: its folder, and what is linked there, by the name that it has there."""

    folder: str
    links: Mapping[str, Path]

    def path(self, text: str) -> Path | None:
        """Where a text leads, if it may be a path."""
        if not text or len(text) > _LONGEST or not text.isprintable():
            return None
        path = Path(os.path.expanduser(text))  # noqa: PTH111 - no home is needed
        for name, target in self.links.items():
            if path.is_relative_to(name):
                return target / path.relative_to(name)
        return Path(os.path.normpath(Path(self.folder, path)))


class NamedFiles:
    """The files that the trials of one trainer name, but for those that count as its code.

    Args:
        trainer: The trainer.
        copy_of: What the copy of the code has for a file; None: nothing.
    """

    def __init__(self, trainer: Trainer, copy_of: Callable[[Path], Path | None] = lambda _: None) -> None:
        self._trainer = trainer
        self._copy_of = copy_of
        self._texts_in = cache(texts_in)
        self._is_known = cache(is_known)  # it looks at every config of a folder
        self._cwd = Path.cwd()
        self._state = StateDir.here().root.resolve()

    def of(self, config: Mapping[str, Value], trial: str) -> dict[str, FileState]:
        """What a trial names, each file by its path: below the working directory relative to it, else absolute."""
        values = TrialValues.of(config, run_dir=_NOWHERE, trial=trial, run_id="")
        try:
            place = self._place(values)
            words = self._trainer.arguments(values) if self._trainer.spec.command is not None else []
            texts = list(dict.fromkeys(self._texts(words, values)))
        except (LaunchError, NoFileError, SpellingError, KeyError):
            return {}  # the launch says what is wrong
        found: dict[str, FileState] = {}
        named = dict.fromkeys(filter(None, map(place.path, texts)))
        named |= dict.fromkeys(self._in_configs(list(named), place))
        copied = dict.fromkeys([*place.links.values(), *self._configs(words)])
        for path in named | copied:
            is_read = is_file(path) and not self._is_left_out(path)
            read = (self._copy_of(path) if path not in named else None) or path
            if is_read and (state := state_of(read)) is not None:
                found[str(path.relative_to(self._cwd) if path.is_relative_to(self._cwd) else path)] = state
            if len(found) == MOST_FILES:
                break
        return found

    def _place(self, values: TrialValues) -> _Place:
        said = self._trainer.spec.surroundings

        def fill_in(text: str) -> str:
            return filled(text, values, "link")

        linked = {links.name_of(link, fill_in): links.target_of(link, fill_in) for link in said.link}
        return _Place(folder_of(said, values), linked)

    def _texts(self, words: Sequence[str], values: TrialValues) -> Iterator[str]:
        """Whatever may be the path of a file that the program reads."""
        passed_over: set[str] = set()
        for option, text in (*_words(words), *self._variables(values)):
            if _is_passed_over(option):
                passed_over.add(text)
            else:
                yield text
        own = self._trainer.config_file
        if own is not None:
            kept = (pair for pair in texts_of(own.content) if pair[0] not in values.config)
            yield from (found for inner, found in kept if _may_be_read(inner) and found not in passed_over)
        for key, value in values.config.items():
            for item in value if isinstance(value, list) else [value]:
                if isinstance(item, str) and item not in passed_over and not _is_passed_over(key):
                    yield item

    def _variables(self, values: TrialValues) -> Iterator[tuple[str, str]]:
        for variable in self._trainer.spec.surroundings.env:
            if variable.text is not None:
                yield variable.name.lower(), filled(variable.text, values, "env")

    def _in_configs(self, named: Sequence[Path], place: _Place) -> Iterator[Path]:
        """What config files name that a trial names: where the program runs, or else beside the config."""
        for config in named:
            if config.suffix.lower() not in ENDINGS or not is_file(config):
                continue
            for key, text in self._texts_in(config):
                found = [place.path(text), _beside(config, text)] if _may_be_read(key) else []
                yield from (path for path in found if path is not None and is_file(path))

    def _configs(self, words: Sequence[str]) -> list[Path]:
        """What Hydra puts the trial's config together of."""
        if not words or not self._of_hydra:
            return []
        top = self._code[1].top
        return configs_of_trial(self._trainer.spec, words, self._of_hydra, top, self._is_known)

    @cached_property
    def _of_hydra(self) -> list[Path]:
        """The sources that name a folder of Hydra's configs."""
        sources, parts = self._code
        return [path for path in (*sources, *parts.imports) if names_folder(path)]

    def _is_left_out(self, path: Path) -> bool:
        """Whether a file counts already, or is none that a program has for itself."""
        place = path.resolve()
        inside = place.relative_to(self._cwd).parts if place.is_relative_to(self._cwd) else ()
        return (
            place in self._counted
            or place.is_relative_to(self._state)
            or place.name.startswith(RECORD)
            or _PYTHON.fullmatch(place.name) is not None
            or names_secret(path.name)
            or str(place).startswith(_OF_THE_SYSTEM)
            or not SKIPPED.isdisjoint(inside)
        )

    @cached_property
    def _code(self) -> tuple[Sequence[Path], Parts]:
        """The trainer's sources, and what belongs to them."""
        sources = trainer_sources(self._trainer.spec)
        repository, _ = find_repository(sources[0].parent if sources else self._cwd)
        return sources, parts_of(self._trainer.spec, sources, repository)

    @cached_property
    def _counted(self) -> frozenset[Path]:
        """The files that count as code, and the file of sweeps."""
        spec, (sources, parts) = self._trainer.spec, self._code
        tree = find_code(spec, {self._state}) if runs_in_place(spec) else None
        found = [*sources, *parts.imports, *parts.config_of_all, *(tree.sources if tree is not None else ())]
        return frozenset(path.resolve() for path in (*found, Path(spec.place.file)))


def _is_passed_over(option: str) -> bool:
    """Whether a key or an option says where the program writes to, or names a secret."""
    name = option.lstrip("-+").rpartition(".")[2]
    return names_output(f"--{name}") or names_secret(name)


def _may_be_read(key: str) -> bool:
    """Whether a key of a config file may say what the program reads: `csv` may, as the name says nothing more there."""
    return key.rpartition(".")[2] in _FORMATS or not _is_passed_over(key)


def _beside(config: Path, text: str) -> Path | None:
    """Where a text of a config file leads from there, if it may be a path."""
    return _Place(str(config.parent), {}).path(text)


def _words(command: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The words of a command behind its program, and of a shell's text, each with the option that it belongs to."""
    yield from _with_options(command)
    for text in shell_texts(command):
        yield from _with_options(text.words)


def _with_options(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Words behind the first, which is a program, each with the option that it belongs to."""
    for before, word in zip(["", *words], words, strict=False):
        name, equals, value = word.partition("=")
        option = before if before.startswith("-") and "=" not in before else ""
        if before or os.sep in word:
            yield (name, value) if equals else (option, word.removeprefix("@"))


def state_of(path: Path) -> FileState | None:
    """What a file holds, without a digest above `MOST_BYTES`; None where there is none, or it cannot be read."""
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            return None
        size, time_ns = found.st_size, found.st_mtime_ns
        digest = _digest(path, size, time_ns, found.st_ino) if size <= MOST_BYTES else None
    except (OSError, ValueError):
        return None
    return FileState(digest, size, time_ns)


@lru_cache(maxsize=4096)
def _digest(path: Path, *state: int) -> str:
    """A hash of a file's content; it is read once as long as the file's state stays."""
    del state
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()[:12]


def without_written(found: Mapping[str, FileState]) -> dict[str, FileState]:
    """The files without those that have changed since and are not of a kind that people edit: the trial may have written them."""
    kept = {}
    for path, then in found.items():
        now = _stat(path)
        if is_edited(path) or now is None or now == (then.size, then.time_ns):
            kept[path] = then
    return kept


def files_now(runs: Iterable[RunRecord]) -> dict[str, FileState]:
    """What the files that runs name hold now; those that are not here are left out, and what looks untouched is not read."""
    known: dict[str, dict[tuple[int, int], FileState]] = {}
    for text in {run.tags.get(tags.FILES, "") for run in runs}:
        for path, state in tags.files_of(text).items():
            known.setdefault(path, {})[state.size, state.time_ns] = state
    found = {}
    for path, states in known.items():
        here = _stat(path)
        now = states.get(here) or state_of(Path(path)) if here is not None else None
        if now is not None:
            found[path] = now
    return found


def _stat(path: str) -> tuple[int, int] | None:
    try:
        found = Path(path).stat()
    except (OSError, ValueError):
        return None
    return found.st_size, found.st_mtime_ns
