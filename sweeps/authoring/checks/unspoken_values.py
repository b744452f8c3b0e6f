"""Values that are said by leaving an option out, where the program may have another value then: the source is read, nothing runs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sweeps.authoring.checks.refused_settings import args_line, known_to, script_of, seen_by
from sweeps.program.arguments import spelled_else
from sweeps.program.modules import shown_name
from sweeps.spec.settings import same
from sweeps.spec.trainer.arguments import Arguments

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sweeps.authoring.option import Default, Option
    from sweeps.authoring.script import ScriptReader
    from sweeps.errors import Problem
    from sweeps.spec.settings import Setting
    from sweeps.spec.yaml_reader import Value
    from sweeps.trainer.loader import Trainer


def unspoken_values(
    trainer: Trainer, written: Iterable[tuple[str, Setting]], scripts: ScriptReader
) -> Iterator[Problem]:
    """Settings of which one value leaves no word in the command, so that it may train as another value does; each key once.

    Of true and false that is said unless the source shows that false is the default, or the file itself says `booleans`. Of null
    and of empty lists it is said only where the source shows that the default is another of the values.
    """
    if trainer.spec.command is None or not trainer.takes_rest:
        return
    by_key: dict[str, list[Setting]] = {}
    for key, setting in written:
        if key not in trainer.named and not trainer.is_in_file(key):
            by_key.setdefault(key, []).append(setting)
    doubtful = {key: left for key, found in by_key.items() if (left := _left_out(trainer, key, found))}
    if not doubtful:
        return
    known = known_to(trainer, scripts)
    options = {
        _plain(flag): option
        for flag, option in (known.described if known else seen_by(trainer, scripts)).items()
    }
    for key, setting in doubtful.items():
        flag = _flag(trainer.spec.arguments, key, by_key[key], setting.value)
        if known is not None and (not known.takes(flag) or flag in known.on):
            continue  # which is told of as such
        wrong = _trouble(trainer, key, flag, setting.value, by_key[key], options, is_sure=known is not None)
        if wrong is not None:
            yield setting.told(key, wrong)


def _left_out(trainer: Trainer, key: str, settings: Sequence[Setting]) -> Setting | None:
    """The first setting that leaves no word, of a key of which another value leaves some; None: there is none."""
    spelling = trainer.spec.arguments.of(key)
    if spelling is None or len(settings) == 1:
        return None
    said = [(setting, spelled_else(trainer.spec.arguments, key, setting.value, [""])) for setting in settings]
    silent = [setting for setting, words in said if not words]
    return silent[0] if silent and any(not same(one.value, silent[0].value) for one in settings) else None


def _flag(arguments: Arguments, key: str, settings: Sequence[Setting], silent: Value) -> str:
    """The option that the other values of a key are passed by."""
    values = [setting.value for setting in settings if not same(setting.value, silent)]
    spoken = filter(None, (spelled_else(arguments, key, value, [""]) for value in [True, *values]))
    return next(spoken, [""])[0].partition("=")[0]


def _plain(flag: str) -> str:
    return flag.replace("_", "-")


def _trouble(
    trainer: Trainer,
    key: str,
    flag: str,
    value: Value,
    settings: Sequence[Setting],
    options: Mapping[str, Option],
    *,
    is_sure: bool,
) -> str | None:
    """Why a value that leaves an option out may not be what the program trains with; None: it is, or nobody can say more."""
    option = options.get(_plain(flag))
    default = _default_of(option) if option is not None and not option.question else None
    if value is not False:
        if default is None or not any(same(default, one.value) for one in settings):  # type: ignore[arg-type]
            return None
        shown = "null" if value is None else "an empty list"
        return f"{shown} leaves {flag} out, and {_program(trainer)} has {default} then, another of these values: both train alike"
    if option is not None and option.is_flag and option.booleans is None and option.default is True:
        return f"{_program(trainer)} has {flag} on with it and without: true and false train alike; leave {key} out"
    if default is False or (option is None and is_sure):
        return None
    arguments = trainer.spec.arguments
    remedy = f"`{args_line(trainer, key, '{booleans: no-flag}')}`"
    if default is True:
        return f"false only leaves {flag} out, which is on in {_program(trainer)} then; write {remedy}"
    if arguments.told_booleans & {"", key}:
        return None
    usual = arguments.of(key) or arguments.usual
    no = spelled_else(Arguments(usual=replace(usual, booleans="no-flag")), key, False, [""])[0]
    return (
        f"false only leaves {flag} out: if {_program(trainer)} has it on without, true and false train alike. "
        f"If it takes {no}, write {remedy}; if it is off without, {{booleans: flag}} there says so"
    )


def _default_of(option: Option) -> Default:
    """Its default in the source; of an option that is known only as it is typed in the command, None."""
    return option.replaced if option.is_given and option.replaced is None else option.default


def _program(trainer: Trainer) -> str:
    path = script_of(trainer)
    return shown_name(path) if path is not None else "the program"
