"""Artifacts of runs: files, texts, and what a trainer handed over (single files, and images of an epoch)."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from sweeps.record.batching import batches, tags_of
from sweeps.rundir.artifacts.step_images import FOLDER, LOGGED, Picture

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sweeps.record.mlflow_client import PatientClient
    from sweeps.rundir.journal import Artifact
    from sweeps.rundir.paths import RunPaths


class ArtifactLog:
    """Stores artifacts of runs.

    Args:
        client: The store's client.
    """

    def __init__(self, client: PatientClient) -> None:
        self._client = client
        self._store = client.store
        self._locations: dict[str, str] = {}
        """Where the artifacts of runs in progress are, as far as that is known."""

    def note_location(self, run_id: str, location: str) -> None:
        """Remember where a run's artifacts are: the store would be asked for each."""
        self._locations[run_id] = location

    def forget_location(self, run_id: str) -> None:
        """Forget where the artifacts of an ended run are."""
        self._locations.pop(run_id, None)

    def file(self, run_id: str, path: Path, folder: str | None = None) -> None:
        """Store a file; one that the store refuses is set aside, here as in every method.

        Raises:
            RunGoneError: The run is deleted.
            RecordError: The record cannot be written.
        """
        location = self._locations.get(run_id)
        self._offer(run_id, path.name, lambda: self._store.log_artifact(run_id, path, folder, location))

    def files(self, run_id: str, root: Path, paths: Iterable[Path], folder: str) -> None:
        """Store files that lie under `root`, in the same folders under `folder`."""
        for path in paths:
            inner = path.relative_to(root).parent
            self.file(run_id, path, folder if inner == Path() else f"{folder}/{inner.as_posix()}")

    def text(self, run_id: str, text: str, name: str) -> None:
        """Store a text as a file."""
        clean = text.encode("utf-8", "backslashreplace").decode("utf-8")
        self._offer(run_id, name, lambda: self._store.log_text(run_id, clean, name))

    def from_outbox(self, run_id: str, paths: RunPaths, entry: Artifact) -> None:
        """Send a file that a trainer handed over, and remove it from the run's outbox."""
        kept = paths.outbox / entry.file
        if not kept.exists():
            return  # sent by a supervisor that died before it could note so
        picture = Picture.named(entry.name)
        if picture is not None and self._step_image(run_id, picture, kept, entry.time_ms):
            return
        named = kept.parent / "sending" / entry.name
        named.parent.mkdir(exist_ok=True)
        named.unlink(missing_ok=True)
        os.link(kept, named)
        if self._offer(run_id, entry.name, lambda: self._store.log_artifact(run_id, named)):
            kept.unlink()  # one that is set aside stays in the outbox
        named.unlink()

    def mend(self, run_id: str, paths: RunPaths, handed: Iterable[Artifact]) -> list[str]:
        """Send files that the store has lost, as far as they still are where the trainer keeps its own, and logs.

        Returns:
            The names of those that are nowhere any more.
        """
        stored = self._names(run_id, None)
        lost = []
        for name in dict.fromkeys(entry.name for entry in handed if Picture.named(entry.name) is None):
            if name in stored:
                continue
            if (kept := paths.files / name).is_file():
                self.file(run_id, kept)
            else:
                lost.append(name)
        logs = self._names(run_id, "logs")
        for attempt in range(1, paths.last_attempt() + 1):
            log = paths.log(attempt)
            if log.exists() and f"logs/{log.name}" not in logs:
                self.file(run_id, log, "logs")
        return lost

    def _names(self, run_id: str, folder: str | None) -> set[str]:
        files = self._client.call(lambda: self._client.mlflow.list_artifacts(run_id, folder))
        return {file.path for file in files}

    def _step_image(self, run_id: str, picture: Picture, kept: Path, time_ms: int) -> bool:
        """Send an image of an epoch; False where the file is no image."""
        folder = kept.parent / "pictures"
        shutil.rmtree(folder, ignore_errors=True)  # of a supervisor that died here
        if not picture.write(kept, folder, run_id=run_id, time_ms=time_ms):
            return False
        sent = self._offer(run_id, kept.name, lambda: self._send_all(run_id, folder))
        shutil.rmtree(folder)
        if sent:
            self._client.send(run_id, batches([], [], tags_of(LOGGED)))
            kept.unlink()
        return True

    def _send_all(self, run_id: str, folder: Path) -> None:
        """Send the picture and its preview: both, or all of it is refused."""
        for path in sorted(folder.iterdir()):
            self._store.log_artifact(run_id, path, FOLDER)

    def _offer(self, run_id: str, name: str, request: Callable[[], object]) -> bool:
        """Whether the store took an artifact."""
        return self._client.offer(run_id, "artifact", name, request)
