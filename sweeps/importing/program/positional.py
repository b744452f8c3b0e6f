"""Words of a command line that no option names: what they are called, which of them only say where a trial writes."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from sweeps.authoring.given.option_words import is_option
from sweeps.authoring.option import plain_name
from sweeps.importing.program.repeats import numbers_repeats
from sweeps.program.arguments import RESERVED
from sweeps.spec.settings import is_key, overlaps
from sweeps.spec.sweep_parser import SEED
from sweeps.spec.yaml_writer import typed

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sweeps.importing.program.lines import Found, Line
    from sweeps.spec.yaml_reader import Value

_READ = re.compile(r"(\.{0,2}/)*(in|inputs?|data|datasets?|conf|configs?|cfgs?|init|start)/", re.IGNORECASE)
"""How paths begin that a program reads."""
_EDITED = re.compile(r"\.(ya?ml|json|toml|ini|cfg|conf|inp?|py|sh|nml)$", re.IGNORECASE)
"""How the names of files end that people write."""
_WRITTEN = re.compile(r"(\.{0,2}/)*(out|result|run|save|log|dump|work|tmp|exp)[^/]*/", re.IGNORECASE)
"""How paths begin that a program writes to, though all lines have the same."""


def place_of_each(lines: Sequence[Line], found: Found) -> dict[int, str]:
    """The last positional word that is a path, and tells no lines apart, with the place that each trial gets instead."""
    columns = _columns(lines)
    for at, column in reversed(list(enumerate(columns))):
        if not all("/" in word and "://" not in word and isinstance(typed(word), str) for word in column):
            continue
        varies = len(set(column)) > 1
        is_read = _READ.match(column[0]) or _EDITED.search(column[0])
        is_place = _WRITTEN.match(column[0]) is not None or (varies and not is_read)
        others = [*columns[:at], *columns[at + 1 :]]
        if not is_place or _count_different(lines, others) != _count_different(lines, columns):
            return {}
        place = _place(column)
        more = " and so on" if varies else ""
        told = f"word {at + 1} is {place}, a place of each trial's own, in place of {column[0]}{more}"
        found.notes[told] = None
        return {at: place}
    return {}


def positions(
    lines: Sequence[Line], taken: Collection[str], found: Found, passed: Collection[int] = ()
) -> dict[int, str]:
    """The positions of positional words that differ, each with its key.

    Args:
        lines: The lines.
        taken: Keys that stand for something else.
        found: Gets notes.
        passed: Positions that need none.
    """
    columns = _columns(lines)
    keys: dict[int, str] = {}
    for at, column in enumerate(columns):
        if at in passed or len(set(column)) == 1:
            continue
        before = columns[at - 1][0] if at else ""
        variable = _variable(lines, at)
        key = _key_behind(before) or (variable if is_key(variable) and variable not in RESERVED else "")
        is_seed_free = not any(overlaps(SEED, other) for other in (*taken, *keys.values()))
        if is_seed_free and not _key_behind(before) and numbers_repeats(variable, column, found):
            key = SEED
        same = [other for other, name in keys.items() if name == key]
        is_free = not any(overlaps(key, other) for other in (*taken, *keys.values()) if key)
        if key and (is_free or (same and columns[same[0]] == column)):
            keys[at] = key
        else:
            keys[at] = f"arg{at + 1}"
    return keys


def positional_settings(lines: Sequence[Line], keys: Mapping[int, str]) -> list[dict[str, Value]]:
    """The settings of each line that its positional words say."""
    return [
        {key: typed(words[at]) for at, key in keys.items()}
        for words in (line.arguments.positional for line in lines)
    ]


def _columns(lines: Sequence[Line]) -> list[tuple[str, ...]]:
    """The positional words at each position, a word a line."""
    return list(zip(*(line.arguments.positional for line in lines), strict=True))


def _count_different(lines: Sequence[Line], columns: Sequence[tuple[str, ...]]) -> int:
    """How many different lines there are, of whose positional words these columns are left."""
    return len({(line.said(), *(column[at] for column in columns)) for at, line in enumerate(lines)})


def _place(column: Sequence[str]) -> str:
    """A place below `{run_dir}` that is called as the words are, where all are called alike."""
    names = {posixpath.basename(word) for word in column}
    suffixes = {posixpath.splitext(word)[1] for word in column}
    name = names.pop() if len(names) == 1 else ""
    if not name and not any(word.endswith("/") for word in column):
        suffix = suffixes.pop() if len(suffixes) == 1 else ""
        is_suffix = re.fullmatch(r"\.[A-Za-z]\w{0,5}", suffix) is not None
        folder = posixpath.basename(posixpath.dirname(column[0])).lstrip(".") or "out"
        name = f"{folder}{suffix if is_suffix else ''}"
    return f"{{run_dir}}/{name}" if name else "{run_dir}"


def _variable(lines: Sequence[Line], at: int) -> str:
    """The variable of a script that the word at a position is on every line; empty: it is none."""
    names = {line.names[at] if at < len(line.names) else "" for line in lines}
    name = names.pop() if len(names) == 1 else ""
    return SEED if name.lower() == SEED else name


def _key_behind(word: str) -> str:
    """The key of a word that stands behind the option of a config file; empty: it is no option."""
    return plain_name(word) if is_option(word) and "=" not in word else ""
