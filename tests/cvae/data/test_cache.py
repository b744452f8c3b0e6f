import json
import multiprocessing
import os
import shutil
import zlib
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import pytest
from PIL import Image

from cvae.data import folder as folder_module
from cvae.data.cache import cache_directory
from cvae.data.folder import read_folder
from cvae.errors import CacheError


def read(root, height=8, width=10):
    return read_folder(str(root), height=height, width=width)


@pytest.fixture
def decoded(monkeypatch):
    """The images that were decoded since the test began."""
    paths = []
    original = folder_module.read_image

    def read_image(path, **options):
        paths.append(path)
        return original(path, **options)

    monkeypatch.setattr(folder_module, "read_image", read_image)
    return paths


def test_a_second_reading_decodes_nothing_and_maps_memory(folder, decoded):
    first = read(folder)
    assert len(decoded) == 2 * (12 + 6)
    second = read(folder)
    assert len(decoded) == 2 * (12 + 6)
    assert isinstance(second.train.frames_TCHW, np.memmap)
    assert np.array_equal(first.train.frames_TCHW, second.train.frames_TCHW)
    assert first.content_id == second.content_id


def test_equal_content_elsewhere_is_the_same_data(folder, decoded, tmp_path):
    copy = shutil.copytree(folder, tmp_path / "copy", copy_function=shutil.copyfile)
    assert read(folder).content_id == read(copy).content_id
    assert len(decoded) == 2 * (12 + 6)


def test_another_size_or_another_pixel_is_other_data(folder):
    ids = {read(folder).content_id, read(folder, height=4).content_id}
    Image.new("RGB", (10, 8)).save(folder / "val/val_img/0.png")
    changed = read(folder)
    assert len(ids | {changed.content_id}) == 3
    assert changed.val.frames_TCHW[0].max() == 0


@pytest.mark.parametrize("damage", ["flip", "truncate", "remove", "no checksums", "not json"])
def test_a_damaged_cache_is_made_anew(folder, cache_dir, decoded, damage):
    first = read(folder)
    expected = np.array(first.train.labels_TCHW)
    entry = cache_dir / first.content_id
    array = entry / "train-labels.npy"
    content = bytearray(array.read_bytes())
    if damage == "flip":
        content[-1] ^= 1
        array.unlink()
        array.write_bytes(content)
    elif damage == "truncate":
        array.unlink()
        array.write_bytes(content[:-7])
    elif damage == "remove":
        array.unlink()
    elif damage == "no checksums":
        (entry / "checksums.json").unlink()
    else:
        (entry / "checksums.json").write_text("{")
    decoded.clear()
    assert np.array_equal(read(folder).train.labels_TCHW, expected)
    assert len(decoded) == 2 * (12 + 6)


@pytest.mark.parametrize("way", ["link", "open to all"])
def test_where_everybody_may_write_an_entry_that_may_be_anothers_is_made_anew(
    folder, cache_dir, decoded, tmp_path, way
):
    first = read(folder)
    expected = np.array(first.train.labels_TCHW)
    entry = cache_dir / first.content_id
    cache_dir.chmod(0o777)
    read(folder)
    assert len(decoded) == 2 * (12 + 6)
    array = np.load(entry / "train-labels.npy")
    (entry / "train-labels.npy").unlink()
    np.save(entry / "train-labels.npy", np.zeros_like(array))
    checksums = json.loads((entry / "checksums.json").read_text())
    checksums["train-labels"] = zlib.crc32(np.zeros_like(array).data)
    (entry / "checksums.json").write_text(json.dumps(checksums))
    assert not read(folder).train.labels_TCHW.any()  # a poisoned entry, as its owner could make one
    if way == "link":
        entry.rename(tmp_path / "planted")
        entry.symlink_to(tmp_path / "planted")
    else:
        entry.chmod(0o777)
    assert np.array_equal(read(folder).train.labels_TCHW, expected)
    assert not entry.is_symlink()


@pytest.mark.parametrize("content", ["../planted", "/etc", "0123456789abcdeF", 5])
def test_a_note_that_names_no_content_is_written_anew(folder, cache_dir, content):
    content_id = read(folder).content_id
    (note,) = cache_dir.glob("*.json")
    note.write_text(json.dumps({"content": content}))
    assert read(folder).content_id == content_id


def test_a_decoding_that_fails_leaves_nothing_behind(folder, cache_dir):
    (folder / "val/val_label/5.png").write_bytes(b"no image")
    with pytest.raises(folder_module.DataError):
        read(folder)
    assert [path for path in cache_dir.iterdir() if path.is_dir()] == []


def test_processes_that_read_at_once_share_one_entry(folder, cache_dir):
    # Not multiprocessing's pool, which ends its workers by a signal, in the middle of whatever they do.
    with ProcessPoolExecutor(3, multiprocessing.get_context("fork")) as pool:
        ids = list(pool.map(content_id_of, [str(folder)] * 6))
    assert len(set(ids)) == 1
    assert [path.name for path in cache_dir.iterdir() if path.is_dir()] == [ids[0]]


def content_id_of(root):
    return read(root).content_id


def test_a_cache_that_cannot_be_written_is_a_clear_error(folder, tmp_path, monkeypatch):
    blocked = tmp_path / "file"
    blocked.write_text("not a directory")
    monkeypatch.setenv("CVAE_CACHE_DIR", str(blocked / "below"))
    with pytest.raises(CacheError, match="CVAE_CACHE_DIR sets another directory"):
        read(folder)


def test_the_cache_lies_in_the_users_cache_directory_unless_the_environment_names_another(
    monkeypatch, tmp_path
):
    monkeypatch.delenv("CVAE_CACHE_DIR")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_directory() == tmp_path / "cvae"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert cache_directory().parts[-2:] == (".cache", "cvae")
    monkeypatch.setenv("CVAE_CACHE_DIR", os.fspath(tmp_path / "own"))
    assert cache_directory() == tmp_path / "own"
