"""The Python that a command's `python` is, where `python:` names one that is not sweep's: found, and asked what it has."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sweeps.program.named_paths import is_file, is_folder, is_there

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

NAMES = ("python", "python3")
"""Words of a command that mean this Python, where it begins with one."""
ANSWER_S = 60.0
"""How long an interpreter may take to say what it has."""
_OF_OTHERS = ("PYTHONHOME", "PYTHONEXECUTABLE", "__PYVENV_LAUNCHER__", "VIRTUAL_ENV")
"""Variables that would lead it to another Python's packages."""
_QUESTION = """
import json, os, platform, re, sys
found = {"python": platform.python_version(), "platform": sys.platform + "-" + platform.machine()}
try:
    from importlib.metadata import version
except ImportError:
    version = None
for name in sys.argv[1:]:
    try:
        found[name] = version(name)
    except Exception:
        pass
for place in sys.path:
    path = os.path.join(place, "torch", "version.py")
    if os.path.isfile(path):
        match = re.search("^cuda\\\\b[^=]*= *'([^']+)'", open(path).read(), re.MULTILINE)
        if match:
            found["cuda"] = match.group(1)
        break
print(json.dumps(found))
"""


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A Python that is not the one that runs `sweep`.

    Attributes:
        executable: Its absolute path, links in it not followed: they are what makes a virtual environment.
    """

    executable: str

    @property
    def folder(self) -> str:
        """The folder that it and its programs, such as `torchrun`, lie in."""
        return str(Path(self.executable).parent)

    @property
    def virtual_env(self) -> str | None:
        """The virtual environment that it belongs to, if it belongs to one."""
        root = Path(self.executable).parent.parent
        return str(root) if (root / "pyvenv.cfg").is_file() else None

    def environment(self, inherited: Mapping[str, str]) -> dict[str, str]:
        """The environment as activating this Python would leave it, without what leads to sweep's own."""
        ours = str(Path(sys.executable).parent)
        places = inherited.get("PATH", os.defpath).split(os.pathsep)
        path = [self.folder, *(place for place in places if place not in (ours, self.folder))]
        kept = {key: value for key, value in inherited.items() if key not in _OF_OTHERS}
        own = {"VIRTUAL_ENV": root} if (root := self.virtual_env) else {}
        return {**kept, **own, "PATH": os.pathsep.join(path)}

    def command(self, words: Sequence[str]) -> tuple[str, ...]:
        """A command that begins with this Python where it began with `python`."""
        return (self.executable, *words[1:]) if words and words[0] in NAMES else tuple(words)


def find(text: str) -> Interpreter:
    """The interpreter that `python:` names: a file, the folder of an environment, or a program on the PATH.

    Raises:
        LookupError: There is none; the message says where it was looked for.
    """
    path = Path(os.path.abspath(os.path.expanduser(text)))  # noqa: PTH100, PTH111 - links stay, no home is needed
    if is_folder(path):
        path = path / "bin" / "python"
    elif os.sep not in text and not is_there(path):
        on_path = shutil.which(text)
        if on_path is None:
            raise LookupError(f"there is no program '{text}' on the PATH, and no {path}")
        path = Path(on_path)
    if not is_file(path):
        raise LookupError(f"there is no {path}; name an interpreter, or the folder of a virtual environment")
    if not os.access(path, os.X_OK):
        raise LookupError(f"{path} may not be executed; `chmod +x` it, or name another one")
    return Interpreter(str(path))


@lru_cache
def ask(interpreter: Interpreter, packages: tuple[str, ...]) -> Mapping[str, Any]:
    """Its version, its platform, the versions of those packages that it has, and torch's CUDA; asked once a process.

    Where it does not answer, `python` says so and nothing else is known.
    """
    environment = {key: value for key, value in os.environ.items() if key not in (*_OF_OTHERS, "PYTHONPATH")}
    try:
        done = subprocess.run(
            [interpreter.executable, "-c", _QUESTION, *packages],
            capture_output=True,
            check=True,
            cwd="/",
            env=environment,
            stdin=subprocess.DEVNULL,
            timeout=ANSWER_S,
        )
        return dict(json.loads(done.stdout))
    except (OSError, ValueError, subprocess.SubprocessError):
        return {"python": f"{interpreter.executable} does not say"}
