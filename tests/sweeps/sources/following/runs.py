"""A run's directory with metric sources, followed attempt by attempt inside a test's own process."""

import time

from sweeps.rundir.journal import Metrics, read_entries
from sweeps.rundir.paths import RunPaths
from sweeps.rundir.source_journal import SourceJournal
from sweeps.sources.following.follower import Follower, catch_up
from sweeps.sources.following.order import ReadOrder
from sweeps.spec.trainer.source_model import Source, Sources


class Run:
    """A run: `attempt` begins one, the test writes what its program writes, `ends` ends it."""

    def __init__(self, root, *sources, total=None, unit="epoch", settings=None, **more):
        self.paths = RunPaths(root / "run")
        self.paths.create()
        self.root = root
        found = tuple(
            Source(kind, text, label=f"{kind} {text}", **said).identified() for kind, text, said in sources
        )
        self.order = ReadOrder(
            Sources(found, **more), str(root), total, time.time_ns() // 1_000_000, unit, settings or {}
        ).write(self.paths)
        self.number = 0

    def attempt(self, *, resumed=False):
        self.number += 1
        self.log = self.paths.log(self.number)
        self.log.touch()
        self.journal = SourceJournal(self.paths)
        self.follower = Follower(self.order, self.paths, self.journal)
        self.follower.start(self.number, resumed=resumed)
        return self

    def prints(self, text):
        with self.log.open("a") as file:
            file.write(text)

    def writes(self, name, text, mode="a"):
        path = self.paths.files / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open(mode) as file:
            file.write(text)
        return path

    def is_read(self):
        """Have the follower look now, as it would before long."""
        self.follower.read_now()

    def ends(self, *, finished=True):
        self.follower.finish(finished=finished)
        self.journal.close()
        return self

    def dies(self):
        """End as by kill -9: what the follower holds is lost, and somebody catches up."""
        self.follower.abandon()
        self.journal.close()
        catch_up(self.paths)
        return self

    def prints_and_dies(self, lines, when):
        """Print lines, looked at now and then, and die after one of them: the job is queued again, with the same number and log."""
        for at, line in enumerate(lines):
            self.prints(f"{line}\n")
            if at % 3 == 1:
                self.is_read()
            if at == when:
                self.dies()
                self.number -= 1
                self.attempt(resumed=True)
        self.ends()

    def entries(self):
        return [entry for entry in read_entries(self.paths.journal, 0)[0] if isinstance(entry, Metrics)]

    def points(self):
        """The values of each metric in the order in which they stand in the journal, as (step, value)."""
        found = {}
        for entry in self.entries():
            for key, value in entry.values.items():
                found.setdefault(key, []).append((entry.step, value))
        return found


def stdout(pattern, **said):
    return ("stdout", pattern, said)


LOSS = stdout(r"epoch (?P<epoch>\d+) loss (?P<loss>\S+)")
