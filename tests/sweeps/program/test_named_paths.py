import pytest

from sweeps.program.named_paths import is_file, is_folder


@pytest.mark.parametrize("text", ["word " * 60, "a/" * 3000, "none"])
def test_a_text_that_no_file_can_be_called_is_none(tmp_path, text):
    assert not is_file(tmp_path / text)
    assert not is_folder(tmp_path / text)


def test_files_and_folders_are_told_apart(tmp_path):
    (tmp_path / "a").touch()
    assert (is_file(tmp_path / "a"), is_folder(tmp_path / "a")) == (True, False)
    assert (is_file(tmp_path), is_folder(tmp_path)) == (False, True)
