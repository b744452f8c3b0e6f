"""What the file says of a program's metric sources: which they are, how their metrics are called, what counts as progress."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from sweeps.spec.trainer.expression import Expression

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sweeps.errors import Place

LAST, MEAN, ALL = "last", "mean", "all"
"""What is recorded where a source gives several values at one step; of all, each gets a counted step."""
CARRIED, COUNT, FINAL = "carried", "count", "final"
"""Steps that no part of a source tells: the last one seen, the number of the row, and once at the end."""
STEP_NAMES = ("step", "global_step", "iteration", "iter", "epoch")
"""Groups and columns that are the step where the file does not say which: the first that a row has."""
BATCH_NAMES = ("step", "iteration", "iter", "it", "batch", "update")
"""What programs call their batches where they print them."""
NAME_GROUPS = frozenset({"name", "value"})
"""Groups of a pattern that reads the names of its metrics, too."""
MLFLOW = "mlflow"
FILES = ("csv", "jsonl", "json")
"""Kinds whose rows are mappings of names to values, of which some may make up the step."""
LOGGERS = ("tensorboard", "wandb")
"""Kinds whose files have steps and names of their own; a path that is a folder stands for all of them in it."""
KINDS = ("stdout", *FILES, *LOGGERS, MLFLOW)

_PAIRS = ("several_of", "derive")
"""Attributes of a source that JSON has as lists of lists."""
_EPOCH_LAST = re.compile(r"pochs?[^a-z]*(\\[a-z][^a-z]*)*$", re.IGNORECASE)
"""The word epoch, `[Ee]poch` too, as the last one of a pattern's beginning; what follows a backslash is no word."""


@dataclass(frozen=True, slots=True)
class Source:
    """A place where metrics are read.

    Attributes:
        kind: One of `KINDS`.
        text: The pattern of `stdout`, the path of a file or folder, or nothing.
        step: The expression or the word that says the step; empty: what is usual for the kind.
        several: What several values at one step become.
        several_of: The same for single metrics, by their names, of which a `{part}` stands for anything but a slash.
        derive: Metrics that are computed of the numbers of a row, as (name, expression): what they are made of is no metric.
        at: The list in a JSON document; empty: the document.
        label: What messages call it.
        number: Its place in the list, from 1, where its label has it as another is of its kind; 0: kind and text tell it.
        identity: What it is known by in a run's journal: a digest of its definition as written.
        place: Where its pattern or path stands.
        written: Its path as it is written, where placeholders are filled in.
    """

    kind: str
    text: str = ""
    step: str = ""
    several: str = LAST
    at: str = ""
    label: str = field(default="", compare=False)
    identity: str = ""
    place: Place | None = field(default=None, compare=False)
    several_of: tuple[tuple[str, str], ...] = ()
    derive: tuple[tuple[str, str], ...] = ()
    written: str = field(default="", compare=False)
    number: int = field(default=0, compare=False)

    def identified(self) -> Source:
        """With its identity."""
        definition: list[object] = [self.kind, self.text, self.step, self.several, self.at]
        if self.several_of:  # sources without keep the identity that they had
            definition.append(self.several_of)
        if self.derive:
            definition.append({"derive": self.derive})
        return replace(self, identity=hashlib.sha256(json.dumps(definition).encode()).hexdigest()[:10])

    @property
    def tells_steps_only(self) -> bool:
        """Whether it is a pattern whose groups all make up the step: it leads the lines after it, and gives no metric."""
        if self.kind != "stdout" or self.step in (CARRIED, FINAL):
            return False
        used = () if self.step in ("", COUNT) else Expression.parse(self.step).names
        return bool(self.groups) and {*used, *STEP_NAMES}.issuperset(self.groups)

    @property
    def groups(self) -> tuple[str, ...]:
        """The named groups of a pattern, in its order; none of another source."""
        return tuple(re.compile(self.text).groupindex) if self.kind == "stdout" else ()

    @property
    def reads_names(self) -> bool:
        """Whether it is a pattern that reads the names of its metrics, too, and not their values alone."""
        return NAME_GROUPS.issubset(self.groups)

    @property
    def carried_names(self) -> frozenset[str]:
        """What the step of a pattern asks for that the lines before have: groups of other patterns."""
        if self.kind != "stdout" or self.step in ("", CARRIED, COUNT, FINAL):
            return frozenset()
        return frozenset(Expression.parse(self.step).names).difference(self.groups)

    @property
    def step_name(self) -> str:
        """What the program calls the steps of a table or of printed lines: a column or a group; empty where none alone is the step."""
        if self.kind not in (*FILES, "stdout") or self.step == COUNT or self.tells_no_step:
            return ""
        if self.step:
            names = Expression.parse(self.step).names
            return names[0] if len(names) == 1 and self.step.strip(" `") == names[0] else ""
        return next(iter(self._step_groups), "")

    @property
    def tells_no_step(self) -> bool:
        """Whether its values stand at the step of others: the last one seen, or the end. So do those of a document of results."""
        if self.kind == "stdout" and not self.step:
            return not self._step_groups
        if self.kind == "json" and not self.step:
            return not self.at
        return self.step in (CARRIED, FINAL)

    @property
    def _step_groups(self) -> list[str]:
        """The groups of a pattern that are the step where the file does not say which."""
        return [name for name in STEP_NAMES if name in self.groups]

    def is_epoch(self, group: str) -> bool:
        """Whether a pattern reads a group right after the word epoch, as in `Epoch (?P<step>`."""
        before, found, _ = self.text.partition(f"(?P<{group}>")
        return bool(found) and _EPOCH_LAST.search(before) is not None

    @property
    def part(self) -> str:
        """The part of `trainer` that it is."""
        return self.label if self.number else f"metrics: {self.label}"

    @property
    def has_path(self) -> bool:
        """Whether its text is a path."""
        return self.kind in FILES or self.kind in LOGGERS


