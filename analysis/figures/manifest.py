"""Lists what each figure was drawn from, so that it can be checked and drawn again: `manifest.json`."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from analysis.results.document import Figure
    from analysis.results.results import Result

SCHEMA = 2


def manifest(
    experiment: str,
    spec_name: str,
    profile: str | None,
    figures: Sequence[Figure],
    incomplete: Sequence[Result],
    *,
    drawn_by: str,
    files: Mapping[str, bytes],
) -> dict[str, Any]:
    """Return the content of `manifest.json`: nothing in it depends on when or where it is made.

    `drawn_by` and `files` (the bytes of every image) tell the next report which images it may keep.
    """
    return {
        "schema": SCHEMA,
        "spec": spec_name,
        "profile": profile,
        "experiment": experiment,
        "figures": [
            {
                "path": figure.path,
                "svg": figure.svg_path,
                **({"film": figure.film_path} if figure.film_path else {}),
                "keys": list(figure.keys),
                "trials": [asdict(source) for source in figure.trials],
                "data_sha256": data_sha256(figure),
            }
            for figure in figures
        ],
        "drawn_by": drawn_by,
        "files": {path: hashlib.sha256(content).hexdigest() for path, content in sorted(files.items())},
        "incomplete": [{"trial": result.trial.name, "condition": result.condition} for result in incomplete],
    }


def data_sha256(figure: Figure) -> str:
    """Hash what a figure says, words and values: equal hashes, equal images."""
    return hashlib.sha256(
        json.dumps(_plain(figure.content), sort_keys=True, allow_nan=False).encode()
    ).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
