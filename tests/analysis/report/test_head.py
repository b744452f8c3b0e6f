from dataclasses import replace

import pytest

from analysis.figures.catalogue import lay_out
from analysis.figures.figure_data import FigureData
from analysis.figures.searches.search_figures import search_figures
from analysis.report.head import HEROES, counts, hero, in_progress, lead, states
from analysis.results.expected import ExpectedSweep
from analysis.results.results import Curve, SweepResults
from tests.analysis.judged import F1, at_batches, judged
from tests.analysis.recorded import RUNNING, ratio_sweep, results_of, seed_sweep, strategy_sweep, trial
from tests.analysis.searched import ONE

RATIOS, STRATEGIES = results_of(ratio_sweep()), results_of(strategy_sweep())


def test_one_paragraph_says_what_was_run_and_from_what():
    assert lead("experiments.yaml", "quick", [RATIOS, results_of(seed_sweep())], [ONE]) == (
        "24 trials: 22 finished, 1 pruned, 1 failed. "
        "tfr-by-annealing varies kl_anneal_type (None, Cyclical, Monotonic) and tfr (1, 0.5, 0): 9 trials of 12 epochs, one run a "
        "setting; repeats varies kl_anneal_type (None, Cyclical, Monotonic): 9 trials of 12 epochs, 3 seeds a setting; "
        "s searches lr, kind for val/psnr: 6 of 8 trials. Made from experiments.yaml, profile quick."
    )


def test_many_sweeps_and_many_values_are_counted():
    trials = tuple(trial(f"t{value}", {"lr": value}) for value in range(6))
    many = SweepResults(ExpectedSweep("many", ("lr",), trials), ())
    said = lead("e.yaml", None, [many] * 4, [])
    assert said.count("many varies lr (6 values)") == 3
    assert said.endswith("; and 1 more sweep. Made from e.yaml.")
    assert lead("e.yaml", None, [], []) == "No trials. Made from e.yaml."


def test_trials_that_sweeps_share_are_told_so_that_runs_and_trials_count_up():
    one = replace(STRATEGIES, results=STRATEGIES.results[:1])
    assert lead("e.yaml", None, [STRATEGIES, one], []).startswith(
        "4 trials: 4 finished. 1 of them belongs to several sweeps and ran once. "
    )


def test_settings_that_are_lists_are_told_too():
    trials = tuple(
        trial(f"betas{end}", {"betas": [0.9, end], "kl_anneal_type": "None"}) for end in (0.5, 0.99)
    )
    found = results_of(ExpectedSweep("odd", ("betas",), trials))
    assert "odd varies betas ([0.9, 0.5], [0.9, 0.99])" in lead("e.yaml", None, [found], [])


def test_it_says_which_trials_run():
    found = results_of(strategy_sweep(), {"Cyclical": RUNNING, "None": None})
    assert counts(state for _, state in states([found], [])) == "3 trials: 1 finished, 1 running, 1 missing."
    assert in_progress(states([found], [])).startswith("In progress: Cyclical still running.")
    assert in_progress(states([STRATEGIES], [ONE])) == ""


@pytest.mark.parametrize("sweeps", [(RATIOS, STRATEGIES), (STRATEGIES,)])
def test_the_frame_by_frame_comparison_shows_the_most(sweeps):
    figures = [figure for own in lay_out(sweeps).values() for figure in own]
    assert hero(figures).path == HEROES[0]


def test_else_the_first_figure_in_which_something_is_drawn():
    laid_out = lay_out([RATIOS])["tfr-by-annealing"]
    figures = [figure for figure in laid_out if isinstance(figure, FigureData)]
    assert hero(laid_out) is laid_out[0]
    assert hero(figures) is figures[0]
    empty = replace(figures[0], panels=tuple(replace(panel, lines=()) for panel in figures[0].panels))
    assert hero([empty, *figures[1:]]) is figures[1]
    assert hero([empty]) is None
    searched = search_figures(ONE)
    assert hero(searched) is searched[0]


def test_a_length_is_told_where_all_runs_have_it_and_it_is_known():
    assert "mine varies optimizer (a, b, c): 9 trials of 3 epochs, " in lead(
        "e.yaml", None, [at_batches(judged(F1))], []
    )
    steps = [at_batches(judged(F1), noted="60", by_epoch=False, unit="step")]
    assert "mine varies optimizer (a, b, c): 9 trials of 60 steps, " in lead("e.yaml", None, steps, [])
    unknown = lead("e.yaml", None, [at_batches(judged(F1), noted="unknown")], [])
    assert "mine varies optimizer (a, b, c): 9 trials, " in unknown
    assert "mine varies optimizer (a, b, c): 9 trials, " in lead("e.yaml", None, [_with_one_value_each()], [])


def _with_one_value_each():
    """Programs that were asked for 3 epochs, of which nothing but one value at the end is recorded."""
    found = at_batches(judged(F1), noted="1", each=1)
    ends = [
        replace(one, curves={"val/f1": Curve((0,), (one.curves["val/f1"].last,))}) for one in found.results
    ]
    return replace(found, results=tuple(ends))
