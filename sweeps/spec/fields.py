"""Reads single fields of the file as mappings, lists, words, counts and times, and collects every problem."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sweeps.errors import Problem, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from typing import TypeGuard

    from sweeps.errors import Place
    from sweeps.spec.yaml_reader import Node

MAX_NUMBER = 1_000_000_000
"""A larger number of seconds or GPUs counts as a slip."""

_TARGET = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*")
_UNITS_S = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_TIME = re.compile(r"([0-9]*\.?[0-9]+)\s*([smhd])")


@dataclass(slots=True)
class FieldReader:
    """Reads YAML nodes as the types that the file's fields have.

    Every method accepts None for a field that is not written; that is no problem, and the answer is empty.

    Attributes:
        problems: What does not fit, so far.
        groups: Whether a word may choose of a group, with keys of the group beside it.
        levels: Which keys stand where in a file, by words for the place.
    """

    problems: list[Problem] = field(default_factory=list)
    groups: bool = False
    levels: Mapping[str, Collection[str]] = field(default_factory=dict)

    def problem(self, node: Node, message: str, *, at: Place | None = None) -> None:
        """Add a problem of a node; `at` is its place if that is not where the node stands."""
        self.problems.append(Problem(at or node.place, f"{node.path}: {message}"))

    def mapping(self, node: Node | None, known: Collection[str] = ()) -> dict[str, Node] | None:
        """The entries of a mapping, or None if it is none.

        Args:
            node: The field.
            known: The keys that it may have; empty: any.
        """
        if node is None:
            return None
        if node.mapping is None:
            self.problem(node, f"must be a mapping of keys to values, not {node.describe()}")
            return None
        for key in node.mapping:
            if known and key not in known:
                where = next((level for level, keys in self.levels.items() if key in keys), "")
                belongs = f"; it belongs {where}" if where else f"; the keys are {', '.join(known)}"
                hint = did_you_mean(key, known) or belongs
                self.problem(node, f"unknown key '{key}'{hint}", at=node.key_place(key))
        return node.mapping

    def items(self, node: Node | None) -> tuple[Node, ...]:
        """The elements of a list."""
        if node is None:
            return ()
        if node.items is None:
            self.problem(node, f"must be a list, not {node.describe()}; start each entry with -")
            return ()
        return node.items

    def word(self, node: Node | None) -> str | None:
        """A text that is not empty."""
        if node is None:
            return None
        if not isinstance(node.content, str) or not node.content.strip():
            self.problem(node, f"must be a word, not {node.describe()}")
            return None
        return node.content

    def target(self, node: Node | None, otherwise: str = "") -> str | None:
        """`module:name`; where it is none, the message says what else may stand there."""
        if node is None:
            return None
        if not isinstance(node.content, str) or not _TARGET.fullmatch(node.content):
            form = f"module:name, such as my_module:train{otherwise}"
            self.problem(node, f"must be {form}, not {node.describe()}")
            return None
        return node.content

    def count(self, node: Node | None, least: int = 1) -> int | None:
        """A whole number, `least` or more."""
        if node is None:
            return None
        if is_whole(node.content) and node.content >= least:
            return node.content
        self.problem(node, f"must be a whole number, {least} or more, not {node.describe()}")
        return None

    def flag(self, node: Node | None) -> bool | None:
        """True or false."""
        if node is None:
            return None
        if isinstance(node.content, bool):
            return node.content
        self.problem(node, f"must be true or false, not {node.describe()}")
        return None

    def duration_s(self, node: Node | None) -> float | None:
        """A time such as `90s` or `2h`, or a number of seconds; in seconds."""
        if node is None:
            return None
        duration_s = seconds(node.content)
        if duration_s is None:
            self.problem(node, f"must be a time such as 90s, 30m, 2h or 1d, not {node.describe()}")
        return duration_s


def is_whole(value: object) -> TypeGuard[int]:
    """Whether a value is a whole number; true and false are none."""
    return isinstance(value, int) and not isinstance(value, bool)


def is_number(value: object) -> TypeGuard[int | float]:
    """Whether a value is a number; true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def seconds(value: object) -> float | None:
    """The seconds of `90s`, `2h` or a bare number; None if it is no time."""
    number: float | None = None
    if is_number(value):
        number = value
    elif isinstance(value, str) and (match := _TIME.fullmatch(value.strip())):
        number = float(match[1]) * _UNITS_S[match[2]]
    return float(number) if number is not None and 0 < number <= MAX_NUMBER else None
