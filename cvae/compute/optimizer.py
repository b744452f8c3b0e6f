"""Makes the optimizer, whose learning rate can be changed under a recorded step, and keeps its state in one form for all devices."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, Literal

import torch
from torch import Tensor

if TYPE_CHECKING:
    from collections.abc import Iterable

Kind = Literal["Adam", "AdamW"]


def make_optimizer(
    kind: Kind, parameters: Iterable[Tensor], *, lr: float, device: torch.device
) -> torch.optim.Optimizer:
    """Make a fused optimizer; on a GPU one that a CUDA graph can record, with its learning rate in a tensor."""
    made: type[torch.optim.Adam] = {"Adam": torch.optim.Adam, "AdamW": torch.optim.AdamW}[kind]
    if device.type != "cuda":
        return made(parameters, lr=lr, fused=True)
    # Its first step is always taken one by one, before a recording: that is no mistake to warn of.
    warnings.filterwarnings("ignore", message="This instance was constructed with capturable=True")
    return made(parameters, lr=torch.tensor(lr, device=device), fused=True, capturable=True)


def set_learning_rate(optimizer: torch.optim.Optimizer, lr: float) -> None:
    """Change the learning rate of the steps to come, recorded ones too."""
    for group in optimizer.param_groups:
        if isinstance(group["lr"], Tensor):
            group["lr"].fill_(lr)
        else:
            group["lr"] = lr


def state_of(optimizer: torch.optim.Optimizer) -> dict[str, Any]:
    """The optimizer's state as a checkpoint keeps it: the same on every device, the learning rate a number."""
    state = optimizer.state_dict()
    groups = [
        {**group, "lr": float(group["lr"]), **({"capturable": False} if "capturable" in group else {})}
        for group in state["param_groups"]
    ]
    return {**state, "param_groups": groups}


def load_state(optimizer: torch.optim.Optimizer, state: dict[str, Any]) -> None:
    """Take over a checkpoint's state, of whichever device; what this device needs stays as it was made."""
    kept: list[dict[str, Any]] = [
        {key: group[key] for key in ("lr", "capturable", "fused") if key in group}
        for group in optimizer.param_groups
    ]
    optimizer.load_state_dict(state)
    for group, own in zip(optimizer.param_groups, kept, strict=True):
        lr, before = own["lr"], group["lr"]
        group.update(own)
        if isinstance(lr, Tensor):
            lr.fill_(float(before))
        else:
            group["lr"] = float(before)
