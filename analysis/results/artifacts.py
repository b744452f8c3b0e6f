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

if TYPE_CHECKING:
    from collections.abc import Mapping

    from analysis.read.record import Record


class Artifacts:
    """The files of the runs of a record."""

    def __init__(self, record: Record) -> None:
        """Remember the record; nothing is read yet."""
        self._record = record

    def names(self, run_id: str, folder: str = "") -> list[str]:
        """Return the files in a folder of a run, without those in folders below, sorted."""
        if self._is_local(run_id):
            try:
                return sorted(
                    path.name for path in (self._folder(run_id) / folder).iterdir() if path.is_file()
                )
            except OSError:
                return []
        try:
            listed = self._repository(run_id).list_artifacts(folder or None)
        except Exception:  # noqa: BLE001 - whatever a store raises, its files cannot be shown
            return []
        return sorted(Path(one.path).name for one in listed if not one.is_dir)

    def content(self, run_id: str, path: str) -> bytes:
        """Return the content of a file of a run; empty where there is none."""
        if self._is_local(run_id):
            try:
                return (self._folder(run_id) / path).read_bytes()
            except OSError:
                return b""
        with tempfile.TemporaryDirectory() as folder:
            fetched = Path(folder) / "file"
            try:
                # `download_artifacts` would draw a progress bar for each file.
                self._repository(run_id)._download_file(path, str(fetched))  # noqa: SLF001
                return fetched.read_bytes()
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

        return get_artifact_repository(self._uris[run_id], tracking_uri=self._record.tracking_uri)


def local_folder(uri: str) -> Path | None:
    """Return the folder of an address; None where it is no folder of this machine."""
    parts = urlsplit(uri)
    if parts.scheme not in {"", "file"} or not parts.path:
        return None
    path = Path(url2pathname(parts.path)).absolute()
    return path if path.is_dir() else None
