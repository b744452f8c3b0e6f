"""Metric sources that trials would share, or that cannot be read."""

from __future__ import annotations

import contextlib
import posixpath
from typing import TYPE_CHECKING

from sweeps.errors import Problem, did_you_mean
from sweeps.program.template import OWN, TrialValues, fill, keys_of
from sweeps.sources.following.kinds import missing_package

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from sweeps.planning.sweep import Sweep
    from sweeps.planning.trial import Trial
    from sweeps.spec.model import Spec


def source_problems(spec: Spec, sweeps: Sequence[Sweep]) -> Iterator[Problem]:
    """Metric sources of which nothing can ever be read, or that several trials would share, each recording the others' points.

    Args:
        spec: The file.
        sweeps: Its sweeps, expanded.
    """
    cwd = spec.trainer.surroundings.cwd.text if spec.trainer.surroundings.cwd is not None else ""
    for source in spec.trainer.sources.sources:
        wrong = missing_package(source)
        if source.has_path and not wrong:
            wrong = _path_trouble(posixpath.join(cwd, source.text), sweeps)
        if wrong:
            place = source.place or spec.trainer.place_of("metrics")
            yield Problem(place, f"trainer.{source.part}: {wrong}")


def _path_trouble(text: str, sweeps: Sequence[Sweep]) -> str:
    """What is wrong with the path of a metric source; empty where nothing is."""
    try:
        names = set(keys_of(text))
    except ValueError as error:
        return str(error)
    if "{newest:" in text:
        return "a pattern stands for all its files; leave out `newest:`"
    searched = {
        dimension.key for sweep in sweeps if sweep.spec.search for dimension in sweep.spec.search.dimensions
    }
    trials = [trial for sweep in sweeps for trial in sweep.trials]
    for name in sorted(names - {*OWN, *searched}):
        for trial in (trial for trial in trials if name not in trial.config):
            return f"{trial.sweep}/{trial.name} has no setting '{name}'{did_you_mean(name, (*OWN, *trial.config))}"
    if names & {"run_dir", "run_id"}:
        return ""
    shared = _shared(text, names, sweeps)
    keys = _naming(text, trials) if shared else []
    by = f"{' or '.join(keys)} names it" if keys else "by its option or key for that file"
    remedy = f"put {{run_dir}} into the path, and have the program write there, too ({by}), or run them there with `cwd`"
    return f"{shared} would record each other's points; {remedy}" if shared else ""


def _naming(text: str, trials: Sequence[Trial]) -> list[str]:
    """The settings of trials that name the file of a path."""
    name = text.rpartition("/")[2]
    config = trials[0].config if trials and name else {}
    return [
        key for key, value in config.items() if isinstance(value, str) and value.rpartition("/")[2] == name
    ]


def _shared(text: str, names: Collection[str], sweeps: Sequence[Sweep]) -> str:
    """Two trials, in words, that a path makes no difference between; empty where there are none."""
    first: dict[str, tuple[str, str]] = {}
    for sweep in sweeps:
        search = sweep.spec.search
        if search is not None and not {"trial", *(dimension.key for dimension in search.dimensions)} & set(
            names
        ):
            return f"all trials of {sweep.name}"
        for trial in sweep.trials:
            values = TrialValues.of(trial.config, run_dir="", trial=trial.name, run_id="")
            with contextlib.suppress(LookupError):  # a setting that this trial does not have
                path = fill(text, values)
                label = f"{trial.sweep}/{trial.name}"
                other, identity = first.setdefault(path, (label, trial.fingerprint))
                if identity != trial.fingerprint:
                    return f"{other} and {label}"
    return ""
