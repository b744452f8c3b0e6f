import math
from dataclasses import replace

from analysis.figures.figure_data import FigureData, Line, Panel
from analysis.figures.palette import Style
from analysis.figures.rates.rate_data import rate_figures
from analysis.figures.searches.search_figures import search_figures
from analysis.report.alt_text import MOST_LINES, MOST_PANELS, alt_text
from tests.analysis.figures.points.test_point_data import ending, figure_of
from tests.analysis.figures.rates.test_rate_data import ceiling
from tests.analysis.figures.responses.test_response_data import ACCURACY, response_of
from tests.analysis.searched import ONE

LINE = Line("no annealing", Style("#000000"), (0, 1, 2), (3.0, math.nan, 0.51234))
PANEL = Panel("epoch", "training loss", (LINE,))
FIGURE = FigureData("a.png", "Losses", (PANEL,), (), ("train/loss",), ())


def test_it_says_where_each_line_starts_and_ends():
    assert alt_text(FIGURE) == (
        "Losses. training loss by epoch: no annealing goes from 3 at 0 to 0.5123 at 2, between 0.5123 and 3."
    )


def test_it_says_what_is_constant_single_lacking_or_not_there():
    lines = (
        replace(LINE, label="one", y=(math.nan, 2.0, math.nan)),
        replace(LINE, label="flat", y=(1.0, 1.0, 1.0)),
        replace(LINE, label="none", y=(math.nan,) * 3),
    )
    empty = Panel("epoch", "beta", (), empty="no run has\nrecorded it")
    assert alt_text(replace(FIGURE, panels=(replace(PANEL, lines=lines), empty))) == (
        "Losses. training loss by epoch: one is 2 at 1; flat stays at 1; none has no finite value. "
        "beta: nothing to show, no run has recorded it."
    )


def test_what_nobody_can_listen_to_is_counted():
    crowded = replace(PANEL, title="lr 1", lines=(LINE,) * (MOST_LINES + 2))
    said = alt_text(replace(FIGURE, panels=(crowded,) * (MOST_PANELS + 3)))
    assert said.count("lr 1: training loss by epoch") == MOST_PANELS
    assert said.count("and 2 more lines") == MOST_PANELS
    assert said.endswith("And 3 more panels.")


def test_of_other_figures_it_says_what_they_are_drawn_from():
    assert (
        alt_text(search_figures(ONE)[0]) == "s: val/psnr by trial, and the best so far, drawn from 4 trials."
    )


def test_of_rate_against_distortion_each_mark_is_told():
    (figure,) = rate_figures([ceiling()])
    assert alt_text(figure).endswith("kl_beta_max 1e-07: 2 active, 22 at 250 nats a frame.")


def test_values_by_setting_are_told_with_mean_and_spread():
    assert alt_text(figure_of(ending())) == (
        "test. optimizer a (n = 3): 1, 3, 2; mean 2, standard deviation 1. "
        "optimizer b (n = 3): 4, 6, 8; mean 6, standard deviation 2."
    )


def test_of_a_response_curve_each_value_of_the_setting_is_told_with_its_ends():
    text = alt_text(response_of({1: (1.0, 3.0), 2: (None, None), 3: (4.0, None), 4: (5.0, 6.0)}, ACCURACY))
    assert text == (
        "Last val/acc over lr, mine. lr 1: 2 (1 to 3); lr 2: no value; lr 3: 4; lr 4: 5.5 (5 to 6)."
    )
