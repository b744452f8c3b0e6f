"""What a folder of event files adds to the names of its metrics.

A writer of TensorBoard has a folder, and one program often has several: `SummaryWriter.add_scalars` and `add_hparams` open
one below the first for each series, Keras has `train` and `validation` side by side, a cross-validation `fold_0`, `fold_1`.
The same tag stands in all of them. But the first folder's own name says nothing (`runs/Nov27_23-26-05_host`,
`lightning_logs/version_0`, `lr0.1_bs32`): with it, a metric would have another name in each trial and after each resume.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

_UNIX_TIME = re.compile(r"\d{9,}(\.\d+)?")


def prefixes(files: Iterable[Path], known: Mapping[Path, str] | None = None) -> dict[Path, str]:
    """What stands before the tags of each folder, as `fold_1/`, or nothing; files that are found later change no prefix.

    - The first folder has none.
    - A folder below another with event files has its path from there: `Loss_train/`.
    - Another one beside those has its path from the folder that they share: `validation/`.
    - A folder that is called by the time, as `add_hparams` calls them, adds nothing.

    Args:
        files: The event files of one attempt, in the order in which they were found.
        known: The prefixes of an earlier attempt. A folder keeps its own; the first new one beside them has none, as it
            is the new name of the same thing.
    """
    named = dict(known or {})
    tops: list[Path] = []
    for folder in dict.fromkeys(file.parent for file in files):
        above = next((parent for parent in folder.parents if parent in named), None)
        if above is None:
            tops.append(folder)
        if folder in named:
            continue
        if above is not None:
            named[folder] = named[above] + _spelled(folder.relative_to(above).parts)
        elif len(tops) == 1:
            named[folder] = ""
        else:
            parts = folder.relative_to(os.path.commonpath(tops)).parts
            named[folder] = _spelled(parts or (folder.name,))
    return named


def _spelled(parts: Iterable[str]) -> str:
    return "".join(f"{part}/" for part in parts if not _UNIX_TIME.fullmatch(part))
