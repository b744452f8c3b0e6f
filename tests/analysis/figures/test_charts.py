from analysis.figures.catalogue import lay_out
from analysis.figures.charts import chart_of
from analysis.figures.searches.search_figures import search_figures
from tests.analysis.pictured import clips_of
from tests.analysis.recorded import ratio_sweep, results_of
from tests.analysis.searched import ONE


def test_every_figure_but_a_picture_has_a_chart():
    sweep = results_of(ratio_sweep())
    figures = lay_out([sweep], clips_of(sweep, {"None-tfr1.0": 9}))["tfr-by-annealing"]
    assert [figure.path for figure in figures if chart_of(figure) is None] == ["diff_tfr/frames.png"]
    assert {trace["type"] for trace in chart_of(figures[0])["data"]} == {"heatmap"}
    assert all("layout" in chart_of(figure) for figure in search_figures(ONE))
