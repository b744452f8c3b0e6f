"""Where a program's run of Weights & Biases can be seen: the address that wandb prints when it is online.

wandb keeps the address in memory, and writes it to none of its files; offline there is none.
"""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LOOK_S = 2.0
"""So often the log is looked at, at most."""
MOST_BYTES = 1 << 20
"""The address stands near the beginning of a log; and near its end, where wandb says it again."""
_PART_BYTES = 1 << 16
_COLOUR = rb"(?:\x1b\[[0-9;]*m)*"
_SAID = re.compile(
    rb"wandb" + _COLOUR + rb": [^\r\n]*View run [^\r\n]*?(https?://[^\s\x1b]+/runs/[^\s\x1b]+)[\s\x1b]"
)


class WandbAddress:
    """Looks for the address in the log of an attempt, while that is written."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._position = 0
        self._looked_s = -LOOK_S
        self._is_over = False

    def look(self, *, has_ended: bool = False) -> str | None:
        """The address, once, when it is there; None: not yet, or it was told before. Of a log that has ended all of the end is read."""
        now_s = time.monotonic()
        if self._is_over or (now_s - self._looked_s < LOOK_S and not has_ended):
            return None
        self._looked_s = now_s
        found = next(
            (said for text in self._texts(has_ended=has_ended) if (said := _SAID.search(text))), None
        )
        self._is_over = has_ended or found is not None
        return None if found is None else found[1].decode("utf-8", "replace")

    def _texts(self, *, has_ended: bool) -> Iterator[bytes]:
        """What came since the last look, in whole lines, up to `MOST_BYTES`; and in the end the end."""
        try:
            with self._log.open("rb") as file:
                while self._position < MOST_BYTES:
                    file.seek(self._position)
                    text = file.read(_PART_BYTES)
                    if len(text) == _PART_BYTES and b"\n" not in text:
                        self._position += len(text)  # of one endless line
                        continue
                    whole = text[: text.rfind(b"\n") + 1]
                    if not whole:
                        break
                    self._position += len(whole)
                    yield whole
                if has_ended:
                    file.seek(max(self._position, file.seek(0, 2) - _PART_BYTES))
                    yield file.read() + b"\n"
        except OSError:
            return  # there is no log here
