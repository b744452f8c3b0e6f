"""A program's own config file: each trial gets a copy in which its settings stand in place of the file's."""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from sweeps.program.formats.ini_text import ini_content, ini_word, ini_written
from sweeps.program.formats.toml_text import toml_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sweeps.spec.yaml_reader import Value

CONFIG_FILE = "trial_config"
"""The placeholder that stands for the path of a trial's own copy."""
_YAML = (".yaml", ".yml")
_TOML = ".toml"
_JSON = ".json"
INI = (".ini", ".cfg")
ENDINGS = (*_YAML, _JSON, _TOML, *INI)
MOST_BYTES = 1 << 20


class ConfigFileError(ValueError):
    """A file that is none, or that is no config; the message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """A config file, as it was read.

    Attributes:
        path: Where it lies, as the file of sweeps names it.
        content: What it says.
        text: Its text, of a format whose comments a copy keeps; empty of the others.
    """

    path: str
    content: Mapping[str, Any]
    text: str = ""

    @classmethod
    def read(cls, path: str) -> ConfigFile:
        """Read a file of YAML, JSON, TOML or INI.

        Raises:
            ConfigFileError: It is not there, cannot be read, or holds no keys.
        """
        file = Path(path)
        if file.suffix.lower() not in ENDINGS:
            raise ConfigFileError(
                f"'{path}' must end with {', '.join(ENDINGS)}, whose formats can be written"
            )
        try:
            if file.stat().st_size > MOST_BYTES:
                raise ConfigFileError(f"'{path}' has more than {MOST_BYTES >> 20} MiB; that is no config")
            content = content_of(file)
            text = file.read_text(encoding="utf-8") if file.suffix.lower() in INI else ""
        except OSError as error:
            raise ConfigFileError(f"'{path}' cannot be read: {error.strerror or error}") from None
        except yaml.YAMLError as error:
            raise ConfigFileError(f"'{path}' is no plain YAML: {' '.join(str(error).split())}") from None
        except (ValueError, RecursionError) as error:
            if isinstance(error, ConfigFileError):
                raise
            raise ConfigFileError(f"'{path}' cannot be read: {' '.join(str(error).split())}") from None
        if not isinstance(content, dict) or not all(isinstance(key, str) for key in content):
            raise ConfigFileError(f"'{path}' holds no keys with values, so that no setting is one of them")
        return cls(path, content, text)

    @property
    def name(self) -> str:
        """The name of the file, which a copy has, too: programs make names of it."""
        return Path(self.path).name

    @property
    def keys(self) -> list[str]:
        """Its keys, those inside others with dots."""
        return [key for key, _ in flat(self.content)]

    def has(self, key: str) -> bool:
        """Whether a dotted key stands in it, with a value or with keys of its own."""
        return _holder(self.content, key) is not None

    def value(self, key: str) -> Value:
        """What it says of a dotted key; None: nothing."""
        found = _holder(self.content, key)
        return None if found is None else found[0][found[1]]

    def unwritable(self, value: Value) -> str:
        """Why a copy cannot have a value; empty: it can."""
        ending = Path(self.path).suffix.lower()
        try:
            if ending in INI:
                ini_word(value)
            elif ending == _TOML:
                toml_text({"value": value})
        except ValueError as error:
            return str(error)
        return ""

    def written(self, settings: Mapping[str, Value]) -> str:
        """The text of a copy with settings, of dotted keys that it has, in place of its own values.

        Raises:
            ValueError: A value has no word in its format, as `unwritable` says.
        """
        ending = Path(self.path).suffix.lower()
        if ending in INI:
            return ini_written(self.text, self._places(settings))
        content = copy.deepcopy(dict(self.content))
        for key, value in settings.items():
            found = _holder(content, key)
            assert found is not None, key  # noqa: S101 - `has` was asked
            holder, name = found
            holder[name] = value
        if ending == _TOML:
            return toml_text(content)
        text = _dumped(content, ending, letters=True)
        try:
            text.encode()
        except UnicodeEncodeError:  # half of a surrogate pair, as vocabularies have, is no letter
            return _dumped(content, ending, letters=False)
        return text

    def _places(self, settings: Mapping[str, Value]) -> dict[tuple[str, str], Value]:
        """Settings by the section and the key of INI."""
        places = {
            f"{section}.{key}": (section, key) for section, keys in self.content.items() for key in keys
        }
        return {places[key]: value for key, value in settings.items()}


def _dumped(content: Mapping[str, Any], ending: str, *, letters: bool) -> str:
    """A document as YAML or JSON, with letters as they are, or with all but ASCII's escaped."""
    if ending in _YAML:
        return yaml.safe_dump(content, sort_keys=False, allow_unicode=letters, default_flow_style=False)
    return json.dumps(content, indent=4, ensure_ascii=not letters) + "\n"


def content_of(path: Path) -> Any:
    """What a file says by its ending: JSON, TOML, INI, or else YAML.

    Raises:
        OSError: It cannot be read.
        ValueError: It is no text, no JSON, no TOML or no INI.
        yaml.YAMLError: It is no plain YAML.
    """
    text = path.read_text(encoding="utf-8")
    ending = path.suffix.lower()
    if ending == _JSON:
        return json.loads(text)
    if ending == _TOML:
        import tomllib  # hardly a config has this format

        return tomllib.loads(text)
    if ending in INI:
        return ini_content(text)
    return yaml.safe_load(text)


def _holder(content: Mapping[str, Any], key: str) -> tuple[dict[str, Any], str] | None:
    """The mapping that a dotted key stands in, and its name there; a name may have dots of its own."""
    if key in content:
        return content, key  # type: ignore[return-value]
    for at, letter in enumerate(key):
        inner = content.get(key[:at]) if letter == "." else None
        if isinstance(inner, dict) and (found := _holder(inner, key[at + 1 :])) is not None:
            return found
    return None


def flat(
    content: Mapping[Any, Any], deepest: int | None = None, prefix: str = ""
) -> Iterator[tuple[str, Any]]:
    """What a config says by dotted keys, each with its value; an empty mapping is a value.

    Args:
        content: The config.
        deepest: Below so many keys a mapping is a value, too; None: however deep.
        prefix: What stands before each key.
    """
    for name, value in content.items():
        key = f"{prefix}{name}"
        if isinstance(value, dict) and value and deepest != 0:
            yield from flat(value, None if deepest is None else deepest - 1, f"{key}.")
        else:
            yield key, value
