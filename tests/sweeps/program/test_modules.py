"""Which module a script is, and which file a module: real files, nothing of them imported."""

import subprocess
import sys

import pytest

from sweeps.program.modules import file_of_module, module_of_script, tree_of
from tests.folders import write_files


@pytest.fixture
def here(tmp_path, monkeypatch):
    """Write files of these texts into a folder."""
    monkeypatch.chdir(tmp_path)

    def make(files):
        write_files(tmp_path, files)
        return tmp_path

    return make


PACKAGE = {"lab/__init__.py": "", "lab/data.py": "A = 1\n"}
INNER = {**PACKAGE, "lab/train/__init__.py": "", "lab/train/more.py": ""}
PLAIN = {"lab/data.py": "A = 1\n"}


@pytest.mark.parametrize(
    ("files", "script", "text", "name", "base"),
    [
        (PACKAGE, "lab/train.py", "from lab.data import A\n", "lab.train", "."),
        (PACKAGE, "lab/train.py", "import lab.data\n", "lab.train", "."),
        (PACKAGE, "lab/train.py", "def main():\n    from .data import A\n", "lab.train", "."),
        (PACKAGE, "lab/__main__.py", "from lab import data\n", "lab", "."),
        (PACKAGE, "lab/__main__.py", "import json\n", "lab", "."),
        (INNER, "lab/train/one.py", "from ..data import A\n", "lab.train.one", "."),
        (INNER, "lab/train/__main__.py", "from .more import *\n", "lab.train", "."),
        (PLAIN, "lab/train.py", "from lab.data import A\n", "lab.train", "."),
        (PLAIN, "lab/train.py", "from . import data\n", "lab.train", "."),
        (PLAIN, "lab/__main__.py", "from lab import data\n", "lab", "."),
        (
            {f"src/{name}": text for name, text in PACKAGE.items()},
            "src/lab/train.py",
            "from lab.data import A\n",
            "lab.train",
            "src",
        ),
    ],
)
def test_a_script_that_imports_from_its_own_package_is_a_module_of_it(here, files, script, text, name, base):
    folder = here({**files, script: text})
    found = module_of_script(folder / script)
    assert (found.name, found.base) == (name, folder / base)
    command = [sys.executable, "-m", name]
    done = subprocess.run(command, cwd=folder / base, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert file_of_module(name, [folder / "nowhere", folder / base]) == (folder / script, folder / base)


@pytest.mark.parametrize(
    ("files", "script", "text"),
    [
        (PACKAGE, "lab/train.py", "from data import A\n"),
        (PACKAGE, "lab/train.py", "import json\n"),
        (PACKAGE, "lab/__main__.py", "from data import A\n"),
        (PACKAGE, "lab/train.py", "import sys\nsys.path.append('.')\nfrom lab.data import A\n"),
        (
            PACKAGE,
            "lab/train.py",
            "try:\n    from .data import A\nexcept ImportError:\n    from data import A\n",
        ),
        (PACKAGE, "lab/train.py", "if TYPE_CHECKING:\n    from lab.data import A\nimport json\n"),
        ({"torch/data.csv": ""}, "torch/train.py", "from torch import nn\n"),
        ({}, "train.py", "import json\n"),
        ({}, "__main__.py", "import json\n"),
        ({}, "train.py", "from lab.data import (\n"),
        (
            {"lab/lab/__init__.py": "", "lab/data/make.py": ""},
            "lab/tools/train.py",
            "from lab.data import A\n",
        ),
    ],
)
def test_any_other_script_is_run_by_its_path(here, files, script, text):
    assert module_of_script(here({**files, script: text}) / script) is None


def test_a_relative_import_is_told_before_another(here):
    found = module_of_script(
        here({**PACKAGE, "lab/one.py": "import lab.data\nfrom .data import A\n"}) / "lab/one.py"
    )
    assert (found.own_import, found.is_relative) == ("from .data import", True)
    found = module_of_script(here({"lab/one.py": "import lab.data\n"}) / "lab/one.py")
    assert (found.own_import, found.is_relative) == ("import lab.data", False)


def test_a_module_is_found_as_python_finds_it(here):
    folder = here({**PACKAGE, "lab.py": "", "b/lab.py": "", "c/lab/__main__.py": "", "d/lab.py": ""})
    assert file_of_module("lab", [folder, folder / "b"]) is None  # the package is first, and has no __main__
    assert file_of_module("lab", [folder / "c", folder / "d"]) == (folder / "d/lab.py", folder / "d")
    assert file_of_module("lab", [folder / "c"]) == (folder / "c/lab/__main__.py", folder / "c")


def test_a_text_is_parsed_once_and_without_the_warnings_of_its_code(recwarn):
    text = "x = '\\d'\nassert (x, 'never fails')\n"
    assert tree_of(text) is tree_of(text)
    assert not recwarn.list


def test_a_script_in_another_encoding_that_imports_from_its_own_package_is_a_module(tmp_path):
    (tmp_path / "lab").mkdir()
    (tmp_path / "lab" / "__init__.py").write_text("")
    (tmp_path / "lab" / "data.py").write_text("")
    script = tmp_path / "lab" / "train.py"
    script.write_bytes("# coding: latin-1\r\nname = 'é'\r\nfrom lab.data import x\r\n".encode("latin-1"))
    assert module_of_script(script).name == "lab.train"


@pytest.mark.parametrize("name", ["x" * 300, f"lab.{'x' * 300}"])
def test_a_name_that_is_too_long_for_a_file_is_no_module(tmp_path, name):
    assert file_of_module(name, [tmp_path]) is None
