"""Makes settings of what an option takes as KEY=VALUE: `--set model.C=0.5 --set model.kernel=rbf`, `-o a.b=1`."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from sweeps.program.config_file import ENDINGS
from sweeps.spec.settings import is_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sweeps.authoring.given.option_words import Option
    from sweeps.importing.program.lines import Line


def overrides_apart(lines: Sequence[Line], known: str = "") -> str | None:
    """Have each KEY of such an option be an option of its own, and a config file that all lines name a word of the command.

    Args:
        lines: The command lines, which are changed.
        known: The option of which the source of the program says that it takes KEY=VALUE; empty: of none.

    Returns:
        What stands before each key, such as `--set=`; empty where the keys stand alone behind such an option; None: there is none.
    """
    taking = _taking(lines, known)
    if not taking:
        return "" if known and _stand_behind(lines, known) else None
    lead = f"{taking}=" if taking.startswith("--") else taking
    shared = _shared_configs(lines, taking)
    for line in lines:
        options = [option for option in line.arguments.options if option not in shared]
        line.arguments.before += [word for option in shared for word in (option.name, *option.values)]
        line.arguments.options = [
            _apart(option, lead) if option.name == taking else option for option in options
        ]
    return lead


def _stand_behind(lines: Sequence[Line], known: str) -> bool:
    """Whether lines have nothing but keys behind the option, which becomes a word of the command then."""
    for line in lines:
        first = line.arguments.options[:1]
        others = line.arguments.options[1:]
        is_first = [(option.name, option.values) for option in first] == [(known, ())]
        if not is_first or any(option.name.startswith("-") or not option.has_equals for option in others):
            return False
    for line in lines:
        line.arguments.before.append(known)
        del line.arguments.options[0]
    return True


def _taking(lines: Sequence[Line], known: str) -> str:
    """The option that takes KEY=VALUE wherever it stands: the one that the source knows, or one that a line has several times."""
    pairs: dict[str, bool] = {}
    several: set[str] = set()
    for line in lines:
        options = line.arguments.options
        for option in options:
            pairs[option.name] = pairs.get(option.name, True) and _is_pair(option)
        several |= {name for name, count in Counter(option.name for option in options).items() if count > 1}
    found = [name for name, is_it in pairs.items() if is_it and (name in several or name == known)]
    return found[0] if found and found[0].startswith("-") else ""


def _is_pair(option: Option) -> bool:
    key, equals, _ = option.values[0].partition("=") if len(option.values) == 1 else ("", "", "")
    return bool(equals) and is_key(key)


def _apart(option: Option, lead: str) -> Option:
    key, _, value = option.values[0].partition("=")
    return replace(option, name=f"{lead}{key}", values=(value,), has_equals=True)


def _shared_configs(lines: Sequence[Line], taking: str) -> list[Option]:
    """The options that name the same config file on every line."""
    first = lines[0].arguments.options
    named = [
        option
        for option in first
        if option.name != taking and len(option.values) == 1 and option.values[0].endswith(ENDINGS)
    ]
    return [option for option in named if all(line.arguments.options.count(option) == 1 for line in lines)]
