"""Says by their names which metrics tell how good a trial is. Pure."""

from __future__ import annotations

import re

from sweeps.rundir.journal import NO_EPOCHS

NO_SCORES = ("time/", *NO_EPOCHS)
"""What the names of times, and of what is no epoch's, begin with."""
_SPEED = re.compile(
    r"(.*[/_.-])?(\w*time|dur|duration|ms|sps|fps|mfu|\w*per_second|total_flos|lr|learning_rate|grad_norm)",
    re.IGNORECASE,
)


def is_score(key: str) -> bool:
    """Whether a metric says how good something is, by its name: it is no time, no speed, and no learning rate."""
    return not key.startswith(NO_SCORES) and _SPEED.fullmatch(key) is None
