import sys
from types import ModuleType, SimpleNamespace

import pytest

from sweeps.api.notebook import NotebookTable, in_notebook, table_html
from sweeps.cli.live.view import Row, View
from sweeps.executors.base import Stop
from tests.sweeps.scheduler.jobs import job

RUNNING = Row("a/<b>", "running", "", "3/10", 65.0, (0.5, None))
FAILED = Row("a/x", "failed", "exit code 7", "1/10", None, (None, 21.25))


@pytest.fixture
def shown(monkeypatch):
    """What a kernel's display shows: each output with its last content."""
    outputs = []

    def display(drawn, *, display_id):
        assert display_id
        outputs.append(drawn)
        number = len(outputs) - 1
        return SimpleNamespace(update=lambda new: outputs.__setitem__(number, new))

    kernel, displays = ModuleType("IPython"), ModuleType("IPython.display")
    kernel.get_ipython = lambda: SimpleNamespace(kernel=object())
    displays.HTML, displays.display = str, display
    monkeypatch.setitem(sys.modules, "IPython", kernel)
    monkeypatch.setitem(sys.modules, "IPython.display", displays)
    return outputs


def test_a_kernel_is_told_from_other_pythons(shown, monkeypatch):
    assert in_notebook()
    monkeypatch.setattr(sys.modules["IPython"], "get_ipython", lambda: None)
    assert not in_notebook()
    monkeypatch.delitem(sys.modules, "IPython")
    assert not in_notebook()


def test_the_table_says_how_each_trial_stands():
    html = table_html(View((RUNNING, FAILED), 1, 9, 130.0, "stopping"))
    assert "<td>a/&lt;b&gt;</td><td>running</td><td>3/10</td><td>1m05s</td><td>0.5</td><td></td>" in html
    assert "<td>a/x</td><td>failed: exit code 7</td><td>1/10</td><td></td><td></td><td>21.25</td>" in html
    assert html.endswith("<p>1 of 9 ended, about 2m10s left (7 rows not shown). stopping</p>")


def test_one_output_changes_in_place(shown, capsys):
    table = NotebookTable(1)
    table.tick([job("x")])
    table.noticed("a word\x1b[2J, stop (Ctrl-C)")
    table.stopping(Stop.ASK)
    table.tick([job("x"), job("y")])
    table.close()
    (output,) = shown
    assert "0 of 2 ended" in output
    said = capsys.readouterr().out
    assert "\x1b" not in said
    assert said.endswith("stop (interrupt the kernel)\n")
