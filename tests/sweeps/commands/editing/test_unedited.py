"""A file that nobody edited since it was written: every edit shows."""

import pytest

from sweeps.commands.editing.unedited import is_unedited, signed

TEXT = "# one\n# two\nexperiment: a\n# three\ntrainer: b\n"


def test_the_digest_is_a_line_of_the_comments_at_the_top():
    lines = signed(TEXT).splitlines()
    assert [*lines[:2], *lines[3:]] == TEXT.splitlines()
    assert lines[2].startswith("# While this is its digest, nobody edited it")
    assert signed("# only\n").count("\n") == 2


@pytest.mark.parametrize(
    "edit",
    [
        lambda text: text.replace("experiment: a", "experiment: c"),
        lambda text: text + "\n",
        lambda text: text.replace("# one", "# one "),
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("anew: ", "anew: 0"),
        lambda text: "".join(line for line in text.splitlines(keepends=True) if "digest" not in line),
        lambda text: text + next(line for line in text.splitlines(keepends=True) if "digest" in line),
        lambda _: "",
    ],
)
def test_every_edit_shows(tmp_path, edit):
    path = tmp_path / "e.yaml"
    path.write_bytes(signed(TEXT).encode())
    assert is_unedited(path)
    path.write_bytes(edit(signed(TEXT)).encode())
    assert not is_unedited(path)


def test_what_is_no_such_file_is_not(tmp_path):
    (tmp_path / "bytes").write_bytes(b"\xff")
    assert not any(map(is_unedited, [tmp_path, tmp_path / "none", tmp_path / "bytes"]))
