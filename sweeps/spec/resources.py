"""A trial's resources, limits and leavings: GPUs, cores, Slurm options; time and attempts; which checkpoints are kept."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from math import ceil
from typing import TYPE_CHECKING

from sweeps.errors import did_you_mean
from sweeps.spec.fields import MAX_NUMBER, is_number, is_whole
from sweeps.spec.schema.shapes import count, duration, flag, listed, mapping, one_of, told, word

if TYPE_CHECKING:
    from sweeps.spec.fields import FieldReader
    from sweeps.spec.schema.shapes import Keys, Shape
    from sweeps.spec.yaml_reader import Node

_WORD: Shape = {"type": ["string", "integer"]}
SLURM_OPTIONS: Keys = {
    "account": told("The account that pays.", _WORD),
    "begin": told("The earliest time at which a job may start, such as 20:00.", _WORD),
    "comment": told("A remark for whoever reads the accounts.", _WORD),
    "constraint": told("Features that a node must have.", _WORD),
    "container": told("The OCI bundle that jobs run in.", _WORD),
    "container-image": told("The image that jobs run in, where the cluster has pyxis.", _WORD),
    "container-mounts": told("What is mounted into that image, such as /data:/data.", _WORD),
    "exclude": told("Nodes that get no job, such as node[3-5].", _WORD),
    "exclusive": flag("Whether a job has its nodes for itself."),
    "gres": told("Generic resources, such as gpu:a100:1; say `gpu` beside `slurm`, too.", _WORD),
    "licenses": told("Licenses that a job needs, such as matlab:1.", _WORD),
    "mail-type": told("When Slurm writes a mail, such as FAIL; of an array each job counts.", _WORD),
    "mail-user": told("To whom.", _WORD),
    "mem": told("Memory of a node, such as 16G.", _WORD),
    "mem-per-cpu": told("Memory for each core, such as 4G.", _WORD),
    "mem-per-gpu": told("Memory for each GPU, such as 32G.", _WORD),
    "nice": told("How far jobs stand back in the queue, such as 100.", _WORD),
    "nodelist": told("Nodes that a job must have.", _WORD),
    "nodes": count(
        "How many nodes a job has; the trial runs on the first, and starts what runs on the others by `srun`."
    ),
    "partition": told("The partition.", _WORD),
    "prefer": told("Features that a node should have.", _WORD),
    "qos": told("The quality of service.", _WORD),
    "reservation": told("The reservation that jobs run in.", _WORD),
    "setup": listed("Lines of the job's script before the trial, such as `module load cuda`.", word()),
    "time": duration("How long a job may take, such as 4h."),
    "tmp": told("Disk that a node must have for temporary files, such as 50G.", _WORD),
    "wckey": told("The key by which the accounts tell workloads apart.", _WORD),
}
RESOURCE_KEYS: Keys = {
    "gpu": {
        "description": "GPUs of one trial; a fraction shares one. Without: one, if the machine has any.",
        "anyOf": [
            {"type": "number", "minimum": 0, "exclusiveMaximum": 1},
            {"type": "integer", "minimum": 1, "maximum": MAX_NUMBER},
        ],
    },
    "gpu_mem": word(
        "A part of one GPU by its memory, such as 8G, in place of `gpu`.",
        r"^(?=.*[1-9])\d{1,6}(\.\d{1,6})? ?[MGTmgt]([iI]?[bB])?$",
    ),
    "gpu_share": {
        "description": "The part of a GPU that one trial takes where there is one, in place of a whole one; elsewhere none.",
        "type": "number",
        "exclusiveMinimum": 0,
        "maximum": 1,
    },
    "cpu": count("Cores of one trial, and so its threads."),
    "slurm": mapping("Options of sbatch; other executors ignore them.", SLURM_OPTIONS),
}
LIMIT_KEYS: Keys = {
    "timeout": duration("How long one attempt may take."),
    "attempts": count("How many attempts may fail before the trial is given up."),
}
_UNITS = {"M": 1 << 20, "G": 1 << 30, "T": 1 << 40}
_SIZE = re.compile(r"(\d{1,6}(?:\.\d{1,6})?) ?([MGT])(?:i?B)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Resources:
    """One trial's share of a machine.

    Attributes:
        gpu: GPUs, a fraction to share one; None: one if the machine has any, else none.
        cpu: Cores, and so threads.
        slurm: Options of sbatch by name, such as `partition`; other executors ignore them.
        gpu_mem: Bytes of one GPU's memory, to share it with others; None: `gpu` says how much of it.
        setup: Lines of a Slurm job's script before the attempt.
        gpu_share: Where `gpu` does not say how many, the part of the one that is taken if there is any; None: all of it.
    """

    gpu: float | None = None
    cpu: int = 1
    slurm: tuple[tuple[str, str], ...] = ()
    gpu_mem: int | None = None
    setup: tuple[str, ...] = ()
    gpu_share: float | None = None

    @property
    def shares_gpu(self) -> bool:
        """Whether `gpu` is a part of one."""
        return self.gpu is not None and 0 < self.gpu < 1


@dataclass(frozen=True, slots=True)
class Limits:
    """How long one attempt may take, and how many attempts a trial gets.

    Attributes:
        timeout_s: Seconds of one attempt; None: no limit.
        attempts: Attempts that may fail before the trial is given up.
    """

    timeout_s: float | None = None
    attempts: int = 1


class Keep(Enum):
    """Which checkpoints of a trial stay in its run's directory once it is done; the value is the word of the file."""

    ALL = "all"
    BEST = "best"
    LAST = "last"
    NONE = "none"


