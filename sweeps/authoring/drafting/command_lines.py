"""The lines of `trainer:` that say how the program is started: the command, and how it spells its options."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sweeps.authoring.drafting.yaml_text import aligned, scalar, word_text
from sweeps.program.config_file import CONFIG_FILE
from sweeps.program.template import escaped
from sweeps.spec.sweep_parser import SEED
from sweeps.spec.trainer.arguments import ARGS, NONE, STYLES
from sweeps.spec.yaml_writer import comment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sweeps.authoring.drafting.facts import Facts
    from sweeps.authoring.option import Interface
    from sweeps.authoring.roles import Roles
    from sweeps.authoring.settings import Setting, Settings

_WIDE = 100


def command_lines(facts: Facts, settings: Settings) -> Iterator[str]:
    """The command, and the copy of its config file that each trial gets."""
    interface = facts.interface
    words = [
        "python",
        *filter(None, [interface.runner]),
        *(["-m", facts.module] if facts.module else [escaped(facts.script)]),
        *map(escaped, interface.before),
    ]
    placed = [
        entry
        for entry in settings.settings
        if entry.option.is_positional and (entry.has_value or entry.is_missing)
    ]
    words += [f"{{{CONFIG_FILE if is_copy(entry) else entry.key}}}" for entry in placed]
    words += map(escaped, facts.before)
    for entry in settings.settings:
        if (entry.is_missing and entry.option.is_named) or _stands_before(entry, interface):
            words += _spelled(entry, interface)
    if _takes_rest(interface):
        words += [*filter(None, [interface.rest_flag]), "{args}"]
    words += [*map(escaped, facts.after), *interface.after]
    line = "  command: [" + ", ".join(map(_written, words)) + "]"
    if len(line) <= _WIDE:
        yield line
    else:
        yield "  command:"
        yield from (f"    - {_written(word)}" for word in words)
    if interface.config_file:
        own = f"  config_file: {scalar(interface.config_file)}"
        yield from aligned(
            [(own, "each trial gets a copy of it with its settings; {trial_config} is that copy")]
        )
    if interface.config_asked:
        yield f"  # ? config_file: ...  # {comment(interface.config_asked)}"
    for text in interface.comments:
        yield f"  # ? {comment(text)}"


def is_copy(entry: Setting) -> bool:
    """Whether it is a word of the command that is the trial's copy of a config file, so that no setting stands for it."""
    return entry.option.is_positional and entry.option.default == f"{{{CONFIG_FILE}}}"


def _stands_before(entry: Setting, interface: Interface) -> bool:
    """Whether it is an option of the parser itself, which stands before the word behind which all settings are."""
    is_apart = bool(interface.rest_flag) or interface.style == "yacs" or interface.overrides == ARGS
    return is_apart and entry.option.flag.startswith("-") and entry.has_value


def _takes_rest(interface: Interface) -> bool:
    """Whether `{args}` stands in the command: where there are options by name, or may be, as none at all is known."""
    return bool(interface.style) and (
        not interface.options or any(option.is_named for option in interface.options)
    )


def _spelled(entry: Setting, interface: Interface) -> list[str]:
    """A required option as words of the command, so that `sweep check` asks for it."""
    flag, usual = entry.option.flag, STYLES[interface.style]
    if "equals" in {usual.join, interface.join}:
        return [f"{flag}={{{entry.key}}}"]
    return [flag, f"{{{entry.key}}}"]


def _written(word: str) -> str:
    """A word of the command as YAML; `-m` as people write it there."""
    return word if word == "-m" else word_text(word)


def _varies(entry: Setting, roles: Roles) -> bool:
    """Whether the file's grid is over this setting."""
    rate = roles.rate
    return rate is not None and entry.option.key == rate.key and isinstance(rate.default, int | float)


def argument_lines(facts: Facts, roles: Roles, settings: Settings) -> Iterator[str]:
    """How settings are spelled as options."""
    interface = facts.interface
    if not _takes_rest(interface):
        return
    keys = {
        entry.key: entry.spelling
        for entry in settings.settings
        if entry.spelling
        and (entry.has_value or entry.key == SEED or _varies(entry, roles))
        and not _stands_before(entry, interface)
    }
    if any(entry.option.is_in_file and entry.value == f"{{{SEED}}}" for entry in settings.settings):
        keys[SEED] = {"name": NONE}  # it reaches the program in its config file, under another name
    if not keys and not settings.choices:
        yield f"  args: {interface.style}"
        return
    if not keys and len(settings.choices) <= 2:  # noqa: PLR2004 - a line's worth
        yield f"  args: {scalar({'style': interface.style, **settings.choices})}"
        return
    yield "  args:"
    yield f"    style: {interface.style}"
    yield from (f"    {name}: {scalar(value)}" for name, value in settings.choices.items())
    if keys:
        yield "    keys:"
    for key, said in keys.items():
        shown: Any = said["name"] if list(said) == ["name"] else dict(said)
        yield f"      {scalar(key)}: {scalar(shown)}"
