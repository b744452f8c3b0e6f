"""The JSON schema of a file, with the settings of its trainer, for editors: `sweep schema`, and what `sweep init` leaves."""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sweeps.authoring.checks.refused_settings import script_of
from sweeps.authoring.editor.config_keys import ConfigKeys, of_model, of_options
from sweeps.authoring.editor.document import TITLE, file_schema
from sweeps.authoring.interface import interface_of
from sweeps.authoring.script import ScriptReader
from sweeps.errors import ScriptError
from sweeps.spec.fields import FieldReader
from sweeps.spec.trainer.parser import read_trainer
from sweeps.spec.yaml_reader import parse, read_text
from sweeps.trainer.loader import load_trainer

if TYPE_CHECKING:
    from sweeps.spec.schema.shapes import Shape
    from sweeps.spec.trainer.model import TrainerSpec
    from sweeps.trainer.loader import Trainer

MODELINE = "# yaml-language-server: $schema={schema}\n"
"""The first line of a file, by which an editor finds its schema."""


@dataclass(frozen=True, slots=True)
class FileSchema:
    """A schema and what it lacks.

    Attributes:
        content: The schema, as JSON has it.
        remarks: Why it does not know the trainer's settings, where it does not.
    """

    content: dict[str, Any]
    remarks: tuple[str, ...] = ()

    def text(self) -> str:
        """The schema as a file."""
        return json.dumps(self.content, indent=1, ensure_ascii=False) + "\n"


def schema_of(file: Path | None, scripts: ScriptReader | None = None) -> FileSchema:
    """The schema of a file, which may be half written: only its trainer has to be right.

    Args:
        file: The file; None: any.
        scripts: Reads the script of its command; None: nobody has read it yet.

    Raises:
        SpecError: There is no such file, or it is no YAML.
    """
    if file is None:
        return FileSchema(file_schema())
    spec = _trainer_of(file)
    if spec is None:
        return FileSchema(file_schema(), (f"{file}: it names no trainer yet, so that any setting will do",))
    trainer, problems = load_trainer(spec)
    config = _config_keys(trainer, scripts or ScriptReader(Path.cwd()))
    follows = spec.command is not None
    about_config = [problem for problem in problems if "trainer.config" in problem.message]
    remarks = tuple(f"{problem}; without it, any setting will do" for problem in about_config)
    return FileSchema(file_schema(config, follows=follows), remarks)


def schema_file(file: Path) -> Path:
    """Where the schema of a file lies: beside it."""
    return file.with_suffix(".schema.json")


def write(schema: FileSchema, out: Path, *, replace: bool = False) -> None:
    """Write a schema; one that is there is written anew.

    Raises:
        ScriptError: Another file is there, or it cannot be written.
    """
    if not replace:
        refuse_other(out)
    try:
        out.write_text(schema.text(), encoding="utf-8", newline="\n")
    except OSError as error:
        raise ScriptError(f"{out}: cannot be written: {error.strerror or error}") from None


def refuse_other(path: Path) -> None:
    """Let no schema take the place of anything else.

    Raises:
        ScriptError: Something else is there.
    """
    if os.path.lexists(path) and not _is_schema(path):
        raise ScriptError(
            f"{path} is there already, and no schema of sweep's; move it, or --force replaces it"
        )


def _is_schema(path: Path) -> bool:
    try:
        return f'"title": {json.dumps(TITLE)}' in path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return False


def _trainer_of(file: Path) -> TrainerSpec | None:
    root = parse(read_text(file), str(file))
    entry = (root.mapping or {}).get("trainer")
    return read_trainer(entry, FieldReader()) if entry is not None else None


def _config_keys(trainer: Trainer, scripts: ScriptReader) -> ConfigKeys:
    """The keys of the trainer's config: its model's, or those that its script and its command show."""
    if trainer.schema is not None:
        return of_model(trainer.schema.document)
    path = script_of(trainer)
    shown = ConfigKeys()
    if path is not None:
        with contextlib.suppress(ScriptError, RecursionError):
            shown = of_options(scripts.read(path).once(interface_of).options)
    named: dict[str, Shape] = {key: {} for key in sorted(trainer.named) if key not in shown.values}
    return ConfigKeys({**shown.values, **named})
