"""Says which metrics of a printed line are those of training, of a validation or of a test: `Test set: loss 0.5` has a `test_loss`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from analysis.results.metric_names import judges

if TYPE_CHECKING:
    from collections.abc import Collection

_PHASE = re.compile(
    r"(?i)(?<![a-z])(train|training|test|testing|val|valid|validation|eval|evaluation|dev)(?![a-z])"
)
_PLAIN = {"training": "train", "testing": "test"}


class Phases:
    """Follows a line from left to right, and puts the phase that was named last before the names of its metrics.

    Args:
        before: What is printed before the line by the same call.
    """

    def __init__(self, before: str = "") -> None:
        self._phase = _last(before)
        self._of_name = ""

    def named(self, name: str, between: str, taken: Collection[str], *, is_counter: bool) -> str:
        """The name of the next number; empty: it has none, or one that others have.

        Args:
            name: What it is called; empty: nothing.
            between: The text before it, from the number before that.
            taken: The names that numbers before it have.
            is_counter: Whether it counts.
        """
        found = _last(between)
        is_told = _PHASE.search(name) is not None
        if found and is_told and not is_counter:
            self._of_name = found  # as of `test loss 0.5`, `test size 540`: it is this number's alone
        elif found:
            self._phase, self._of_name = found, ""
        may_have_one = judges(name) and not is_told and not is_counter
        phases = (self._phase, self._of_name) if may_have_one else ("",)
        names = (f"{phase}_{name}" if phase else name for phase in phases)
        return next((new for new in names if new not in taken), "")


def _last(text: str) -> str:
    """The last phase that a text names; empty: it names none."""
    words = [word.lower() for word in _PHASE.findall(text)]
    return _PLAIN.get(words[-1], words[-1]) if words else ""
