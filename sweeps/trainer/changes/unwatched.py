"""Says where an edit of a program would not be noticed: neither its files nor a commit are known."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sweeps.errors import Problem
from sweeps.program.named_paths import is_file
from sweeps.trainer.code_tree import trainer_sources
from sweeps.trainer.git import find_repository
from sweeps.trainer.words.program_words import is_shell, scripts_of
from sweeps.trainer.words.shell_texts import shell_texts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sweeps.spec.trainer.model import TrainerSpec


def unwatched(trainer: TrainerSpec) -> Iterator[Problem]:
    """A note, with its place, where changes of a command's program would go unnoticed, with how to name it; else nothing.

    A command that names any file, also one of another language, is noticed to change with that. Of code in the command itself
    (`python -c`) its text tells.
    """
    command = trainer.command or ()
    if not command or trainer_sources(trainer):
        return
    has_shell = any(map(is_shell, command))
    if not has_shell and any(script.kind == "code" for script in scripts_of(command)):
        return
    words = [*command, *(word for text in shell_texts(command) for word in text.words)]
    if any(is_file(Path(word.rpartition("=")[2])) for word in words if word != trainer.config_file):
        return
    repository, _ = find_repository(Path.cwd())
    if repository is not None and repository.commit:
        return
    remedy = (
        """name its script in the text by its path, or as a word behind it: [sh, -c, 'python "$0" "$@"', train.py, "{args}"]"""
        if has_shell
        else "name its file in the command by its path, such as ./program"
    )
    yield Problem(
        trainer.command_places[0],
        f"trainer.command: it names no file that is here, and there is no git commit, so that changes of the program's code will not be noticed; {remedy}",
    )
