"""Fills the placeholders of a command: `{key}`, `{run_dir}`, `{trial}`, `{run_id}`, `{trial_config}`, `{newest:GLOB}`.

They work in `command`, `env`, `cwd`, `resume` and where metrics are read. All but `{key}` work in a setting's value, too, where an
argument gives it to the program: its fingerprint has the text as it is written.
"""

from __future__ import annotations

import glob
import re
import string
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from sweeps.spec.yaml_reader import Value

OWN = ("run_dir", "trial", "run_id", "trial_config")
"""What a placeholder may name beside the keys of the config; a key of that name comes first."""
NEWEST = "newest"
"""`{newest:GLOB}` is the file of the pattern that was changed last."""


_IN_A_VALUE = re.compile(
    r"(?<!\{)\{(?:(run_dir|trial|run_id|trial_config)|newest:((?:[^{}]|\{\w+\})+))\}(?!\})"
)


class NoFileError(LookupError):
    """No file matches the pattern of a `{newest:GLOB}`."""


@dataclass(frozen=True, slots=True)
class TrialValues:
    """What the placeholders of one trial stand for.

    Attributes:
        config: Its resolved config, flat.
        own: The value of each name of `OWN`.
        folder: Where a `{newest:GLOB}` that is not absolute begins; empty: in the working directory.
    """

    config: Mapping[str, Value]
    own: Mapping[str, str]
    folder: str = ""

    @classmethod
    def of(
        cls,
        config: Mapping[str, Value],
        *,
        run_dir: Path | str,
        trial: str,
        run_id: str,
        trial_config: Path | str = "",
    ) -> TrialValues:
        """Those of a trial, by its own directory, its name, its run and its copy of the program's config file."""
        own = {
            "run_dir": str(run_dir),
            "trial": trial,
            "run_id": run_id,
            "trial_config": str(trial_config),
        }
        return cls(config, own)


def keys_of(text: str) -> list[str]:
    """The names that the placeholders of a text name, those inside `{newest:GLOB}` included.

    Raises:
        ValueError: Braces that name nothing; the message says what would be right.
    """
    return [name for name, _ in _fields(text) if name is not None] + [
        name for _, pattern in _fields(text) if pattern for name in keys_of(pattern)
    ]


def escaped(text: str) -> str:
    """A text as a template that is filled with itself: its braces are no placeholders."""
    return text.replace("{", "{{").replace("}", "}}")


def plain(key: str, value: Value) -> str:
    """A value as a word: true and false in small letters."""
    del key
    return str(value).lower() if isinstance(value, bool) else str(value)


def fill(text: str, values: TrialValues, spell: Callable[[str, Value], str] = plain) -> str:
    """The text with its placeholders filled in; a value of the config is spelled given its key.

    Raises:
        KeyError: A placeholder names a key that the config does not hold.
        NoFileError: There is no file of a `{newest:GLOB}`.
    """
    parts = []
    for literal, name, pattern, _ in string.Formatter().parse(text):
        parts.append(literal)
        if name is None:
            continue
        if name == NEWEST and pattern:
            parts.append(newest(pattern_of(pattern, values), values.folder))
        elif name in values.config:
            parts.append(spell(name, fill_value(values.config[name], values)))
        else:
            parts.append(values.own[name])
    return "".join(parts)


def fill_value(value: Value, values: TrialValues) -> Value:
    """A setting's value as the program gets it: its texts with what they name of the trial; other braces are its own.

    Raises:
        NoFileError: There is no file of a `{newest:GLOB}`.
    """
    if isinstance(value, str):
        return _IN_A_VALUE.sub(lambda match: _named(match, values), value) if "{" in value else value
    return [fill_value(item, values) for item in value] if isinstance(value, list) else value


def names_the_trial(value: Value) -> bool:
    """Whether a setting's value names something of the trial, so that each program gets another one."""
    if isinstance(value, list):
        return any(map(names_the_trial, value))
    return isinstance(value, str) and _IN_A_VALUE.search(value) is not None


def pattern_of(text: str, values: TrialValues) -> str:
    """A pattern with its placeholders filled in: what stands for them is no pattern, whatever characters are in it."""
    own = {name: glob.escape(value) for name, value in values.own.items()}
    return fill(text, replace(values, own=own), lambda key, value: glob.escape(plain(key, value)))


def matching(pattern: str, folder: str = "") -> list[str]:
    """What matches a pattern; one that is not absolute begins in the folder, and so do the paths then."""
    return glob.glob(pattern, root_dir=folder or None, recursive=True)  # noqa: PTH207 - it may be absolute


def newest(pattern: str, folder: str = "") -> str:
    """The file that was changed last, of those that match.

    Raises:
        NoFileError: None does.
    """
    files = [path for path in matching(pattern, folder) if Path(folder, path).is_file()]
    if not files:
        raise NoFileError(pattern)
    return max(files, key=lambda path: (Path(folder, path).stat().st_mtime_ns, path))


def _named(match: re.Match[str], values: TrialValues) -> str:
    """What a name of the trial in a value stands for; a key of the config of that name has no say in it."""
    return values.own[match[1]] if match[1] else newest(pattern_of(match[2], values), values.folder)


def _fields(text: str) -> Iterator[tuple[str | None, str]]:
    """The name of each placeholder, or the pattern of a `{newest:GLOB}`."""
    try:
        fields = [field for field in string.Formatter().parse(text) if field[1] is not None]
    except ValueError as error:
        raise ValueError(f"{error}; write {{key}}, or {{{{ and }}}} for braces") from None
    for _, name, form, conversion in fields:
        if name == NEWEST and form and not conversion:
            yield None, form
        elif not name:
            raise ValueError("{} names no key; write {key}, or {{}} for braces")
        elif form or conversion:
            raise ValueError(f"a placeholder takes no format; write {{{name}}}")
        else:
            yield name, ""
