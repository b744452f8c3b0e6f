"""Options that a script takes and that a file which lists its options does not know: the script got them since."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sweeps.authoring.checks.refused_settings import script_of, words_behind
from sweeps.authoring.constants.constant_settings import script_with_constants
from sweeps.authoring.option import plain_name
from sweeps.errors import Problem, ScriptError
from sweeps.program.modules import shown_name
from sweeps.spec.yaml_writer import DOUBLE, scalar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sweeps.authoring.script import Script, ScriptReader
    from sweeps.authoring.settings import Setting
    from sweeps.spec.model import Spec
    from sweeps.trainer.loader import Trainer

_MOST = 3
"""Where more are unknown, the file does not mean to list them."""
_SHARE = 2 / 3
"""So many of a script's options the file has to list."""


def new_options(
    trainer: Trainer, spec: Spec, written: Iterable[str], scripts: ScriptReader
) -> Iterator[Problem]:
    """What to say of options that came into the script after the file was written: one note at most, with its place.

    Said only where `defaults` lists most of the script's options. Of a file whose schema lies beside it, those are not new that
    this knows: somebody took them out.
    """
    if not spec.defaults:
        return
    script, lines = lines_of(trainer, scripts)
    listed = {_name(trainer, key) for key in spec.defaults}
    words = (word.partition("=")[0] for word in trainer.spec.command or () if word.startswith("-"))
    told = {_name(trainer, key) for key in (*written, *trainer.spec.arguments.special)}
    told |= {*map(plain_name, trainer.named), *map(plain_name, words)}
    new = [line for line in lines if told.isdisjoint(_names(line))]
    new = _not_in(schema_beside(spec), new) if new else []
    many = sum(not listed.isdisjoint(_names(line)) for line in lines)
    if 0 < len(new) <= _MOST and many >= _SHARE * len(lines):
        place = max(setting.place for setting in spec.defaults.values())
        yield Problem(place, _told(script, new))


def _told(script: str, new: Sequence[Setting]) -> str:
    shown = ", ".join(f"{line.option.flag} (default {scalar(line.value, DOUBLE)})" for line in new)
    one = "it" if len(new) == 1 else "them"
    return f"{script} also takes {shown}; trials have that value. To keep or vary {one}, write `{new[0].key}: VALUE` here: that makes new trials"


def lines_of(trainer: Trainer, scripts: ScriptReader) -> tuple[str, list[Setting]]:
    """The script of a command by its name, with the lines of `defaults` that `sweep init` would write of it; none where it cannot be read."""
    constants = script_with_constants(trainer)
    script = constants or script_of(trainer)
    if script is None:
        return "", []
    try:
        words = () if constants else words_behind(trainer)
        return shown_name(script), list(_lines(scripts.read(script, words)))
    except (ScriptError, RecursionError):
        return "", []


def _lines(script: Script) -> Iterator[Setting]:
    """The lines of `defaults` that `sweep init` would write, but for seed, outputs and what is taken up again."""
    from sweeps.authoring.interface import interface_of  # only a file that lists options reads its script
    from sweeps.authoring.roles import roles_of
    from sweeps.authoring.settings import settings_of

    interface = script.once(interface_of)
    roles = roles_of(interface.options)
    others = {option.key for option in (roles.seed, roles.resume, *roles.outputs) if option is not None}
    for line in settings_of(interface, roles).settings:
        if line.has_value and line.option.is_named and line.option.key not in others:
            yield line


def _names(line: Setting) -> set[str]:
    option = line.option
    return {plain_name(name) for name in (line.key, option.key, option.flag, *option.aliases)}


def _name(trainer: Trainer, key: str) -> str:
    """What a key is called on the command line."""
    spelling = trainer.spec.arguments.of(key)
    return plain_name(spelling.name if spelling is not None and spelling.name else key)


def schema_file(spec: Spec) -> Path:
    """Where the schema of a file lies, if there is one."""
    return Path(spec.path).with_suffix(".schema.json")


def schema_beside(spec: Spec) -> str:
    """The text of the schema beside the file; empty: there is none."""
    try:
        return schema_file(spec).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def _not_in(schema: str, lines: Sequence[Setting]) -> list[Setting]:
    """The options that the schema does not have, so that they came in after it was written."""
    return [line for line in lines if not any(f'"{name}"' in schema for name in (line.key, line.option.key))]
