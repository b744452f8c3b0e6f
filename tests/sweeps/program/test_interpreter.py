"""A Python that is not sweep's: found where the file names it, and asked what it has."""

import os
import sys
import venv
from pathlib import Path

import pytest

from sweeps.program.interpreter import Interpreter, ask, find


@pytest.fixture(scope="module")
def other(tmp_path_factory):
    """A virtual environment with a package of its own."""
    folder = tmp_path_factory.mktemp("other") / "env"
    venv.create(folder, symlinks=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    info = packages / "numpy-0.0.7.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Name: numpy\nVersion: 0.0.7\n")
    (packages / "torch").mkdir()
    (packages / "torch/version.py").write_text("__version__ = '2'\ncuda: str = '12.6'\n")
    return folder


def test_an_interpreter_is_named_by_its_file_by_its_environment_or_by_a_program_on_the_path(
    other, monkeypatch
):
    monkeypatch.setenv("PATH", str(other / "bin"))
    monkeypatch.chdir(other.parent)
    found = Interpreter(str(other / "bin/python"))
    assert [find(text) for text in (str(other), "env", "env/bin/python", "python")] == [found] * 4
    assert found.virtual_env == str(other)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nowhere", "there is no program 'nowhere' on the PATH, and no "),
        ("./nowhere", "there is no .*/nowhere; name an interpreter"),
        (".", "there is no .*/bin/python; name an interpreter"),
        ("./plain", "/plain may not be executed"),
    ],
)
def test_what_is_no_interpreter_is_said(tmp_path, monkeypatch, text, message):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "plain").touch(mode=0o644)
    with pytest.raises(LookupError, match=message):
        find(text)


def test_its_environment_is_as_after_activating_it_and_leads_to_no_other_python(other):
    ours = str(Path(sys.executable).parent)
    inherited = {"PATH": f"{ours}:/bin", "VIRTUAL_ENV": "/ours", "PYTHONHOME": "/x", "A": "1"}
    found = find(str(other)).environment(inherited)
    assert found == {"PATH": f"{other}/bin:/bin", "VIRTUAL_ENV": str(other), "A": "1"}


def test_python_in_a_command_is_this_one_and_other_programs_stay():
    python = Interpreter("/other/bin/python3.9")
    assert python.command(("python", "x.py", "python")) == ("/other/bin/python3.9", "x.py", "python")
    assert python.command(("torchrun", "x.py")) == ("torchrun", "x.py")


def test_it_says_its_version_and_its_packages_not_those_of_ours(other, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
    found = ask(find(str(other)), ("numpy", "mlflow"))
    assert found["numpy"] == "0.0.7"
    assert found["cuda"] == "12.6"
    assert "mlflow" not in found
    assert found["python"].count(".") == 2


def test_one_that_does_not_answer_is_recorded_as_that(tmp_path):
    (tmp_path / "python").write_text("#!/bin/sh\nexit 3\n")
    (tmp_path / "python").chmod(0o755)
    assert ask(Interpreter(f"{tmp_path}/python"), ()) == {"python": f"{tmp_path}/python does not say"}
