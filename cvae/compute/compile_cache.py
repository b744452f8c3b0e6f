"""Shares compiled code between the processes of a machine: the first one compiles, the others wait, and find it there.

`torch.compile` keeps what it has compiled in a folder. Here each network has a folder of its own, below the user's cache, with a
file that says of each part that it is complete. A lock, which the system frees when its holder dies, lets one process at a
time compile. What a process that was killed has left half done is removed.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

CACHE = "TORCHINDUCTOR_CACHE_DIR"
"""Names the folder of compiled code, Triton's kernels included. Where the user has set it, it is used as it is."""

POLL_S = 0.2
"""How often a process that waits looks whether it is to stop."""

_log = logging.getLogger("cvae")


class CompileCache:
    """The compiled code of one network.

    Args:
        base: Where such folders lie.
        what: All that the compiled code depends on, as JSON can hold it.
    """

    def __init__(self, base: Path, what: Mapping[str, Any]) -> None:
        key = hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()[:16]
        named = os.environ.get(CACHE)
        self._is_ours = named is None or Path(named).parent == base or _is_default(Path(named))
        self._key = key
        self._is_told = False
        self.folder = base / key if self._is_ours else Path(named or "")
        self._lock = self.folder.parent / f"{key}.lock" if self._is_ours else self.folder / f"{key}.lock"

    def has(self, parts: Iterable[str]) -> bool:
        """Whether all these parts have been compiled."""
        return all(self._note(part, "done").exists() for part in parts)

    def fill(self, parts: Mapping[str, Callable[[], None]], stop_if_asked: Callable[[], None]) -> None:
        """Compile parts that no process has compiled yet, one process at a time; take the others from the cache.

        Args:
            parts: Name -> what has it compiled, or loaded from the cache.
            stop_if_asked: Called before each part, and again and again while another process compiles; may raise.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            _log.info("compiled code is not shared with other processes: %s", error)
            for compile_part in parts.values():
                compile_part()
            return
        os.environ[CACHE] = str(self.folder)
        for part, compile_part in parts.items():
            stop_if_asked()
            lock = None if self.has([part]) else self._locked(part, stop_if_asked)
            try:
                if lock is None or self.has([part]):
                    compile_part()
                else:
                    self._compile(part, compile_part)
            finally:
                if lock is not None:
                    lock.release()

    def _compile(self, part: str, compile_part: Callable[[], None]) -> None:
        """Compile a part that is not there, as the only process that does."""
        if self._is_ours and any(self.folder.glob("*.begun")):
            shutil.rmtree(self.folder, ignore_errors=True)  # its process was killed: there may be half a file
            self.folder.mkdir(parents=True, exist_ok=True)
        begun = self._note(part, "begun")
        begun.touch()
        try:
            compile_part()
            self._note(part, "done").touch()
        finally:
            begun.unlink(missing_ok=True)

    def _locked(self, part: str, stop_if_asked: Callable[[], None]) -> FileLock | None:
        """The lock, held by this process; None: the part is there meanwhile, or the folder can hold no lock."""
        with contextlib.suppress(OSError, NotImplementedError):
            lock = FileLock(self._lock)
            while not self.has([part]):
                try:
                    lock.acquire(timeout=POLL_S)
                except Timeout:
                    if not self._is_told:
                        _log.info("waits for another process, which compiles the same network")
                    self._is_told = True
                    stop_if_asked()
                else:
                    return lock
        return None

    def _note(self, part: str, state: str) -> Path:
        return self.folder / f"{self._key}-{part}.{state}"


def _is_default(folder: Path) -> bool:
    """Whether a folder is the one that torch names in the variable itself, where it finds none there."""
    return folder.parent == Path(tempfile.gettempdir()) and folder.name.startswith("torchinductor_")
