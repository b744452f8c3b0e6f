"""Which installed packages a trainer's own modules import, and in which versions: read from the sources, nothing is imported."""

from __future__ import annotations

import contextlib
import sys
from functools import lru_cache
from importlib import metadata
from typing import TYPE_CHECKING

from sweeps.trainer.code_tree import imported_names

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

USUAL = ("torch", "numpy", "mlflow", "optuna")
"""Packages whose versions are recorded whether or not a trainer imports them."""
MOST = 40
"""No more packages are recorded of one trainer."""
_ALSO_AS = {"mlflow": ("mlflow-skinny",)}
"""Distributions that have the same package, of the same versions."""
_CALLED = {
    "sklearn": ("scikit-learn",),
    "skimage": ("scikit-image",),
    "cv2": ("opencv-python", "opencv-python-headless", "opencv-contrib-python"),
    "PIL": ("pillow",),
    "yaml": ("PyYAML",),
    "bs4": ("beautifulsoup4",),
    "dateutil": ("python-dateutil",),
    "attr": ("attrs",),
    "tensorflow": ("tensorflow", "tensorflow-cpu"),
    "lightning": ("lightning", "pytorch-lightning"),
    "faiss": ("faiss-cpu", "faiss-gpu"),
    "umap": ("umap-learn",),
    "hydra": ("hydra-core",),
    "Bio": ("biopython",),
}
"""What distributions of modules are called that are not called as the module."""


def imported_packages(files: Iterable[Path]) -> tuple[str, ...]:
    """The names that the packages may have which a trainer's own files import, sorted.

    Those of `USUAL`, of modules among the files, and of Python's own are left out.
    """
    files = list(files)
    own = {path.stem for path in files} | {path.parent.name for path in files if path.name == "__init__.py"}
    modules = {name for path in files for name in imported_names(path)}
    others = sorted(name for name in modules - own - sys.stdlib_module_names if name.isidentifier())
    return tuple(
        name for module in others[:MOST] for name in _CALLED.get(module, (module,)) if name not in USUAL
    )


def versions_of(names: Iterable[str]) -> dict[str, str]:
    """The versions of those packages that are installed beside `sweep`, by their names."""
    return {name: version for name in names if (version := version_of(name)) is not None}


@lru_cache
def version_of(package: str) -> str | None:
    """The version of a package; None: it is not installed."""
    for name in (package, *_ALSO_AS.get(package, ())):
        with contextlib.suppress(metadata.PackageNotFoundError, ValueError):
            return metadata.version(name)
    return None
