"""What searches stopped early, and as what a run therefore counts: pruned for the search that stopped it, unfinished for all others. Pure.

A pruner judges a trial beside the other trials of its search, by what that search seeks. Nobody else has a result then.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from analysis.read import tags
from analysis.read.outcomes import Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping

    from analysis.read.store import RunRecord

_REASON = re.compile(r"[\w-]+: (?P<metric>.+) \S+ after (?:epoch|step) (?P<step>-?\d+)")


@dataclass(frozen=True, slots=True)
class PruningSearch:
    """A search that has a pruner.

    Attributes:
        sweep: Its sweep.
        metric: What its pruner compares trials by.
        direction: `max` or `min`.
    """

    sweep: str
    metric: str
    direction: str


@dataclass(frozen=True, slots=True)
class Pruning:
    """That a search stopped a run for good.

    Attributes:
        metric: What it sought; empty: that is not known.
        direction: `max` or `min`; empty: that is not known, as older versions did not write it.
        reason: Why it stopped the run: `median: val/psnr 20.1 after epoch 3`.
        epochs: The run's tag `EPOCHS` then.
        seconds: The run's tag `SECONDS` then.
    """

    metric: str
    direction: str
    reason: str
    epochs: str = ""
    seconds: str = ""

    @property
    def step(self) -> int | None:
        """After which step that was; None where the reason does not say it."""
        match = _REASON.fullmatch(self.reason)
        return int(match["step"]) if match else None

    def is_of(self, search: PruningSearch) -> bool:
        """Whether it was stopped for what the search of its sweep seeks now."""
        return self.metric in {"", search.metric} and self.direction in {"", search.direction}


def prunings_of(run: RunRecord) -> dict[str, Pruning]:
    """The searches that stopped a run, by the name of the sweep."""
    text = run.tags.get(tags.PRUNED)
    if text is None:
        return _before_it_was_written(run) if run.outcome is Outcome.PRUNED else {}
    try:
        return {
            str(sweep): Pruning(**{str(key): str(value) for key, value in entry.items()})
            for sweep, entry in json.loads(text).items()
        }
    except (ValueError, TypeError, AttributeError):
        return {}


def prunings_text(prunings: Mapping[str, Pruning]) -> str:
    """What the tag `PRUNED` says of a run."""
    return json.dumps({sweep: asdict(one) for sweep, one in prunings.items()})


def without_own(run: RunRecord | None, sweep: str) -> dict[str, str]:
    """The tag `PRUNED` of a run that a sweep goes on with: what its own search decided is void; no tag where nothing had pruned it."""
    found = {} if run is None else prunings_of(run)
    others = {other: one for other, one in found.items() if other != sweep}
    return {tags.PRUNED: prunings_text(others)} if found else {}


def with_pruning(
    run: RunRecord | None, search: PruningSearch, reason: str, told: Mapping[str, str]
) -> dict[str, str]:
    """The tag `PRUNED` of a run that a search stops now, with those that had stopped it before.

    Args:
        run: The run as it was when it began to go on; None for a new one.
        search: The search.
        reason: Why it stops the run.
        told: The run's other tags, as they are now.
    """
    found = {} if run is None else prunings_of(run)
    epochs, seconds = told.get(tags.EPOCHS, ""), told.get(tags.SECONDS, "")
    own = Pruning(search.metric, search.direction, reason, epochs, seconds)
    return {tags.PRUNED: prunings_text({**found, search.sweep: own})}


def _before_it_was_written(run: RunRecord) -> dict[str, Pruning]:
    """The same of a run of an older version: of the searches that have it, the one that began it stopped it."""
    try:
        searches = list(json.loads(run.tags.get(tags.SEARCH, "{}")))
    except (ValueError, TypeError):
        searches = []
    sweep = run.sweep if run.sweep in searches or not searches else searches[0]
    match = _REASON.fullmatch(run.reason)
    metric = match["metric"] if match else ""
    epochs, seconds = run.tags.get(tags.EPOCHS, ""), run.tags.get(tags.SECONDS, "")
    return {sweep: Pruning(metric, "", run.reason, epochs, seconds)}


def own_pruning(run: RunRecord, search: PruningSearch | None) -> Pruning | None:
    """That this very search stopped a run; None where it did not."""
    if search is None:
        return None
    found = prunings_of(run).get(search.sweep)
    return found if found is not None and found.is_of(search) else None


def as_seen(run: RunRecord, search: PruningSearch | None) -> RunRecord:
    """The run as it counts for a sweep: pruned where its search stopped it, whoever went on with it; unfinished where another did.

    Args:
        run: The run as it stands in the record.
        search: The sweep's search; None where the sweep prunes nothing.
    """
    found = prunings_of(run)
    if not found:
        return run
    text = prunings_text(found)
    if (own := own_pruning(run, search)) is not None:
        then = {tags.EPOCHS: own.epochs, tags.SECONDS: own.seconds}
        said = {tags.OUTCOME: Outcome.PRUNED.value, tags.REASON: own.reason, tags.PRUNED: text}
        seen = {**run.tags, **{tag: value for tag, value in then.items() if value}, **said}
        return replace(run, tags=seen, status=Outcome.PRUNED.status)
    if run.outcome is not Outcome.PRUNED:
        return run
    reason = _by_whom(found, search, run.reason)
    seen = {
        **run.tags,
        tags.OUTCOME: Outcome.INTERRUPTED.value,
        tags.REASON: reason,
        tags.PRUNED: text,
    }
    return replace(run, tags=seen, status=Outcome.INTERRUPTED.status)


def _by_whom(found: Mapping[str, Pruning], search: PruningSearch | None, reason: str) -> str:
    """Why a run is unfinished that a search stopped: which one, and what it sought where that was this search once."""
    sweep, pruning = next(((sweep, one) for sweep, one in found.items() if one.reason == reason), ("", None))
    if pruning is None:
        return f"pruned ({reason})"
    if search is not None and search.sweep == sweep:
        return (
            f"pruned when the objective was {{{pruning.metric}: {pruning.direction or 'another'}}} ({reason})"
        )
    return f"pruned for {sweep} alone ({reason})"
