"""Turns the rows of all sources of a run into what its journal is to hold: which metric, which step, and how far it is read.

What one source gives of one step in one go is recorded together. Where it was seen to give several values of a metric at a
step, they wait until the step is over, and so do means; the last step of an attempt that did not finish stays open for the
next one. Final values, and of several series that become one the last, wait until the program has finished.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sweeps.rundir.journal import NO_EPOCHS
from sweeps.rundir.source_journal import Mark, Reading
from sweeps.sources.following.epochs import EpochCount
from sweeps.sources.following.naming import LastSeries, Naming
from sweeps.sources.following.steps import StepRule
from sweeps.spec.trainer.expression import Expression
from sweeps.spec.trainer.source_model import MEAN

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sweeps.rundir.source_journal import SourceJournal
    from sweeps.sources.reader import Row
    from sweeps.spec.trainer.source_model import Source, Sources

_MOST_KEPT = 1000
"""How many readings are kept before they are written."""


@dataclass(eq=False)
class _State:
    """What is known of a source, whatever file it is read from."""

    source: Source
    rule: StepRule
    count: int
    has_several: bool

    @property
    def waits(self) -> bool:
        """Whether the values of a step are recorded when it is over."""
        return self.has_several or self.source.several == MEAN


@dataclass
class _Waiting:
    """The values of a step that are not recorded yet; `before` is how far the file is read without them."""

    before: Mark
    step: int | None
    is_again: bool
    values: dict[str, list[float]] = field(default_factory=dict)
    held: dict[str, float] = field(default_factory=dict)
    time_ms: int | None = None


@dataclass
class Stream:
    """A file of a source on its way into the journal.

    Attributes:
        state: What is known of its source.
        file: The file as the journal names it.
        start: Where its reading began.
        done: How far it is read.
        first: The counted step with which it begins.
        is_from_before: Whether an earlier attempt wrote it, and this one has not written it anew.
    """

    state: _State
    file: str
    start: Mark
    done: Mark
    first: int = 0
    is_from_before: bool = False
    waiting: _Waiting | None = None
    last: tuple[int | None, frozenset[str]] = (None, frozenset())


class Collector:
    """Collects the rows of a run's sources.

    Args:
        sources: The sources, and what becomes of their metrics.
        journal: Where it goes.
        total: How many epochs the config says; None: it does not say.
    """

    def __init__(self, sources: Sources, journal: SourceJournal, total: int | None) -> None:
        self._journal = journal
        self._naming = Naming(sources.rename)
        self._series = LastSeries()
        self._derive = [(key, Expression.parse(text)) for key, text in sources.derive.items()]
        self._epochs = EpochCount(sources.progress, total, journal.epochs, from_zero=journal.from_zero)
        self._needs_names = bool(self._derive or sources.progress)
        self._states: dict[str, _State] = {}
        self._streams: list[Stream] = []
        self._carried = journal.carried
        self._latest = dict(journal.latest) if self._derive else {}
        self._out: list[Reading] = []
        self._odd: Counter[tuple[str, str]] = Counter()
        self._odd_text: dict[tuple[str, str], str] = {}
        for name, step, value in journal.held:
            self._series.note(self._naming.of(name), step, value)

    def begin(self, *, resumed: bool) -> None:
        """Note that an attempt begins: counted steps begin anew unless it resumes."""
        for state in self._states.values():
            if not resumed:
                state.count = 0
        for stream in self._streams:
            stream.is_from_before = True

    def stream(self, source: Source, file: str, *, anew: bool = False) -> Stream:
        """The stream of a file, from where the journal says that it is read.

        Args:
            source: The source.
            file: The file as the journal names it.
            anew: Whether counted steps begin anew with this file, where nothing of it was read.
        """
        if source.identity not in self._states:
            rule, several = StepRule(source), source.identity in self._journal.several
            count = self._journal.counts.get(source.identity, 0)
            self._states[source.identity] = _State(source, rule, count, several)
        state = self._states[source.identity]
        mark = self._journal.marks.get((source.identity, file))
        if mark is None and anew:
            state.count = 0
        start = mark or Mark()
        stream = Stream(state, file, start, start, first=state.count)
        self._streams.append(stream)
        return stream

    def restart(self, stream: Stream) -> None:
        """Note that a file was written anew, so that what waits of it is read again.

        An attempt that finds a file of an earlier one and writes it anew goes on counting; one that writes its own file
        anew writes again what it has counted.
        """
        stream.waiting = None
        if stream.is_from_before:
            stream.is_from_before, stream.first = False, stream.state.count
        else:
            stream.state.count = stream.first

    def pass_over(self, stream: Stream, row: Row) -> None:
        """Take from a row that was recorded before the step that others carry on."""
        step = stream.state.rule.of(row).step
        self._carried = self._carried if step is None else step

    def take(self, stream: Stream, row: Row, before: Mark, after: Mark) -> None:
        """Take a row.

        Args:
            stream: Where it comes from.
            row: The row.
            before: How far the file is read without it.
            after: How far it is read with it.
        """
        state = stream.state
        count, carried = state.count, self._carried
        stepped = state.rule.of(row)
        step = self._step(state, stepped.step)
        by_step: dict[int | None, _Waiting] = {}
        for name, value in stepped.values.items():
            named = self._naming.of(name)
            at = step if named.step is None else named.step
            group = by_step.setdefault(at, _Waiting(before, at, row.is_again, time_ms=row.time_ms))
            if named.series is None:
                group.values[named.key] = [value]
            elif at is not None:
                group.held[name] = value
                self._series.note(named, at, value)
        known = row.values
        if self._needs_names:
            own = {key: v[0] for group in by_step.values() for key, v in group.values.items()}
            known = {**row.values, **own}
            for key, value in self._derived(known, step):
                known[key] = value
                group = by_step.setdefault(step, _Waiting(before, step, row.is_again, time_ms=row.time_ms))
                group.values[key] = [value]
        of_epochs = any(not key.startswith(NO_EPOCHS) for group in by_step.values() for key in group.values)
        self._epochs.note(known, stepped.step if of_epochs else None, state.source.kind)
        for group in by_step.values():
            self._merge(stream, group, count, carried)
        if row.images and step is not None:
            for name, png in row.images.items():
                self._journal.picture(self._naming.of(name).key, step, png)
        stream.done = after

    def note_odd(self, source: Source, values: Iterable[tuple[str, str]]) -> None:
        """Take note of values that are no numbers, each with its name."""
        for name, text in values:
            self._odd[source.label, name] += 1
            self._odd_text.setdefault((source.label, name), text)

    def settle(self, *, positions: bool = False) -> None:
        """Record what is complete.

        Args:
            positions: Whether to record also how far files are read that gave nothing.
        """
        for stream in self._streams:
            waiting = stream.waiting
            if waiting is not None and not stream.state.rule.is_final and not stream.state.waits:
                self._flush(stream, stream.done, stream.state.count, self._carried)
        self._write()
        if positions:
            self._write_positions()

    def end(self, *, finished: bool) -> None:
        """Record all that was read, at the end of an attempt.

        Args:
            finished: Whether the program has finished: final values are final then, and nothing stays open.
        """
        for stream in self._streams:
            if stream.waiting is not None and not stream.state.rule.is_final:
                self._flush(
                    stream,
                    stream.done,
                    stream.state.count,
                    self._carried,
                    is_open=not finished and stream.state.waits,
                )
        self._write()
        if finished:
            self._write_finals()
            self._write_series()
        self._write_positions()

    def notes(self) -> list[str]:
        """What the user should know of what was read, once each."""
        notes = list(self._naming.notes)
        for (label, name), count in self._odd.items():
            text = self._odd_text[label, name][:40]
            what = "value is no number" if count == 1 else "values are no numbers"
            notes.append(f"{label}: {count} {what}, and left out: {name!r} is {text!r}")
        labels = {state.source.identity: state.source.label for state in self._states.values()}
        for key, (identity, file) in self._journal.clashes.items():
            label = labels.get(identity, "a source")
            notes.append(
                f"{label}, {file}: gives {key!r} at steps that another file has; what came first stands"
            )
        return notes

    def _step(self, state: _State, told: int | None) -> int | None:
        """The step of a row; None: it is final."""
        if state.rule.is_final:
            return None
        if told is None and state.rule.counts_untold:
            told = state.count
            state.count += 1
        if told is not None:
            self._carried = told
        return self._carried or 0 if told is None else told

    def _derived(self, known: Mapping[str, float], step: int | None) -> Iterable[tuple[str, float]]:
        """The metrics that are computed of a row, with what other rows gave at its step."""
        if not self._derive or step is None:
            return
        names = set(known)
        self._latest |= {name: (step, value) for name, value in known.items()}
        for key, expression in self._derive:
            if names.isdisjoint(expression.names):
                continue
            at_step = {
                name: self._latest[name][1]
                for name in expression.names
                if name in self._latest and self._latest[name][0] == step
            }
            if (value := expression.value(at_step)) is not None:
                self._latest[key] = (step, value)
                names.add(key)
                yield key, value

    def _merge(self, stream: Stream, group: _Waiting, count: int, carried: int | None) -> None:
        """Add the values of a step to those that wait, which are recorded first where they are another step's."""
        state, waiting = stream.state, stream.waiting
        if waiting is not None and (waiting.step, waiting.is_again) != (group.step, group.is_again):
            self._flush(stream, group.before, count, carried)
            waiting = None
        if waiting is None:
            step, keys = stream.last
            state.has_several = state.has_several or (
                step == group.step and not keys.isdisjoint(group.values)
            )
            stream.waiting = group
            return
        waiting.held |= group.held
        waiting.time_ms = group.time_ms or waiting.time_ms
        for key, values in group.values.items():
            if key not in waiting.values:
                waiting.values[key] = values
            elif state.source.several == MEAN:
                waiting.values[key] += values
            else:
                state.has_several = True
                waiting.values[key] = values

    def _flush(
        self, stream: Stream, mark: Mark, count: int, carried: int | None, *, is_open: bool = False
    ) -> None:
        """Have recorded what waits of a stream; the file is read up to the mark with it."""
        waiting, state = stream.waiting, stream.state
        if waiting is None:
            return
        stream.waiting = None
        stream.last = (waiting.step, frozenset(waiting.values))
        step = waiting.step or 0
        reading = Reading(
            source=state.source.identity,
            file=stream.file,
            mark=mark,
            values={key: sum(values) / len(values) for key, values in waiting.values.items()},
            step=step,
            held=waiting.held,
            epochs=self._epochs.done,
            count=count if state.rule.counts_untold else None,
            carried=carried if carried != step else None,
            time_ms=waiting.time_ms,
            is_again=waiting.is_again,
            is_open=is_open,
            has_several=state.has_several,
            from_zero=self._epochs.from_zero,
        )
        self._out.append(reading)
        if len(self._out) >= _MOST_KEPT:
            self._write()

    def _write(self) -> None:
        self._journal.record(self._out)
        self._out.clear()

    def _write_positions(self) -> None:
        readings = []
        for stream in self._streams:
            mark = stream.waiting.before if stream.waiting is not None else stream.done
            state = stream.state
            if mark != self._journal.marks.get((state.source.identity, stream.file), stream.start):
                count = state.count if state.rule.counts_untold else None
                readings.append(
                    Reading(state.source.identity, stream.file, mark, count=count, carried=self._carried)
                )
        self._journal.record(readings, positions=True)

    def _write_finals(self) -> None:
        """Record what was to be recorded once, at the end: of several attempts what the last one gave."""
        step = self._journal.last or 0
        later: dict[_State, set[str]] = {}
        for stream in reversed(self._streams):
            if (waiting := stream.waiting) is not None:
                waiting.step = step
                known = later.setdefault(stream.state, set())
                waiting.values = {key: values for key, values in waiting.values.items() if key not in known}
                known |= waiting.values.keys()
                self._flush(stream, stream.done, stream.state.count, self._carried)
        self._write()

    def _write_series(self) -> None:
        """Record the last of the series that become one metric."""
        points = [
            Reading(
                "series", key, Mark(), {key: value}, step, epochs=self._epochs.done, carried=self._carried
            )
            for key, step, value in self._series.points()
        ]
        self._journal.record(points)
