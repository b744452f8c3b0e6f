"""Finds the checkpoints among a run's files, and says which of them are beyond what is to be kept. Pure.

A program's own words are all that there is: the names of its files. A file counts as a checkpoint only where its kind, its
name or the folder that it is in says so, so that `predictions.pt` is none. Checkpoints that differ in numbers alone, or in words such as
`best` and `last`, make a series: `G_epoch1.pth` and `G_epoch2.pth` are one, `D_epoch1.pth` is of another. What is kept is kept
of each series. A number counts only where a word says so: `model_0.pt` and `model_1.pt` may be two epochs or two models side by
side. Where that is open all of a series stay.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from sweeps.spec.resources import Keep

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from sweeps.disk.tree import File

_WORD = re.compile(r"([A-Z]+(?![a-z])|[A-Z]?[a-z]+)([-_=.]?)(\d*(?:\.\d+)?)")
"""A word of a name, what joins a number to it, and that number."""


def _words(text: str) -> frozenset[str]:
    return frozenset(word.lower() for word, _, _ in _WORD.findall(text))


_MODEL_KINDS = frozenset({".ckpt", ".keras", ".pth", ".safetensors"})
"""Files of these kinds hold models."""
_TENSORS = ".pt"
"""Files of this kind hold tensors, most often a model's."""
_ANYTHING = frozenset({".bin", ".h5", ".hdf5", ".joblib", ".msgpack", ".npz", ".pkl", ".tar"})
"""These hold anything: a word has to say that it is a model."""
_FOLDERS = frozenset({".ckpt", ".orbax"})
"""Folders of these kinds hold models."""
_BEST, _LAST = _words("best"), _words("last latest final")
_BEFORE = _words("prev previous damaged old backup bak")
_ROLES = _BEST | _LAST | _BEFORE
_COUNTERS = _words("epoch epochs ep step steps iter iteration it global")
_CHECKPOINTS = _words("checkpoint checkpoints ckpt ckpts chkpt")
_MODELS = _words("model models net network weights state states dict params")
_PARTS = _words("optimizer optim ema generator discriminator encoder decoder")
_RESULTS = _words(
    "activations args cache config data dataset embedding embeddings features history images labels latents log metrics output "
    "outputs pred prediction predictions preds result results sample samples scores stats targets test tokenizer vocab"
)
"""A file that one of these words names holds what a model gave, or was given."""
_KINDS = _words(
    "actor agent block class client critic cv domain expert fold head layer level member part rank replica run seed shard split "
    "stage subject task worker"
)
"""A number behind one of these tells things apart that stand side by side."""
_SCORES = _words(
    "acc accuracy auc bleu cer dice error fid iou loss lpips mae map miou mse nll perplexity ppl psnr return reward rmse score "
    "ssim wer"
)
"""A number behind one of these says how good it is."""
_NUMBER = re.compile(r"\d+")
_SHARD = re.compile(r"-\d+-of-\d+")
_NUMBERED = re.compile(r"(checkpoint|ckpt)[-_=]?\d+", re.IGNORECASE)
"""A folder of this name is a checkpoint, if there is a model in it."""
_MOST_LINKS = 20
"""A longer chain of links is taken for a ring."""
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
        counted: The numbers in its name that words say are counted.
        open: Those of which nothing tells whether they count.
        is_in_doubt: Whether a link of the run is called the best or the last, and nobody knows what it leads to.
    """

    name: PurePosixPath
    files: tuple[File, ...]
    is_folder: bool
    series: tuple[str, ...]
    roles: frozenset[str]
    changed_ns: int
    counted: tuple[int, ...] = ()
    open: tuple[str, ...] = ()
    is_in_doubt: bool = False

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

    def parts(self, root: Path) -> Iterator[tuple[Path, tuple[File, ...]]]:
        """What has to go of it: its folder or its files, then the links that lead to it; each with the names that go."""
        own = tuple(file for file in self.files if file.leads_to is None)
        links = tuple(file for file in self.files if file.leads_to is not None)
        if self.is_folder:
            yield root / self.name, own
        for file in links if self.is_folder else (*own, *links):
            yield file.path, (file,)


@dataclass(frozen=True, slots=True)
class Sorted:
    """The checkpoints of a run.

    Attributes:
        kept: Those that stay.
        beyond: Those that do not.
        undecided: The first of each series of which nothing says what is to stay: all stay.
    """

    kept: tuple[Checkpoint, ...] = ()
    beyond: tuple[Checkpoint, ...] = ()
    undecided: tuple[str, ...] = ()


def sort_out(keeps: Collection[Keep], checkpoints: Iterable[Checkpoint]) -> Sorted:
    """Say which checkpoints stay: those that one of the wishes keeps, where several sweeps share a trial.

    Returns:
        Those that stay and those that do not, series by series.
    """
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
    if any(member.is_in_doubt for member in members) or len({member.open for member in members}) > 1:
        return None
    if keep is Keep.BEST:
        return [member for member in members if member.is_best] or None
    said = [member for member in members if member.is_last]
    if said:
        return said
    numbered = [m for m in members if not m.is_best and not m.is_before] or members
    return _newest(numbered)


def _newest(members: Sequence[Checkpoint]) -> Sequence[Checkpoint]:
    """The one that was written last, and the one of the highest number; several where neither tells them apart."""
    last_ns, highest = max(m.changed_ns for m in members), max(m.counted for m in members)
    newest = [m for m in members if m.changed_ns == last_ns]
    reached = max(m.counted for m in newest)
    return [m for m in members if m.counted == highest or (m in newest and m.counted in {reached, ()})]


@dataclass(slots=True)
class _Unit:
    files: list[File] = field(default_factory=list)
    is_folder: bool = False
    roles: set[str] = field(default_factory=set)


def find_checkpoints(
    root: Path, files: Sequence[File], best: Collection[str] = (), roots: Collection[Path] = ()
) -> tuple[Checkpoint, ...]:
    """Find the checkpoints among the files of a run.

    Args:
        root: The folder that the files lie in.
        files: All that lies below it.
        best: Paths below it that its program declares to be the best, or names of folders that it does.
        roots: All names of the folder, by which links may lead into it.

    Returns:
        The checkpoints, in the order of their names.
    """
    units: dict[PurePosixPath, _Unit] = {}
    links: dict[PurePosixPath, tuple[File, PurePosixPath | None]] = {}
    others: set[PurePosixPath] = set()
    for file in files:
        path = PurePosixPath(file.path.relative_to(root).as_posix())
        if file.leads_to is not None:
            links[path] = file, _led(path, file.leads_to, roots or {root})
        elif (found := _unit_of(path)) is not None:
            name, is_folder = found
            unit = units.setdefault(name, _Unit(is_folder=is_folder))
            unit.files.append(file)
            if str(name) in best or name.name in best or str(path) in best:
                unit.roles |= _BEST
        else:
            others.add(path)
    units = {name: unit for name, unit in units.items() if not unit.is_folder or _has_model(name, unit.files)}
    is_in_doubt = False
    for path, (file, led) in links.items():
        end = _end_of(led, links)
        target = _unit_at(end, units) if end is not None else None
        if target is not None:
            target.files.append(file)
            target.roles |= _roles(path.name)
        elif _roles(path.name) & (_BEST | _LAST) and not _is_elsewhere(end, units, others):
            is_in_doubt = True
    return tuple(
        Checkpoint(
            name,
            tuple(unit.files),
            unit.is_folder,
            _series(name),
            frozenset(unit.roles | _roles(name.name)),
            max(file.changed_ns for file in unit.files if file.leads_to is None),
            *_numbers(name),
            is_in_doubt,
        )
        for name, unit in sorted(units.items())
    )


def _unit_of(path: PurePosixPath) -> tuple[PurePosixPath, bool] | None:
    """The checkpoint that a file belongs to, and whether that is a folder; None: to none."""
    for folder in reversed(path.parents[:-1]):
        if _NUMBERED.fullmatch(folder.name) or folder.suffix in _FOLDERS:
            return folder, True
    without = _SHARD.sub("", path.name)
    name = path.with_name(without) if without.strip(".") else path
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


def _has_model(name: PurePosixPath, files: Sequence[File]) -> bool:
    """Whether a folder has a file of a kind that may hold a model."""
    kinds = {file.path.suffix.lower() for file in files}
    return bool(kinds & (_MODEL_KINDS | _ANYTHING | {_TENSORS})) or name.suffix in _FOLDERS


def _led(path: PurePosixPath, target: str, roots: Collection[Path]) -> PurePosixPath | None:
    """What a link leads to, below the run's files; None: it leads out of them."""
    led = PurePosixPath(target)
    if led.is_absolute():
        below = [led.relative_to(root.as_posix()) for root in roots if led.is_relative_to(root.as_posix())]
        if not below:
            return None
        led = below[0]
    else:
        led = path.parent / led
    normal = PurePosixPath(posixpath.normpath(led))
    return None if ".." in normal.parts else normal


