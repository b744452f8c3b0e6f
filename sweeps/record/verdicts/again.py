"""Has trials trained again: their runs are set aside, and stay in the record beside those that take their place."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from analysis.read import tags

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from analysis.read.store import RunRecord
    from sweeps.record.ledger import Ledger


def to_set_aside(runs: Iterable[RunRecord], fingerprints: Collection[str]) -> list[RunRecord]:
    """The runs that are in the way of another one of their trials. Pure.

    Args:
        runs: All runs of the record.
        fingerprints: The trials that are to be trained again, none of which runs now.
    """
    return [run for run in runs if run.is_trial and run.fingerprint in fingerprints and not run.set_aside_ms]


def set_aside(ledger: Ledger, runs: Iterable[RunRecord]) -> None:
    """Set runs aside, all with one time: those of the last asking can be taken back together.

    Raises:
        RecordError: The record cannot be written.
    """
    asked_ms = str(int(time.time() * 1000))
    for run in runs:
        ledger.tag(run.run_id, {tags.SET_ASIDE: asked_ms})
