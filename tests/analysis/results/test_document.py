from dataclasses import asdict

import pytest

from analysis.figures.catalogue import lay_out
from analysis.figures.searches.search_figures import search_figures
from analysis.results.document import ShownTrial
from tests.analysis.recorded import results_of, strategy_sweep
from tests.analysis.searched import ONE

FIGURES = [lay_out([results_of(strategy_sweep())])["annealing"][0], search_figures(ONE)[0]]


@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: type(figure).__name__)
def test_a_figure_of_a_grid_and_one_of_a_search_give_a_report_the_same(figure):
    assert figure.path.endswith(".png")
    assert figure.svg_path == figure.path.replace(".png", ".svg")
    assert figure.title
    assert figure.keys
    assert all(isinstance(trial, ShownTrial) for trial in figure.trials)
    assert figure.content["title"] == figure.title


def test_a_shown_trial_has_the_entries_of_the_manifest():
    assert list(asdict(ShownTrial("a", "f", None, "missing"))) == ["name", "fingerprint", "run_id", "state"]
