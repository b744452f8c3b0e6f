"""Settings that `{args}` passes and that the script surely refuses, or takes otherwise: its source is read, nothing is imported.

Silent wherever the source leaves a doubt about the options.
"""

from __future__ import annotations

import contextlib
import re
from functools import cache, partial
from typing import TYPE_CHECKING

from sweeps.authoring.checks.value_types import other_type
from sweeps.authoring.seed_options import name_of, seed_of
from sweeps.errors import Problem, ScriptError, did_you_mean
from sweeps.program.arguments import spelled_else
from sweeps.spec.references import references
from sweeps.spec.sweep_parser import SEED, seed_keys
from sweeps.spec.trainer.arguments import ARGS
from sweeps.spec.yaml_writer import DOUBLE, scalar
from sweeps.trainer.words.program_words import file_of, scripts_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from sweeps.authoring.checks.taken.known import Known
    from sweeps.authoring.option import Option
    from sweeps.authoring.script import ScriptReader
    from sweeps.spec.settings import Setting
    from sweeps.spec.yaml_reader import Value
    from sweeps.trainer.loader import Trainer

_PLACED = re.compile(r"(\+*[\w./@-]+)=\{([\w.-]+)\}")


def refused_settings(
    trainer: Trainer, written: Iterable[tuple[str, Setting]], scripts: ScriptReader
) -> Iterator[Problem]:
    """Settings that the script of a command refuses, or takes not as they are meant, each key once, with its place."""
    settings = list(written)
    known = known_to(trainer, scripts, settings)
    if known is None:
        return
    yield from _of_groups(trainer, settings, known)
    told = set(trainer.named)
    for key, setting in settings:
        if key in told or trainer.is_in_file(key):
            continue
        wrong = _trouble(trainer, key, setting.value, known, settings)
        if wrong is not None:
            told.add(key)
            yield setting.told(key, wrong)


def unlike_settings(
    trainer: Trainer, written: Iterable[tuple[str, Setting]], scripts: ScriptReader, *, refused: bool = False
) -> Iterator[Problem]:
    """Settings of another type than the program's own config file has, each key once, with its place.

    With `refused` only those are meant that the program surely refuses, as yacs does.
    """
    told, is_merged = set(trainer.named), cache(partial(_is_merged, trainer, scripts))
    for key, setting in written:
        if key in told or not trainer.is_in_file(key):
            continue
        wrong = _file_trouble(trainer, key, setting.value, is_merged)
        if wrong is not None and (not refused or is_merged()):
            told.add(key)
            yield setting.told(key, wrong)


def _of_groups(trainer: Trainer, settings: Sequence[tuple[str, Setting]], known: Known) -> Iterator[Problem]:
    """Values that are to choose files of groups which have no such file, each key once."""
    told = set()
    for key, setting in settings:
        options = [option for option, named in _placed(trainer) if named == key]
        if key not in trainer.named:
            options += _words(trainer, key, setting.value, known)[:1]
        for option in options:
            wrong = known.choice_trouble(option.lstrip("+"), setting.value)
            if wrong is not None and key not in told:
                told.add(key)
                yield Problem(setting.place, f"{setting.layer}.{key}: {wrong}")


def _placed(trainer: Trainer) -> list[tuple[str, str]]:
    """The words of the command that give a setting a name of its own, as `model={arch}`: that name, and the setting."""
    found = map(_PLACED.fullmatch, trainer.spec.command or ())
    return [(match[1], match[2]) for match in found if match is not None]


def lacking(trainer: Trainer, key: str, value: Value, scripts: ScriptReader) -> str | None:
    """What a script surely lacks to take a key, such as `train.py has no option --seed`; None: it takes it, or may."""
    is_passed = key not in trainer.named and not trainer.is_in_file(key)
    known = known_to(trainer, scripts) if is_passed else None
    words = _words(trainer, key, value, known) if known is not None and not known.is_group(key) else []
    if (
        known is None
        or not words
        or known.takes(words[0])
        or _override(trainer, key, value, known) is not None
    ):
        return None
    return f"{known.script} has no {known.what} {words[0]}"


