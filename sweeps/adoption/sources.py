"""Finds the runs that may be adopted: those of an MLflow experiment, or folders. Reads only."""

from __future__ import annotations

import glob
from pathlib import Path
from typing import TYPE_CHECKING

from analysis.read.errors import UnknownExperimentError, masked
from analysis.read.record import Record
from analysis.read.tags import OF_FOLDER
from analysis.results.machine import OF_MACHINE
from sweeps.adoption.config_files import ConfigFileError, config_in
from sweeps.adoption.found_run import FoundRun
from sweeps.errors import SelectionError

if TYPE_CHECKING:
    import re
    from collections.abc import Sequence

    from analysis.read.store import RunRecord

_MOST_FOLDERS = 10_000


def of_experiment(uri: str, experiment: str, name: re.Pattern[str] | None) -> list[FoundRun]:
    """The runs of an experiment, but for those of whole sweeps and those that were adopted.

    Args:
        uri: The store.
        experiment: The experiment's name.
        name: Finds further settings in a run's name, as named groups.

    Raises:
        AnalysisError: The store cannot be read.
        SelectionError: It has no such experiment, or this has no run.
    """
    record = Record(uri, experiment)
    try:
        record.require()
    except UnknownExperimentError:
        place = f"{masked(uri)} has no such experiment; --store names another store"
        raise SelectionError(f"--from-experiment {experiment}: {place}") from None
    runs = [run for run in record.runs if not run.is_sweep and not run.adopted]
    if not runs:
        raise SelectionError(f"{masked(uri)}: experiment '{experiment}' has no run to adopt")
    params: dict[str, dict[str, str]] = {run.run_id: {} for run in runs}
    for run_id, key, value in record.params():
        if run_id in params:
            params[run_id][key] = value
    measured = {point.run_id for point in record.finals() if not point.key.startswith(OF_MACHINE)}
    return [
        _of_run(record, run, params[run.run_id], name, is_measured=run.run_id in measured) for run in runs
    ]


def _of_run(
    record: Record,
    run: RunRecord,
    params: dict[str, str],
    name: re.Pattern[str] | None,
    *,
    is_measured: bool,
) -> FoundRun:
    where = f"experiment '{record.experiment}' in {masked(record.tracking_uri)}"
    known, problem = _with_name(params, run.name, name)
    if run.status != "FINISHED" or (run.outcome is not None and not run.outcome.is_result):
        problem = f"is not finished: MLflow calls it {run.status}"
    elif run.outcome is not None and run.outcome != "finished":
        problem = f"was {run.outcome}"
    elif not is_measured:
        problem = problem or "has no metrics"
    label = f"{run.name} ({run.run_id[:8]})"
    return FoundRun(label, f"run {run.run_id} of {where}", known, problem, run.start_ms, run, record)


def of_folders(patterns: Sequence[str], name: re.Pattern[str] | None, config: str | None) -> list[FoundRun]:
    """The folders that patterns name.

    Args:
        patterns: Paths with `*`, `?`, `[]` and `**`; `~` is your home.
        name: Finds further settings in a folder's path, as named groups.
        config: Which files below a folder say its config; None: the usual ones.

    Raises:
        SelectionError: A pattern names no folder.
    """
    found: dict[Path, str] = {}
    for pattern in patterns:
        paths = sorted(glob.glob(str(Path(pattern).expanduser()), recursive=True))  # noqa: PTH207 - it may be absolute
        folders = [path for path in paths if Path(path).is_dir()]
        if not folders:
            remedy = "quote the pattern, as in --from-folders 'runs/*'"
            raise SelectionError(f"--from-folders {pattern}: there is no such folder; {remedy}")
        for folder in folders[:_MOST_FOLDERS]:
            found.setdefault(Path(folder).resolve(), folder)
    return [_of_folder(path, shown, name, config) for path, shown in found.items()]


def _of_folder(path: Path, shown: str, name: re.Pattern[str] | None, config: str | None) -> FoundRun:
    try:
        known, problem = config_in(path, config), ""
    except ConfigFileError as error:
        known, problem = {}, str(error)
    known, by_name = _with_name(known, Path(shown).as_posix(), name)
    return FoundRun(shown, f"{OF_FOLDER}{path}", known, problem or by_name, folder=path)


def _with_name(known: dict[str, str], text: str, name: re.Pattern[str] | None) -> tuple[dict[str, str], str]:
    """What is known with what a name says, and what is wrong with that."""
    if name is None:
        return known, ""
    match = name.search(text)
    if match is None:
        return known, "its name does not fit --name"
    said = {key: value for key, value in match.groupdict().items() if value is not None}
    return {**known, **{key: value for key, value in said.items() if key not in known}}, "".join(
        f"its name says {key} {value}, its config {known[key]}; "
        for key, value in said.items()
        if key in known and not _same(known[key], value)
    ).removesuffix("; ")


def _same(one: str, other: str) -> bool:
    try:
        return one == other or float(one) == float(other)
    except ValueError:
        return one.lower() == other.lower()
