"""Reads on in the files of a run's sources, each from where its journal says that it is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sweeps.rundir.source_journal import Mark
from sweeps.sources.following.kinds import beginnings, files_of, reader_of
from sweeps.sources.following.shared_numbers import SharedNumbers
from sweeps.sources.formats.number import Commas
from sweeps.sources.formats.output import LONGEST, Pattern, read_lines
from sweeps.sources.reader import Row

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sweeps.rundir.paths import RunPaths
    from sweeps.rundir.source_journal import SourceJournal
    from sweeps.sources.following.collector import Collector
    from sweeps.sources.following.streams import Stream
    from sweeps.sources.formats.output import Line
    from sweeps.sources.reader import Position, Reader
    from sweeps.spec.trainer.source_model import Source

UNREAD = "no pattern is tried on what stands behind them"
"""What is said of lines that are too long."""


class _File:
    """A file of a source, and what it looked like when it was read."""

    def __init__(self, path: Path, stream: Stream, begin: Position | None) -> None:
        self.path = path
        self.stream = stream
        self.position = begin or stream.start.position
        self.passed = stream.start.rows
        self.seen: tuple[int, int, int] | None = None


class FileWatch:
    """Reads the files of a source. Those of elsewhere that are older than `since_ms`, and unknown to the journal, are another program's."""

    def __init__(
        self,
        source: Source,
        directory: Path,
        paths: RunPaths,
        collector: Collector,
        journal: SourceJournal,
        since_ms: int,
    ) -> None:
        self.source = source
        self._directory = directory
        self._paths = paths
        self._collector = collector
        self._since_ms = since_ms
        self._files: dict[Path, _File] = {}
        self._reader: Reader | None = None
        self._is_first = journal.attempt == 0
        self._begun = False
        self._found: list[Path] = []
        self._known = {
            paths.root / file: mark.position
            for (identity, file), mark in journal.marks.items()
            if identity == source.identity
        }
        self._trouble: dict[str, None] = {}

    @property
    def has_files(self) -> bool:
        """Whether any file was found."""
        return bool(self._files)

    def notes(self) -> list[str]:
        """What could not be read, once each."""
        return list(self._trouble)

    def look(self) -> None:
        """Find the files; what others left is passed over, and read on when it grows."""
        listed = files_of(self.source, self._directory, self._paths)
        named = {path: file_name(path, self._paths) for path in listed if path not in self._files}
        self._found += [path for path in named if path not in self._known]
        begin = beginnings(self.source, self._found, self._known) if named else {}
        for path, name in named.items():
            stream = self._collector.stream(self.source, name)
            file = self._files[path] = _File(path, stream, begin.get(path))
            if self._is_anothers(path):
                self._pass_over(file)
        self._begun = True

    def read(self, *, whole: bool = False) -> None:
        """Read on in the files that changed.

        Args:
            whole: Whether the program has ended: nothing more is waited for, and every file is read whatever it looks like.
        """
        for file in self._files.values():
            try:
                looks = file.path.stat()
            except OSError:
                continue  # it is gone, or moved
            seen = (looks.st_size, looks.st_mtime_ns, looks.st_ino)
            if whole or seen != file.seen:
                while self._read_once(file, half=whole):
                    pass
                file.seen = seen

    def _is_anothers(self, path: Path) -> bool:
        """Whether a file was there before the run, and none of its attempts has written it."""
        if path in self._known or path.is_relative_to(self._paths.root):
            return False
        if self._is_first:
            return not self._begun
        return path.stat().st_mtime_ns // 1_000_000 < self._since_ms

    def _pass_over(self, file: _File) -> None:
        while self._read_once(file, takes=False):
            pass
        file.stream.done = Mark(file.position)

    def _read_once(self, file: _File, *, half: bool = False, takes: bool = True) -> bool:
        """Read on by one piece; returns whether there may be more."""
        try:
            if self._reader is None or half:
                self._reader = reader_of(self.source, half=half)
            read = self._reader(file.path, file.position)
        except FileNotFoundError:
            return False
        except Exception as error:  # noqa: BLE001 - whatever a damaged file makes a reader raise, the others are read
            told = f"{type(error).__name__}: {error}".splitlines()[0][:200]
            self._trouble[f"{self.source.label}: {file.stream.file} cannot be read: {told}"] = None
            return False
        if read.position.get("again") != file.position.get("again"):
            file.stream.restart()
            file.passed = 0
        elif "again" not in read.position and any(row.is_again for row in read.rows):
            file.passed = 0
        passed = file.passed
        last = len(read.rows) - 1
        for at, row in enumerate(read.rows if takes else ()):
            if at < passed:
                self._collector.pass_over(file.stream, row)
                continue
            after = Mark(read.position) if at == last else Mark(file.position, at + 1)
            self._collector.take(file.stream, row, Mark(file.position, at), after)
        self._collector.note_odd(self.source, read.odd)
        self._trouble |= dict.fromkeys(f"{self.source.label}: {note}" for note in read.notes)
        file.passed = max(0, file.passed - len(read.rows))
        moved = read.position != file.position
        file.position = read.position
        if moved and not file.passed:
            file.stream.done = Mark(file.position)
        return moved


