"""What the forkserver imports before the first attempt."""

import json
import os
import subprocess
import sys

import pytest

from sweeps.runner.preload import PRELOAD_VARIABLE, own_modules_first
from sweeps.trainer.imports import HOME
from tests.folders import write_files

CODE = """
import json, os, sys
import multiprocessing.forkserver
import sweeps.runner.preload
names = [name for name in ("wanted_module", "numpy", "sweeps.runner.attempt") if name in sys.modules]
threads = len(os.listdir("/proc/self/task")) if sys.platform == "linux" else 1
print(json.dumps([names, threads, [place for place in sys.path if place in sys.argv], os.environ.get(sys.argv[1])]))
"""


def test_it_imports_the_libraries_of_a_trainer_with_one_thread_and_not_the_trainer(tmp_path):
    (tmp_path / "wanted_module.py").write_text("import numpy, missing_module\nraise ValueError\n")
    wanted = {"modules": ["wanted_module", "missing_module"], "path": [str(tmp_path)]}
    done = subprocess.run(
        [sys.executable, "-c", CODE, PRELOAD_VARIABLE, str(tmp_path)],
        env=os.environ | {PRELOAD_VARIABLE: json.dumps(wanted)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout) == [["numpy", "sweeps.runner.attempt"], 1, [str(tmp_path)], None]


TORCH = """
import types
backends = types.SimpleNamespace(cuda=types.SimpleNamespace(is_built=lambda: {}))
def get_num_threads():
    return 1
"""


@pytest.mark.parametrize(("has_cuda", "expected"), [(False, ["torch", "torch._dynamo"]), (True, ["torch"])])
def test_what_torch_imports_for_an_optimizer_is_imported_too_unless_it_could_start_cuda(
    tmp_path, has_cuda, expected
):
    installed = tmp_path / "site-packages"
    write_files(installed, {"torch/__init__.py": TORCH.format(has_cuda), "torch/_dynamo.py": ""})
    write_files(tmp_path, {"wanted_module.py": "import torch\n"})
    code = CODE.replace('"numpy"', '"torch", "torch._dynamo"').replace('"sweeps.runner.attempt"', "")
    wanted = {"modules": ["wanted_module"], "path": [str(tmp_path)]}
    done = subprocess.run(
        [sys.executable, "-c", code, PRELOAD_VARIABLE],
        env=os.environ
        | {PRELOAD_VARIABLE: json.dumps(wanted), "PYTHONPATH": f"{installed}{os.pathsep}{HOME}"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout)[0] == expected


FOUND = """
import json, random, sweeps.runner.attempt, analysis.read.outcomes
import multiprocessing.forkserver, os, sys
own = [module.__file__ for module in (random, sweeps, analysis)]
import sweeps.runner.preload
print(json.dumps([own, {name: os.environ.get(name) for name in sys.argv[1:]}]))
"""


@pytest.mark.parametrize("given", [None, "."])
def test_a_python_that_is_started_finds_sweeps_and_pythons_modules_and_hands_on_the_users_environment(
    tmp_path, monkeypatch, given
):
    for name in ("sweeps", "analysis"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").touch()
    if given is None:
        (tmp_path / "random.py").touch()
        monkeypatch.delenv("PYTHONPATH", raising=False)
    else:
        monkeypatch.setenv("PYTHONPATH", given)
    monkeypatch.delenv("PYTHONSAFEPATH", raising=False)
    before = dict(os.environ)
    with own_modules_first():
        done = subprocess.run(
            [sys.executable, "-c", FOUND, "PYTHONPATH", "PYTHONSAFEPATH"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=True,
        )
    own, environment = json.loads(done.stdout)
    assert not [file for file in own if file.startswith(str(tmp_path))]
    assert environment == {"PYTHONPATH": given, "PYTHONSAFEPATH": None}
    assert dict(os.environ) == before
