"""A file that git does not track becomes a patch that `git apply` reads, whatever is in it and whatever it is called."""

import os
import subprocess

import pytest

from sweeps.trainer.untracked_patch import added

CONTENTS = {
    "text": b"A = 1\nB = 2\n",
    "one line": b"A = 1\n",
    "no newline at the end": b"A = 1\nB = 2",
    "empty": b"",
    "a newline alone": b"\n",
    "carriage returns": b"a\r\nb\rc\n",
    "form feeds": b"a\x0cb\n\x0c\nc\x1d\x1e\x85\n",
    "latin": b"Zo\xe9\n",
    "binary": bytes(range(256)) * 30,
    "a short binary": b"\0",
}
NAMES = [
    b"plain.py",
    b"with space.py",
    b"deep/er/x.py",
    b"caf\xe9.txt",
    "café.txt".encode(),
    b'q"u\\o\te\n.py',
]


def applied(folder, patch):
    (folder / "p.diff").write_bytes(patch)
    subprocess.run(["git", "init", "--quiet"], cwd=folder, check=True)  # noqa: S607 - the PATH's git
    subprocess.run(["git", "apply", "p.diff"], cwd=folder, check=True)  # noqa: S607


@pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS)
def test_every_content_comes_back(tmp_path, content):
    applied(tmp_path, added(b"x.py", content))
    assert (tmp_path / "x.py").read_bytes() == content


def test_every_name_and_mode_comes_back_from_one_patch(tmp_path):
    applied(tmp_path, b"".join(added(name, name + b"\n", executable=b"x" in name) for name in NAMES))
    for name in NAMES:
        path = tmp_path / os.fsdecode(name)
        assert path.read_bytes() == name + b"\n"
        assert bool(path.stat().st_mode & 0o100) == (b"x" in name)
