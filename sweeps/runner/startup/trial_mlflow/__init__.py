"""Makes MLflow's usual calls reach the trial's run, and has its metrics go through the run's journal.

A folder of its own, so that a single name more stands first on a program's path; nothing but the standard library of any
Python from 3.8 on is imported here, and nothing is patched before the program imports MLflow itself.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from .calls import fit_client
from .late_import import LateFits, already_there
from .runs import fit_fluent
from .trial import Trial, note_outer_rank

if TYPE_CHECKING:
    from .metrics_file import Journal

__all__ = ["install", "note_outer_rank"]

FLUENT = "mlflow.tracking.fluent"
"""The module of MLflow's functions for a run that is active."""
CLIENT = "mlflow.tracking._tracking_service.client"
"""The module of the class whose methods all calls pass on their way to a store, whoever makes them."""


def install(journal: Journal | None = None) -> None:
    """Have MLflow fit the trial of this process, as soon as it is imported, or now if it is; elsewhere do nothing.

    Args:
        journal: Takes metrics, where this process writes the run's journal itself; None: they go into a file beside it.
    """
    trial = Trial.of_environment()
    if trial is None:
        return
    fits = LateFits(
        {
            CLIENT: lambda module: fit_client(module, trial, journal),
            FLUENT: lambda module: fit_fluent(module, trial),
        },
        trial.tell,
    )
    already_there(fits, also="mlflow")
    if fits.waiting:
        sys.meta_path.insert(0, fits)
