"""Options of LightningCLI: the constructors of its model and its data."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from sweeps.authoring.literals import value_of
from sweeps.authoring.option import Interface, Option
from sweeps.authoring.parsers.function_options import init_of, options_of
from sweeps.authoring.syntax import arguments_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sweeps.authoring.script import Script

CLI = "LightningCLI"
LOGGER = ("--trainer.logger=CSVLogger", "--trainer.logger.save_dir={run_dir}")
"""Words that make Lightning write a table, whatever else is installed."""
CONFIG_FLAGS = ("--config", "-c")
_SUBCOMMANDS = ("fit", "validate", "test", "predict")
_OF_ALL = (
    ("trainer.max_epochs", 1000, "how many epochs to train"),
    ("seed_everything", 0, "the seed of everything"),
)
"""Settings that every such command line has, as (key, default, help)."""
_FOLDER = "--trainer.default_root_dir={run_dir}"


def read(script: Script) -> Interface | None:
    """What a script takes through LightningCLI, or a class of its own that is one; None: it has none."""
    own = (
        name for name, node in script.classes.items() if any(CLI in ast.unparse(one) for one in node.bases)
    )
    for call in script.calls(CLI, *own):
        said = arguments_of(call, "model_class", "datamodule_class")
        options = [Option(key, "int", default, help=told, flag=f"--{key}") for key, default, told in _OF_ALL]
        comments: list[str] = []
        for name, given in (("model", "model_class"), ("data", "datamodule_class")):
            options += _of_part(name, said.get(given), script, comments)
        is_run = value_of(said.get("run"), {}) is not False
        has_logger = "trainer_defaults" in said and "logger" in ast.unparse(said["trainer_defaults"])
        logger = () if has_logger else LOGGER
        return Interface(
            "LightningCLI",
            "jsonargparse",
            tuple(options),
            (script.typed(_SUBCOMMANDS) or "fit",) if is_run else (),
            (_FOLDER, *logger),
            tuple(comments),
            config_flags=CONFIG_FLAGS,
        )
    return None


def _of_part(name: str, node: ast.expr | None, script: Script, comments: list[str]) -> Iterator[Option]:
    if node is None:
        return
    found = script.classes.get(script.last_word(node))
    if found is None:
        comments.append(
            f"{ast.unparse(node)} is not in the files beside the script: which options does it have?"
        )
        return
    function, _ = init_of(found, script)
    if function is not None:
        yield from options_of(function, script, of_class=True, prefix=f"{name}.")
