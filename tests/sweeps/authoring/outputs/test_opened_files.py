"""Which files a Python program opens to read."""

import os
import subprocess
import sys

from sweeps.authoring.outputs.opened_files import noting, opened


def test_what_is_read_is_noted_once_and_what_is_written_is_not(tmp_path):
    (tmp_path / "a.txt").write_text("a")
    own = tmp_path / "own"
    own.mkdir()
    (own / "mine.py").write_text("")
    text = "import mine\nfor _ in 'ab': open('a.txt').read()\nopen('b.txt', 'w').close()\n"
    env = {**os.environ, **noting(tmp_path, str(own))}
    subprocess.run([sys.executable, "-c", text], check=True, cwd=tmp_path, env=env)
    noted = list(opened(tmp_path))
    assert noted.count(str(tmp_path / "a.txt")) == 1
    assert str(tmp_path / "b.txt") not in noted


def test_of_another_program_nothing_is_noted(tmp_path):
    noting(tmp_path, "")
    assert list(opened(tmp_path)) == []
