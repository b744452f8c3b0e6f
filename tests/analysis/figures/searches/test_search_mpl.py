"""The images of a search, whatever its numbers and words are."""

import warnings
from dataclasses import replace

import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution

from analysis.figures.searches import search_mpl
from analysis.figures.searches.search_figures import search_figures
from analysis.figures.searches.search_mpl import search_images
from tests.analysis.searched import ONE


def test_a_figure_that_optuna_cannot_draw_says_so_in_its_place(monkeypatch):
    (history, *_) = search_figures(ONE)

    def fail(*_):
        raise OverflowError

    monkeypatch.setattr(search_mpl, "optuna_figure", fail)
    png, svg = search_images(history)
    assert png.startswith(b"\x89PNG")
    assert b"cannot be drawn of these numbers (OverflowError)" in svg


@pytest.mark.parametrize("plot", ["slice", "parallel"])
@pytest.mark.parametrize(("factor", "label"), [(1.0, b"0.01"), (0.02, b"0.0005")])
def test_a_log_scale_has_plain_numbers_and_no_tex(plot, factor, label):
    trials = tuple(replace(one, params=one.params | {"lr": one.params["lr"] * factor}) for one in ONE.trials)
    if factor != 1.0:  # within one decade, without a power of ten
        trials = tuple(
            replace(one, params=one.params | {"lr": 2e-4 + 0.3 * one.params["lr"]}) for one in trials
        )
    space = ONE.space | {"lr": FloatDistribution(1e-9, 1.0, log=True)}
    (figure,) = (one for one in search_figures(replace(ONE, trials=trials, space=space)) if one.plot == plot)
    _, svg = search_images(figure)
    assert b"<!-- " + label + b" -->" in svg
    assert b"mathdefault" not in svg


@pytest.mark.parametrize("word", ["$\\frac{", "\x1b[2J", "\u202e<b>", "\U0001f389", "x" * 500])
def test_a_choice_may_be_any_text(word):
    space = ONE.space | {"kind": CategoricalDistribution([word, "b"])}
    trials = tuple(
        replace(trial, params=trial.params | {"kind": word if trial.params["kind"] == "a" else "b"})
        for trial in ONE.trials
    )
    figures = search_figures(replace(ONE, space=space, trials=trials))
    with warnings.catch_warnings(action="error", category=RuntimeWarning):
        assert all(search_images(figure)[0] for figure in figures if figure.plot in {"slice", "curves"})
