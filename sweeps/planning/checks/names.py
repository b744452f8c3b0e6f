"""Keys of `names:` that stand for nothing, as they are slips of others."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING

from analysis.results.metric_names import EPOCH, FRAME, STEP
from sweeps.errors import Problem
from sweeps.planning.validation import written_settings
from sweeps.spec.sweep_parser import SEED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sweeps.spec.model import Spec
    from sweeps.trainer.loader import Trainer

_SLIP = 0.88
"""How alike two words are of which one is likely a slip: `val_acc` and `val_auc` are not."""


def name_warnings(spec: Spec, trainer: Trainer) -> Iterator[Problem]:
    """Keys of `names:` that the file has nowhere, and that are hardly anything but a slip of one that it has.

    Any other key may be a metric that only the record knows: nothing is said of it.

    Args:
        spec: The file.
        trainer: The trainer.
    """
    settings = {key for key, _ in written_settings(spec, {})} | {SEED}
    settings |= set(trainer.schema.defaults if trainer.schema else ())
    settings |= {one.key for sweep in spec.sweeps if sweep.search for one in sweep.search.dimensions}
    known = sorted({*settings, *_metrics(spec), EPOCH, STEP, FRAME})
    for key in spec.names.called:
        if key in known or (trainer.schema and trainer.schema.knows(key)):
            continue
        inner = [one for one in sorted(settings) if one.rpartition(".")[2] == key]
        if meant := inner[0] if inner else _slip_of(key, known):
            message = (
                f"names: '{key}' is no setting, and no metric that the file has; did you mean '{meant}'?"
            )
            yield Problem(spec.names.places[key], message)


def _slip_of(key: str, known: list[str]) -> str:
    """What a word is likely a slip of; empty where nothing is near, or digits tell them apart."""
    lowered = {one.lower(): one for one in known if re.sub(r"\D", "", one) == re.sub(r"\D", "", key)}
    close = get_close_matches(key.lower(), lowered, n=1, cutoff=_SLIP)
    return lowered[close[0]] if close else ""


def _metrics(spec: Spec) -> set[str]:
    """What the file itself calls metrics and steps."""
    judging = [*spec.measures, *(one for sweep in spec.sweeps for one in sweep.measures)]
    sought = [one for sweep in spec.sweeps if sweep.search for one in sweep.search.objectives]
    sources = spec.trainer.sources
    return {
        *(key for one in judging for key in one.keys),
        *(one.metric for one in sought),
        *sources.rename.values(),
        *sources.derive,
        *(name for one in sources.sources for name, _ in one.derive),
        *(name for one in sources.sources for name in one.groups),
        *(one.step_name for one in sources.sources),
    }