class LogWatch:
    """Reads what the attempts of a run printed, all patterns at once, so that steps are carried from line to line.

    Attributes:
        most: The last attempt whose log is read.
    """

    def __init__(
        self, sources: list[Source], paths: RunPaths, collector: Collector, journal: SourceJournal
    ) -> None:
        commas = Commas()
        self._patterns = [(source, Pattern(source.text, commas)) for source in sources]
        self._shared = SharedNumbers(self._patterns)
        self._carried = frozenset[str]().union(*(source.carried_names for source in sources))
        self._paths = paths
        self._collector = collector
        self._journal = journal
        self._logs: dict[int, _Log] = {}
        self._cut = 0
        self.most = paths.last_attempt()

    def notes(self) -> list[str]:
        """What was noticed of lines that several patterns read, or that are too long to be read to their end, once each."""
        lines = "a line is" if self._cut == 1 else f"{self._cut} lines are"
        cut = f"what was printed: {lines} longer than {LONGEST} characters, and {UNREAD}"
        return [*self._shared.notes, cut] if self._cut else self._shared.notes

    def look(self) -> None:
        """Find the logs of the attempts so far."""
        for attempt in range(1, self.most + 1):
            path = self._paths.log(attempt)
            if attempt not in self._logs and path.exists():
                anew = not self._journal.resumptions.get(attempt, False)
                streams = [
                    self._collector.stream(source, path.name, anew=anew) for source, _ in self._patterns
                ]
                for stream in streams:
                    stream.shared_turns = streams[0].shared_turns
                log = self._logs[attempt] = _Log(path, streams)
                self._recall(log)
                first = min(streams, key=lambda stream: stream.start_byte)
                if log.offset:
                    self._collector.carry_on(
                        self._journal.carried_at.get((first.state.source.identity, path.name))
                    )

    def read(self, *, whole: bool = False) -> None:
        """Read on; once the program has finished, what stands in its log without a line break is a line, too."""
        latest = max(self._logs, default=0)
        for attempt in sorted(self._logs):
            log = self._logs[attempt]
            while self._read_once(log, half=whole and attempt == latest):
                pass

    def _read_once(self, log: _Log, *, half: bool) -> bool:
        try:
            lines, end = read_lines(log.path, log.offset, half=half)
        except OSError:
            return False
        if end == log.offset:
            return False
        for line in lines:
            self._take(line, log)
        log.offset = end
        for stream in log.streams:
            if end >= stream.start_byte:
                stream.done = Mark({"bytes": end})
        return True

    def _recall(self, log: _Log) -> None:
        """Find again what lines carry on that were read before."""
        offset = 0
        while self._carried and offset < log.offset:
            try:
                lines, end = read_lines(log.path, offset)
            except OSError:
                return
            for line in lines:
                for _, pattern in self._patterns if line.start < log.offset else ():
                    for match in pattern.matches(line.text):
                        log.carry(match.values, self._carried)
            if end == offset:
                return
            offset = end

    def _take(self, line: Line, log: _Log) -> None:
        """Take what each pattern finds in a line, from where its stream begins."""
        self._cut += line.is_cut and line.start >= max(stream.start_byte for stream in log.streams)
        matching: list[int] = []
        for place, ((source, pattern), stream) in enumerate(zip(self._patterns, log.streams, strict=True)):
            begin = (stream.start_byte, stream.start.rows)
            for at, match in enumerate(pattern.matches(line.text)):
                row = Row(match.values, before=dict(log.carried)) if log.carried else Row(match.values)
                log.carry(match.values, self._carried)
                if not at:
                    matching.append(place)
                if (line.start, at) < begin:
                    self._collector.pass_over(stream, row)
                    continue
                before, after = (Mark({"bytes": line.start}, rows) for rows in (at, at + 1))
                self._collector.take(stream, row, before, after)
                self._collector.note_odd(source, match.odd.items())
        if len(matching) > 1:
            self._shared.look(line.text, matching)


class _Log:
    """An attempt's log, with a stream for each pattern; `offset` is how far it is read, `carried` what lines carry on."""

    def __init__(self, path: Path, streams: list[Stream]) -> None:
        self.path = path
        self.streams = streams
        self.carried: dict[str, float] = {}
        self.offset = min((stream.start_byte for stream in streams), default=0)

    def carry(self, values: Mapping[str, float], names: frozenset[str]) -> None:
        """Keep the numbers of a line that the steps of later ones ask for."""
        for name in names & values.keys():
            self.carried[name] = values[name]


def file_name(path: Path, paths: RunPaths) -> str:
    """The name of a file in a run's journal: it holds wherever the run's directory is moved to."""
    return path.relative_to(paths.root).as_posix() if path.is_relative_to(paths.root) else str(path)
