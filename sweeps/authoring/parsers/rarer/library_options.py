"""Parsers of libraries that take a config file, and settings of it behind: detectron2, OpenMMLab, SpeechBrain."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from sweeps.authoring.option import Interface, Option, kind_of

if TYPE_CHECKING:
    from sweeps.authoring.script import Script

_OF_DETECTRON = (
    ("SOLVER.BASE_LR", 0.001),
    ("SOLVER.MAX_ITER", 40000),
    ("SOLVER.IMS_PER_BATCH", 16),
    ("SEED", -1),
    ("OUTPUT_DIR", "./output"),
)
"""Some of what every config of detectron2 has, with the library's own defaults."""
_OF_LAZY_CONFIG = (("train.max_iter", 90000), ("train.seed", -1), ("train.output_dir", "./output"))
_OF_MMENGINE = (
    ("optim_wrapper.optimizer.lr", "float"),
    ("train_cfg.max_epochs", "int"),
    ("randomness.seed", "int"),
)
"""Some of what every config of OpenMMLab may have."""
_OF_SPEECHBRAIN = (
    ("seed", "int", ""),
    ("number_of_epochs", "int", ""),
    ("output_folder", "str", "where checkpoints and logs go"),
)
"""What the hparams of nearly every recipe have."""


def read(script: Script) -> Interface | None:
    """What a script takes through such a parser; None: it has none."""
    if next(script.calls("default_argument_parser"), None) is not None and script.imports_from("detectron2"):
        return _of_detectron(script)
    return _of_mmengine(script) or _of_speechbrain(script)


def _of_detectron(script: Script) -> Interface:
    """detectron2's own parser: a config file, and settings behind all options."""
    is_lazy = next(script.calls("LazyConfig.load"), None) is not None
    known = _OF_LAZY_CONFIG if is_lazy else _OF_DETECTRON
    file = Option(
        "config-file", "str", help="the config of the model", flag="--config-file", is_required=True
    )
    settings = (Option(key, kind_of(default), default, flag=key, is_quiet=True) for key, default in known)
    told = "detectron2 has more settings, which are not in the script: set any of its config's keys"
    return Interface("detectron2", "hydra" if is_lazy else "yacs", (file, *settings), comments=(told,))


def _of_mmengine(script: Script) -> Interface | None:
    """The options of scripts of OpenMMLab: a config file by its place, and its settings behind `--cfg-options`."""
    names = {
        argument.value
        for call in script.calls("add_argument")
        for argument in call.args
        if isinstance(argument, ast.Constant)
    }
    if "--cfg-options" not in names or not script.imports_from("mmengine", "mmcv"):
        return None
    settings = (Option(key, kind, flag=key) for key, kind in _OF_MMENGINE)
    file = Option("config", "str", help="the config file", is_required=True)
    where = ("--work-dir={run_dir}",) if "--work-dir" in names else ()
    told = "its config has more settings, which are not in the script: set any of them under `defaults:` at the top level of this file"
    return Interface(
        "mmengine", "hydra", (file, *settings), after=where, comments=(told,), rest_flag="--cfg-options"
    )


def _of_speechbrain(script: Script) -> Interface | None:
    """A recipe of SpeechBrain: a file of hyperparameters by its place, each of whose keys is an option."""
    if not script.imports_from("speechbrain") or next(script.calls("parse_arguments"), None) is None:
        return None
    file = Option("hparams_file", "str", help="the file of hyperparameters", is_required=True)
    settings = (
        Option(key, kind, help=told, flag=f"--{key}", is_quiet=True) for key, kind, told in _OF_SPEECHBRAIN
    )
    told = "each key at the top of its hparams file is an option: set any of them under `defaults:` at the top level of this file, as lr: 0.1"
    return Interface("SpeechBrain", "argparse", (file, *settings), comments=(told,))
