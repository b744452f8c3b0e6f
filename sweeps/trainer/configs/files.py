"""Finds the config files that belong to a trainer's code: those that its command names, and those of Hydra's config folder.

Nothing is imported or run: only the words of the command and of the sources tell. What lies outside the project is no part of it.
"""

from __future__ import annotations

import glob
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from sweeps.trainer.code_files import CONFIG, MOST_BESIDE_BYTES, SKIPPED
from sweeps.trainer.configs.hydra import composed_of, files_of, folders_of, is_known

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from sweeps.spec.trainer.model import TrainerSpec
    from sweeps.trainer.configs.hydra import Folder

_NAMES_CODE = ".py"
"""Behind a `=`, as in `--config=configs/base.py` of ml_collections; a word of its own is a script, and a source."""
_OUTPUT = re.compile(
    r"-+(?!.*(conf|cfg))(out|save|log|result|metric|hist|summary|dump|csv|json|tb|checkpoint|ckpt).*"
)
"""An option that is called so names a place that the program writes to."""
_OWN = re.compile(r"\{(run_dir|run_id|trial|trial_config|newest:[^{}]*)\}")
_CONFIG = re.compile(r"-c|-+.*(conf|cfg|hyp|param|recipe|preset|option|opt|gin).*")
"""An option that is called so names a config: only then a word with a setting in it does, which may be a place to write to."""
_PLACEHOLDER = re.compile(r"\{[\w.-]+\}")


def config_files(trainer: TrainerSpec, sources: Iterable[Path], top: Path) -> tuple[list[Path], list[Path]]:
    """The config files of a trainer, and those of them that count for every trial; both sorted, each file once.

    For every trial count its own config file, and the folders of which nothing tells what a trial takes.
    """
    command = trainer.command or ()
    base, spec = _base(trainer), Path(trainer.place.file).absolute()
    found = set(_named(command, base))
    of_all: set[Path] = set()
    for folder in folders_of(command, sources, base):
        files = set(files_of(folder, command, spec))
        found |= files
        if not is_known(folder):
            of_all |= files
    kept = {path for path in found if path != spec and _is_of(path, top)}
    own = {Path(trainer.config_file).absolute()} if trainer.config_file is not None else set()
    return sorted(own | kept), sorted(own | (kept & of_all))


def configs_of_trial(
    trainer: TrainerSpec,
    words: Sequence[str],
    sources: Iterable[Path],
    top: Path,
    known: Callable[[Folder], bool] = is_known,
) -> list[Path]:
    """The config files of Hydra that one trial's config is made of, as far as they do not count for every trial."""
    folders = (folder for folder in folders_of(words, sources, _base(trainer)) if known(folder))
    return [path for folder in folders for path in composed_of(folder, words) if _is_of(path, top)]


def names_output(option: str) -> bool:
    """Whether an option, by its name, says where the program writes to."""
    return _OUTPUT.fullmatch(option) is not None


def _is_of(path: Path, top: Path) -> bool:
    """Whether a path is a small file of the project, and of no record, environment or copy in it."""
    try:
        inside = path.relative_to(top).parts
        return SKIPPED.isdisjoint(inside) and path.is_file() and path.stat().st_size <= MOST_BESIDE_BYTES
    except (OSError, ValueError):
        return False


def _base(trainer: TrainerSpec) -> Path:
    """Where the relative paths of a command lead from; in a folder of each trial's own, links lead back here."""
    cwd = trainer.surroundings.cwd
    return Path.cwd() if cwd is None or "{" in cwd.text else Path.cwd() / cwd.text


def _named(command: Sequence[str], base: Path) -> Iterator[Path]:
    """The config files that words of a command name; of a word with a setting in it each that fits."""
    for before, word in zip(("", *command), command, strict=False):
        name, equals, value = word.partition("=")
        option = name if equals else before
        text = (value if equals else word).removeprefix("@")
        is_config = Path(text).suffix in CONFIG or (equals and text.endswith(_NAMES_CODE))
        if not is_config or names_output(option) or _OWN.search(text):
            continue
        pattern = _PLACEHOLDER.sub("*", glob.escape(text)) if _CONFIG.fullmatch(option) else glob.escape(text)
        yield from (Path(os.path.normpath(path)) for path in glob.glob(str(base / pattern)))  # noqa: PTH207 - takes absolute ones, too
