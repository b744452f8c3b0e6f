"""Which libraries of a trainer are imported before the fork, read from its sources alone."""

import shutil
import sys

import pytest

from sweeps.trainer.imports import HOME
from sweeps.trainer.libraries import safe_libraries
from tests.folders import write_files


@pytest.mark.parametrize(
    ("files", "module", "found"),
    [
        ({"tr.py": "import torch\nTABLE = torch.rand(3)\n"}, "tr", ["torch"]),
        ({"tr.py": "def train(config, run):\n    import numpy.random\n"}, "tr", ["numpy.random"]),
        ({"tr.py": "import models\n", "models.py": "from torch import nn\n"}, "tr", ["torch"]),
        ({"p/__init__.py": "import numpy\n", "p/tr.py": "raise SystemExit\n"}, "p.tr", ["numpy"]),
        (
            {"p/__init__.py": "", "p/tr.py": "from . import m\n", "p/m.py": "import PIL.Image\n"},
            "p.tr",
            ["PIL.Image"],
        ),
        ({"p/tr.py": "from .m import f\n", "p/m.py": "import scipy\n"}, "p.tr", ["scipy"]),
        ({"tr.py": "import a\n", "a.py": "import tr, numpy\n"}, "tr", ["numpy"]),
        ({"tr.py": "import torch\n", "torch.py": "THREADS = start()\n"}, "tr", []),
        ({"tr.py": "import pandas, mlflow, json, sweeps\n"}, "tr", []),
        ({"tr.py": "import torch (\n"}, "tr", []),
        ({}, "missing", []),
    ],
)
def test_libraries_are_found_and_the_users_own_modules_are_read_and_not_imported(
    tmp_path, files, module, found
):
    if "torch" in found:
        pytest.importorskip("torch", reason="`make versions` installs no torch")
    write_files(tmp_path, files)
    before = set(sys.modules)
    assert safe_libraries([module], [str(tmp_path)]) == found
    assert set(sys.modules) == before


def test_the_trainer_that_comes_with_sweep_is_a_safe_library_and_a_changed_copy_of_it_is_not(tmp_path):
    pytest.importorskip("torch", reason="`make versions` installs no torch")
    assert safe_libraries(["cvae.train"], [str(tmp_path)]) == ["cvae.train"]
    shutil.copytree(HOME / "cvae", tmp_path / "cvae")
    assert safe_libraries(["cvae.train"], [str(tmp_path)]) == ["cvae.train"]
    with (tmp_path / "cvae" / "config.py").open("a") as file:
        file.write("# changed\n")
    found = safe_libraries(["cvae.train"], [str(tmp_path)])
    assert ("torch" in found, "cvae.train" in found) == (True, False)


def test_a_trainer_that_is_installed_is_read_and_other_installed_packages_are_not(tmp_path, monkeypatch):
    write_files(
        tmp_path / "site-packages",
        {"tr/__init__.py": "", "tr/main.py": "import other, numpy\n", "other.py": "import torch\n"},
    )
    monkeypatch.syspath_prepend(tmp_path / "site-packages")
    assert safe_libraries(["tr.main"], [str(tmp_path)]) == ["numpy"]
