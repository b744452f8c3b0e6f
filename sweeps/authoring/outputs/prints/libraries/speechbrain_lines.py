"""What SpeechBrain logs of each epoch: `epoch: 3, lr: 1.0e-03 - train loss: 0.5 - valid loss: 0.6, valid error: 2.1e-01`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sweeps.authoring.literals import text_of
from sweeps.authoring.outputs.finding import FoundSource
from sweeps.spec.trainer.source_model import CARRIED

if TYPE_CHECKING:
    from sweeps.authoring.script import Script

_EPOCH = r"\b[Ee]poch:\s+(?P<epoch>\d+)(?=.*\s-\s+train\s)"
_METRIC = r"\b(?P<name>(?:train|valid|test) [\w.-]+):\s+(?P<value>[-+.\de]+|nan|inf)"


def speechbrain_lines(script: Script) -> list[FoundSource]:
    """What reads the lines of its train logger: of each the epoch first; nothing of a script that logs none."""
    call = next(script.calls("train_logger.log_stats", "log_stats"), None)
    if call is None or not script.imports_from("speechbrain"):
        return []
    told = text_of(call)
    return [
        FoundSource("stdout", _EPOCH, "epoch", told=told, leads=True),
        FoundSource("stdout", _METRIC, CARRIED, told=f"what {told} logs then"),
    ]
