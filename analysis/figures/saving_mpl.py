"""Saves a figure of matplotlib's in one of the forms that a report has, without its time and the version that drew it: equal figures, equal bytes."""

from __future__ import annotations

import io
import warnings
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure as MplFigure

FORMS: dict[str, dict[str, None]] = {
    "png": {"Software": None},
    "svg": {"Date": None, "Creator": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}
"""What each form has, and what matplotlib would write into it beside the picture."""
FILE_STYLE: dict[str, Any] = {"svg.hashsalt": "sweep", "pdf.fonttype": 42}
"""matplotlib's settings for all forms: the letters of a PDF are text in an embedded TrueType font, as publishers ask."""


def saved_as(figure: MplFigure, form: str, **options: Any) -> bytes:
    """Return the figure in that form; `options` are those of `savefig`."""
    buffer = io.BytesIO()
    with warnings.catch_warnings(
        action="ignore", category=UserWarning
    ):  # a font that lacks a letter draws a box
        figure.savefig(buffer, format=form, metadata=FORMS[form], **options)
    return buffer.getvalue()
