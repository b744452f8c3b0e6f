"""Runs the tests that need no torch on every Python that is found, and with the lowest version of each package that pyproject.toml allows.

    python benchmarks/packaging/versions.py [--pythons python3.12 /path/to/python3.13] [--tests tests/sweeps tests/analysis]
        [--lowest | --no-lowest] [--keep FOLDER]

A Python is found on PATH, or among those of pyenv. Each gets an environment of its own in a temporary folder, or in `--keep`,
where the next time finds it. The lowest versions are for the first Python; uv finds them: of the core alone, which runs an
example, and of all. Prints a line each, and ends with exit code 1 where a test fails. Needs a package index, and about ten
minutes each on two quiet cores.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OLDEST, NEWEST = 11, 14
EXTRAS = ".[report,search,ui]"
TESTS = ["tests/sweeps", "tests/analysis"]
"""Those of them that need torch are skipped without it."""


def main() -> int:
    """Install and test, and say by the exit code whether all is well."""
    found = [path for minor in range(OLDEST, NEWEST + 1) if (path := interpreter(f"python3.{minor}"))]
    parser = argparse.ArgumentParser(
        description="Run the tests on other Pythons and with the lowest versions."
    )
    parser.add_argument("--pythons", nargs="+", default=found)
    parser.add_argument("--tests", nargs="+", default=TESTS)
    parser.add_argument(
        "--lowest", action=argparse.BooleanOptionalAction, help="only these, or all but these"
    )
    parser.add_argument("--keep", metavar="FOLDER", type=Path, help="where the environments stay")
    asked = parser.parse_args()
    well = True
    with tempfile.TemporaryDirectory(prefix="sweep-versions-") as scratch:
        place = (asked.keep or Path(scratch)).absolute()
        for path in [] if asked.lowest else asked.pythons:
            name = Path(path).name
            python = environment(place / name, path)
            pip(python, "--constraint", "constraints.txt", EXTRAS, *tools())
            well &= tested(python, f"{name}, pinned versions", asked.tests)
        if asked.lowest is not False:
            path = asked.pythons[0]
            name = f"{Path(path).name}, lowest versions"
            core = environment(place / "core", path)
            lowest(core, ".")
            well &= tried(core, Path(scratch, "example"), f"{name} of the core alone")
            python = environment(place / "lowest", path)
            lowest(python, EXTRAS, *tools())
            well &= tested(python, name, asked.tests)
    return 0 if well else 1


def interpreter(name: str) -> str | None:
    """A Python of that name which runs: what PATH finds may be pyenv's shim, and stand for none."""
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv", "versions")
    candidates = [shutil.which(name), *map(str, sorted(pyenv.glob(f"*/bin/{name}"), reverse=True))]
    return next((path for path in candidates if path and runs(path)), None)


def runs(path: str) -> bool:
    """Whether a Python starts."""
    return not subprocess.run([path, "-V"], capture_output=True, check=False).returncode


def environment(folder: Path, interpreter: str) -> Path:
    """An environment, new where there is none; returns its Python."""
    python = folder / "bin" / "python"
    if not python.exists():
        call(interpreter, "-m", "venv", folder)
    return python


def lowest(python: Path, *wanted: str) -> None:
    """Install the lowest version of each package that pyproject.toml names."""
    pip(python, "uv")
    how = ["--resolution", "lowest-direct", "--reinstall-package", "sweep-experiments"]
    call(python.parent / "uv", "pip", "install", "--quiet", "--python", python, *how, *wanted)


def tried(python: Path, folder: Path, what: str) -> bool:
    """Run an example and print how it ended: what the extras and the tests' tools need raises versions that the core has alone."""
    shutil.copytree(ROOT / "examples" / "prints", folder)
    environment = os.environ | {"PATH": f"{python.parent}:{os.environ['PATH']}", "HOME": str(folder)}
    for verb in ("check", "run", "status"):
        done = subprocess.run(
            [python.parent / "sweep", verb, "experiments.yaml"],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            print(f"{done.stdout}{done.stderr}{what}: sweep {verb} failed", flush=True)
            return False
    print(f"{what}: an example ran", flush=True)
    return True


def tools() -> list[str]:
    """What the tests need, without what they test."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = project["optional-dependencies"]["test"]
    return [one for one in named if not one.startswith(project["name"])]


def tested(python: Path, what: str, tests: list[str]) -> bool:
    """Run the tests and print how they ended."""
    marks = "not matrix and not extra and not examples and not cluster"
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
        *tests,
    ]
    wide = os.environ | {"COLUMNS": "300"}  # else pytest leaves out why a test failed
    done = subprocess.run(command, cwd=ROOT, env=wide, capture_output=True, text=True, check=False)
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
