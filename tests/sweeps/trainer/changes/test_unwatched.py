"""Where it is noted that nobody would notice an edit of the program."""

import pytest

from sweeps.trainer.changes.unwatched import unwatched
from tests.sweeps.repositories import commit
from tests.sweeps.specs import read, run_sweep


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("train.py", "sim.jl", "run.sh", "program", "c.yaml"):
        (tmp_path / name).write_text("a: 1\n")
    return tmp_path


def notes(here, command, more=""):
    head = f"trainer: {{command: {command}{more}}}\n"
    return [str(note) for note in unwatched(read(here, "sweeps: {a: {set: {x: 1}}}\n", head=head).trainer)]


@pytest.mark.parametrize(
    "command",
    [
        "[python, train.py]",
        "[sh, -c, 'python train.py \"$@\"']",
        "[bash, run.sh]",
        "[julia, sim.jl]",
        "[sh, -c, 'julia sim.jl']",
        "[./program, '{args}']",
        "[python, -c, 'print(1)']",
    ],
)
def test_a_program_that_is_named_or_is_code_of_the_command_needs_no_note(here, command):
    assert notes(here, command) == []


@pytest.mark.parametrize(
    ("command", "remedy"),
    [("[sh, -c, '$PROGRAM \"$@\"']", "as a word behind it: [sh, -c,"), ("[toy, --x, '{x}']", "such as ./program")],
)  # fmt: skip
def test_where_no_file_and_no_commit_is_known_a_note_says_how_to_name_one(here, command, remedy):
    (note,) = notes(here, command)
    assert "changes of the program's code will not be noticed; " in note
    assert remedy in note
    commit(here, "init", "--quiet")
    assert notes(here, command) == []


def test_a_long_text_of_a_shell_is_no_file(here):
    assert len(notes(here, f"[sh, -c, '{'$PROGRAM; ' * 60}']")) == 1


def test_the_config_file_alone_tells_nothing_of_the_program(here):
    assert len(notes(here, "[toy, c.yaml]", ", config_file: c.yaml")) == 1


def test_check_says_it_as_a_note(here):
    (here / "e.yaml").write_text(
        "trainer: {command: [sh, -c, 'true \"$@\"', '{x}']}\nsweeps: {a: {grid: {x: [1, 2]}}}\n"
    )
    done = run_sweep("check", "e.yaml")
    assert done.code == 0
    assert "e.yaml:1:21: note: trainer.command: it names no file that is here" in done.out
