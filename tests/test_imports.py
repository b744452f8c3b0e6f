"""Which package may import which, and what the first second of a command may not load."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FORBIDDEN = {
    "sweeps": {"torch", "cvae"},
    "cvae": {"sweeps", "mlflow"},
    "analysis": {"torch"},
}
ALL_OF = """
import importlib, pkgutil, {package}
for module in pkgutil.walk_packages({package}.__path__, "{package}."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
"""


def loaded_after(code):
    """The top-level names of what a fresh interpreter holds after running `code`."""
    told = "import json, sys; print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))"
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\n{told}"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


def imported_names(path):
    """Every module that a file imports anywhere in it, except under `if TYPE_CHECKING:`."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    typing_only = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for statement in node.body
        for inner in ast.walk(statement)
    }
    for node in ast.walk(tree):
        if id(node) in typing_only:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            if "startup" in path.parts and node.level:
                continue  # a trial's program finds it under another name, at the top
            assert node.level == 0, f"{path}: imports are absolute here"
            yield node.module


@pytest.mark.parametrize(("package", "forbidden"), FORBIDDEN.items(), ids=FORBIDDEN)
def test_no_file_names_what_its_package_may_not_import(package, forbidden):
    files = sorted((ROOT / package).rglob("*.py"))
    assert files
    wrong = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in files
        for name in imported_names(path)
        if name.partition(".")[0] in forbidden
    }
    assert wrong == set()


@pytest.mark.parametrize(("package", "forbidden"), FORBIDDEN.items(), ids=FORBIDDEN)
def test_importing_all_of_a_package_loads_nothing_forbidden(package, forbidden):
    assert loaded_after(ALL_OF.format(package=package)) & forbidden == set()


@pytest.mark.parametrize(
    "module", ["sweeps", "sweeps.api.verbs", "sweeps.cli", "sweeps.commands.session", "cvae.config"]
)
def test_what_check_needs_loads_no_heavy_library(module):
    heavy = {"mlflow", "pandas", "numpy", "torch", "matplotlib", "sqlalchemy", "optuna"}
    assert loaded_after(f"import {module}") & heavy == set()


def test_help_loads_neither_yaml_nor_pydantic():
    code = "import sys; sys.argv = ['sweep', '--help']\nfrom sweeps.cli.verbs import cli\ncli(standalone_mode=False)"
    assert loaded_after(code) & {"yaml", "pydantic", "rich", "mlflow", "torch", "pandas"} == set()


def test_a_whole_check_of_the_real_file_loads_no_heavy_library():
    code = "from sweeps.cli.verbs import cli\ncli(['check', 'experiments.yaml'], standalone_mode=False)"
    assert loaded_after(code) & {"mlflow", "pandas", "numpy", "torch", "matplotlib", "sqlalchemy"} == set()
