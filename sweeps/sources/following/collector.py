"""Turns the rows of all sources of a run into what its journal is to hold: which metric, which step, and how far it is read.

What one source gives of one step in one go is recorded together. Where it was seen to give several values of a metric at a
step, they wait until the step is over, and so do means and the first step of what a program prints; the last step of an
attempt that did not finish stays open for the next one. Final values, and of several series that become one the last,
wait until the program has finished.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from sweeps.rundir.journal import NO_EPOCHS
from sweeps.rundir.source_journal import Mark, Reading
from sweeps.sources.following.epochs import EpochCount
from sweeps.sources.following.naming import LastSeries, Naming
from sweeps.sources.following.setting_columns import SettingColumns
from sweeps.sources.following.streams import Placed, State, Stream, told_of
from sweeps.sources.following.visits import Visits
from sweeps.sources.formats.number import OPEN, is_open
from sweeps.spec.trainer.expression import Expression
from sweeps.spec.trainer.source_model import ALL

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sweeps.rundir.source_journal import SourceJournal
    from sweeps.sources.following.order import ReadOrder
    from sweeps.sources.following.streams import Counts, Waiting
    from sweeps.sources.reader import Row
    from sweeps.spec.trainer.source_model import Source

_MOST_KEPT = 1000
"""How many readings are kept before they are written."""


class Collector:
    """Collects the rows of a run's sources.

    Args:
        order: The sources, what becomes of their metrics, and what the config says of epochs.
        journal: Where it goes.
    """

    def __init__(self, order: ReadOrder, journal: SourceJournal) -> None:
        sources = order.sources
        self._journal = journal
        self._naming = Naming(sources.rename)
        self._series = LastSeries()
        self._derive = [(key, Expression.parse(text)) for key, text in sources.derive.items()]
        self._epochs = EpochCount(
            sources.progress, order.total, journal.epochs, from_zero=journal.from_zero, unit=order.unit
        )
        self._needs_names = bool(self._derive or sources.progress)
        self._states: dict[str, State] = {}
        self._streams: list[Stream] = []
        self._goes_on_at: Mapping[str, int] | None = None
        self._carried = journal.carried
        self._latest = dict(journal.latest) if self._derive else {}
        self._out: list[Reading] = []
        self._odd: Counter[tuple[str, str]] = Counter()
        self._odd_text: dict[tuple[str, str], str] = {}
        self._settings = SettingColumns(order.settings, {*sources.rename, *journal.latest})
        for name, step, value in journal.held:
            self._series.note(self._naming.of(name), step, value)

    def begin(self, *, resumed: bool) -> None:
        """Note that an attempt begins: counted steps begin anew unless it resumes."""
        for state in self._states.values():
            if not resumed:
                state.count_from()
        self._goes_on_at = {key: step for key, (step, _) in self._journal.latest.items()} if resumed else None
        for stream in self._streams:
            stream.is_from_before = True
            stream.visits = self._visits()

    def stream(self, source: Source, file: str, *, anew: bool = False) -> Stream:
        """The stream of a file, as the journal names it, from where that says it is read; `anew`: counted steps begin anew with it."""
        if source.identity not in self._states:
            self._states[source.identity] = State(source, self._journal)
        mark = self._journal.marks.get((source.identity, file))
        stream = Stream.of(self._states[source.identity], file, mark, anew=anew)
        stream.visits = self._visits()
        self._streams.append(stream)
        return stream

    def carry_on(self, step: int | None) -> None:
        """Take up the step that held where reading goes on; None: it is not known."""
        self._carried = self._carried if step is None else step

    def pass_over(self, stream: Stream, row: Row) -> None:
        """Take from a row that was recorded before the step that others carry on."""
        self.carry_on(stream.state.rule.of(row).step)

    def take(self, stream: Stream, row: Row, before: Mark, after: Mark) -> None:
        """Take a row; its file is read up to `before` without it, and up to `after` with it."""
        stream.begins()
        state = stream.state
        at = state.counts(self._carried)
        stepped = state.rule.of(row)
        if stepped.is_refused:
            state.refused += 1
            stream.done = after
            return
        step = self._step(state, stepped.step)
        turn = stream.turn(None if state.rule.counts else stepped.step, row.values)
        stream.by = stepped.by or stream.by
        placed = Placed(stream, before, at, row, turn, is_beside=state.is_beside(stepped.step))
        self._place(placed, state.source, stepped.values, step)
        known = row.values
        if self._needs_names:
            known = {**row.values, **placed.values}
            for key, value in self._derived(known, step, alone=state.source.several == ALL):
                known[key] = value
                placed.put(key, key, step, value)
        of_epochs = state.leads or any(not key.startswith(NO_EPOCHS) for key in placed.values)
        told = stepped.step if of_epochs else None
        self._epochs.note(known, told, state.source, placed.values, stepped.by, begins=state.leads)
        self._count_out(stream, placed.counted, before, at, row.time_ms)
        for waiting in placed.groups.values():
            self._merge(stream, waiting, at)
        if row.images and step is not None:
            for name, png in row.images.items():
                self._journal.picture(self._naming.of(name).key, step, png)
        stream.done = after

    def _visits(self) -> Visits:
        """The visits of a file in the attempt that is read."""
        visits = Visits()
        if self._goes_on_at is not None:
            visits.goes_on(self._goes_on_at, self._journal.given)
        return visits

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
            if stream.waiting is not None and not stream.state.rule.is_final and not stream.state.waits:
                self._flush(stream, stream.done, stream.state.counts(self._carried))
        self._write()
        self._journal.progress(self._epochs.done, from_zero=self._epochs.from_zero)
        if positions:
            self._write_positions()

    def end(self, *, finished: bool) -> None:
        """Record all that was read, at the end of an attempt.

        Args:
            finished: Whether the program has finished: final values are final then, and nothing stays open.
        """
        if finished:
            self._epochs.finish()
        for stream in self._streams:
            if stream.waiting is not None and not stream.state.rule.is_final:
                is_open = not finished and stream.state.stays_open
                self._flush(stream, stream.done, stream.state.counts(self._carried), is_open=is_open)
        self._write()
        if finished:
            self._journal.close_open()
            self._write_finals()
            self._write_series()
        self._journal.progress(self._epochs.done, from_zero=self._epochs.from_zero)
        self._write_positions()

    def odd_of(self, source: Source) -> str:
        """One of a source's values that are no numbers, or what it tells that is no step; empty where there are none."""
        name = next((name for label, name in self._odd if label == source.label), None)
        if name is None and source.identity in self._states:
            return self._states[source.identity].rule.refused.partition(" (")[0]
        return "" if name is None else f"{name!r} is {self._odd_text[source.label, name][:40]!r}, no number"

    def notes(self) -> list[str]:
        """What the user should know of what was read, once each."""
        notes = [*self._naming.notes, *self._settings.notes()]
        for (label, name), count in self._odd.items():
            text = self._odd_text[label, name][:40]
            doubt = f", which {OPEN}" if is_open(text) else ""
            what = "value is no number" if count == 1 else "values are no numbers"
            notes.append(f"{label}: {count} {what}, and left out: {name!r} is {text!r}{doubt}")
        for state in self._states.values():
            own = [stream for stream in self._streams if stream.state is state]
            notes += told_of(state, own)
        labels = {identity: state.source.label for identity, state in self._states.items()}
        for key, (identity, file) in self._journal.clashes.items():
            label = labels.get(identity, "a source")
            notes.append(
                f"{label}, {file}: gives {key!r} at steps that another file has; what came first stands"
            )
        if missing := self._epochs.missing():
            notes.append(missing)
        return notes

    def _place(self, placed: Placed, source: Source, values: Mapping[str, float], step: int | None) -> None:
        """Place the metrics of a row, but for settings that it repeats."""
        for name, value in values.items():
            if self._settings.repeats(source, name, step, value):
                continue
            self._release(name)
            named = self._naming.of(name)
            named_step = step if named.step is None else named.step
            if named.series is None:
                placed.put(name, named.key, named_step, value)
            elif named_step is not None:
                placed.group(named_step).held[name] = value
                self._series.note(named, named_step, value)

    def _step(self, state: State, told: int | None) -> int | None:
        """The step of a row; None: it is final."""
        if state.rule.is_final:
            return None
        if state.counts_row(told):
            told = state.count
            state.count += 1
        if told is not None:
            self._carried = told
        return self._carried or 0 if told is None else told

    def _derived(
        self, known: Mapping[str, float], step: int | None, *, alone: bool
    ) -> Iterable[tuple[str, float]]:
        """The metrics that are computed of a row, with what other rows gave at its step unless it stands `alone`."""
        if not self._derive or step is None:
            return
        names = set(known)
        self._latest |= {name: (step, value) for name, value in known.items()}
        for key, expression in self._derive:
            if names.isdisjoint(expression.names) or (alone and not names.issuperset(expression.names)):
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

    def _release(self, name: str) -> None:
        """Have recorded what was taken for a setting up to now."""
        for step, value in self._settings.released(name):
            key = self._naming.of(name).key
            self._keep(self._late("settings", key, step, value))

    def _late(self, source: str, key: str, step: int, value: float) -> Reading:
        """A value that is recorded later than it was read; `source` stands for its source."""
        return Reading(
            source, key, Mark(), {key: value}, step, epochs=self._epochs.done, carried=self._carried
        )

    def _count_out(
        self,
        stream: Stream,
        counted: Mapping[int, Mapping[str, float]],
        before: Mark,
        at: Counts,
        time_ms: int | None,
    ) -> None:
        """Have recorded values that have counted steps. The file is read up to what waits, or to this row, with them."""
        if stream.waiting is not None:
            before, at = stream.waiting.before, stream.waiting.counts
        for step, values in counted.items():
            times = dict.fromkeys(values, time_ms) if time_ms else {}
            self._keep(self._reading(stream, before, at, step, times=times, values=values, is_again=True))

    def _merge(self, stream: Stream, group: Waiting, at: Counts) -> None:
        """Add the values of a step to those that wait, which are recorded first where they are another step's."""
        state, waiting = stream.state, stream.waiting
        if waiting is not None and (waiting.step, waiting.is_again) != (group.step, group.is_again):
            self._flush(stream, group.before, at)
            state.has_one = True
            waiting = None
        if waiting is None:
            step, keys = stream.last
            state.has_several = state.has_several or (
                step == group.step and not keys.isdisjoint(group.values)
            )
            stream.waiting = group
            return
        waiting.held |= group.held
        waiting.times |= group.times
        waiting.visits |= group.visits
        for key, values in group.values.items():
            if key not in waiting.values:
                waiting.values[key] = values
            elif key in state.means:
                waiting.values[key] += values
            else:
                state.has_several = True
                waiting.values[key] = values

    def _flush(self, stream: Stream, mark: Mark, at: Counts, *, is_open: bool = False) -> None:
        """Have recorded what waits of a stream; the file is read up to the mark with it."""
        waiting = stream.waiting
        if waiting is None:
            return
        stream.waiting = None
        stream.last = (waiting.step, frozenset(waiting.values))
        reading = self._reading(
            stream,
            mark,
            at,
            waiting.step or 0,
            times=waiting.times,
            values={key: sum(values) / len(values) for key, values in waiting.values.items()},
            held=waiting.held,
            visits=waiting.visits,
            is_again=waiting.is_again,
            is_open=is_open,
        )
        self._keep(reading)

    def _reading(self, stream: Stream, mark: Mark, at: Counts, step: int | None, **more: Any) -> Reading:
        """What is read of a stream, with how far that leads: counted and carried steps as they are at the mark."""
        state = stream.state
        return Reading(
            source=state.source.identity,
            file=stream.file,
            mark=mark,
            step=step or 0,
            epochs=self._epochs.done,
            count=at.rows if state.rule.counts_untold else None,
            counts=at.of_metrics,
            carried=at.carried if at.carried != step else None,
            has_several=state.has_several,
            from_zero=self._epochs.from_zero,
            **more,
        )

    def _keep(self, reading: Reading) -> None:
        self._out.append(reading)
        if len(self._out) >= _MOST_KEPT:
            self._write()

    def _write(self) -> None:
        self._journal.record(self._out)
        self._out.clear()
        for state in self._states.values():
            state.saved()

    def _write_positions(self) -> None:
        readings = []
        for stream in self._streams:
            state, waiting = stream.state, stream.waiting
            mark = waiting.before if waiting is not None else stream.done
            at = waiting.counts if waiting is not None else state.counts(self._carried)
            if mark != self._journal.marks.get((state.source.identity, stream.file), stream.start):
                readings.append(self._reading(stream, mark, at, None))
        self._journal.record(readings, positions=True)

    def _write_finals(self) -> None:
        """Record what was to be recorded once, at the end: of several attempts what the last one gave."""
        step = self._journal.last or 0
        later: dict[State, set[str]] = {}
        for stream in reversed(self._streams):
            if (waiting := stream.waiting) is not None:
                waiting.step = step
                known = later.setdefault(stream.state, set())
                waiting.values = {key: values for key, values in waiting.values.items() if key not in known}
                known |= waiting.values.keys()
                self._flush(stream, stream.done, stream.state.counts(self._carried))
        self._write()

    def _write_series(self) -> None:
        """Record the last of the series that become one metric."""
        self._journal.record([self._late("series", *point) for point in self._series.points()])
