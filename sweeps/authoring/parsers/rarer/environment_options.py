"""Settings that a script takes from environment variables."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from sweeps.authoring.literals import number_or_text, value_of
from sweeps.authoring.option import Interface, Option, kind_of, without_repeats
from sweeps.authoring.parsers.annotations import with_default
from sweeps.authoring.syntax import argument

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sweeps.authoring.script import Script

_OF_THE_MACHINE = re.compile(
    r"(RANK|LOCAL_RANK|WORLD_SIZE|LOCAL_WORLD_SIZE|NODE_RANK|MASTER_\w+|HOME|USER|PATH|PWD|TMP\w*|HOST\w*|DISPLAY|DEBUG|"
    r"VERBOSE|DISABLE_\w+|\w*(TOKEN|KEY|SECRET|PASSWORD|HOST|PORT|URI|URL)|(CUDA|NVIDIA|NCCL|SLURM|PYTHON|PYTORCH|TORCH|XLA|JAX|TF|OMP|"
    r"MKL|WANDB|MLFLOW|HF|AWS|SM|TOKENIZERS|COMET|NEPTUNE|SWEEP|CI|KAGGLE|COLAB)(_\w*)?)"
)
"""Variables that are none of a training's settings."""
_OF_TRAINING = re.compile(
    r"(?i)(^|_)(lr|learning_rate|epochs?|steps?|iters?|iterations|batch|batch_size|bs|seed|dropout|decay|momentum|layers|dim|hidden)(_|$)"
)
_CASTS = ("int", "float", "str")


def read(script: Script) -> Interface | None:
    """What a script takes from variables with a default; None: it has none that a training is set by."""
    found = without_repeats(_options(script))
    if not any(_OF_TRAINING.search(option.key) for option in found):
        return None
    return Interface("the environment", "", found)


def _options(script: Script) -> Iterator[Option]:
    casts = {
        id(call.args[0]): call.func.id
        for call in script.each(ast.Call)
        if isinstance(call.func, ast.Name) and call.func.id in _CASTS and len(call.args) == 1
    }
    for call in script.calls("os.environ.get", "os.getenv", "environ.get", "getenv"):
        name = value_of(argument(call, 0), script.constants)
        if not isinstance(name, str) or not name.isidentifier() or _OF_THE_MACHINE.fullmatch(name):
            continue
        default = value_of(argument(call, 1), script.constants)
        if isinstance(default, str):  # as a variable always is
            default = number_or_text(default, int, float)
        kind = casts.get(id(call), kind_of(default))
        option = Option(name.lower(), kind, variable=name)
        yield option if isinstance(default, bool) else with_default(option, default)
