"""What each group of tests costs, in seconds of CPU, of the worker and of all that it started; and which tests wait.

A plugin of pytest: `make costs`, or `python -m pytest -p tests.costs tests/FOLDER` from the project's root. CPU time,
unlike wall time, hardly depends on what else runs on the machine. A process counts when it has ended and was waited for: one
that a module's fixture started where the module ends, one that has left its parent (a forkserver, a detached run) where a
`sweep` of `tests.warm` was that, else nowhere.
"""

import os
import select
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.warm import WarmSweep

SHOWN = 40
"""So many of the dearest files and tests are listed."""

LEFT_S = 10
"""For so long what a `sweep` left may go on before it counts no more."""

_before = pytest.StashKey[tuple[float, float]]()
_of_sweeps: list[float] = []


def cpu_seconds() -> float:
    """CPU of this process, of what it has started and waited for, and of the `sweep`s that have ended, with what they left."""
    while WarmSweep.ended:
        answers = WarmSweep.ended.pop()
        while select.select([answers], [], [], LEFT_S)[0] and (line := answers.readline()):
            _of_sweeps.append(float(line))
        answers.close()
    return sum(os.times()[:4]) + sum(_of_sweeps)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item):
    item.stash[_before] = cpu_seconds(), time.monotonic()
    return (yield)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if call.when == "teardown":
        cpu_s, wall_s = cpu_seconds() - item.stash[_before][0], time.monotonic() - item.stash[_before][1]
        report.user_properties += [("cpu_s", cpu_s), ("idle_s", wall_s - cpu_s)]
    return report


def pytest_configure(config):
    WarmSweep.ended = []
    if "PYTEST_XDIST_WORKER" not in os.environ:
        config.pluginmanager.register(_Collector())


class _Collector:
    def __init__(self):
        self._seconds = {"cpu_s": Counter(), "idle_s": Counter()}

    def pytest_runtest_logreport(self, report):
        if report.when == "teardown":
            for name, seconds in self._seconds.items():
                seconds[report.nodeid] += dict(report.user_properties).get(name, 0.0)

    def pytest_terminal_summary(self, terminalreporter):
        write = terminalreporter.write_line
        cpu_s, idle_s = self._seconds["cpu_s"], self._seconds["idle_s"]
        terminalreporter.section(
            "CPU seconds, and seconds without (of waiting, or of other work on the machine)"
        )
        write(f"{sum(cpu_s.values()):8.1f} all; {sum(idle_s.values()):.1f} without CPU")
        listed = [
            ("folders", _folder, cpu_s),
            ("files", _file, cpu_s),
            ("tests", str, cpu_s),
            ("waiting", str, idle_s),
        ]
        for title, group, costs in listed:
            sums, numbers = Counter(), Counter()
            for test, seconds in costs.items():
                sums[group(test)] += seconds
                numbers[group(test)] += 1
            write(f"{title}:")
            for name, seconds in sums.most_common(SHOWN):
                write(f"{seconds:8.1f} {name}" + (f" ({numbers[name]} tests)" if numbers[name] > 1 else ""))


def _file(test: str) -> str:
    return test.partition("::")[0]


def _folder(test: str) -> str:
    return str(Path(_file(test)).parent)
