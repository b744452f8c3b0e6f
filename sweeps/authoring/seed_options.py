"""Which option of a script is its seed, whatever it is called: by its name, by its help, or likely by either."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sweeps.authoring.option import Formula
from sweeps.spec.fields import is_whole
from sweeps.spec.sweep_parser import SEED_NAME

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sweeps.authoring.option import Option

_LIKELY_NAME = re.compile(
    r"\w+_seed|rand|random|rs|(rep|repeat|repetition|replicate|replica|realization|realisation)(_?(id|idx|index|no|num|number))?"
    r"|(run|trial|sample)_(idx?|index|no|number)"
)
"""What seeds are called, and other things, too."""
_SOURCE = r"(random|rng|prng|numpy|np|torch|generators?|randomness|noise|simulator|simulation|reproducib\w+)"
_SAID = re.compile(
    rf"(?i)\b{_SOURCE}(\W+number)?(\W+generator)?('s)?\W+(seed|state)\b"
    rf"|\bseed(s|ed|ing)?\W+(of|for|to)\W+((the|a|an|its|all|initiali[sz]e|make|random|number)\W+)*{_SOURCE}\b"
    rf"|\bseeds\W+(the\W+)?{_SOURCE}\b|^\W*(the\W+)?seed\W*$"
)
"""What the help of a seed says."""
_LIKELY_SAID = re.compile(r"(?i)\bseed\b|\b(random|rng|prng)\b.*\b(number|generator|state)\b|\breproducib")
_COUNTED = re.compile(
    r"(?i)(?<!random )(?<!random-)\bnumber\b|\b(count|fraction|share|size|length|many|how)\b|\bnum_|#"
)
"""What the help of numbers says that are no seed, as `number of seed nodes`."""


def seed_of(options: Iterable[Option]) -> Option | None:
    """The option that surely is the seed: rather one that has the word as its name; None: there is none."""
    options = list(options)
    return _first(options, is_called_seed) or _first(options, _is_said)


def likely_seed(options: Iterable[Option]) -> Option | None:
    """The option that is likely the seed, where none surely is: by its name or its help, if it takes whole numbers."""
    return _first(options, _is_likely)


def is_called_seed(option: Option) -> bool:
    """Whether an option is the seed by its name; one without the word seed in it takes whole numbers, too."""
    name = name_of(option.key)
    if SEED_NAME.fullmatch(name) is None or option.is_list or option.is_flag:
        return False
    return "seed" in name or name == "random_state" or _is_whole(option)


def name_of(key: str) -> str:
    """The last part of a key, as names of seeds are compared."""
    return key.rpartition(".")[2].replace("-", "_").lower()


def _is_said(option: Option) -> bool:
    return _is_whole(option) and _SAID.search(option.help) is not None and not _COUNTED.search(option.help)


def _is_likely(option: Option) -> bool:
    is_said = _LIKELY_SAID.search(option.help) is not None and not _COUNTED.search(option.help)
    return _is_whole(option) and (is_said or _LIKELY_NAME.fullmatch(name_of(option.key)) is not None)


def _is_whole(option: Option) -> bool:
    """Whether it takes one whole number, as far as the source says."""
    if (
        option.is_list
        or option.is_flag
        or option.choices
        or not (option.kind == "" or "int" in option.kind.lower())
    ):
        return False
    default = option.default
    return (is_whole(default) and default >= -1) or default is None or isinstance(default, Formula)


def _first(options: Iterable[Option], fits: Callable[[Option], bool]) -> Option | None:
    return next((option for option in options if fits(option)), None)