OWN_MLFLOW = Source(MLFLOW, label="MLflow").identified()
"""What a program logs to MLflow itself: read whether the file says so or not."""


@dataclass(frozen=True, slots=True)
class Sources:
    """Where a program's metrics are read, and what becomes of them.

    Attributes:
        sources: In the order of the file.
        rename: New names by old ones; a `{part}` of an old name stands for anything.
        derive: Expressions of further metrics, by their names.
        progress: The expression that says which epoch it is; empty: what the sources show.
        total: The config key that holds the number of epochs; empty: the trainer's `epochs`.
    """

    sources: tuple[Source, ...] = ()
    rename: Mapping[str, str] = field(default_factory=dict)
    derive: Mapping[str, str] = field(default_factory=dict)
    progress: str = ""
    total: str = ""

    def metrics_of(self, source: Source) -> frozenset[str]:
        """The metrics that a pattern gives by the names of its groups; nothing of another source."""
        if source.kind != "stdout" or source.tells_steps_only:
            return frozenset()
        groups = set(source.groups).difference(STEP_NAMES)
        made = (name for name, _ in source.derive)
        return frozenset((*(self.rename.get(group, group) for group in groups), *made))

    @property
    def metrics(self) -> frozenset[str]:
        """The metrics that the file itself names: groups of patterns, and what is computed of them."""
        return frozenset(self.derive).union(*map(self.metrics_of, self.sources))

    @property
    def all_metrics(self) -> frozenset[str] | None:
        """The same where no source can give another; None: names come from files or from what is printed."""
        closed = all(one.kind == "stdout" and not one.reads_names for one in self.sources)
        return self.metrics if closed and not any("{" in old for old in self.rename) else None

    def comes_at_the_end(self, metric: str) -> bool:
        """Whether a metric has one value, when a trial ends: all patterns that give it say `step: final`; or none does, and another source."""
        giving = [one for one in self.sources if metric in self.metrics_of(one)]
        others = [one for one in self.sources if one.kind != "stdout" and one.tells_no_step]
        return all(one.step == FINAL for one in giving) if giving else bool(others)

    @property
    def name_epochs(self) -> bool:
        """Whether the file calls it `epoch` what is counted: in `progress`, or else as a group of a pattern."""
        if self.progress:
            return "epoch" in Expression.parse(self.progress).names
        return any("epoch" in one.groups for one in self.sources)

    @property
    def step_name(self) -> str:
        """What all sources that tell steps call them; empty: that is not known, or not the same."""
        found = {one.step_name for one in self.sources if not one.tells_no_step}
        return found.pop() if len(found) == 1 else ""

    def filled(self, fill: Callable[[str], str]) -> Sources:
        """With the placeholders of its paths filled in."""
        sources = tuple(
            replace(s, text=fill(s.text), written=s.text) if s.has_path else s for s in self.sources
        )
        return replace(self, sources=sources)

    def to_json(self) -> dict[str, Any]:
        """As JSON can hold it."""
        sources = [asdict(replace(source, place=None)) for source in self.sources]
        return {**asdict(replace(self, sources=())), "sources": sources}

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Sources:
        """What `to_json` gave.

        Raises:
            KeyError: It is something else.
            TypeError: It is something else.
        """
        sources = tuple(
            Source(**{**source, **{key: tuple(map(tuple, source.get(key, ()))) for key in _PAIRS}})
            for source in content["sources"]
        )
        return cls(**{**content, "sources": sources})
