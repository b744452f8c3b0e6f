"""What a trainer may hand over: a file, wherever its link leads, and nothing that is none or never ends."""

import os
from pathlib import Path

import pytest

from sweeps.rundir.artifacts.file_copy import copy_file


def planted(folder, what):
    path = folder / "artifact"
    if what == "directory":
        path.mkdir()
    elif what == "pipe":
        os.mkfifo(path)
    elif what == "link to a device":
        path.symlink_to("/dev/zero")
    elif what == "link to a directory":
        path.symlink_to(folder)
    elif what == "link to itself":
        path.symlink_to(path)
    elif what == "link to nothing":
        path.symlink_to(folder / "missing")
    return path


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ("directory", "not a file that can be stored"),
        ("pipe", "not a file that can be stored"),
        ("link to a device", "not a file that can be stored"),
        ("link to a directory", "not a file that can be stored"),
        ("link to itself", "Too many levels"),
        ("link to nothing", "No such file"),
    ],
)
def test_what_is_no_file_is_refused_at_once_and_leaves_nothing(tmp_path, what, message):
    path = planted(tmp_path, what)
    with pytest.raises(OSError, match=message) as refused:
        copy_file(path, tmp_path / "copy")
    assert str(path) in str(refused.value)
    assert not (tmp_path / "copy").exists()


def test_a_link_to_a_file_gives_a_copy_of_the_file(tmp_path):
    (tmp_path / "file").write_bytes(b"content")
    (tmp_path / "link").symlink_to("file")
    copy_file(tmp_path / "link", tmp_path / "copy")
    assert not (tmp_path / "copy").is_symlink()
    assert (tmp_path / "copy").read_bytes() == b"content"


def test_what_is_put_in_its_place_while_it_is_copied_is_not_copied(tmp_path, monkeypatch):
    source, other = tmp_path / "file", tmp_path / "other"
    source.write_bytes(b"the file")
    other.write_bytes(b"another one")
    ask = os.fstat

    def swapped(number):
        state = ask(number)
        if Path(f"/dev/fd/{number}").resolve() == source.resolve():
            other.replace(source)
        return state

    monkeypatch.setattr(os, "fstat", swapped)
    copy_file(source, tmp_path / "copy")
    monkeypatch.undo()
    assert source.read_bytes() == b"another one"
    assert (tmp_path / "copy").read_bytes() == b"the file"


def test_no_file_is_left_open(tmp_path):
    def lowest_free():
        descriptor = os.open(os.devnull, os.O_RDONLY)
        os.close(descriptor)
        return descriptor

    (tmp_path / "file").write_text("x")
    before = lowest_free()
    copy_file(tmp_path / "file", tmp_path / "copy")
    with pytest.raises(OSError, match="not a file that can be stored"):
        copy_file(planted(tmp_path, "pipe"), tmp_path / "copy")
    assert lowest_free() == before
