"""Which files outside their runs' directories several trials wrote, as far as `sweep run` saw it: one overwrites the other's. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from analysis.read.provenance import shortened

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from analysis.read.store import RunRecord

OWN_FOLDER = 'give each a folder: {run_dir} as the program\'s option for outputs, or `cwd: "{run_dir}"` with `link:` for what it reads'
"""The remedy where no setting names the file."""
MOST_TRIALS = 6
"""How many trials a sentence names."""
_FOLDER = re.compile(r"(?i)out|save|log|result|ckpt|checkpoint|exp|run|work")
"""What the name of a setting for a folder of outputs has."""


def shared_files(runs: Iterable[RunRecord], configs: Iterable[Mapping[str, Any]] = ()) -> tuple[str, ...]:
    """Return a sentence for each group of trials of which a run says that they wrote the same files.

    Both wrote it as far as times prove: that it changed while one ran, and again while the other did.

    Args:
        runs: The runs.
        configs: The configs of their trials, of which a setting may name the file.
    """
    trials: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for run in runs:
        for path, other in run.shared_files.items():
            trials[path] |= {other: None, f"{run.sweep}/{run.trial}": None}
    paths: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
    for path, names in trials.items():
        paths[tuple(sorted(names))].append(path)
    settings = tuple(configs) if paths else ()
    return tuple(
        f"{shortened(sorted(files))} changed while different trials ran ({shortened(names, MOST_TRIALS)}), which may overwrite "
        f"each other's; {remedy(own_places(files, settings))}."
        for names, files in paths.items()
    )


def own_places(paths: Iterable[str], configs: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """Return the settings, as lines of a file, that would give each trial files or folders of its own in place of shared ones.

    Args:
        paths: The shared files, absolute.
        configs: What trials are set to, by dotted keys.
    """
    configs = tuple(configs)
    return tuple(dict.fromkeys(line for path in sorted(paths) if (line := _own_place(path, configs))))


def remedy(places: Iterable[str]) -> str:
    """How each trial gets a place of its own: by what `own_places` found, else by what there is for any program."""
    lines = [f"`{line}`" for line in places]
    if not lines:
        return OWN_FOLDER
    return f"to give each trial a place of its own, set {shortened(lines)}; trials that finished are `changed` then"


def _own_place(path: str, configs: Iterable[Mapping[str, Any]]) -> str:
    """The setting whose value is this file, else one for outputs whose value is a folder around it."""
    parts = _parts(path)
    folders: dict[str, None] = {}
    for config in configs:
        for key, value in config.items():
            own = _parts(value) if isinstance(value, str) else ()
            if own and parts[-len(own) :] == own:
                return f'{key}: "{{run_dir}}/{parts[-1]}"'
            if own and _FOLDER.search(key.rpartition(".")[2]) and _is_within(parts[:-1], own):
                folders[f'{key}: "{{run_dir}}"'] = None
    return next(iter(folders), "")


def _parts(path: str) -> tuple[str, ...]:
    return PurePosixPath(path.replace("\\", "/")).parts


def _is_within(parts: tuple[str, ...], own: tuple[str, ...]) -> bool:
    return any(parts[at : at + len(own)] == own for at in range(len(parts)))
