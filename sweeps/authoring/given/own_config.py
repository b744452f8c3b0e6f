"""The config file of a script that takes nearly all of its settings from there: its keys become settings of ours."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sweeps.authoring.given.file_values import values_of
from sweeps.authoring.option import Formula, Option, kind_of
from sweeps.authoring.roles import as_read_there, option_name
from sweeps.program.config_file import CONFIG_FILE, ENDINGS, ConfigFile, ConfigFileError
from sweeps.spec.settings import is_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from sweeps.authoring.given.words import Given
    from sweeps.authoring.option import Default, Interface

_READERS = {"argparse", "click", "typer", "sys.argv", "Fire", "tyro"}
"""Kinds of command lines that leave the reading of a config file to the script."""
_WORD = f"{{{CONFIG_FILE}}}"


def may_have_copies(interface: Interface) -> bool:
    """Whether a script that reads a config file may be given a copy of it in its place."""
    return interface.kind in _READERS


def asking(given: Given, naming: Option, script: str, choices: Sequence[str]) -> Given:
    """Ask for the config file that a script is given, where nothing says which it is."""
    asks = f"which file does it read: {', '.join(choices)}?" if choices else "which file does it read?"
    asks = f"{asks} `sweep init {script} -- FILE` writes its settings, too"
    options = (_named(naming) if option is naming else option for option in given.interface.options)
    return replace(given, interface=replace(given.interface, options=tuple(options), config_asked=asks))


def with_own_config(given: Given, path: str, here: Path, naming: Option | None = None) -> Given | None:
    """Take the keys of a config file for settings, each of which a trial's copy of the file gets.

    Args:
        given: What the words of the command line say.
        path: The only config file that they, or the script's own defaults, name.
        here: Where the script is started.
        naming: The option by which the script is given the file; None: the one whose value it is.

    Returns:
        The same with the file's keys; None where options may be the same settings, or where no copy can be written.
    """
    interface = given.interface
    naming = naming or next((option for option in interface.options if option.default == path), None)
    if not may_have_copies(interface) or naming is None or not path.lower().endswith(ENDINGS):
        return None
    try:
        values = values_of(ConfigFile.read(str(here / path)).content)
    except ConfigFileError:
        return None
    if not any(isinstance(value, bool | int | float | str) for value in values.values()):
        return None  # a list of things is data
    known = {
        option_name(option)
        for option in interface.options
        if option is not naming or not option.is_positional
    }
    if any(key.rpartition(".")[2].replace("-", "_") in known for key in values):
        return None  # which of the two counts, the source does not tell
    options = [_named(naming) if option is naming else option for option in interface.options]
    own = (replace(option, is_in_file=True) for option in options_of_file(values, path, here))
    found = replace(interface, options=(*options, *own), config_file=path)
    return replace(given, interface=found, files=(path,))


def _named(option: Option) -> Option:
    """The option by which a script is given its config file, with the trial's copy as its value."""
    return replace(option, default=_WORD, is_given=True, is_quiet=False, is_required=False, question="")


def options_of_file(values: Mapping[str, Default], path: str, here: Path) -> Iterator[Option]:
    """The keys of a config file as settings, whose values there need not be repeated."""
    for key, value in values.items():
        if not is_key(key):
            continue
        option = Option(key, kind_of(value), is_list=isinstance(value, list), is_quiet=True, source=path)
        if isinstance(value, Formula):
            yield replace(option, question="its value has values of its own")
        else:
            yield as_read_there(replace(option, default=value), here)
