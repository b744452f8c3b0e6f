import matplotlib as mpl
import pytest
from matplotlib.figure import Figure

from analysis.figures.catalogue import lay_out
from analysis.figures.files.images import images
from analysis.figures.saving_mpl import FILE_STYLE, FORMS, saved_as
from analysis.figures.searches.search_figures import search_figures
from tests.analysis.pictured import clips_of
from tests.analysis.recorded import ratio_sweep, results_of, strategy_sweep
from tests.analysis.searched import ONE


def figures():
    """A figure of each kind that a report has: curves, frames, a heatmap, a measure over a setting and one of Optuna's."""
    strategies, ratios = (results_of(sweep()) for sweep in (strategy_sweep, ratio_sweep))
    pictured = lay_out([strategies], clips_of(strategies, {"Cyclical": 9}))
    drawn = [*pictured.popitem()[1], *lay_out([ratios]).popitem()[1], *search_figures(ONE)]
    return list({type(figure): figure for figure in drawn}.values())


@pytest.mark.parametrize("figure", figures(), ids=lambda figure: type(figure).__name__)
def test_a_pdf_has_its_letters_as_text_in_embedded_fonts_and_no_time(figure):
    (pdf,) = [content for content in images([figure], pdf=True)[0] if content.startswith(b"%PDF-")]
    assert b"/FontFile2" in pdf
    assert b"/ToUnicode" in pdf
    assert b"/Type3" not in pdf
    assert b"Date" not in pdf
    assert b"atplotlib" not in pdf
    (again,) = [content for content in images([figure], pdf=True)[0] if content.startswith(b"%PDF-")]
    assert pdf == again


@pytest.mark.parametrize("form", FORMS)
def test_a_figure_is_saved_without_what_drew_it(form):
    with mpl.rc_context(FILE_STYLE):
        figure = Figure(figsize=(1, 1))
        figure.text(0, 0.5, "loss")
        content = saved_as(figure, form, dpi=50)
    assert b"atplotlib" not in content
