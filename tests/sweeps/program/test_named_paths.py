import pytest

from sweeps.program.named_paths import is_file, is_folder, is_there
from tests.sweeps.specs import run_sweep


@pytest.mark.parametrize("text", ["word " * 60, "a/" * 3000, "none"])
def test_a_text_that_no_file_can_be_called_is_none(tmp_path, text):
    assert not is_file(tmp_path / text)
    assert not is_folder(tmp_path / text)
    assert not is_there(tmp_path / text)


def test_files_and_folders_are_told_apart(tmp_path):
    (tmp_path / "a").touch()
    assert (is_file(tmp_path / "a"), is_folder(tmp_path / "a")) == (True, False)
    assert (is_file(tmp_path), is_folder(tmp_path)) == (False, True)
    assert is_there(tmp_path)
    assert is_there(tmp_path / "a")


@pytest.mark.parametrize(
    ("trainer", "told"),
    [
        ("command: [python, LONG.py, '{lr}']", "trainer.command: there is no script 'LONG.py'"),
        ("command: [LONG, '{lr}']", "trainer.command: there is no program 'LONG' on the PATH or here"),
        ("command: [./LONG, '{lr}']", "trainer.command: there is no program './LONG' on the PATH or here"),
        ("command: [python, -m, LONG, '{lr}']", "trainer.command: there is no module LONG"),
        ("command: [python, '{lr}'], python: LONG", "trainer.python: there is no program 'LONG' on the PATH"),
        ("command: [python, '{lr}'], python: ./LONG", "trainer.python: there is no "),
        ("command: [python, '{lr}'], cwd: LONG", "trainer.cwd: there is no folder LONG"),
        ("command: [python, '{lr}'], cwd: '{run_dir}', link: [LONG]", "trainer.link: there is no LONG in"),
    ],
)
def test_what_the_file_names_and_no_file_can_be_called_is_told_with_its_place(
    tmp_path, monkeypatch, trainer, told
):
    monkeypatch.chdir(tmp_path)
    text = f"trainer: {{{trainer}}}\nsweeps: {{a: {{grid: {{lr: [1]}}}}}}\n"
    (tmp_path / "e.yaml").write_text(text.replace("LONG", "x" * 300))
    done = run_sweep("check", "e.yaml")
    assert done.code == 2
    assert done.err.replace("x" * 300, "LONG").startswith("e.yaml:1:")
    assert told in done.err.replace("x" * 300, "LONG")
