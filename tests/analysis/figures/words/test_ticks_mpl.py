import pytest

from analysis.figures.figure_data import FigureData, Line, Panel
from analysis.figures.mpl import draw_figure
from analysis.figures.palette import BLUE, Style
from analysis.figures.scale import on_one_scale


def labels_of(low, high, panels):
    """What stands along y in the first of some panels, of values between two."""
    line = Line("a", Style(BLUE), (0, 1, 2), (low, (low + high) / 2, high))
    shown = tuple(Panel("epoch", "I", (line,), key=str(place)) for place in range(panels))
    (figure,) = on_one_scale([FigureData("a.png", "I", shown, (), ("I",), ())])
    drawn = draw_figure(figure)
    drawn.draw_without_rendering()
    ax = drawn.subfigs[0].axes[0]
    bottom, top = ax.get_ylim()
    return [tick.label1.get_text() for tick in ax.yaxis.get_major_ticks() if bottom <= tick.get_loc() <= top]


@pytest.mark.parametrize("panels", [1, 3])
@pytest.mark.parametrize("ends", [(0, 700), (0, 900), (3, 640), (10, 99), (0, 1), (0, 55000), (-5, 5)])
def test_a_linear_axis_has_three_labels_at_least(ends, panels):
    assert len(labels_of(*ends, panels)) >= 3


def test_its_labels_are_round():
    assert labels_of(0, 700, 1) == ["0", "250", "500"]
