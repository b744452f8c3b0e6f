"""The shapes that a spec's parts may have, each read or told as a problem."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sweeps.errors import Place, Problem, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sweeps.spec.yaml_reader import Located

_TARGET = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*")


@dataclass(slots=True)
class Shape:
    """Reads located values as mappings, lists, words and counts, collecting what does not fit.

    Every method takes a missing node as nothing to read: no problem, and an empty answer.
    """

    problems: list[Problem] = field(default_factory=list)

    def problem(self, place: Place, message: str) -> None:
        """Note a problem."""
        self.problems.append(Problem(place, message))

    def mapping(
        self, node: Located | None, where: str, known: Sequence[str] = ()
    ) -> dict[str, Located] | None:
        """The entries of a mapping, its keys among `known`; None where it is none."""
        if node is None:
            return None
        if node.mapping is None:
            self.problem(node.place, f"{where}: must be a mapping of keys to values, not {node.describe()}")
            return None
        for key in node.mapping:
            if known and key not in known:
                hint = did_you_mean(key, known) or f"; known are {', '.join(known)}"
                self.problem(node.key_place(key), f"{where}: unknown key '{key}'{hint}")
        return node.mapping

    def items(self, node: Located | None, where: str) -> tuple[Located, ...]:
        """The elements of a list."""
        if node is None:
            return ()
        if node.items is None:
            message = f"{where}: must be a list, not {node.describe()}; begin each entry with -"
            self.problem(node.place, message)
            return ()
        return node.items

    def word(self, node: Located | None, where: str) -> str | None:
        """A text that is not empty."""
        if node is None:
            return None
        if not isinstance(node.content, str) or not node.content.strip():
            self.problem(node.place, f"{where}: must be a word, not {node.describe()}")
            return None
        return node.content

    def target(self, node: Located | None, where: str) -> str | None:
        """`module:name`."""
        if node is None:
            return None
        if not isinstance(node.content, str) or not _TARGET.fullmatch(node.content):
            message = f"{where}: must be module:name, such as cvae.train:train, not {node.describe()}"
            self.problem(node.place, message)
            return None
        return node.content

    def count(self, node: Located | None, where: str) -> int | None:
        """A whole number from 1."""
        if node is None:
            return None
        if is_whole(node.content) and node.content >= 1:  # type: ignore[operator]
            return node.content  # type: ignore[return-value]
        self.problem(node.place, f"{where}: must be a whole number from 1, not {node.describe()}")
        return None


def is_whole(value: object) -> bool:
    """Whether a value is a whole number; true and false are none."""
    return isinstance(value, int) and not isinstance(value, bool)
