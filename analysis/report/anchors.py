"""The anchors of a page: names that stay what they are while the report grows, so that a link to a part keeps leading there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import chain, count
from typing import TYPE_CHECKING

from analysis.figures.file_names import slug

if TYPE_CHECKING:
    from collections.abc import Mapping

    from analysis.results.document import Document, Headline

PARTS = ("summary", "results", "settings", "provenance", "commands")
"""The parts that every report has, whatever its sweeps are called."""


@dataclass(frozen=True)
class Anchors:
    """Where the parts of a document are.

    Attributes:
        sections: Of each sweep.
        questions: Of each sweep, of each of its questions.
        figures: Of each figure, by its path.
    """

    sections: tuple[str, ...]
    questions: tuple[tuple[str, ...], ...]
    figures: Mapping[str, str]

    @classmethod
    def of(cls, document: Document) -> Anchors:
        """Name the sections by their sweeps, and the questions by their sweeps and words."""
        taken = set(PARTS)
        sections = tuple(_free(_slug(section.name), taken) for section in document.sections)
        questions = tuple(
            tuple(_free(f"{place}-{_slug(question.title)}", taken) for question in section.questions)
            for place, section in zip(sections, document.sections, strict=True)
        )
        figures = {
            figure.path: _free(f"figure-{_slug(figure.path.removesuffix('.png'))}", taken)
            for section in document.sections
            for figure in section.figures
        }
        return cls(sections, questions, figures)

    def to(self, line: Headline) -> str:
        """Return the anchor that a line of the head leads to; of all sweeps the first one's."""
        if line.section is None:
            return self.sections[0]
        return self.questions[line.section][line.question]


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", slug(text).lower()).strip("-") or "part"


def _free(name: str, taken: set[str]) -> str:
    numbered = (f"{name}-{number}" for number in count(2))
    free = next(one for one in chain((name,), numbered) if one not in taken)
    taken.add(free)
    return free
