"""How what is typed for a script is started."""

import pytest

from sweeps.authoring.start import Start, start_of
from sweeps.errors import ScriptError
from tests.folders import write_files


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PYTHONPATH", raising=False)
    files = {
        "train.py": "",
        "lab/__init__.py": "",
        "lab/__main__.py": "from lab.data import A\n",
        "lab/data.py": "",
        "src/own/__init__.py": "",
        "src/own/train.py": "from .data import A\n",
    }
    write_files(tmp_path, files)
    return tmp_path


def test_a_script_a_folder_and_a_module_are_told_apart(here, monkeypatch):
    path = type(here)
    assert start_of(path("train.py")) == Start(path("train.py"))
    main = path("lab/__main__.py")
    assert start_of(main) == Start(main, module="lab")
    assert start_of(path("lab")) == Start(main, "lab", "lab")
    assert start_of(path("lab"), is_module=True) == Start(main, "-m lab", "lab", needs_module=True)
    own = path("src/own/train.py")
    assert start_of(own) == Start(own, "", "own.train", "src", needs_module=True)
    monkeypatch.setenv("PYTHONPATH", "src")
    assert start_of(own) == Start(own, "", "own.train", needs_module=True)
    assert start_of(path("own.train"), is_module=True) == Start(
        own, "-m own.train", "own.train", needs_module=True
    )


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        (
            "lap",
            "-m lap: there is no such module here, on PYTHONPATH or among the installed packages; did you mean 'lab'",
        ),
        ("lab.date", "did you mean 'data'"),
        ("src.own", "-m src.own: the package has no __main__.py, so that `-m` cannot run it"),
        ("lab/train.py", "behind -m stands the name of a module, as lab.train; for a file leave out -m"),
    ],
)
def test_what_is_no_module_is_told_with_what_to_write(here, typed, told):
    with pytest.raises(ScriptError) as raised:
        start_of(type(here)(typed), is_module=True)
    assert told in str(raised.value)
