"""Says when a file that others write has settled, from what it holds: editors empty it first, or put another in its place. Pure."""

from __future__ import annotations

SETTLED_S = 0.5
"""How long a file must hold the same before it counts as saved: whoever writes it in parts takes less between two."""


class Settling:
    """Follows what a file holds.

    Args:
        known: What it held when it was read last.
    """

    def __init__(self, known: object) -> None:
        self._known = known
        self._seen = known
        self._since_s = 0.0

    def is_settled(self, content: object) -> bool:
        """Whether it holds what was taken last."""
        return content == self._known

    def take(self, content: object, now_s: float) -> bool:
        """Note what it holds now; returns whether that is new and has settled, and is so taken.

        Args:
            content: What it holds, or what is wrong with it where it cannot be read.
            now_s: When, on a clock that only rises.
        """
        if content != self._seen:
            self._seen, self._since_s = content, now_s
        if content == self._known or now_s - self._since_s < SETTLED_S:
            return False
        self._known = content
        return True

    def taken(self, content: object) -> None:
        """Note that it was read for another reason."""
        self._known = self._seen = content
