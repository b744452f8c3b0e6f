"""Finds the checkpoints among a run's files, and says which of them are beyond what is to be kept. Pure.

A program's own words are all that there is: the names of its files. A file counts as a checkpoint only where its kind, its
name or the folder that it is in says so, so that `predictions.pt` is none. Checkpoints that differ in numbers alone, or in words such as
`best` and `last`, make a series: `G_10.pth` and `G_20.pth` are one, `D_10.pth` and `D_20.pth` are another. What is kept
is kept of each series.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from sweeps.spec.resources import Keep

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from pathlib import Path

    from sweeps.disk.tree import File

_MODEL_KINDS = frozenset({".ckpt", ".keras", ".pth", ".safetensors"})
"""Files of these kinds hold models."""
_TENSORS = ".pt"
"""Files of this kind hold tensors, most often a model's."""
_ANYTHING = frozenset({".bin", ".h5", ".hdf5", ".joblib", ".msgpack", ".npz", ".pkl", ".tar"})
"""These hold anything: a word has to say that it is a model."""
_BEST, _LAST = frozenset({"best"}), frozenset({"last", "latest", "final"})
_BEFORE = frozenset({"prev", "previous", "damaged", "old", "backup", "bak"})
_ROLES = _BEST | _LAST | _BEFORE
_COUNTERS = frozenset({"epoch", "epochs", "ep", "step", "steps", "iter", "iteration", "it", "global"})
_CHECKPOINTS = frozenset({"checkpoint", "checkpoints", "ckpt", "ckpts", "chkpt"})
_MODELS = frozenset({"model", "models", "net", "network", "weights", "state", "states", "dict", "params"})
_PARTS = frozenset({"optimizer", "optim", "ema", "generator", "discriminator", "encoder", "decoder"})
_RESULTS = frozenset(
    {"activations", "args", "cache", "config", "data", "dataset", "embedding", "embeddings", "features"}
    | {"history", "images", "labels", "latents", "log", "metrics", "output", "outputs", "pred", "prediction"}
    | {"predictions", "preds", "result", "results", "sample", "samples", "scores", "stats", "targets", "test"}
    | {"tokenizer", "vocab"}
)
"""A file that one of these words names holds what a model gave, or was given."""
_KINDS = frozenset(
    {"expert", "fold", "head", "member", "part", "rank", "seed", "shard", "split", "stage", "task"}
)
"""A number behind one of these tells things apart that stand side by side; any other one counts."""
_WORD = re.compile(r"([A-Z]+(?![a-z])|[A-Z]?[a-z]+)([-_=.]?)(\d*)")
_SHARD = re.compile(r"-\d+-of-\d+")
_NUMBERED = re.compile(r"(checkpoint|ckpt|epoch|(global_?)?step|iter)[-_=]?\d+.*", re.IGNORECASE)
_VERSION = re.compile(r"version_\d+")
"""Lightning's folder of an attempt."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """One checkpoint: a file, the shards of one, or a folder.

    Attributes:
        name: Its path below the run's files; the first shard's, of several.
        files: Its files, and the links that lead to it.
        is_folder: Whether all that lies below that path belongs to it.
        series: What it shares with those that it follows or is followed by.
        roles: What its own name, or a link to it, says that it is: words such as `best`.
        changed_ns: When it was last written, since the epoch.
    """

    name: PurePosixPath
    files: tuple[File, ...]
    is_folder: bool
    series: tuple[str, ...]
    roles: frozenset[str]
    changed_ns: int

    @property
    def is_best(self) -> bool:
        """Whether it is said to be the best."""
        return bool(self.roles & _BEST)

    @property
    def is_last(self) -> bool:
        """Whether it is said to be the last."""
        return bool(self.roles & _LAST) and not self.is_before

    @property
    def is_before(self) -> bool:
        """Whether it is a spare copy: the one before the last, or a damaged one."""
        return bool(self.roles & _BEFORE)


@dataclass(frozen=True, slots=True)
class Sorted:
    """The checkpoints of a run.

    Attributes:
        kept: Those that stay.
        beyond: Those that do not.
        undecided: The first of each series of which `best` was to stay, and none says that it is the best: all stay.
    """

    kept: tuple[Checkpoint, ...] = ()
    beyond: tuple[Checkpoint, ...] = ()
    undecided: tuple[str, ...] = ()


def sort_out(keeps: Collection[Keep], checkpoints: Iterable[Checkpoint]) -> Sorted:
    """Say which checkpoints stay: those that one of the wishes keeps, where several sweeps share a trial."""
    series: dict[tuple[str, ...], list[Checkpoint]] = {}
    for checkpoint in checkpoints:
        series.setdefault(checkpoint.series, []).append(checkpoint)
    kept: list[Checkpoint] = []
    beyond: list[Checkpoint] = []
    undecided: list[str] = []
    for members in series.values():
        wished = [_stays(keep, members) for keep in keeps]
        if None in wished:
            undecided.append(str(members[0].name))
        stays = [member for member in members if any(wish is None or member in wish for wish in wished)]
        kept += stays
        beyond += [member for member in members if member not in stays]
    return Sorted(tuple(kept), tuple(beyond), tuple(undecided))


def _stays(keep: Keep, members: Sequence[Checkpoint]) -> Sequence[Checkpoint] | None:
    """Those of a series that stay; None where nothing tells."""
    if keep is Keep.NONE:
        return ()
    if keep is Keep.ALL or len(members) == 1:
        return members
    if keep is Keep.BEST:
        return [member for member in members if member.is_best] or None
    said = [member for member in members if member.is_last]
    if said:
        return said
    numbered = [m for m in members if not m.is_best and not m.is_before] or members
    return [max(numbered, key=lambda member: (member.changed_ns, str(member.name)))]


@dataclass(slots=True)
class _Unit:
    files: list[File] = field(default_factory=list)
    is_folder: bool = False
    roles: set[str] = field(default_factory=set)


def find_checkpoints(root: Path, files: Sequence[File], best: Collection[str] = ()) -> tuple[Checkpoint, ...]:
    """The checkpoints among the files of a run, in the order of their names.

    Args:
        root: The folder that the files lie in.
        files: All that lies below it.
        best: Paths below it that its program declares to be the best, or names of folders that it does.
    """
    units: dict[PurePosixPath, _Unit] = {}
    links: list[tuple[File, PurePosixPath]] = []
    for file in files:
        path = PurePosixPath(file.path.relative_to(root).as_posix())
        if file.leads_to is not None:
            links.append((file, path))
        elif (found := _unit_of(path)) is not None:
            name, is_folder = found
            unit = units.setdefault(name, _Unit(is_folder=is_folder))
            unit.files.append(file)
            if str(name) in best or name.name in best or str(path) in best:
                unit.roles |= _BEST
    for file, path in links:
        led = PurePosixPath(_normal(path.parent / str(file.leads_to)))
        target = units.get(led)
        if target is not None:
            target.files.append(file)
            target.roles |= _roles(path.name)
    return tuple(
        Checkpoint(
            name,
            tuple(unit.files),
            unit.is_folder,
            _series(name),
            frozenset(unit.roles | _roles(name.name)),
            max(file.changed_ns for file in unit.files),
        )
        for name, unit in sorted(units.items())
    )


def _unit_of(path: PurePosixPath) -> tuple[PurePosixPath, bool] | None:
    """The checkpoint that a file belongs to, and whether that is a folder; None: to none."""
    for folder in reversed(path.parents[:-1]):
        if _NUMBERED.fullmatch(folder.name) or folder.suffix in {".ckpt", ".orbax"}:
            return folder, True
    name = path.with_name(_SHARD.sub("", path.name))
    kind, words = name.suffix.lower(), _words(name.stem)
    if kind == ".json":
        is_one = bool(words & _CHECKPOINTS)
    elif kind in _ANYTHING:
        is_one = bool(words & (_CHECKPOINTS | _MODELS | _PARTS))
    elif kind == _TENSORS:
        is_named = not words or bool(words & (_CHECKPOINTS | _MODELS | _PARTS | _ROLES | _COUNTERS))
        is_one = is_named or any(_words(folder.name) & _CHECKPOINTS for folder in path.parents)
    else:
        is_one = kind in _MODEL_KINDS
    is_result = bool(words & _RESULTS) and not words & _CHECKPOINTS
    return (name, False) if is_one and not is_result else None


def _series(name: PurePosixPath) -> tuple[str, ...]:
    """What is left of a path without the numbers and words that tell checkpoints of one series apart."""
    folders = (folder for folder in name.parent.parts if not _VERSION.fullmatch(folder))
    own = set()
    for word, joint, number in _WORD.findall(PurePosixPath(name.name).stem):
        lowered = word.lower()
        if lowered not in _ROLES | _COUNTERS | _CHECKPOINTS | _MODELS:
            own.add(lowered + (number if not joint or lowered in _KINDS else ""))
    return (*folders, *sorted(own))


def _roles(name: str) -> frozenset[str]:
    return frozenset(_words(name) & _ROLES)


def _words(text: str) -> set[str]:
    return {word.lower() for word, _, _ in _WORD.findall(text)}


def _normal(path: PurePosixPath) -> str:
    parts: list[str] = []
    for part in path.parts:
        if part == "..":
            if not parts:
                return str(path)
            parts.pop()
        else:
            parts.append(part)
    return "/".join(parts)
