"""Which words of command lines only number repeats, or are the seeds of such: `seeds:` has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sweeps.program.arguments import RESERVED
from sweeps.spec.fields import is_whole
from sweeps.spec.sweep_parser import SEED, SEED_NAME
from sweeps.spec.yaml_writer import typed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sweeps.authoring.given.option_words import Option
    from sweeps.importing.program.lines import Found, Line
    from sweeps.spec.yaml_reader import Value

_NUMBERS = frozenset({"rep", "repeat", "repetition", "replicate", "trial"})
"""What options are called, and variables of loops, that number repeats."""
_SHORT = frozenset({"s", SEED})
"""What variables of loops are called, too, whose values are words of their own."""


def seed_option(lines: Sequence[Line], found: Found) -> tuple[list[str], list[dict[str, Value]]]:
    """Take away an option that is a seed by another name, or numbers repeats; a note asks, or says it.

    Returns:
        The words of the command that take its place, and the seed of each line; nothing where there is no such option.
    """
    named: dict[str, list[Option]] = {}
    for line in lines:
        for option in line.arguments.options:
            named.setdefault(option.name, []).append(option)
    if SEED in map(_plain, named):
        return [], [{} for _ in lines]
    for is_sure in (True, False):
        for name, options in named.items():
            values = [option.values[0] for option in options if len(option.values) == 1]
            if not len(values) == len(options) == len(lines) or len(set(values)) == 1:
                continue
            if _is_seed(name, values) if is_sure else _counts(name, values, _NUMBERS):
                _take(name, lines, found, is_sure=is_sure)
                words = [f"{name}={{{SEED}}}"] if options[0].has_equals else [name, f"{{{SEED}}}"]
                return words, [{SEED: typed(value)} for value in values]
    return [], [{} for _ in lines]


def numbers_repeats(variable: str, column: Sequence[str], found: Found) -> bool:
    """Whether words without an option are the seed, or the number, of repeats, by the variable of the loop that they are; a note asks."""
    if not _counts(variable, column, _NUMBERS | _SHORT):
        return False
    if variable.lower() != SEED:
        key = variable if variable not in RESERVED else "number"
        otherwise = f"write {{{key}}} in place of {{{SEED}}}, and `grid: {{{key}: ...}}`"
        found.notes[_asked(f"${variable}", otherwise)] = None
    return True


def _take(name: str, lines: Sequence[Line], found: Found, *, is_sure: bool) -> None:
    for line in lines:
        line.arguments.options = [option for option in line.arguments.options if option.name != name]
    if is_sure:
        found.notes[f"{name} is {{{SEED}}}, which `seeds:` sets"] = None
    else:
        key = _plain(name)
        found.notes[_asked(name, f"take {name} out of the command, and write `grid: {{{key}: ...}}`")] = None


def _asked(name: str, otherwise: str) -> str:
    return f"does {name} only number repeats? Then `seeds:` is right, which are averaged; if it is a setting, {otherwise} in place of `seeds:`"


def _plain(name: str) -> str:
    """The last part of an option's name, as names are compared."""
    return name.lstrip("-+").rpartition(".")[2].replace("-", "_").lower()


def _is_seed(name: str, values: Sequence[str]) -> bool:
    return SEED_NAME.fullmatch(_plain(name)) is not None and all(map(_is_whole, values))


def _counts(name: str, values: Sequence[str], names: frozenset[str]) -> bool:
    """Whether something is called like a number of a repeat, and its values are 0, 1, 2 or 1, 2, 3 and so on."""
    if _plain(name) not in names or not all(map(_is_whole, values)):
        return False
    numbers = sorted({int(value) for value in values})
    return len(numbers) > 1 and numbers[0] in {0, 1} and numbers == list(range(numbers[0], numbers[-1] + 1))


def _is_whole(value: str) -> bool:
    number = typed(value)
    return is_whole(number) and number >= 0
