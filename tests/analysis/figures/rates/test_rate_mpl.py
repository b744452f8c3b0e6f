from analysis.figures.rates.rate_data import rate_figures
from analysis.figures.rates.rate_mpl import draw_rate
from tests.analysis.figures.rates.test_rate_data import ceiling
from tests.analysis.figures.test_mpl import inside

(FIGURE,) = rate_figures([ceiling()])
DRAWN = draw_rate(FIGURE)


def test_a_mark_stands_where_its_setting_ends_and_is_filled_where_z_is_used():
    (ax,) = DRAWN.subfigs[0].axes
    points = [
        (line.get_xdata()[0], line.get_ydata()[0], line.get_markerfacecolor() != "white") for line in ax.lines
    ]
    assert points == [(0.001, 21.0, False), (0.5, 22.5, False), (250.0, 22.0, True)]
    assert ax.get_xscale() == "log"


def test_a_log_scale_of_few_decades_has_more_labels_than_its_powers_of_ten():
    (figure,) = rate_figures([ceiling({1: (2.0, 21.0, 0), 0: (80.0, 22.0, 1)})])
    drawn = draw_rate(figure)
    drawn.draw_without_rendering()
    (ax,) = drawn.subfigs[0].axes
    low, high = ax.get_xlim()
    shown = [tick.label1.get_text() for tick in ax.xaxis.get_major_ticks() if low <= tick.get_loc() <= high]
    assert shown == ["2", "5", "10", "20", "50", "100"]


def test_every_setting_is_named_inside_the_picture():
    (legend,) = DRAWN.subfigs[0].legends
    assert [text.get_text() for text in legend.get_texts()] == [group.label for group in FIGURE.groups]
    assert inside(DRAWN)
