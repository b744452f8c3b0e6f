"""Takes the keys of a config file for settings that an option overrides one by one, as `--set model.C=0.5` does."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sweeps.authoring.assignments import reading_style
from sweeps.authoring.given.own_config import options_of_file
from sweeps.authoring.option import Option, kind_of, with_other
from sweeps.authoring.outputs.writers import with_written
from sweeps.spec.settings import is_key
from sweeps.spec.yaml_writer import typed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from sweeps.authoring.given.words import Given
    from sweeps.authoring.option import Default, Interface
    from sweeps.authoring.script import Script

_ASKS_KEYS = "{flag} takes KEY=VALUE: which keys are there? each is a setting, below defaults or in the grid"
_STANDS_BEFORE = "does a trial need {left}? write it into the command, before {flag}"
_TRUTHS = {"true": True, "false": False}


def assigning(interface: Interface) -> Option | None:
    """The option that takes KEY=VALUE; None: there is none."""
    return next((option for option in interface.options if option.assigns), None)


def with_overrides(
    given: Given,
    taking: Option,
    files: Mapping[str, Mapping[str, Default] | None],
    script: Script,
    here: Path,
) -> Given:
    """Have the option that takes KEY=VALUE spell all settings: those of the config files, and those that were typed.

    Args:
        given: What the words of the command line say.
        taking: The option.
        files: What the config files set that the script reads, by their paths; None: such a file cannot be read.
        script: The script.
        here: Where it is started.
    """
    flag = taking.flag
    is_rest = not flag or taking.lists != "repeat"
    prefix = "" if is_rest else f"{flag}=" if flag.startswith("--") else flag
    found = (option for path, values in files.items() for option in options_of_file(values or {}, path, here))
    settings = {one.key: replace(one, flag=f"{prefix}{one.key}", is_override=True) for one in found}
    inside = dict(settings)
    for key, value in _typed(taking, inside):
        known = inside.get(key) or Option(key, kind_of(value), flag=f"{prefix}{key}", is_override=True)
        settings[key] = replace(with_other(known, value), question="")
    before: list[str] = []
    others: list[Option] = []
    left: list[str] = []
    for option in given.interface.options:
        if option is taking:
            continue
        if option.flag and isinstance(option.default, str) and option.default in files:
            before += [option.flag, option.default]
        elif is_rest and (option.is_flag or option.is_list):
            before += _as_typed(option)
            left += [] if option.is_given else [option.flag]
        else:
            others.append(_apart(option))
    asks = [] if settings else [_ASKS_KEYS.format(flag=flag or "it")]
    asks += [_STANDS_BEFORE.format(left=", ".join(left), flag=flag or "{args}")] if left else []
    interface = replace(
        given.interface,
        style=reading_style(script),
        options=(*others, *with_written(tuple(settings.values()), script)),
        prefix=prefix,
        rest_flag=flag if is_rest else "",
        overrides=flag or "{args}",
        comments=(*given.interface.comments, *asks),
    )
    return replace(given, interface=interface, before=(*given.before, *before), files=tuple(files))


def _typed(taking: Option, known: Mapping[str, Option]) -> Iterator[tuple[str, Default]]:
    """The settings that were typed behind the option."""
    for item in taking.default if taking.is_given and isinstance(taking.default, list) else []:
        key, equals, text = str(item).partition("=")
        if equals and is_key(key):
            kind = known[key].kind if key in known else ""
            truth = _TRUTHS.get(text.lower()) if kind in {"bool", ""} else None
            yield key, truth if truth is not None else text if kind == "str" else typed(text)


def _as_typed(option: Option) -> list[str]:
    """The words of a flag or a list that was typed, which the command keeps; none where it was not."""
    if not option.is_given or option.default is False:
        return []
    return [option.flag, *(map(str, option.default) if isinstance(option.default, list) else [])]


def _apart(option: Option) -> Option:
    """Another option of the script, which argparse and click read in their own way."""
    lists = option.lists or ("words" if option.is_list else None)
    return replace(option, lists=lists, booleans=option.booleans or ("flag" if option.is_flag else None))
