"""Where one means to work: the store, the trainer's Python, the folder."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sweeps.commands.doctor.probes import Place
from sweeps.program.surroundings import interpreter_of
from sweeps.record import store_uri
from sweeps.spec.parser import read_spec

if TYPE_CHECKING:
    from sweeps.spec.model import Spec


def place_of(file: Path | None, given_uri: str | None) -> Place:
    """The place that a command line means.

    Args:
        file: The file, whose trainer may have a Python of its own; None: none.
        given_uri: `--tracking-uri`.

    Raises:
        SpecError: The file is wrong.
    """
    spec = read_spec(file) if file is not None else None
    return Place(store_uri.tracking_uri(given_uri), _python(spec), Path.cwd())


def _python(spec: Spec | None) -> str:
    found = interpreter_of(spec.trainer.surroundings) if spec is not None else None
    return found.executable if found is not None else sys.executable
