import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pandas as pd
import pytest

from sweeps.api.results import Launch, Report

TRIALS = pd.DataFrame({"trial": ["n1"], "ran": [True]})


@pytest.fixture
def shown(monkeypatch):
    """What a kernel displays while it carries out its cell 7."""
    outputs = []
    kernel, displays = ModuleType("IPython"), ModuleType("IPython.display")
    kernel.get_ipython = lambda: SimpleNamespace(kernel=object(), execution_count=7)

    def display(drawn, *, raw):
        assert raw
        outputs.append(drawn)

    displays.display = display
    monkeypatch.setitem(sys.modules, "IPython", kernel)
    monkeypatch.setitem(sys.modules, "IPython.display", displays)
    return outputs


def test_a_launch_shows_its_trials_but_where_its_table_does(shown):
    Launch(TRIALS, 0, shown_in=7)._ipython_display_()
    assert shown == []
    Launch(TRIALS, 0, shown_in=6)._ipython_display_()
    Launch(TRIALS, 0)._ipython_display_()
    assert [("<td>n1</td>" in one["text/html"], "n1" in one["text/plain"]) for one in shown] == [
        (True, True)
    ] * 2


def test_elsewhere_a_launch_is_printed(capsys):
    Launch(TRIALS, 0)._ipython_display_()
    assert "n1" in capsys.readouterr().out


def test_a_report_shows_what_it_found_and_a_link_to_its_page(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    paths = (Path("my figures/a.png"), Path("my figures/report.html"))
    report = Report(paths, {"n<1>": "missing"}, ("acc: highest with <b>",))
    assert repr(report) == "<Report my figures/report.html: 2 files, 1 incomplete>"
    html = report._repr_html_()
    assert '<a href="my%20figures/report.html"' in html
    assert "<li>acc: highest with &lt;b&gt;</li><li>not complete: n&lt;1&gt;: missing</li>" in html
