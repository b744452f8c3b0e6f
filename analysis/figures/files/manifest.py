"""Lists what each figure was drawn from, so that it can be checked and drawn again: `manifest.json`."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import asdict, fields, is_dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from analysis.figures.files.images import DrawnFigure
    from analysis.results.document import Figure
    from analysis.results.results import Result

SCHEMA = 2


def manifest(
    experiment: str,
    spec_name: str,
    profile: str | None,
    drawn: Sequence[DrawnFigure],
    incomplete: Sequence[Result],
    *,
    drawn_by: str,
    pictures: Mapping[str, bytes] | None = None,
) -> dict[str, Any]:
    """Return the content of `manifest.json`: nothing in it depends on when or where it is made.

    `pictures` are those that runs left, by path. `drawn_by` and the hashes of data and of images tell the next report which images it may keep.
    """
    files = {**(pictures or {}), **{path: content for one in drawn for path, content in one.files.items()}}
    return {
        "schema": SCHEMA,
        "spec": spec_name,
        "profile": profile,
        "experiment": experiment,
        "figures": [
            {
                "path": one.figure.path,
                "svg": one.figure.svg_path,
                **({"pdf": one.figure.pdf_path} if one.has_pdf else {}),
                **({"film": one.figure.film_path} if one.figure.film_path else {}),
                "keys": list(one.figure.keys),
                **({"band": one.figure.band} if one.figure.band else {}),
                "trials": [asdict(source) for source in one.figure.trials],
                "data_sha256": one.data_sha256,
            }
            for one in drawn
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
    if is_dataclass(value):  # `asdict` would copy each number first, which takes thrice as long
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
