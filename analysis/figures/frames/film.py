"""Makes the film of a picture of frames: the truth and all predictions side by side, each under its name, as animated WebP.

Shapes: T frames, H x W pixels, C colours (3); bytes 0 ... 255.
"""

from __future__ import annotations

import io
import textwrap
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from analysis.visible import visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PIL.Image import Image
    from PIL.ImageFont import FreeTypeFont

    from analysis.results.pictures.clips import Pixels

MOST_BYTES = 1_000_000
"""A larger film has fewer frames: the page has one for each sweep, and is to open at once."""
MOST_FRAMES, FRAMES_PER_S = 120, 8
"""A longer clip is shown in even steps, slowly enough to see what goes wrong."""
TILE_PX, MOST_COLUMNS, GAP_PX = 112, 5, 8
"""Frames are enlarged by a whole factor to about this height, and stand in rows."""
FONT_PX, LETTER_PX, NAME_LINES = 12, 7, 3
QUALITY = 80


def film_bytes(films: Sequence[tuple[str, Pixels]]) -> bytes:
    """Return the film of equally long clips, each with its name; the same clips give the same bytes."""
    count = len(films[0][1])
    step = -(-count // MOST_FRAMES)
    while True:
        made = _encoded(films, range(0, count, step))
        if len(made) <= MOST_BYTES or step >= count:
            return made
        step *= 2


def _encoded(films: Sequence[tuple[str, Pixels]], shown: range) -> bytes:
    first, *rest = (_frame(films, index) for index in shown)
    buffer = io.BytesIO()
    first.save(
        buffer,
        "WEBP",
        save_all=True,
        append_images=rest,
        duration=1000 // FRAMES_PER_S,
        loop=0,
        quality=QUALITY,
        method=2,
    )
    return buffer.getvalue()


def _frame(films: Sequence[tuple[str, Pixels]], index: int) -> Image:
    from PIL import Image, ImageDraw

    height, width = films[0][1].shape[1:3]
    scale = max(1, TILE_PX // height)
    head, columns = FONT_PX * NAME_LINES + GAP_PX, min(MOST_COLUMNS, len(films))
    across, down = scale * width + GAP_PX, scale * height + head + GAP_PX
    rows = -(-len(films) // columns)
    whole = Image.new("RGB", (columns * across + GAP_PX, rows * down + FONT_PX + GAP_PX), "white")
    draw, font = ImageDraw.Draw(whole), _font()
    for number, (name, clip) in enumerate(films):
        left, top = GAP_PX + (number % columns) * across, (number // columns) * down
        words = "\n".join(textwrap.wrap(visible(name), max(1, across // LETTER_PX))[:NAME_LINES])
        draw.multiline_text((left, top + 2), words, fill="black", font=font, spacing=0)
        tile = Image.fromarray(clip[index])
        tile = tile.resize((tile.width * scale, tile.height * scale), Image.Resampling.NEAREST)
        whole.paste(tile, (left, top + head))
    count = len(films[0][1])
    draw.text((GAP_PX, whole.height - FONT_PX - 4), f"frame {index + 1} of {count}", fill="black", font=font)
    return whole


@cache
def _font() -> FreeTypeFont:
    """The font of the report's other figures, which matplotlib brings along."""
    import matplotlib as mpl
    from PIL import ImageFont

    return ImageFont.truetype(Path(mpl.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf", FONT_PX)