KEEP = one_of(
    [keep.value for keep in Keep], "Which checkpoints of a trial stay once it is done.", Keep.ALL.value
)
RESOURCES: Shape = {
    **mapping("One trial's share of a machine.", RESOURCE_KEYS),
    "dependencies": {
        "gpu_mem": {"properties": {"gpu": False}},
        "gpu_share": {"properties": {"gpu": False, "gpu_mem": False}},
        "slurm": {
            "if": {"properties": {"slurm": {"required": ["gres"]}}},
            "then": {"required": ["gpu"], "properties": {"gpu": {"not": {"const": 0}}}},
        },
    },
}
LIMITS = mapping("How long an attempt may take, and how many a trial gets.", LIMIT_KEYS)


def read_keep(node: Node | None, reader: FieldReader) -> Keep:
    """Read `best`, `last`, `all` or `none`."""
    if node is None:
        return Keep.ALL
    words = [keep.value for keep in Keep]
    if node.content in words:
        return Keep(node.content)
    hint = did_you_mean(node.content, words) if isinstance(node.content, str) else ""
    reader.problem(node, f"must be one of {', '.join(words)}, not {node.describe()}{hint}")
    return Keep.ALL


def read_resources(node: Node | None, reader: FieldReader) -> Resources:
    """Read `{gpu: 0.5, cpu: 2, slurm: {partition: long}}`, or `{gpu_mem: 8G}`."""
    entries = reader.mapping(node, RESOURCE_KEYS) or {}
    gpu = _read_gpu(entries.get("gpu"), reader)
    gpu_mem = _read_size(entries.get("gpu_mem"), reader)
    if "gpu" in entries and "gpu_mem" in entries:
        reader.problem(
            entries["gpu_mem"], "a part of one GPU, by memory, goes without `gpu`; leave out one of them"
        )
    gpu_share = _read_share(entries.get("gpu_share"), reader)
    if "gpu_share" in entries and entries.keys() & {"gpu", "gpu_mem"}:
        reader.problem(
            entries["gpu_share"],
            "is for a file that also runs where there is no GPU, and goes without `gpu` and `gpu_mem`; leave out one of them",
        )
    slurm = _read_slurm(entries.get("slurm"), reader)
    if "gres" in slurm and not gpu:
        remedy = "also say how many GPUs that is, such as `gpu: 1` beside `slurm`"
        options = entries["slurm"]
        reader.problem(options.entry("gres"), remedy, at=options.key_place("gres"))
    setup = _read_setup(entries.get("slurm"), reader)
    cpu = reader.count(entries.get("cpu")) or 1
    return Resources(gpu, cpu, tuple(sorted(slurm.items())), gpu_mem, setup, gpu_share)


def read_limits(node: Node | None, reader: FieldReader) -> Limits:
    """Read `{timeout: 2h, attempts: 3}`."""
    entries = reader.mapping(node, LIMIT_KEYS) or {}
    return Limits(reader.duration_s(entries.get("timeout")), reader.count(entries.get("attempts")) or 1)


def _read_gpu(node: Node | None, reader: FieldReader) -> float | None:
    if node is None:
        return None
    value = node.content
    if is_number(value):
        is_share = 0 <= value < 1
        if is_share or (1 <= value <= MAX_NUMBER and value == int(value)):
            return float(value)
    reader.problem(node, f"must be a whole number or a fraction below 1, not {node.describe()}")
    return None


def _read_share(node: Node | None, reader: FieldReader) -> float | None:
    if node is None:
        return None
    value = node.content
    if is_number(value) and 0 < value <= 1:
        return float(value)
    reader.problem(node, f"must be a part of a GPU, above 0 and up to 1, not {node.describe()}")
    return None


def _read_size(node: Node | None, reader: FieldReader) -> int | None:
    """Bytes, of a size such as `8G`; units are powers of 1024, as Slurm's are."""
    if node is None:
        return None
    found = _SIZE.fullmatch(node.content) if isinstance(node.content, str) else None
    size = int(float(found[1]) * _UNITS[found[2].upper()]) if found else 0
    if size:
        return size
    reader.problem(node, f"must be a size such as 8G or 500M, not {node.describe()}")
    return None


def size_text(size: int) -> str:
    """`8G` or `500M` of bytes, as `gpu_mem` is written."""
    unit = "G" if size >= _UNITS["G"] else "M"
    return f"{size / _UNITS[unit]:.4g}{unit}"


def _read_slurm(node: Node | None, reader: FieldReader) -> dict[str, str]:
    """Sbatch's options as text; `time` as minutes, rounded up, and those that are on as nothing."""
    options = {}
    for key, value in (reader.mapping(node, SLURM_OPTIONS) or {}).items():
        if key == "time":
            limit_s = reader.duration_s(value)
            if limit_s is not None:
                options[key] = str(ceil(limit_s / 60))
        elif key == "exclusive":
            if reader.flag(value):
                options[key] = ""
        elif key == "nodes":
            options[key] = str(reader.count(value))
        elif key == "setup" or key not in SLURM_OPTIONS:
            continue
        elif isinstance(value.content, str) or is_whole(value.content):
            options[key] = str(value.content)
        else:
            reader.problem(value, f"must be a word, not {value.describe()}")
    return options


def _read_setup(node: Node | None, reader: FieldReader) -> tuple[str, ...]:
    """Lines of a shell."""
    lines = (node.mapping or {}).get("setup") if node is not None else None
    return tuple(filter(None, (reader.word(line) for line in reader.items(lines))))
