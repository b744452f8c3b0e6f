"""Has trials trained again: their runs are set aside, and stay in the record beside those that take their place."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from analysis.read import tags
from analysis.report.markdown import words

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from analysis.read.store import RunRecord
    from sweeps.record.ledger import Ledger

_NAME, _NOTE = " (set aside)", "**Set aside**"
"""What ends the name of a run that is set aside, and what begins its note: where MLflow's UI shows runs, it shows them."""
_MOST_NAME = 250
"""The longest name of a run that every store of MLflow's keeps."""


def to_set_aside(runs: Iterable[RunRecord], fingerprints: Collection[str]) -> list[RunRecord]:
    """The runs that are in the way of another one of their trials. Pure.

    Args:
        runs: All runs of the record.
        fingerprints: The trials that are to be trained again, none of which runs now.
    """
    return [run for run in runs if run.is_trial and run.fingerprint in fingerprints and not run.set_aside_ms]


def set_aside(ledger: Ledger, runs: Iterable[RunRecord]) -> None:
    """Set runs aside, all with one time: those of the last asking can be taken back together. One request a run.

    Raises:
        RecordError: The record cannot be written.
    """
    asked_ms = int(time.time() * 1000)
    for run in runs:
        ledger.tag(run.run_id, {tags.SET_ASIDE: str(asked_ms), **_marked(run, asked_ms)})


def take_back(ledger: Ledger, runs: Iterable[RunRecord]) -> None:
    """Have runs that were set aside count again, as they were.

    Raises:
        RecordError: The record cannot be written.
    """
    for run in runs:
        ledger.tag(run.run_id, {tags.SET_ASIDE: "", **_unmarked(run)})


def _marked(run: RunRecord, asked_ms: int) -> Mapping[str, str]:
    """A run's name and note, which say that it is set aside."""
    name, note = run.name + _NAME, run.tags.get(tags.NOTE, "")
    when = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(asked_ms / 1000))
    mark = (
        f"{_NOTE} on {when}: `sweep run --again` asked for this trial to be trained anew. The newest run named "
        f"*{words(run.name)}* stands for it."
    )
    named = {tags.RUN_NAME: name} if len(name) <= _MOST_NAME else {}
    return {tags.NOTE: f"{mark}\n\n{note}" if note else mark, **named}


def _unmarked(run: RunRecord) -> Mapping[str, str]:
    """The name and the note that a run had before."""
    note = run.tags.get(tags.NOTE, "")
    before = {tags.NOTE: note.partition("\n\n")[2]} if note.startswith(_NOTE) else {}
    return {tags.RUN_NAME: run.name.removesuffix(_NAME), **before} if run.name.endswith(_NAME) else before
