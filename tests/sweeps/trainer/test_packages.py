"""Which packages a trainer's own files import, and their versions."""

from importlib import metadata

from sweeps.trainer.packages import MOST, imported_packages, version_of, versions_of
from tests.folders import write_files


def packages(folder, **files):
    write_files(folder, files)
    return imported_packages([folder / name for name in files])


def test_packages_are_called_as_they_are_installed_and_own_modules_are_none(tmp_path):
    files = {
        "t.py": "import os, json\nimport helpers, model.net\nfrom sklearn.svm import SVC\nimport cv2 as cv, pandas\n",
        "helpers.py": "import torch\nfrom . import x\n    from yaml import safe_load\n",
        "model/__init__.py": "import pandas.io\n",
    }
    assert packages(tmp_path, **files) == (
        *("opencv-python", "opencv-python-headless", "opencv-contrib-python"),
        *("pandas", "scikit-learn", "PyYAML"),
    )


def test_no_more_than_some_are_looked_up(tmp_path):
    assert len(packages(tmp_path, **{"t.py": "".join(f"import m{at}\n" for at in range(2 * MOST))})) == MOST


def test_what_is_not_installed_has_no_version():
    assert versions_of(["no-such-package", "", "click"]) == {"click": metadata.version("click")}
    assert version_of("mlflow") == metadata.version("mlflow")
