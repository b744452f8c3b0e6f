"""Reads what the files of a folder say of the config of the run that wrote it."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import yaml

from sweeps.adoption.found_run import TooManyValuesError, flat
from sweeps.errors import SelectionError

if TYPE_CHECKING:
    from pathlib import Path

PLACES = tuple(
    f"{stem}{suffix}"
    for stem in ("config", "hparams", "args", "params", "options", ".hydra/config")
    for suffix in (".json", ".yaml", ".yml")
)
"""Where programs write their config, below their own folder; what two of them say has to agree."""
_OF_HYDRA = ".hydra"
_CHOSEN = "hydra.yaml"
"""Beside the config, what Hydra itself was told: among it, which file was chosen of each group."""
_MOST_BYTES = 1 << 20
_MOST_FILES = 20_000


class ConfigFileError(ValueError):
    """A file of a config cannot be read, or says another thing than another file."""


class _Loader(yaml.SafeLoader):
    """Takes the tags of other tools for what they stand on: `!!python/tuple` is a list, an object a mapping or nothing."""


def _untagged(loader: yaml.SafeLoader, _: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    return None


_Loader.add_multi_constructor("", _untagged)


def config_in(folder: Path, pattern: str | None) -> dict[str, str]:
    """The settings that the config files of a folder say, with dotted names and as texts; empty where there is no file.

    Args:
        folder: The folder.
        pattern: Which files below it are meant; None: those that programs write usually. Where none lies at one of these
            places, the only one farther below is taken.

    Raises:
        ConfigFileError: A file cannot be read, or contradicts another.
        SelectionError: The pattern cannot name any.
    """
    settings: dict[str, str] = {}
    said_by: dict[str, Path] = {}
    for path in _files(folder, pattern):
        for name, text in {**_chosen_beside(path, folder), **_read(path, folder)}.items():
            if settings.setdefault(name, text) != text:
                one, other = said_by[name].relative_to(folder), path.relative_to(folder)
                raise ConfigFileError(
                    f"{one} says {name} {settings[name]}, {other} {text}; name the right one with --config"
                )
            said_by.setdefault(name, path)
    return settings


def files_named(folder: Path, pattern: str, option: str) -> list[Path]:
    """The files below a folder that a pattern of the command line names.

    Raises:
        SelectionError: It cannot name any.
    """
    try:
        return sorted(path for path in folder.glob(pattern) if path.is_file())
    except (NotImplementedError, ValueError) as error:
        remedy = "it is relative to each folder, as in 'config/*.yaml'"
        raise SelectionError(f"{option} {pattern}: {str(error).lower()}; {remedy}") from None


def _files(folder: Path, pattern: str | None) -> list[Path]:
    if pattern is not None:
        return files_named(folder, pattern, "--config")
    if found := [path for place in PLACES if (path := folder / place).is_file()]:
        return found
    below = [
        path
        for path in itertools.islice(folder.rglob("*"), _MOST_FILES)
        if path.name in PLACES or f"{path.parent.name}/{path.name}" in PLACES
    ]
    return below if len(below) == 1 else []


def _chosen_beside(path: Path, folder: Path) -> dict[str, str]:
    """The words that chose files of groups, as Hydra notes them beside a run's config; empty where it is none of Hydra's."""
    told = path.with_name(_CHOSEN)
    if path.parent.name != _OF_HYDRA or path == told or not told.is_file():
        return {}
    beginning = "hydra.runtime.choices."
    chosen = {
        name.removeprefix(beginning): text
        for name, text in _read(told, folder).items()
        if name.startswith(beginning)
    }
    return {name: text for name, text in chosen.items() if not name.startswith("hydra/")}


def _read(path: Path, folder: Path) -> dict[str, str]:
    name = path.relative_to(folder)
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise ConfigFileError(f"{name} is larger than a mebibyte, and no config")
        text = path.read_text(encoding="utf-8")
        document = json.loads(text) if path.suffix == ".json" else yaml.load(text, _Loader)  # noqa: S506 - a safe one
        return flat(document) if isinstance(document, Mapping) else {}
    except TooManyValuesError:
        raise ConfigFileError(f"{name} holds more values than a config") from None
    except (OSError, ValueError, RecursionError, yaml.YAMLError, TypeError) as error:
        if isinstance(error, ConfigFileError):
            raise
        told = (str(error).splitlines() or [type(error).__name__])[0]
        raise ConfigFileError(f"{name} cannot be read: {told}") from None
