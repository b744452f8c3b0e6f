import errno
import os
import shutil
from pathlib import Path

import pytest

from sweeps.disk.removal import Trash


@pytest.fixture
def trash(tmp_path):
    return Trash(tmp_path / "trash")


def written(path, content=b"12345"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def test_a_file_and_a_folder_go_and_their_bytes_are_counted(tmp_path, trash):
    file = written(tmp_path / "one")
    written(tmp_path / "folder" / "in" / "two")
    (tmp_path / "folder" / "link").symlink_to(file)
    assert trash.remove(tmp_path / "folder") == 5
    assert file.exists()
    assert trash.remove(file) == 5
    assert trash.remove(file) == 0
    assert sorted(tmp_path.rglob("*")) == [tmp_path / "trash"]


def test_a_link_to_a_folder_goes_without_what_it_leads_to(tmp_path, trash):
    kept = written(tmp_path / "kept" / "one")
    (tmp_path / "link").symlink_to(kept.parent)
    assert trash.remove(tmp_path / "link") == 0
    assert kept.exists()


def test_a_file_with_another_name_frees_nothing(tmp_path, trash):
    os.link(written(tmp_path / "folder" / "one"), tmp_path / "other")
    assert trash.remove(tmp_path / "folder") == 0
    assert (tmp_path / "other").read_bytes() == b"12345"


def test_a_folder_on_another_disk_is_taken_apart_where_it_is(tmp_path, trash, monkeypatch):
    written(tmp_path / "folder" / "one")

    def refuse(*_):
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    monkeypatch.setattr(Path, "rename", refuse)
    assert trash.remove(tmp_path / "folder") == 5
    assert not (tmp_path / "folder").exists()


def test_a_folder_is_put_back_where_somebody_needs_it_after_all(tmp_path, trash):
    one = written(tmp_path / "folder" / "one")
    assert trash.remove(tmp_path / "folder", unless=lambda: not one.exists()) == 0
    assert one.exists()
    assert trash.remove(tmp_path / "folder", unless=lambda: bool(written(one, b"1"))) == 0
    assert one.read_bytes() == b"1"  # made anew meanwhile: the new one stays


def test_two_copies_become_one_file_that_nobody_writes_into(tmp_path, trash):
    copy, original = written(tmp_path / "copy"), written(tmp_path / "original")
    assert trash.make_one(copy, original) == 5
    assert copy.samefile(original)
    assert copy.stat().st_mode & 0o222 == 0
    assert trash.make_one(copy, original) == 0
    assert list(trash.folder.iterdir()) == []


def test_a_copy_that_has_another_name_frees_nothing(tmp_path, trash):
    copy, original = written(tmp_path / "copy"), written(tmp_path / "original")
    os.link(copy, tmp_path / "other")
    assert trash.make_one(copy, original) == 0
    assert trash.make_one(tmp_path / "other", original) == 5


def test_copies_that_become_one_have_the_time_of_the_copy_and_a_refused_link_changes_nothing(
    tmp_path, trash, monkeypatch
):
    copy, original = written(tmp_path / "copy"), written(tmp_path / "original")
    os.utime(copy, ns=(5, 7_000_000_000))
    for call in ("link", "utime"):
        with monkeypatch.context() as patched:
            patched.setattr(os, call, refuse)
            with pytest.raises(PermissionError):
                trash.make_one(copy, original)
        assert original.stat().st_mode & 0o200
        assert list(trash.folder.iterdir()) == []
    trash.make_one(copy, original)
    assert copy.stat().st_mtime_ns == 7_000_000_000


def refuse(*_, **__):
    raise PermissionError(1, "Operation not permitted")


def test_a_folder_that_another_one_takes_apart_too_is_gone_and_no_trouble(tmp_path, trash, monkeypatch):
    written(tmp_path / "folder" / "one")
    remove = shutil.rmtree

    def raced(path, *, ignore_errors=False):
        remove(path)
        if not ignore_errors:
            raise FileNotFoundError(path)

    monkeypatch.setattr(shutil, "rmtree", raced)
    assert trash.remove(tmp_path / "folder") == 5
    assert list(trash.folder.iterdir()) == []
