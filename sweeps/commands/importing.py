"""Makes a file of what people have: reads it, says what does not carry over, and tries the file before it is written."""

from __future__ import annotations

import re
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from analysis.results.results import counted
from sweeps.authoring.interface import interface_of
from sweeps.authoring.outputs.paths import UNKNOWN
from sweeps.authoring.outputs.writers import written_by
from sweeps.authoring.script import read_script as read_source
from sweeps.errors import ScriptError, SpecError, SweepError
from sweeps.importing.program.command_lines import of_script
from sweeps.importing.program.source import Source
from sweeps.importing.shell.script import read_script
from sweeps.importing.shell.values import Unreadable
from sweeps.importing.tools.literal_space import of_python
from sweeps.importing.tools.wandb_sweep import of_wandb
from sweeps.planning.expansion import expand
from sweeps.planning.fingerprint import Fingerprinter
from sweeps.program.named_paths import is_file
from sweeps.spec.parser import read_spec_text
from sweeps.spec.trainer.surroundings import Surroundings
from sweeps.trainer.loader import unchecked
from sweeps.trainer.words.program_words import file_of, scripts_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sweeps.importing.imported import Imported

MOST_BYTES = 2_000_000
"""A longer text is refused: nobody wrote it."""
MOST_BYTES_OF_OTHERS = 300_000
"""The same of Python and YAML, whose readers are slower."""
_MOST_DRAWN = 300
"""More keys than this are no search that finds anything."""
_YAML = re.compile(r"^(method|parameters)\s*:", re.MULTILINE)
_PYTHON = re.compile(r"^(import|from|def|class)\s+\w|\btune\.|\.suggest_|Distribution\(", re.MULTILINE)
_OWN = re.compile(r"^(trainer|sweeps)\s*:", re.MULTILINE)


def import_file(source: str, style: str | None = None) -> Imported:
    """What a file, or `-` for the standard input, becomes. Nothing in it is run or imported.

    Args:
        source: The path.
        style: How its program reads options, where that is known.

    Raises:
        SweepError: It cannot be read, or holds nothing that can be taken over.
    """
    name = "the standard input" if source == "-" else source
    text = _text(source, name)
    kind = _kind(source, text)
    if kind != "shell" and len(text) > MOST_BYTES_OF_OTHERS:
        raise SweepError(
            f"{name}: is longer than {MOST_BYTES_OF_OTHERS // 1000} kB; import the part that holds the values"
        )
    if kind == "yaml":
        imported = of_wandb(text, name)
    elif kind == "python":
        imported = of_python(text, name, "train.py" if source == "-" else Path(source).name)
    else:
        try:
            imported = of_script(read_script(text, str(Path.home())), name, style, _source)
        except Unreadable as error:
            raise SweepError(f"{name}: {error}") from None
    _try(imported, name)
    return imported


def _source(head: Sequence[str], words: Sequence[str]) -> Source | None:
    """What the source of a program's script says; None: it is no Python script that is there and can be read."""
    scripts = scripts_of(head)
    path = file_of(scripts[-1], Surroundings()) if scripts else Path(head[-1])
    if path is None or path.suffix != ".py" or not is_file(path):
        return None
    try:
        script = read_source(path, Path.cwd(), words)
        here = [path.replace(UNKNOWN, "*") for path in written_by(script).here]
        return Source(interface_of(script), here)
    except (ScriptError, RecursionError):
        return None


def write(imported: Imported, out: Path, *, replace: bool) -> None:
    """Write the file.

    Raises:
        SweepError: It exists, or cannot be written.
    """
    try:
        with out.open("w" if replace else "x", encoding="utf-8") as file:
            file.write(imported.text())
    except FileExistsError:
        raise SweepError(f"{out}: exists; name another file, or replace it with --force") from None
    except OSError as error:
        raise SweepError(f"{out}: cannot be written: {error.strerror}") from None


def _text(source: str, name: str) -> str:
    try:
        if source == "-":
            raw = sys.stdin.buffer.read(MOST_BYTES + 1)
        else:
            with Path(source).open("rb") as file:
                raw = file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        raise SweepError(
            f"{name}: no such file; name the file with your command lines, or - to type them"
        ) from None
    except OSError as error:
        raise SweepError(f"{name}: cannot be read: {error.strerror}") from None
    if len(raw) > MOST_BYTES:
        remedy = "import a part of it, or the script that made it"
        raise SweepError(f"{name}: is longer than {MOST_BYTES // 1_000_000} MB, which nobody wrote; {remedy}")
    if raw.startswith(b"SQLite format 3"):
        remedy = "name the script with its search space. Its trials stay where they are: no run here can have their curves"
        raise SweepError(f"{name}: is a database, such as Optuna's storage, and no text; {remedy}")
    if (at := raw.find(b"\0")) >= 0:
        line = raw.count(b"\n", 0, at) + 1
        raise SweepError(
            f"{name}:{line}: holds a zero byte, so that it is no text; name a file with command lines"
        )
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        found = f"byte 0x{raw[error.start]:02x} is not UTF-8"
        raise SweepError(f"{name}:{line}: {found}; save the file as UTF-8") from None
    if not text.strip():
        raise SweepError(f"{name}: is empty; write your command lines into it, one a line")
    return text.replace("\r\n", "\n")


def _kind(source: str, text: str) -> str:
    suffix = Path(source).suffix.lower()
    if suffix in {".yaml", ".yml"} or (source == "-" and len(_YAML.findall(text)) > 1):
        if _OWN.search(text) is not None and _YAML.search(text) is None:
            raise SweepError(f"{source}: is a file of `sweep` already; `sweep check {source}` checks it")
        return "yaml"
    if suffix == ".py" or (source == "-" and _PYTHON.search(text) is not None):
        return "python"
    return "shell"


def _try(imported: Imported, name: str) -> None:
    """Expand the file as `sweep` will, and compare its trials with what was imported.

    Raises:
        SweepError: It would not be read, or give other trials.
    """
    text = imported.text()
    for sweep in imported.sweeps.values():
        search = sweep.get("search")
        space = search.get("space") if isinstance(search, dict) else None
        if isinstance(space, dict) and len(space) > _MOST_DRAWN:
            remedy = f"a file draws {_MOST_DRAWN} at most; import the part that matters"
            raise SweepError(f"{name}: draws {len(space):,} keys, and {remedy}")
    try:
        spec = read_spec_text(text, "experiments.yaml")
        expansion = expand(spec, unchecked(spec.trainer))
    except SpecError as error:
        raise SweepError(f"{name}: no file can say this: {error}") from error
    if expansion.problems:
        told = "\n".join(f"  {problem.message}" for problem in expansion.problems[:5])
        raise SweepError(f"{name}: no file can say this:\n{told}")
    if imported.configs is None:
        return
    made = Counter(trial.fingerprint for sweep in expansion.sweeps for trial in sweep.trials)
    wanted = Counter(map(Fingerprinter().fingerprint, imported.configs))
    if made != wanted:
        message = f"{name}: the file would give {counted(made.total(), 'trial')}, not these {wanted.total()}"
        raise SweepError(f"{message}; please report this, with what you imported")
