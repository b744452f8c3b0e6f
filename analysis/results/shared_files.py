"""Which files outside their runs' directories several trials wrote, as far as `sweep run` saw it: one overwrites the other's. Pure."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from analysis.read.provenance import shortened

if TYPE_CHECKING:
    from collections.abc import Iterable

    from analysis.read.store import RunRecord

OWN_FOLDER = 'give each a folder: {run_dir} as the program\'s option for outputs, or `cwd: "{run_dir}"` with `link:` for what it reads'
"""The remedy."""
MOST_TRIALS = 6
"""How many trials a sentence names."""


def shared_files(runs: Iterable[RunRecord]) -> tuple[str, ...]:
    """Return a sentence for each group of trials of which a run says that they wrote the same files.

    Both wrote it as far as times prove: that it changed while one ran, and again while the other did.
    """
    trials: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for run in runs:
        for path, other in run.shared_files.items():
            trials[path] |= {other: None, f"{run.sweep}/{run.trial}": None}
    paths: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
    for path, names in trials.items():
        paths[tuple(sorted(names))].append(path)
    return tuple(
        f"{shortened(sorted(files))} changed while different trials ran ({shortened(names, MOST_TRIALS)}), which may overwrite "
        f"each other's; {OWN_FOLDER}."
        for names, files in paths.items()
    )
