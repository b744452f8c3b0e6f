"""What each group of tests costs, in seconds of CPU: of the worker and of all that it started.

A plugin of pytest: `make costs`, or `python -m pytest -p tests.costs tests/FOLDER` from the project's root. CPU time,
unlike wall time, hardly depends on what else runs on the machine. A process that has left its parent (a detached run)
counts until it leaves.
"""

import os
from collections import Counter
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

SHOWN = 40
"""So many of the dearest files and tests are listed."""

_costs = pytest.StashKey[Counter]()
_before = pytest.StashKey[float]()


def cpu_seconds() -> float:
    """CPU of this process, its descendants that run, and those of either that have ended and were waited for."""
    me = psutil.Process()
    total = 0.0
    for process in [me, *me.children(recursive=True)]:
        with suppress(psutil.Error):
            total += sum(process.cpu_times()[:4])
    return total


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item):
    item.stash[_before] = cpu_seconds()
    return (yield)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if call.when == "teardown":
        report.user_properties.append(("cpu_s", cpu_seconds() - item.stash[_before]))
    return report


def pytest_configure(config):
    config.stash[_costs] = Counter()
    if "PYTEST_XDIST_WORKER" not in os.environ:
        config.pluginmanager.register(_Collector(config.stash[_costs]))


class _Collector:
    def __init__(self, costs):
        self._costs = costs

    def pytest_runtest_logreport(self, report):
        if report.when == "teardown":
            self._costs[report.nodeid] += dict(report.user_properties).get("cpu_s", 0.0)

    def pytest_terminal_summary(self, terminalreporter):
        write = terminalreporter.write_line
        terminalreporter.section("CPU seconds")
        write(f"{sum(self._costs.values()):8.1f} all")
        for title, group in (("folders", _folder), ("files", _file), ("tests", str)):
            sums, numbers = Counter(), Counter()
            for test, seconds in self._costs.items():
                sums[group(test)] += seconds
                numbers[group(test)] += 1
            write(f"{title}:")
            for name, seconds in sums.most_common(SHOWN):
                write(f"{seconds:8.1f} {name}" + (f" ({numbers[name]} tests)" if numbers[name] > 1 else ""))


def _file(test: str) -> str:
    return test.partition("::")[0]


def _folder(test: str) -> str:
    return str(Path(_file(test)).parent)
