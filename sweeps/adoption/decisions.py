"""Decides which of the runs that were found become which trials of the file, and why the others do not. Reads only."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TYPE_CHECKING

from sweeps.adoption.matching import Match, Matcher, listed
from sweeps.errors import SelectionError, did_you_mean
from sweeps.planning.plan import Action

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sweeps.adoption.folder_metrics import FolderMetrics
    from sweeps.adoption.found_run import FoundRun
    from sweeps.commands.session import Session
    from sweeps.planning.plan import Step


class Verdict(Enum):
    """What becomes of a run; the value is the word that users read."""

    ADOPT = "adopt"
    ADOPTED = "adopted"
    DONE = "done"
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class Terms:
    """How runs are taken.

    Attributes:
        names: What the runs call some keys of the file, by key.
        ignored: Keys that need not agree.
        newest: Whether of several runs of one trial the one that began last is taken.
        partial: Whether folders are taken that show fewer epochs than their config asks for.
        log: Which file below a folder is what its program printed; None: the only one that is called like a log.
    """

    names: Mapping[str, str] = field(default_factory=dict)
    ignored: frozenset[str] = frozenset()
    newest: bool = False
    partial: bool = False
    log: str | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of one run.

    Attributes:
        found: The run.
        verdict: What becomes of it.
        match: Its trial; of one that is left perhaps none.
        reason: Why it is left; of others what is worth knowing.
        metrics: Of a folder, what it holds.
    """

    found: FoundRun
    verdict: Verdict
    match: Match
    reason: str = ""
    metrics: FolderMetrics | None = None

    def left(self, reason: str) -> Decision:
        """The same run, which is left for a reason."""
        return replace(self, verdict=Verdict.LEFT, reason=reason)


def decide(session: Session, found: Iterable[FoundRun], terms: Terms) -> list[Decision]:
    """Decide by what is known of the runs' configs, and by the record as it was listed last.

    Raises:
        SelectionError: The file has no trials but those of searches, or no such key.
        AnalysisError: The record cannot be read.
    """
    if not session.grids:
        raise SelectionError(
            f"{session.request.file}: has only searches, which suggest their trials themselves; adopt for a grid"
        )
    trials = [trial for sweep in session.grids for trial in sweep.trials]
    matcher = Matcher(trials, terms.names, terms.ignored)
    uncompared = {key for trial in trials for key in trial.config} - matcher.keys
    for option, keys in (("--key", terms.names), ("--ignore", terms.ignored)):
        for key in keys:
            if key in uncompared:
                if option == "--ignore":
                    continue  # a place of each trial's own, say, which no run need have
                raise SelectionError(f"{option} {key}: trials are not compared by this key; leave it out")
            if key not in matcher.keys:
                hint = did_you_mean(key, sorted(matcher.keys))
                raise SelectionError(f"{option} {key}: no trial has this key{hint}")
    steps: dict[str, Step] = {}
    for step in session.whole_plan().steps:
        steps.setdefault(step.trial.fingerprint, step)
    decisions = [_decide(session, run, matcher.match(run.known), steps) for run in found]
    return _one_a_trial(decisions, newest=terms.newest)


def _decide(session: Session, run: FoundRun, match: Match, steps: Mapping[str, Step]) -> Decision:
    decision = Decision(run, Verdict.ADOPT, match, match.reason)
    if run.problem or match.trial is None:
        return decision.left(run.problem or match.reason)
    step = steps[match.trial.fingerprint]
    if step.action is Action.DONE and step.record is not None:
        is_this = step.record.adopted == run.origin
        if is_this or step.record.run_id == (run.run.run_id if run.run else ""):
            return replace(
                decision, verdict=Verdict.ADOPTED if is_this else Verdict.DONE, reason="already recorded"
            )
        by = f"adopted from {step.record.adopted}" if step.record.adopted else f"run {step.record.run_id[:8]}"
        return replace(decision, verdict=Verdict.DONE, reason=f"the trial is done: {by}")
    if step.action is Action.RUNNING:
        return decision.left(f"the trial is running, {step.reason}")
    if match.trial not in session.selection:
        return decision.left("its trial is not selected")
    assumed = f"not said, taken as in the file: {listed(match.assumed)}" if match.assumed else ""
    renamed = ", ".join(f"{key} from {name}" for key, name in (match.renamed or {}).items())
    return replace(decision, reason="; ".join(filter(None, [renamed, assumed])))


def _one_a_trial(decisions: Sequence[Decision], *, newest: bool) -> list[Decision]:
    """Of several runs that would be one trial, the one that was started last, or none."""
    rivals: defaultdict[str, list[Decision]] = defaultdict(list)
    for decision in decisions:
        if decision.verdict is Verdict.ADOPT and decision.match.trial is not None:
            rivals[decision.match.trial.fingerprint].append(decision)
    taken: dict[int, Decision] = {}
    for group in rivals.values():
        if len(group) == 1:
            continue
        last = max(group, key=lambda decision: (decision.found.began_ms, decision.found.label))
        for decision in group:
            if not newest:
                taken[id(decision)] = decision.left(_told_apart(group))
            elif decision is not last:
                taken[id(decision)] = decision.left(f"{last.found.label} is newer")
    return [taken.get(id(decision), decision) for decision in decisions]


def _told_apart(group: Sequence[Decision]) -> str:
    """Why none of several runs of one trial is taken, and what would tell them apart."""
    names = sorted({name for decision in group for name in decision.found.known})
    differing = [name for name in names if len({decision.found.known.get(name) for decision in group}) > 1]
    how = (
        f"they differ in {', '.join(differing[:3])}, which the file does not set"
        if differing
        else "they say the same"
    )
    return f"{len(group)} runs fit this trial: {how}; --newest takes the one that began last"
