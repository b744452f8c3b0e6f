"""Reads files that runs handed over: from the disk where their folders are on this machine, else through MLflow's client.

A file that is not there, or cannot be read, is none: a report shows what there is.
"""

from __future__ import annotations

import tempfile
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

from analysis.read.store import absolute_uri

if TYPE_CHECKING:
    from collections.abc import Mapping

    from analysis.read.record import Record


MOST_FOLDERS = 50
"""How many folders of a run are listed: each is a question to a store elsewhere."""


class Artifacts:
    """The files of the runs of a record."""

    def __init__(self, record: Record) -> None:
        """Remember the record; nothing is read yet."""
        self._record = record

    def names(self, run_id: str, folder: str = "") -> list[str]:
        """Return the files in a folder of a run, without those in folders below, sorted."""
        files, _ = self._listed(run_id, folder)
        return [path.rpartition("/")[2] for path in files]

    def below(self, run_id: str, deepest: int) -> list[str]:
        """Return the paths of a run's files, so many folders deep, and of `MOST_FOLDERS` folders at most; what lies higher first."""
        found: list[str] = []
        folders = [""]
        for place in range(MOST_FOLDERS):
            if place == len(folders):
                break
            files, inner = self._listed(run_id, folders[place])
            found += files
            folders += inner if len(Path(folders[place]).parts) < deepest else []
        return found

    def _listed(self, run_id: str, folder: str) -> tuple[list[str], list[str]]:
        """The files and the folders in a folder of a run, by their paths, sorted."""
        try:
            if self._is_local(run_id):
                root = self._folder(run_id)
                listed = [
                    (path.relative_to(root).as_posix(), path.is_dir()) for path in (root / folder).iterdir()
                ]
            else:
                entries = self._repository(run_id).list_artifacts(folder or None)
                listed = [(one.path, one.is_dir) for one in entries]
        except Exception:  # noqa: BLE001 - whatever a store raises, its files cannot be shown
            return [], []
        files, folders = (
            [path for path, is_folder in listed if is_folder is wanted] for wanted in (False, True)
        )
        return sorted(files), sorted(folders)

    def content(self, run_id: str, path: str, most: int | None = None) -> bytes:
        """Return the content of a file of a run; empty where there is none, or it has more than `most` bytes."""
        if self._is_local(run_id):
            try:
                file = self._folder(run_id) / path
                return file.read_bytes() if most is None or file.stat().st_size <= most else b""
            except OSError:
                return b""
        with tempfile.TemporaryDirectory() as folder:
            fetched = Path(folder) / "file"
            try:
                # `download_artifacts` would draw a progress bar for each file.
                self._repository(run_id)._download_file(path, str(fetched))  # noqa: SLF001
                return fetched.read_bytes() if most is None or fetched.stat().st_size <= most else b""
            except Exception:  # noqa: BLE001 - as above
                return b""

    def _is_local(self, run_id: str) -> bool:
        return urlsplit(self._uris.get(run_id, "")).scheme in {"", "file"}

    def _folder(self, run_id: str) -> Path:
        folder = local_folder(self._uris.get(run_id, ""))
        if folder is None:
            raise FileNotFoundError(run_id)
        return folder

    @cached_property
    def _uris(self) -> Mapping[str, str]:
        return {place.run_id: place.artifacts for place in self._record.places()}

    def _repository(self, run_id: str) -> Any:
        from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

        return get_artifact_repository(
            self._uris[run_id], tracking_uri=absolute_uri(self._record.tracking_uri)
        )


def local_folder(uri: str) -> Path | None:
    """Return the folder of an address; None where it is no folder of this machine."""
    parts = urlsplit(uri)
    if parts.scheme not in {"", "file"} or not parts.path:
        return None
    path = Path(url2pathname(parts.path)).absolute()
    return path if path.is_dir() else None
