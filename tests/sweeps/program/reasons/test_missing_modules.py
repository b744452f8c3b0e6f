"""A module of the project that was not found: the hint, by what Python says of it."""

import os
import subprocess
import sys

import pytest

from sweeps.program.reasons.last_words import reason_of
from sweeps.program.reasons.missing_modules import hint
from tests.folders import write_files


@pytest.fixture
def failed(tmp_path, monkeypatch):
    """The hint where a command fails in a folder with a package, and one below another folder."""
    monkeypatch.chdir(tmp_path)
    files = {
        "lab/__init__.py": "",
        "lab/train.py": "from lab.data import A\n",
        "lab/relative.py": "from .data import A\n",
        "lab/data.py": "A = 1\n",
        "src/own/__init__.py": "",
        "tools/run.py": "import own, sys\n",
        "tools/here.py": "import lab\n",
        "other.py": "import of_nobody\n",
        "typo.py": "import lab.date\n",
        ".hidden/of_nobody.py": "",
        "env/pyvenv.cfg": "",
        "env/of_nobody.py": "",
        "outputs/of_nobody/data.csv": "",
    }
    write_files(tmp_path, files)

    def make(*words):
        env = {name: text for name, text in os.environ.items() if name != "PYTHONPATH"}
        done = subprocess.run([sys.executable, *words], capture_output=True, text=True, check=False, env=env)
        assert done.returncode == 1
        return hint(reason_of(done.stderr), ("python", *words), tmp_path)

    return make


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (
            ("lab/train.py",),
            "; lab is the script's own package: write `-m, lab.train` in place of the file in `command:`",
        ),
        (
            ("lab/relative.py",),
            "; lab is the script's own package: write `-m, lab.relative` in place of the file in `command:`",
        ),
        (
            ("tools/run.py",),
            "; own lies in src/: if it is meant, `env: {PYTHONPATH: src}` below `trainer:` has Python find it",
        ),
        (
            ("-m", "own"),
            "; own lies in src/: if it is meant, `env: {PYTHONPATH: src}` below `trainer:` has Python find it",
        ),
        (
            ("-m", "own.train"),
            "; own lies in src/: if it is meant, `env: {PYTHONPATH: src}` below `trainer:` has Python find it",
        ),
        (
            ("tools/here.py",),
            "; lab lies here: if it is meant, `env: {PYTHONPATH: .}` below `trainer:` has Python find it",
        ),
        (("other.py",), ""),
        (("typo.py",), ""),
        (("-m", "of_nobody"), ""),
    ],
)
def test_a_module_that_lies_in_the_project_is_said_to_with_what_has_it_found(failed, words, told):
    assert failed(*words) == told


def test_other_reasons_have_no_hint(tmp_path):
    assert hint("ValueError: lab", ("python", "train.py"), tmp_path) == ""