def _end_of(
    led: PurePosixPath | None, links: Mapping[PurePosixPath, tuple[File, PurePosixPath | None]]
) -> PurePosixPath | None:
    """Where a chain of links ends, links to folders on the way too; None: outside, or nowhere."""
    for _ in range(_MOST_LINKS):
        if led is None:
            return None
        link = next((one for one in (led, *led.parents) if one in links), None)
        if link is None:
            return led
        _, then = links[link]
        led = None if then is None else then / led.relative_to(link)
    return None


def _unit_at(path: PurePosixPath, units: Mapping[PurePosixPath, _Unit]) -> _Unit | None:
    """The checkpoint that a path is, or is a part of."""
    if path in units:
        return units[path]
    found = _unit_of(path) if path.name else None
    return units.get(found[0]) if found is not None else None


def _is_elsewhere(
    end: PurePosixPath | None, units: Collection[PurePosixPath], others: Collection[PurePosixPath]
) -> bool:
    """Whether a link leads to something of the run that is no checkpoint, and has none in it."""
    if end is None or any(end in name.parents for name in units):
        return False
    return any(end == other or end in other.parents for other in others)


def _numbers(name: PurePosixPath) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """The numbers in a name that are counted, and those of which nothing tells whether they are."""
    counted, unclear = [], []
    stem = PurePosixPath(name.name).stem
    for word, joint, number in _WORD.findall(stem):
        lowered = word.lower()
        if number and lowered in _COUNTERS | _CHECKPOINTS | _ROLES:
            counted.append(int(float(number)))
        elif number and (lowered in _MODELS or (joint and lowered not in _KINDS | _SCORES)):
            unclear.append(f"{lowered}{number}")
    bare = _NUMBER.findall(_WORD.sub(" ", stem))
    if _words(name.parent.name) & _CHECKPOINTS:
        counted += map(int, bare)
    else:
        unclear += bare
    return tuple(counted), tuple(unclear)


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
    return _words(name) & _ROLES