def known_to(
    trainer: Trainer, scripts: ScriptReader, settings: Sequence[tuple[str, Setting]] = ()
) -> Known | None:
    """What the script of a command surely takes; None where that is not sure."""
    path = script_of(trainer)
    if path is None:
        return None
    from sweeps.authoring.checks.taken.known import known_of  # only `sweep check` and `report` read scripts

    return known_of(path, _words_behind(trainer, settings), scripts)


def _words_behind(trainer: Trainer, settings: Sequence[tuple[str, Setting]] = ()) -> list[str]:
    """The words of a command behind its script, of Hydra with those that choose of groups."""
    words = words_behind(trainer)
    if trainer.spec.arguments.style == "hydra":  # which keys there are depends on what is chosen of groups
        placed = _placed(trainer)
        words = [word for word in words if not _PLACED.fullmatch(word)]
        for key, setting in settings:
            names = [option for option, named in placed if named == key]
            spelling = trainer.spec.arguments.of(key)
            if key not in trainer.named and spelling is not None:
                names.append(spelling.name or f"{spelling.prefix}{key}")
            values = setting.value if isinstance(setting.value, list) else [setting.value]
            words += [f"{name}={value}" for name in names for value in values if isinstance(value, str)]
    return words


def words_behind(trainer: Trainer) -> list[str]:
    """What the command says behind the script that gets the settings, but for `{args}`."""
    command = trainer.spec.command or ()
    return [word for word in command[scripts_of(command)[0].at + 1 :] if word != ARGS]


def seen_by(trainer: Trainer, scripts: ScriptReader) -> Mapping[str, Option]:
    """What the source of a command's script shows of its options, by their flags, whether or not there may be others."""
    path = script_of(trainer)
    if path is None:
        return {}
    from sweeps.authoring.checks.taken.known import seen_of

    return seen_of(path, _words_behind(trainer), scripts)


def script_of(trainer: Trainer) -> Path | None:
    """The script that gets the settings, where the command says so."""
    command = trainer.spec.command or ()
    scripts = scripts_of(command) if trainer.takes_rest else []
    if len(scripts) != 1 or not scripts[0].is_direct:
        return None
    path = file_of(scripts[0], trainer.spec.surroundings)
    is_before = scripts[0].at < command.index(ARGS)
    return path if is_before and path is not None and path.suffix == ".py" else None


def _file_trouble(trainer: Trainer, key: str, value: Value, is_merged: Callable[[], bool]) -> str | None:
    """Why a setting does not fit where it stands in the program's config file: its own value there is of another type.

    Yacs, by which the file `is_merged`, compares types of numbers, too, but of null none.
    """
    file = trainer.config_file
    if file is None or (isinstance(value, str) and "{" in value):
        return None
    from sweeps.authoring.given.file_values import value_in_file  # only a program with such a file asks
    from sweeps.authoring.option import Formula

    usual = value_in_file(file.value(key))
    if isinstance(usual, Formula):
        return None
    like = other_type(usual, value, exactly=False)
    if not like and value is not None and (exactly := other_type(usual, value, exactly=True)) and is_merged():
        like = exactly
    return f"{file.path} has {key} as {like}, which {value!r} is not" if like else None


def _is_merged(trainer: Trainer, scripts: ScriptReader) -> bool:
    """Whether the program reads its config file by yacs."""
    named = scripts_of(trainer.spec.command or ())
    paths = [path for script in named if (path := file_of(script, trainer.spec.surroundings)) is not None]
    with contextlib.suppress(ScriptError, RecursionError):
        return any(any(scripts.read(path).calls("merge_from_file")) for path in paths)
    return False


