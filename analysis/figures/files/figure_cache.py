"""Draws the figures of a report that changed since the last one, keeps the others, and removes those no longer needed."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from functools import cache
from importlib import metadata
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from analysis.figures.file_names import folded
from analysis.figures.files.images import DrawnFigure, images, paths
from analysis.figures.files.manifest import SCHEMA, data_sha256

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from analysis.results.document import Figure

MANIFEST = "manifest.json"
_DRAWING_MODULES = (
    "frames/film.py",
    "heatmaps/heat_panel.py",
    "mpl.py",
    "palette.py",
    "scale.py",
    "searches/search_figures.py",
    "words/wrapping.py",
)
"""What turns data into images beside the modules that end with `_mpl.py`."""
IMAGES = frozenset({".png", ".svg", ".pdf", ".webp"})
"""What images of a report end with; nothing else is ever removed."""


def draw(
    figures: Sequence[Figure],
    folder: Path,
    last: Mapping[str, Any],
    *,
    processes: int = 1,
    plain: bool = False,
    pdf: bool = False,
) -> tuple[DrawnFigure, ...]:
    """Return each figure with its images: those in `folder` where `last` shows that they still hold, else drawn anew.

    An image holds where its data, what draws it, and the files themselves are as `last` says. `processes` draw at once.
    `plain` ones have neither title nor captions. With `pdf` each is a PDF, too.
    """
    kept = last.get("files", {}) if last.get("drawn_by") == drawn_by() else {}
    hashes = {entry["path"]: entry["data_sha256"] for entry in last.get("figures", ())}
    shown = [_plain(figure) for figure in figures] if plain else figures
    own = {figure.path: data_sha256(figure) for figure in shown}
    held = {}
    for figure in shown:
        files = [_unchanged(folder / path, kept.get(path)) for path in paths(figure, pdf=pdf)]
        if hashes.get(figure.path) == own[figure.path] and all(files):
            held[figure.path] = tuple(files)
    lacking = [figure for figure in shown if figure.path not in held]
    drawn = iter(images(lacking, processes, pdf=pdf))
    return tuple(
        DrawnFigure.of(figure, own[figure.path], held.get(figure.path) or next(drawn), pdf=pdf)
        for figure in figures
    )


def _plain(figure: Any) -> Figure:
    """A figure without title and captions."""
    bare: Figure = replace(figure, title="", notes=())
    return bare


@cache
def drawn_by() -> str:
    """Identify what turns data into images; an image by another version is drawn again."""
    here = Path(__file__).parents[1]
    modules = sorted({*here.rglob("*_mpl.py"), *(here / name for name in _DRAWING_MODULES)})
    code = hashlib.sha256(b"".join(module.read_bytes() for module in modules)).hexdigest()[:12]
    libraries = (f"{name} {_version(name)}" for name in ("matplotlib", "numpy", "optuna", "pillow"))
    return f"{', '.join(libraries)}, code {code}"


def _version(library: str) -> str:
    """The version of what draws; Optuna draws only what a search has, and need not be there."""
    try:
        return metadata.version(library)
    except metadata.PackageNotFoundError:
        return "none"


def last_manifest(folder: Path) -> dict[str, Any]:
    """Return the manifest that an earlier report left in `folder`; empty where there is none that can be trusted."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return manifest if isinstance(manifest, dict) and manifest.get("schema") == SCHEMA else {}


def remove_stale(folder: Path, last: Mapping[str, Any], written: Iterable[str]) -> list[Path]:
    """Remove the images that an earlier report wrote into `folder` and this one did not; return which.

    Where a disk knows no case, `Loss.png` is the `loss.png` that was written now: it stays.
    """
    removed, now = [], {folded(name): folder / name for name in written}
    for name in sorted(set(last.get("files", {})) - set(written)):
        path = PurePosixPath(name)
        # A manifest may have been edited: nothing outside the folder is touched, and nothing but images.
        if path.is_absolute() or ".." in path.parts or path.suffix not in IMAGES:
            continue
        stale, twin = folder / path, now.get(folded(name))
        if stale.is_file() and not (twin and twin.exists() and twin.samefile(stale)):
            stale.unlink()
            removed.append(stale)
        for parent in path.parents[:-1]:
            if (folder / parent).is_dir() and not any((folder / parent).iterdir()):
                (folder / parent).rmdir()
    return removed


def _unchanged(path: Path, sha256: str | None) -> bytes:
    """Return the file's bytes where they are those that the manifest names, else nothing."""
    if sha256 is None or not path.is_file():
        return b""
    content = path.read_bytes()
    return content if hashlib.sha256(content).hexdigest() == sha256 else b""
