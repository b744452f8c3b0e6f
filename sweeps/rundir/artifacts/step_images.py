"""Pictures of an epoch (step images), named so that MLflow's UI shows them as a series.

A trainer hands over `NAME+step+EPOCH.png`; a slash in NAME is written `~`. MLflow keeps no index of images: its UI
lists the folder `images` and reads key, step and time from the names, each picture once in full and once as a
preview (`mlflow.MlflowClient.log_image` writes the same two).
"""

from __future__ import annotations

import re
import struct
import uuid
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

FOLDER = "images"
"""The artifact folder that MLflow's UI looks into."""
LOGGED = {"mlflow.loggedImages": "True"}
"""The tag that tells it to look."""
_BROKEN = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    TypeError,
    IndexError,
    MemoryError,
    struct.error,
    zlib.error,
)
"""What Pillow raises of a file that is no picture, or a broken one."""
PREVIEW_PIXELS = 256
"""The longer side of a preview, which the grid shows; the whole picture opens with a click."""

_MAX_NAME = 150
"""Characters of a picture's name, so that the names which MLflow needs are file names, too."""
_NAME = re.compile(r"(?P<key>[\w.\- ~]+)\+step\+(?P<step>[0-9]+)\.png", re.ASCII)


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture of a series: `key` as MLflow spells it in names, and its epoch."""

    key: str
    step: int

    @classmethod
    def named(cls, name: str) -> Picture | None:
        """The picture that a file's name stands for; None where it is not one of a series."""
        found = _NAME.fullmatch(name)
        return None if found is None or len(name) > _MAX_NAME else cls(found["key"], int(found["step"]))

    def write(self, source: Path, folder: Path, *, run_id: str, time_ms: int) -> bool:
        """Write `source` and its preview into `folder`, as MLflow names them; False where it is no picture.

        The same picture gets the same names, whoever sends it again.
        """
        try:
            from PIL import Image
        except ModuleNotFoundError:  # an optional part: the picture is recorded, without a preview
            return False

        unique = uuid.uuid5(uuid.NAMESPACE_OID, f"{run_id}/{self.key}/{self.step}")
        stem = f"{self.key}+step+{self.step}+timestamp+{time_ms}+{unique}"
        try:
            with Image.open(source) as image:
                preview = image.convert("RGB")
                preview.thumbnail((PREVIEW_PIXELS, PREVIEW_PIXELS))
        except (*_BROKEN, Image.DecompressionBombError):
            return False
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{stem}.png").write_bytes(source.read_bytes())
        preview.save(folder / f"{stem}+compressed.webp", lossless=True)
        return True
