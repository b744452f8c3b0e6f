"""Makes a picture that a program left fit for a report: a PNG of bounded size, whatever was in the file."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image as Pixels

LARGEST_BYTES = 10_000_000
"""Larger files are not read."""
MOST_PX, FEWER_PX, MOST_BYTES = 1000, 500, 400_000
"""How wide and high a picture of a report is at most, and where it then has more bytes than these."""


def as_png(content: bytes) -> bytes:
    """Return a picture as a PNG of `MOST_PX` a side at most, of an animation the first frame; empty where it is none that can be read."""
    from PIL import Image

    try:
        with Image.open(io.BytesIO(content)) as image:
            is_small = max(image.size) <= MOST_PX and len(content) <= MOST_BYTES
            image.load()
            if is_small and image.format == "PNG" and not getattr(image, "is_animated", False):
                return content
            shown = image.convert("RGBA" if image.has_transparency_data else "RGB")
        made = _saved(shown, MOST_PX)
        return made if len(made) <= MOST_BYTES else _saved(shown, FEWER_PX)
    except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError):
        return b""


def _saved(image: Pixels, most_px: int) -> bytes:
    small = image.copy()
    small.thumbnail((most_px, most_px))
    made = io.BytesIO()
    small.save(made, "PNG", optimize=True)
    return made.getvalue()
