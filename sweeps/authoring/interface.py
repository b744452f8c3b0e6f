"""Finds which kind of command line a script has, and what it takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sweeps.authoring.option import Interface
from sweeps.authoring.parsers import (
    absl_options,
    argparse_options,
    argv_options,
    attribute_config,
    click_options,
    configurator_options,
    dataclass_options,
    function_options,
    hydra_options,
    lightning_options,
    typer_options,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from sweeps.authoring.script import Script

READERS: tuple[Callable[[Script], Interface | None], ...] = (
    hydra_options.read,
    lightning_options.read,
    dataclass_options.read_tyro,
    dataclass_options.read_hf,
    function_options.read_fire,
    function_options.read_jsonargparse,
    typer_options.read,
    configurator_options.read,
    attribute_config.read,
    absl_options.read,
    click_options.read,
    argparse_options.read,
    argv_options.read,
)
"""A reader for each kind: the special ones first, since many of them stand on argparse."""
NONE = Interface("nothing", "")


def interface_of(script: Script) -> Interface:
    """How a script is started; of a script that takes nothing, `NONE`."""
    return next((found for read in READERS if (found := read(script)) is not None), NONE)
