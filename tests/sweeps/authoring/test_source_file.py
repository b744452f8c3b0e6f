import os

import pytest

from sweeps.authoring.source_file import MOST_BYTES, read_source
from sweeps.errors import ScriptError

DEEP = "x = " + "[" * 5000 + "]" * 5000
UNARY = "x = " + "-" * 200_000 + "1"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"def f(:\n    pass\n", "t.py:1: is no Python 3"),
        (b"print 'hello'\n", "Python 2"),
        (b"# -*- coding: klingon -*-\nx = 1\n", "coding"),
        (b"x = 1\ny = '\xff\xfe'\n", "t.py:2: byte 0xff is no utf-8"),
        (b"x = 1\0\n", "is no"),
        (DEEP.encode(), "nested"),
        (UNARY.encode(), "nested too deeply"),
        (b"x" * (MOST_BYTES + 1), "is not read"),
        (b"x = 1\n\n'\xff'\n", "t.py:3: byte 0xff"),
        (b"\x7fELF" + bytes(MOST_BYTES), "is a compiled program"),
        (b"#!/usr/bin/env bash\necho\n", "is a script for bash"),
    ],
)
def test_what_is_no_python_is_told_with_its_place_and_a_remedy(tmp_path, content, told):
    path = tmp_path / "t.py"
    path.write_bytes(content)
    with pytest.raises(ScriptError, match=told):
        read_source(path)


def test_what_is_no_file_is_told_with_what_there_is(tmp_path):
    (tmp_path / "train.py").write_text("x = 1")
    with pytest.raises(ScriptError, match=r"directory, not a script; write .*train\.py"):
        read_source(tmp_path)
    with pytest.raises(ScriptError, match=r"there is no script .*did you mean 'train\.py'"):
        read_source(tmp_path / "trian.py")
    (tmp_path / "cells.ipynb").write_text("{}")
    with pytest.raises(ScriptError, match=r"is a notebook.*`sweep recipe a-notebook`"):
        read_source(tmp_path / "cells.ipynb")
    os.mkfifo(tmp_path / "pipe.py")
    with pytest.raises(ScriptError, match="no regular file"):
        read_source(tmp_path / "pipe.py")
    (tmp_path / "run.txt").write_text("for x in 1 2; do echo $x; done\n")
    with pytest.raises(ScriptError, match="is not Python"):
        read_source(tmp_path / "run.txt")


@pytest.mark.parametrize(
    ("name", "language"),
    [
        ("train.R", "R"),
        ("run.sh", "shell"),
        ("main.jl", "Julia"),
        ("md.cpp", r"C\+\+"),
        ("md.f90", "Fortran"),
    ],
)
def test_a_file_of_another_language_is_told_even_where_python_could_read_it(tmp_path, name, language):
    (tmp_path / name).write_text("x <- 3\n")
    with pytest.raises(ScriptError, match=f"a file of {language}, .* -- WORDS, or .*by hand") as caught:
        read_source(tmp_path / name)
    assert (f"`sweep import {tmp_path / name}`" in str(caught.value)) == (language == "shell")
    assert ("compile it" in str(caught.value)) == name.startswith("md.")


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("train", "/bin/env python3"),
        ("train", "/opt/conda/envs/a/bin/python3.11 -u"),
        ("train", "/usr/bin/env -S uv run --script"),
        ("train", " pypy3"),
        ("train.py", "/usr/bin/env torchrun"),
    ],
)
def test_a_first_line_that_names_python_is_no_other_language(tmp_path, name, line):
    (tmp_path / name).write_text(f"#!{line}\nx = 1\n")
    assert read_source(tmp_path / name).text.endswith("x = 1\n")


@pytest.mark.parametrize("line", ["/opt/my/bin/tool-x", "/usr/bin/env tool-x", "/opt/python/bin/tool-x -i"])
def test_a_first_line_that_names_anything_else_is_for_that_where_no_ending_says_python(tmp_path, line):
    (tmp_path / "train").write_text(f"#!{line}\nx = 1\n")
    with pytest.raises(ScriptError, match=r"is a script for tool-x, .* -- WORDS"):
        read_source(tmp_path / "train")


@pytest.mark.parametrize(
    "content",
    ["\ufeffx = 'é'\n".encode(), "# -*- coding: latin-1 -*-\nx = 'é'\n".encode("latin-1"), "x = 'é'\r\n".encode(), "x = 'é'\r".encode()],
)  # fmt: skip
def test_every_encoding_that_python_reads_is_read(tmp_path, content):
    (tmp_path / "t.py").write_bytes(content)
    assert "x = 'é'" in read_source(tmp_path / "t.py").text


def test_comments_behind_code_are_kept(tmp_path):
    (tmp_path / "t.py").write_text("x = 1  # why\n# alone\ny = 2  # noqa\nz = '#'\n")
    assert read_source(tmp_path / "t.py").comments == {1: "why"}
