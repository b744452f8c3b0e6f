"""Caches decoded images as memory-mapped arrays, so that a data set is decoded once and not in every trial.

Each data set and image size has a directory, named by a hash of the images' bytes, which is created by one rename.
A small file, found by the images' names, sizes and modification times, holds that hash, so that the images need not be
read again. A directory whose checksums are wrong is made again, and so is one that another user may have planted.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
import stat
import tempfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from filelock import FileLock
from PIL import Image

from cvae.errors import CacheError, DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

Arrays = dict[str, "NDArray[np.uint8]"]

_CONTENT_ID = re.compile(r"[0-9a-f]{16}")
FORMAT = 1
"""Part of every key. Increase it when the layout, the decoding or the resizing changes."""


def cache_directory() -> Path:
    """Return $CVAE_CACHE_DIR, else `cvae` in the user's cache directory ($XDG_CACHE_HOME, else ~/.cache)."""
    if own := os.environ.get("CVAE_CACHE_DIR"):
        return Path(own).expanduser()
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "cvae"


def cached(
    groups: Mapping[str, Sequence[Path]],
    decode: Callable[[str, NDArray[np.uint8]], None],
    *,
    height: int,
    width: int,
) -> tuple[Arrays, str]:
    """Read the images of each group from the cache, decoding them first if they are not there.

    Many processes may call this at once: one of them decodes and the others wait for it.

    Args:
        groups: Name -> image files, in order.
        decode: Called as `decode(name, array)` to fill the array of one group.
        height: Height of the images.
        width: Width of the images.

    Returns:
        Name -> read-only, memory-mapped array [T, 3, height, width]; and the content id, a short hash of the images'
        bytes and the size.

    Raises:
        CacheError: The cache directory cannot be written to.
        DataError: An image cannot be read or decoded.
    """
    base = cache_directory()
    size = f"{FORMAT}-{height}x{width}"
    quick_key = _hash(_states(groups), size)
    note = base / f"{quick_key}.json"
    try:
        base.mkdir(parents=True, exist_ok=True)
        with FileLock(base / f"{quick_key}.lock"):
            content_id = _read_note(note)
            if content_id is None:
                content_id = _hash(_contents(groups), size)
                _write_note(note, content_id)
            with FileLock(base / f"{content_id}.lock"):
                arrays = _open(base / content_id, groups, height, width)
                if arrays is None:
                    _build(base / content_id, groups, decode, height, width)
                    arrays = _open(base / content_id, groups, height, width)
    except OSError as error:
        raise CacheError(
            f"the cache of decoded images cannot be used: {error}; CVAE_CACHE_DIR sets another directory for it"
        ) from error
    if arrays is None:
        raise CacheError(
            f"{base / content_id} fails its checksums directly after writing: is the disk failing?"
        )
    return arrays, content_id


def _states(groups: Mapping[str, Sequence[Path]]) -> Iterator[bytes]:
    for name, paths in groups.items():
        yield name.encode()
        for path in paths:
            with image_errors(path):
                state = path.stat()
            yield f"{path.absolute()}\0{state.st_size}\0{state.st_mtime_ns}".encode()


def _contents(groups: Mapping[str, Sequence[Path]]) -> Iterator[bytes]:
    for name, paths in groups.items():
        yield name.encode()
        for path in paths:
            with image_errors(path):
                content = path.read_bytes()
            yield hashlib.sha256(content).digest()


@contextlib.contextmanager
def image_errors(path: Path) -> Iterator[None]:
    """Turn what an image that is missing, damaged or far too large raises into a `DataError`."""
    try:
        yield
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise DataError(f"{path} is not a readable image: {error}") from error


def _hash(parts: Iterator[bytes], size: str) -> str:
    digest = hashlib.sha256(size.encode())
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()[:16]


def _read_note(path: Path) -> str | None:
    try:
        _refuse_planted(path)
        content_id = json.loads(path.read_text(encoding="utf-8"))["content"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    is_id = isinstance(content_id, str) and _CONTENT_ID.fullmatch(content_id)  # and no path out of here
    return content_id if is_id else None


def _write_note(path: Path, content_id: str) -> None:
    with tempfile.NamedTemporaryFile("w", dir=path.parent, suffix=".tmp", delete=False) as temporary:
        temporary.write(json.dumps({"content": content_id}))
    Path(temporary.name).replace(path)


def _refuse_planted(path: Path) -> None:
    """Raise `PermissionError` where anybody may write beside `path`, and it does not belong to this user alone."""
    if not path.parent.stat().st_mode & stat.S_IWOTH:
        return
    state = path.lstat()
    if stat.S_ISLNK(state.st_mode) or state.st_uid != os.geteuid() or state.st_mode & stat.S_IWOTH:
        raise PermissionError(f"{path} may be another user's")


def _open(directory: Path, groups: Mapping[str, Sequence[Path]], height: int, width: int) -> Arrays | None:
    """The arrays, or None if one is missing or not as it was written."""
    try:
        _refuse_planted(directory)
        checksums: dict[str, Any] = json.loads((directory / "checksums.json").read_text(encoding="utf-8"))
        arrays = {name: np.load(directory / f"{name}.npy", mmap_mode="r") for name in groups}
    except (OSError, ValueError, EOFError):
        return None
    for name, paths in groups.items():
        array = arrays[name]
        if array.shape != (len(paths), 3, height, width) or zlib.crc32(array.data) != checksums.get(name):
            return None
    return arrays


def _build(
    directory: Path,
    groups: Mapping[str, Sequence[Path]],
    decode: Callable[[str, NDArray[np.uint8]], None],
    height: int,
    width: int,
) -> None:
    unfinished = Path(tempfile.mkdtemp(dir=directory.parent, prefix=f".{directory.name}."))
    try:
        checksums = {}
        for name, paths in groups.items():
            array = np.lib.format.open_memmap(
                unfinished / f"{name}.npy", mode="w+", dtype=np.uint8, shape=(len(paths), 3, height, width)
            )
            decode(name, array)
            array.flush()
            checksums[name] = zlib.crc32(array.data)
        (unfinished / "checksums.json").write_text(json.dumps(checksums), encoding="utf-8")
        if directory.is_symlink():
            directory.unlink()
        elif directory.exists():
            shutil.rmtree(directory)  # damaged; a process that has it mapped keeps its mapping
        unfinished.replace(directory)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
