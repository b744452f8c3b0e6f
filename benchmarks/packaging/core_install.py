"""Builds the source distribution, of that the wheel, installs it alone into a fresh environment, and tries it there: how large that is, and whether it works.

    python benchmarks/packaging/core_install.py

Prints the table of docs/performance.md; exit code 1 where a bar is missed or a command fails. Needs a package index.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MOST_MB, MOST_PACKAGES = 350, 60
_EXAMPLE = "prints"
_TOOLS = {"pip", "setuptools", "wheel"}


def main() -> int:
    """Measure, print, and say by the exit code whether all is well."""
    with tempfile.TemporaryDirectory(prefix="sweep-wheel-") as place:
        scratch = Path(place)
        source = build_source(scratch / "build")
        lacking = lacks(source)
        wheel = build(scratch, source)
        python = install(scratch / "venv", wheel)
        packages = installed(python)
        size_mb = folder_mb(scratch / "venv")
        print(f"| {wheel.name} | {wheel.stat().st_size / 1e6:.1f} MB |")
        print(f"| packages, without pip | {len(packages)} (at most {MOST_PACKAGES}) |")
        print(f"| installed, with compiled modules | {size_mb:.0f} MB (at most {MOST_MB}) |")
        failed = tried(python, scratch / "example")
        for words, text in failed.items():
            print(f"failed: {words}\n{text}")
        too_large = len(packages) > MOST_PACKAGES or size_mb > MOST_MB
        if lacking:
            print(f"the source distribution lacks {', '.join(lacking)}")
        return 1 if failed or too_large or lacking or "torch" in packages else 0


def build_source(folder: Path) -> Path:
    """The source distribution of this checkout."""
    _call(sys.executable, "-m", "venv", folder / "venv")
    python = folder / "venv" / "bin" / "python"
    _call(python, "-m", "pip", "install", "--quiet", "setuptools>=77")
    copy = folder / "checkout"
    tracked = _call("git", "-C", ROOT, "ls-files", "--cached", "--others", "--exclude-standard").splitlines()
    for name in tracked:
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, copy / name)
    build = f"import os; os.chdir({str(copy)!r}); from setuptools.build_meta import build_sdist; build_sdist({str(folder)!r})"
    _call(python, "-c", build)
    (found,) = folder.glob("*.tar.gz")
    return found


def lacks(source: Path) -> list[str]:
    """What a source distribution that stands alone would have, too."""
    with tarfile.open(source) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    folders = ("examples", "docs")
    needed = {"experiments.yaml", "LICENSE", "constraints.txt", "tests/conftest.py", "Makefile", ".ci/run"}
    needed |= {"mkdocs.yml", "setup.py"}
    for folder in folders:
        needed |= set(_call("git", "-C", ROOT, "ls-files", folder).splitlines())
    return sorted(needed - names)


def build(scratch: Path, source: Path) -> Path:
    """The wheel of a source distribution."""
    _call(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", scratch, source)
    (wheel,) = scratch.glob("*.whl")
    return wheel


def install(folder: Path, wheel: Path) -> Path:
    """The Python of a fresh environment that has the wheel and what it needs."""
    _call(sys.executable, "-m", "venv", folder)
    python = folder / "bin" / "python"
    constraint = ["--constraint", ROOT / "constraints.txt"]
    _call(python, "-m", "pip", "install", "--quiet", *constraint, wheel)
    return python


def installed(python: Path) -> list[str]:
    """The names of what is installed, without the installer."""
    listed = json.loads(_call(python, "-m", "pip", "list", "--format", "json"))
    return [entry["name"] for entry in listed if entry["name"] not in _TOOLS]


def folder_mb(folder: Path) -> float:
    """What a folder takes, in MB, without the installer."""
    files = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return sum(path.stat().st_size for path in files if _TOOLS.isdisjoint(path.parts)) / 1e6


def tried(python: Path, folder: Path) -> dict[str, str]:
    """What fails of a newcomer's first commands, with what it printed."""
    shutil.copytree(ROOT / "examples" / _EXAMPLE, folder)
    sweep = python.parent / "sweep"
    failed = {}
    for verb in ("--help", "check", "run", "status", "doctor"):
        words = [verb] if verb.startswith("-") or verb == "doctor" else [verb, "experiments.yaml"]
        path = f"{python.parent}:{os.environ['PATH']}"
        environment = {"PATH": path, "HOME": str(folder)}
        done = subprocess.run(
            [sweep, *words], cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            failed[" ".join(words)] = done.stdout + done.stderr
    return failed


def _call(*words: object) -> str:
    command = [str(word) for word in words]
    environment = {name: text for name, text in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(command, check=True, env=environment, stdout=subprocess.PIPE, text=True).stdout


if __name__ == "__main__":
    sys.exit(main())
