"""Says what attempts left outside their runs' directories, and what became of the code meanwhile, for notes and users."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

from analysis.read import tags
from analysis.read.provenance import shortened
from analysis.results.shared_files import own_places, remedy
from sweeps.program.outputs.appended_files import AppendedFiles
from sweeps.program.outputs.written_files import MOST_ENTRIES, SharedFiles, Written

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sweeps.rundir.paths import RunPaths
    from sweeps.spec.yaml_reader import Value
    from sweeps.trainer.snapshot import Snapshot

_NO_COPY = 'write to {run_dir}, or say `cwd: "{run_dir}"` or `snapshot: false`'


class Footprints:
    """What the attempts of one launch left behind."""

    def __init__(self, snapshot: Snapshot | None) -> None:
        self._snapshot = snapshot
        self._shared = SharedFiles()
        self._appended = AppendedFiles()
        self._overwritten: dict[str, None] = {}
        self._settings_of: dict[str, Mapping[str, Value]] = {}
        self._shared_of: dict[str, dict[str, str]] = {}
        self._wrote_copy: dict[str, None] = {}
        self._of_copy: dict[str, None] = {}
        self._unsearched = ""

    def begin(self, trial: str, *, is_adopted: bool = False) -> None:
        """Take note that a trial's attempt begins."""
        self._shared.begin(trial, 0 if is_adopted else time.time_ns())

    def ended(
        self, trial: str, paths: RunPaths, reason: str, config: Mapping[str, Value] | None = None
    ) -> list[str]:
        """What the note of a run should say of its attempt that ended, a sentence each."""
        remarks = self._changed_sources()
        written = _read(paths)
        if written is None:
            self._shared.end(trial, time.time_ns())
        else:
            remarks += [*self._in_copy(trial, written), *self._shared_with(trial, written, config or {})]
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
        if shared := sorted(self._overwritten):
            verb = "changed" if len(shared) == 1 else "each changed"
            found.append(
                f"{shortened(shared)} {verb} while different trials ran, which may overwrite each "
                f"other's; {remedy(self._own_places(shared))}"
            )
        if appended := [path for path in self._shared.shared if path not in self._overwritten]:
            own = self._own_places(appended)
            found.append(
                f"several trials append to {shortened(appended)}, and none overwrites what another one wrote"
                f"{f'; {remedy(own)}' if own else ''}"
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

    def _own_places(self, paths: Sequence[str]) -> tuple[str, ...]:
        return own_places(paths, [self._settings_of[path] for path in paths])

    def _shared_with(self, trial: str, written: Written, config: Mapping[str, Value]) -> list[str]:
        inside = {path: time_ns for path, time_ns in written.files.items() if path not in written.copied}
        if not written.is_whole:
            self._unsearched = self._unsearched or f"more than {MOST_ENTRIES} files in the working directory"
        outside = Written(written.start_ns, written.end_ns, inside)
        for path in inside:
            self._appended.add(path, written.ends.get(path))
            self._settings_of.setdefault(path, config)
        self._shared.add(trial, outside)
        shared = self._shared.of(trial, outside).items()
        self._shared_of[trial] = {path: other for path, other in shared if not self._appended.has(path)}
        new = {path: other for path, other in self._shared_of[trial].items() if path not in self._overwritten}
        self._overwritten |= dict.fromkeys(new)
        return [
            f"{path} changed while {other} ran, and while this one did: they may overwrite each other's; "
            f"{remedy(self._own_places([path]))}"
            for path, other in new.items()
        ]


def _read(paths: RunPaths) -> Written | None:
    try:
        return Written.of_json(json.loads(paths.written.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
