"""The trainer's own `provenance.json`: the data that it uses, the memory that it needs, and the model that it leaves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sweeps.rundir.paths import read_object
from sweeps.rundir.store_limits import of_step

if TYPE_CHECKING:
    from sweeps.rundir.paths import RunPaths


@dataclass(frozen=True, slots=True)
class Data:
    """The data of a run.

    Attributes:
        identity: Equal identities mean equal data.
        name: What people call it.
        source: Its path or address; empty where it is made, not read.
    """

    identity: str
    name: str
    source: str


@dataclass(frozen=True, slots=True)
class Model:
    """A checkpoint among the run's files, and the step that it is of (None: not said)."""

    file: str
    step: int | None


def declared_data(paths: RunPaths) -> Data | None:
    """The data that is declared, or None."""
    content = read_object(paths.provenance)
    identity, named = content.get("data"), content.get("dataset")
    if not identity:
        return None
    more = named if isinstance(named, dict) else {}
    return Data(str(identity), str(more.get("name") or "data"), str(more.get("source") or ""))


def declared_gpu_mem(paths: RunPaths) -> int | None:
    """The bytes of a GPU's memory that the trainer says it needs, or None."""
    size = read_object(paths.provenance).get("gpu_mem")
    return size if isinstance(size, int) and not isinstance(size, bool) and size > 0 else None


def declared_model(paths: RunPaths) -> Model | None:
    """The model that is declared, or None."""
    model = read_object(paths.provenance).get("model")
    if not isinstance(model, dict) or not isinstance(model.get("file"), str):
        return None
    step = model.get("step")
    return Model(model["file"], step if isinstance(step, int) and of_step(step) is None else None)
