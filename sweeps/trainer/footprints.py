"""Says what attempts left outside their runs' directories, and what became of the code meanwhile, for notes and users."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

from analysis.read import tags
from analysis.read.provenance import shortened
from analysis.results.shared_files import OWN_FOLDER
from sweeps.program.written_files import MOST_ENTRIES, SharedFiles, Written

if TYPE_CHECKING:
    from sweeps.rundir.paths import RunPaths
    from sweeps.trainer.snapshot import Snapshot

_NO_COPY = 'write to {run_dir}, or say `cwd: "{run_dir}"` or `snapshot: false`'


class Footprints:
    """What the attempts of one launch left behind.

    Args:
        snapshot: The code that they run, or None.
    """

    def __init__(self, snapshot: Snapshot | None) -> None:
        self._snapshot = snapshot
        self._shared = SharedFiles()
        self._shared_of: dict[str, dict[str, str]] = {}
        self._wrote_copy: dict[str, None] = {}
        self._of_copy: dict[str, None] = {}
        self._unsearched = ""

    def begin(self, trial: str, *, is_adopted: bool = False) -> None:
        """Take note that a trial's attempt begins."""
        self._shared.begin(trial, 0 if is_adopted else time.time_ns())

    def ended(self, trial: str, paths: RunPaths, reason: str) -> list[str]:
        """What the note of a run should say of its attempt that ended, a sentence each.

        Args:
            trial: The trial.
            paths: The run's files.
            reason: Why the attempt ended.
        """
        remarks = self._changed_sources()
        written = _read(paths)
        if written is None:
            self._shared.end(trial, time.time_ns())
        else:
            remarks += [*self._in_copy(trial, written), *self._shared_with(trial, written)]
        copy = self._snapshot.base if self._snapshot is not None else None
        if copy is not None and str(copy) in reason:
            where = f"{copy} holds a copy of the code, with links to what is beside it"
            remarks.append(f"{where}; write an absolute path, or say `snapshot: false`")
        return remarks

    def tags_of(self, trial: str) -> dict[str, str]:
        """What the record should say of the run of a trial whose attempt has ended."""
        shared = self._shared_of.get(trial)
        return {tags.SHARED_FILES: tags.shared_files_text(shared)} if shared else {}

    def told(self) -> list[str]:
        """What the user should know at the end of the launch, a sentence each."""
        found = []
        if self._wrote_copy:
            trials, files = shortened(list(self._wrote_copy)), shortened(list(self._of_copy))
            found.append(f"{trials}: wrote {files} into the copy of the code; {_NO_COPY}")
        if shared := self._shared.shared:
            verb = "changed" if len(shared) == 1 else "each changed"
            found.append(
                f"{shortened(shared)} {verb} while different trials ran, which may overwrite each other's; {OWN_FOLDER}"
            )
        if self._unsearched:
            found.append(
                f"{self._unsearched}: too many files to see whether trials write the same ones there"
            )
        return found

    def _changed_sources(self) -> list[str]:
        changed = self._snapshot.changed() if self._snapshot is not None else []
        if not changed:
            return []
        return [f"the code was run in place, and {shortened(changed)} changed after `sweep run` had started"]

    def _in_copy(self, trial: str, written: Written) -> list[str]:
        if not written.copied or self._snapshot is None:
            return []
        copy = f"{self._snapshot.folder}/"
        names = [path.removeprefix(copy) for path in written.copied]
        self._wrote_copy[trial] = None
        self._of_copy.update(dict.fromkeys(names))
        return [f"it wrote {shortened(names)} into the copy of the code, {self._snapshot.folder}; {_NO_COPY}"]

    def _shared_with(self, trial: str, written: Written) -> list[str]:
        inside = {path: time_ns for path, time_ns in written.files.items() if path not in written.copied}
        if not written.is_whole:
            self._unsearched = self._unsearched or f"more than {MOST_ENTRIES} files in the working directory"
        outside = Written(written.start_ns, written.end_ns, inside)
        new = self._shared.add(trial, outside)
        self._shared_of[trial] = self._shared.of(trial, outside)
        return [
            f"{path} changed while {other} ran, and while this one did: they may overwrite each other's; {OWN_FOLDER}"
            for path, other in new
        ]


def _read(paths: RunPaths) -> Written | None:
    try:
        return Written.of_json(json.loads(paths.written.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
