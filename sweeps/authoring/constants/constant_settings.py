"""Settings that a script run by `with_constants.py` surely refuses, as it sets no such constant: each of its trials would fail."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sweeps.errors import Problem, ScriptError, did_you_mean
from sweeps.program.arguments import spelled_else
from sweeps.program.named_paths import is_file
from sweeps.spec.sweep_parser import SEED
from sweeps.trainer.words.program_words import scripts_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sweeps.spec.settings import Setting
    from sweeps.trainer.loader import Trainer

_MOST_BYTES = 1 << 16


def missing_constants(trainer: Trainer, written: Iterable[tuple[str, Setting]]) -> Iterator[Problem]:
    """Settings for which the script has no constant, each key once, with its place."""
    script = script_with_constants(trainer)
    if script is None:
        return
    from sweeps.authoring.constants.constant_options import (
        names_set,  # only a file with constants reads a script
    )
    from sweeps.authoring.source_file import read_source

    try:
        names = names_set(read_source(script).tree)
    except ScriptError:
        return
    told = set(trainer.named)
    for key, setting in written:
        name = "" if key in told else _name(trainer, key, setting)
        if not name or name in names:
            continue
        told.add(key)
        yield setting.told(key, f"{script.name} {_trouble(key, name, names)}")


def _trouble(key: str, name: str, names: frozenset[str]) -> str:
    lacks = f"sets no {name} at its top, so that each trial would fail"
    if key != SEED:
        return f"{lacks}{did_you_mean(name, sorted(names)) or '; add it there'}"
    nearest = next((own for own in sorted(names) if own.lower().endswith(SEED)), "")
    if nearest:
        return f"{lacks}; write `keys: {{{SEED}: {nearest}}}` into `args`"
    return f"{lacks}; have its random numbers depend on a constant there, or write `keys: {{{SEED}: none}}` into `args` for plain repeats"


def script_with_constants(trainer: Trainer) -> Path | None:
    """The script that is run with other constants; None: the command runs none so."""
    from sweeps.authoring.constants.runner import is_runner

    command = trainer.spec.command or ()
    scripts = scripts_of(command) if command and trainer.takes_rest else []
    if not scripts or scripts[0].kind != "file" or scripts[0].at + 1 >= len(command):
        return None
    runner, script = Path(scripts[0].text), Path(command[scripts[0].at + 1])
    try:
        with runner.open(encoding="utf-8") as file:
            text = file.read(_MOST_BYTES)
    except (OSError, UnicodeDecodeError):
        return None
    return script if is_runner(text) and is_file(script) else None


def _name(trainer: Trainer, key: str, setting: Setting) -> str:
    """The constant that a setting sets; empty: it is passed in another way, or not at all."""
    words = spelled_else(trainer.spec.arguments, key, setting.value, [])
    name, is_one, _ = words[0].partition("=") if words else ("", "", "")
    return name if is_one and name.isidentifier() else ""
