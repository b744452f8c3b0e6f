"""Finds repeats that the record has beyond those that are asked for: `--seeds` of one command is not known to the next."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from sweeps.authoring.checks.refused_settings import lacking
from sweeps.commands.session import session_of
from sweeps.planning.validation import written_settings
from sweeps.spec.references import references
from sweeps.spec.sweep_parser import SEED
from sweeps.trainer.command_check import reads_settings

if TYPE_CHECKING:
    from sweeps.commands.session import Session
    from sweeps.planning.trial import Trial

MOST_SEEDS, MOST_TRIALS = 10, 5_000
"""No more seeds are looked for, and no more trials laid out for it."""


def recorded_seeds(session: Session) -> dict[str, tuple[int, int]]:
    """Of each grid whose settings have more seeds in the record than a session asks for: how many, and how many runs are more.

    Raises:
        AnalysisError: The record cannot be read.
    """
    if session.request.seeds is not None or not session.grids:
        return {}
    if session.trainer.config_file is not None and without_seed(session):
        return {}  # more of them are refused
    others = {run.fingerprint for run in session.whole_plan().removed if run.has_result}
    if not others or sum(len(sweep.trials) for sweep in session.grids) > MOST_TRIALS:
        return {}
    found: dict[str, tuple[int, int]] = {}
    for seeds in range(2, MOST_SEEDS + 1):
        asked = _asked(session, seeds)
        more = {sweep.name: others.intersection(map(_fingerprint, sweep.trials)) for sweep in asked.grids}
        grown = {name for name, runs in more.items() if len(runs) > found.get(name, (0, 0))[1]}
        if found and not grown:
            break
        found |= {name: (seeds, len(more[name])) for name in grown}
    return found


def seeds_hint(session: Session, verb: str) -> str | None:
    """What to write so that repeats count which the record has; None where there are none beyond those that are asked for."""
    found = recorded_seeds(session)
    if not found:
        return None
    seeds, runs = max(seeds for seeds, _ in found.values()), sum(runs for _, runs in found.values())
    are = "1 more run of these settings is" if runs == 1 else f"{runs} more runs of these settings are"
    counts = session.command(verb, None, "--seeds", str(seeds))
    return f"{are} recorded, by other seeds: `{counts}` counts them; {to_write(_asked(session, seeds))} does so always"


def without_seed(session: Session) -> str:
    """Why more seeds cannot be asked for as the file and its program are; empty where they can, or nothing tells.

    A program whose file says `args: {keys: {seed: none}}` is only repeated, as its author means it.
    """
    trainer = session.trainer
    if trainer.spec.command is None:
        return ""
    if not trainer.gives(SEED):
        if any(SEED in references(setting.value) for _, setting in written_settings(session.spec, {})):
            return ""
        reads = reads_settings(trainer.spec)
        may_read = reads or (reads is None and not trainer.named)
        return "" if may_read else "the command gives the program no seed (`{seed}`)"
    from sweeps.authoring.script import ScriptReader  # few records have more repeats than are asked for

    return lacking(trainer, SEED, 0, ScriptReader(Path.cwd())) or ""


def to_write(session: Session) -> str:
    """What in the file has the same repeats as the `--seeds` that a session is asked for."""
    seeds = {
        tuple(dict.fromkeys(str(trial.config.get(SEED)) for trial in sweep.trials)) for sweep in session.grids
    }
    return (
        f"`seeds: [{', '.join(seeds.pop())}]` of its sweeps" if len(seeds) == 1 else "`seeds:` of its sweeps"
    )


def _asked(session: Session, seeds: int) -> Session:
    request = replace(session.request, seeds=seeds)
    uri = session.record.tracking_uri
    return session_of(request, session.spec, session.trainer, uri, with_record=False)


def _fingerprint(trial: Trial) -> str:
    return trial.fingerprint
