"""Folders and files that other users may have written."""

import os

import pytest

from analysis.read.ownership import everybody_writes, is_own


@pytest.fixture
def someone_else(monkeypatch):
    """Ask as another user than the one who made the files."""
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)


@pytest.mark.parametrize(
    ("mode", "open_to_all"), [(0o700, False), (0o755, False), (0o775, False), (0o777, True)]
)
def test_a_folder_in_which_everybody_may_write_is_known_by_its_mode(tmp_path, mode, open_to_all):
    tmp_path.chmod(mode)
    assert everybody_writes(tmp_path) is open_to_all


@pytest.mark.parametrize(("parent", "planted"), [(0o755, False), (0o1777, True)])
def test_a_folder_that_somebody_else_made_counts_where_everybody_could_make_it(
    tmp_path, someone_else, parent, planted
):
    tmp_path.chmod(parent)
    (tmp_path / "cache").mkdir()
    assert everybody_writes(tmp_path / "cache") is planted


def test_a_file_is_own_by_its_owner_and_mode_and_a_link_never_is(tmp_path, monkeypatch):
    file = tmp_path / "file"
    file.touch(0o644)
    (tmp_path / "link").symlink_to(file)
    assert is_own(file)
    assert not is_own(tmp_path / "link")
    file.chmod(0o666)
    assert not is_own(file)
    file.chmod(0o644)
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    assert not is_own(file)
