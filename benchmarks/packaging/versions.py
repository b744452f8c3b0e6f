"""Runs the tests that need no torch on every Python that is found, and with the lowest version of each package that pyproject.toml allows.

    python benchmarks/packaging/versions.py [--pythons python3.12 python3.13] [--tests tests/sweeps tests/analysis]

Each gets an environment of its own in a temporary folder. The lowest versions are for the first Python; uv finds them. Prints a
line each, and ends with exit code 1 where a test fails. Needs a package index, and about ten minutes each on two quiet cores.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OLDEST, NEWEST = 11, 14
EXTRAS = ".[report,search,ui]"
TESTS = [
    *(f"tests/sweeps/{part}" for part in ("commands", "planning", "record", "scheduler", "search", "spec")),
    "tests/analysis",
]
_NEED_TORCH = ("tests/analysis/results/test_clips.py",)
"""Tests that import the video's trainer."""


def main() -> int:
    """Install and test, and say by the exit code whether all is well."""
    found = [name for minor in range(OLDEST, NEWEST + 1) if runs(name := f"python3.{minor}")]
    parser = argparse.ArgumentParser(
        description="Run the tests on other Pythons and with the lowest versions."
    )
    parser.add_argument("--pythons", nargs="+", default=found)
    parser.add_argument("--tests", nargs="+", default=TESTS)
    asked = parser.parse_args()
    well = True
    with tempfile.TemporaryDirectory(prefix="sweep-versions-") as place:
        for name in asked.pythons:
            python = environment(Path(place, name), name)
            pip(python, "--constraint", "constraints.txt", EXTRAS, *tools())
            well &= tested(python, f"{name}, pinned versions", asked.tests)
        python = environment(Path(place, "lowest"), asked.pythons[0])
        pip(python, "uv")
        lowest = ["--resolution", "lowest-direct", EXTRAS, *tools()]
        call(python.parent / "uv", "pip", "install", "--quiet", "--python", python, *lowest)
        well &= tested(python, f"{asked.pythons[0]}, lowest versions", asked.tests)
    return 0 if well else 1


def runs(name: str) -> bool:
    """Whether there is such a Python: a name that is found may be a shim without one."""
    return (
        shutil.which(name) is not None
        and not subprocess.run([name, "-V"], capture_output=True, check=False).returncode
    )


def environment(folder: Path, name: str) -> Path:
    """A new environment; returns its Python."""
    call(name, "-m", "venv", folder)
    return folder / "bin" / "python"


def tools() -> list[str]:
    """What the tests need, without what they test."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = project["optional-dependencies"]["test"]
    return [one for one in named if not one.startswith(project["name"])]


def tested(python: Path, what: str, tests: list[str]) -> bool:
    """Run the tests and print how they ended."""
    marks = "not matrix and not extra and not examples and not cluster"
    ignored = [f"--ignore={path}" for path in _NEED_TORCH]
    command = [
        str(python),
        "-m",
        "pytest",
        "-q",
        "-n",
        "4",
        "--dist",
        "worksteal",
        "-m",
        marks,
        "-o",
        "tmp_path_retention_policy=all",  # an MLflow that writes by itself keeps a database open: no path may come again
        *ignored,
        *tests,
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    lines = done.stdout.splitlines()
    for line in lines:
        if line.startswith(("FAILED", "ERROR")):
            print(line)
    print(f"{what}: {lines[-1] if lines else done.stderr}", flush=True)
    return done.returncode == 0


def pip(python: Path, *words: str) -> None:
    """Install."""
    call(python, "-m", "pip", "install", "--quiet", *words)


def call(*words: Path | str) -> None:
    """Run a command in the checkout; it has to work."""
    done = subprocess.run(
        [str(word) for word in words], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"{' '.join(map(str, words))}\n{done.stdout}{done.stderr}")


if __name__ == "__main__":
    sys.exit(main())
