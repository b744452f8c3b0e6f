"""Which words, scripts and modules a shell that a command starts is told."""

import os

import pytest

from sweeps.trainer.words.shell_texts import shell_texts


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("train.py", "prep.py", "sub/inner.py", "sub/run.sh", "pkg/__init__.py", "it's.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
    return tmp_path


def scripts(here, *command):
    return [str(path.relative_to(here)) for text in shell_texts(command) for path in text.scripts()]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('python train.py "$@" && cat out.dat', ["train.py"]),
        ("python prep.py;python ./train.py --x {x} {{y}}", ["prep.py", "train.py"]),
        ("cd sub && exec python inner.py", ["sub/inner.py"]),
        ('python "$HERE/sub/inner.py" ${ROOT}/train.py "$(dirname "$0")"/prep.py', ["sub/inner.py", "train.py", "prep.py"]),
        ("# python prep.py isn't run\npython -u \\\n  train.py", ["train.py"]),
        ("cat <<X\nit's\nX\npython train.py", ["train.py"]),
        ("python \"it's.py\" > train.py 2>>prep.py", ["it's.py"]),
        ("python /usr/nowhere.py nowhere.py ../x.py", []),
    ],
)  # fmt: skip
def test_a_text_names_scripts_below_the_working_directory(here, text, expected):
    assert scripts(here, "sh", "-c", text) == expected


def test_a_script_of_a_shell_and_one_that_a_text_names_are_read_and_no_further_ones(here):
    (here / "sub/run.sh").write_text('HERE=$(dirname "$0")\npython $HERE/inner.py "$@"\nsh deeper.sh\n')
    (here / "deeper.sh").write_text("python train.py\n")
    for command in (
        ["bash", "-e", "sub/run.sh"],
        ["srun", "-n2", "sub/run.sh"],
        ["nice", "sh", "sub/run.sh", "{args}"],
    ):
        assert scripts(here, *command) == ["sub/inner.py", "deeper.sh"]
    assert scripts(here, "sh", "-c", "bash sub/run.sh") == ["sub/run.sh", "sub/inner.py", "deeper.sh"]
    (here / "start").write_text("#!/usr/bin/env bash\npython train.py\n")
    assert scripts(here, "./start", "{args}") == ["train.py"]
    assert [text.file for text in shell_texts(["./start"])] == [here / "start"]


def test_modules_are_looked_for_where_a_shell_goes_and_where_it_says(here):
    text = 'cd sub; export PYTHONPATH="lib:$PWD/more:$PYTHONPATH"; python -m pkg.train'
    (told,) = shell_texts(["bash", "-c", text])
    names = [os.path.relpath(place, here) for place in told.module_places]
    assert names == [".", "sub", "lib", "sub/lib", "more", "sub/more"]
    (here / "sub/run.sh").write_text("python -m pkg.train\n")
    (told,) = shell_texts(["sh", "sub/run.sh"])
    assert told.module_places == [here, here / "sub"]


@pytest.mark.parametrize(
    "command", [[], ["python", "train.py", "sub/run.sh"], ["python", "-c", "x"], ["toy"], ["sh", "nowhere.sh"], ["sh", "sub"]]
)  # fmt: skip
def test_without_a_shell_there_is_no_text(here, command):
    assert shell_texts(command) == []


def test_what_is_no_text_is_not_read(here):
    (here / "run.sh").write_bytes(b"\xff\xfe")
    assert shell_texts(["sh", "run.sh"]) == []


def test_the_words_of_a_script_are_those_that_it_has_now(here):
    script = here / "run.sh"
    script.write_text("python train.py\n")
    assert scripts(here, "sh", "run.sh") == ["train.py"]
    script.write_text("python prep.py\n")
    assert scripts(here, "sh", "run.sh") == ["prep.py"]