def _trouble(
    trainer: Trainer, key: str, value: Value, known: Known, settings: Sequence[tuple[str, Setting]]
) -> str | None:
    """Why a setting does not reach the script as it is meant, with what to write."""
    own = _override(trainer, key, value, known)
    if known.overrides is not None and own is not None:
        return known.overrides.trouble(own, key, value)
    words = _words(trainer, key, value, known)
    if not words:
        flag = "".join(_words(trainer, key, True, known)[:1]) if value is False else None
        if flag not in known.on:
            return None
        remedy = f"write `{args_line(trainer, key, '{booleans: no-flag}')}`"
        return f"false only leaves {flag} out, which is on in {known.script} then; {remedy}"
    option, *values = words
    if known.takes(option):
        # With a brace it is a value of another key.
        return known.value_trouble(option, [text for text in values if "{" not in text])
    return f"{known.script} has no {known.what} {option}{_remedy(trainer, key, option, known, settings)}"


def _remedy(
    trainer: Trainer, key: str, option: str, known: Known, settings: Sequence[tuple[str, Setting]]
) -> str:
    """What to write where a script has no option for a setting: with what follows the setting, or could."""
    if known.overrides is not None and (spelling := known.overrides.remedy(key)):
        return spelling
    none, file = f"`{args_line(trainer, key, 'none')}`", trainer.config_file
    followers = [name for name, setting in settings if key in references(setting.value)]
    if followers:
        return f"; {none} keeps it from the command line, while {followers[0]} follows it as before"
    own = option.lstrip("-+")
    inside = [own] if file is not None and file.has(own) else []
    if file is not None and key == SEED:
        inside += seed_keys(file.keys)
    if file is not None and inside:
        line = f'`{inside[0]}: "{{{key}}}"`'
        return f"; {file.path} has {inside[0]}: write {line} below `defaults`, and {none}"
    if key == SEED and (seed := seed_of(known.described.values())) is not None:
        return f"; {seed_remedy(trainer, seed, [name for name, _ in settings])}"
    # Of Hydra those of what was chosen, or of one file of it.
    names = known.names if known.kind == "Hydra" else [name for name in known.described if "=" not in name]
    hint = did_you_mean(option, sorted(names)) or ";"
    repeats = ", whose trials it then only repeats" if key == SEED else ""
    return f"{hint} {none} keeps it from the program{repeats}"


def args_line(trainer: Trainer, key: str, choice: str) -> str:
    """What to write for one key, beside the style that the file has."""
    style = trainer.spec.arguments.style
    return f"args: {{{'' if style == 'argparse' else f'style: {style}, '}keys: {{{key}: {choice}}}}}"


def seed_by(trainer: Trainer, scripts: ScriptReader) -> Option | None:
    """The option of a command's script that is its seed, as far as its source shows; None: it shows none."""
    return seed_of(seen_by(trainer, scripts).values())


def seed_remedy(trainer: Trainer, seed: Option, keys: Iterable[str]) -> str:
    """What to write for seeds to reach a script by its option for them."""
    line = f"`{args_line(trainer, SEED, scalar(seed.flag, DOUBLE))}` passes it as {seed.flag}"
    held = next((key for key in keys if key != SEED and name_of(key) == name_of(seed.key)), None)
    return f"{line}; take the setting {held} out then" if held is not None else line


def _override(trainer: Trainer, key: str, value: Value, known: Known) -> str | None:
    """The key that a setting is where the script takes it as KEY=VALUE; None: it does not."""
    words = spelled_else(trainer.spec.arguments, key, value, [])
    return known.overrides.key_of(words) if known.overrides is not None else None


def _words(trainer: Trainer, key: str, value: Value, known: Known) -> list[str]:
    """The option that a setting is passed by, and its values; none where it is passed by no option."""
    words = spelled_else(trainer.spec.arguments, key, value, [])
    if known.kind == "yacs":
        return words
    if not words or not (words[0].startswith("-") or (known.kind == "Hydra" and "=" in words[0])):
        return []
    option, is_one_word, first = words[0].partition("=")
    return [option, *([first] if is_one_word else []), *words[1:]]
