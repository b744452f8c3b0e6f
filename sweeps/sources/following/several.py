"""Says, for each metric of a source, what several values of it at one step become: the last, their mean, or each a step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sweeps.sources.following.naming import fits
from sweeps.spec.trainer.source_model import MEAN

if TYPE_CHECKING:
    from sweeps.spec.trainer.source_model import Source


class Several:
    """What a source's `several` says of its metrics, by their names in the source or in the record.

    Args:
        source: The source.

    Attributes:
        has_means: Whether it asks for the mean of any.
    """

    def __init__(self, source: Source) -> None:
        self._usual = source.several
        self._said = [(fits(name), fate) for name, fate in source.several_of]
        self._known: dict[str, str] = {}
        self.has_means = MEAN in (source.several, *(fate for _, fate in source.several_of))

    def of(self, name: str, key: str) -> str:
        """What becomes of a metric that the source calls `name`, and the record `key`: what fits first."""
        if not self._said:
            return self._usual
        if name not in self._known:
            said = (fate for pattern, fate in self._said if pattern.fullmatch(name) or pattern.fullmatch(key))
            self._known[name] = next(said, self._usual)
        return self._known[name]
