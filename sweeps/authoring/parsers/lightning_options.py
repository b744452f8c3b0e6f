"""Options of LightningCLI: the constructors of its model and its data."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from sweeps.authoring.option import Interface, Option
from sweeps.authoring.parsers.function_options import init_of, options_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sweeps.authoring.script import Script

CLI = "LightningCLI"
LOGGER = ("--trainer.logger=CSVLogger", "--trainer.logger.save_dir={run_dir}")
"""Words that make Lightning write a table, whatever else is installed."""
CONFIG_FLAGS = ("--config", "-c")
_SUBCOMMANDS = ("fit", "validate", "test", "predict")
_FOLDER = "--trainer.default_root_dir={run_dir}"


def read(script: Script) -> Interface | None:
    """What a script takes through LightningCLI, or a class of its own that is one; None: it has none."""
    names = [
        CLI,
        *(
            name
            for name, node in script.classes.items()
            if any(CLI in ast.unparse(base) for base in node.bases)
        ),
    ]
    for call in script.calls(*names):
        said = {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}
        parts = [("model", call.args[0] if call.args else said.get("model_class"))]
        parts.append(("data", call.args[1] if len(call.args) > 1 else said.get("datamodule_class")))
        options = [
            Option(
                "trainer.max_epochs",
                "int",
                1000,
                help="how many epochs to train",
                flag="--trainer.max_epochs",
            )
        ]
        options.append(
            Option("seed_everything", "int", 0, help="the seed of everything", flag="--seed_everything")
        )
        comments: list[str] = []
        for name, node in parts:
            options += _of_part(name, node, script, comments)
        is_run = "run" not in said or not (
            isinstance(said["run"], ast.Constant) and said["run"].value is False
        )
        has_logger = (
            "logger" in ast.unparse(said["trainer_defaults"]) if "trainer_defaults" in said else False
        )
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
    found = script.classes.get(script.dotted(node).rpartition(".")[2])
    if found is None:
        comments.append(
            f"{ast.unparse(node)} is not in the files beside the script: which options does it have?"
        )
        return
    function, _ = init_of(found, script)
    for option in (
        options_of(function, script, of_class=True, prefix=f"{name}.") if function is not None else []
    ):
        yield replace(option, flag=f"--{option.key}")
