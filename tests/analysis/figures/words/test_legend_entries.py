import json

from analysis.figures.charts import chart_of
from analysis.figures.mpl import draw_figure
from analysis.results.provenance_marks import with_marks
from tests.analysis.figures.test_facets import curves, grid
from tests.analysis.figures.test_mpl import inside
from tests.analysis.recorded import CODE, FAILED, Recording, results_of

WIDE = grid(lr=[1, 2, 3, 4], width=[16, 32])
NAMES = ["lr 1", "lr 2", "lr 3", "lr 4"]


def loss_of(recordings):
    brief = {one.name: Recording(epochs=2) for one in WIDE.trials}
    loss, *_ = curves(with_marks([results_of(WIDE, brief | recordings)]))
    return loss


def coded(name):
    tags = {"sweeps.outcome": "finished", "sweeps.code": json.dumps(CODE | {"digest": name * 4})}
    return Recording(epochs=2, tags=tags)


def test_a_setting_whose_runs_differ_from_panel_to_panel_has_one_entry_and_the_caption_tells_how():
    loss = loss_of({"2-32": FAILED})
    assert [[line.label for line in panel.lines] for panel in loss.panels] == [NAMES, NAMES]
    assert loss.notes[0] == "lr 2: (failed, 4 epochs) in width 32"
    drawn = draw_figure(loss)
    (legend,) = drawn.subfigs[0].legends
    assert [text.get_text() for text in legend.get_texts()] == NAMES
    assert inside(drawn)


def test_in_the_chart_it_has_one_too_so_that_a_click_hides_it_in_every_panel():
    traces = chart_of(loss_of({"2-32": FAILED}))["data"]
    assert [trace["name"] for trace in traces if trace["showlegend"]] == NAMES
    assert len({trace["legendgroup"] for trace in traces}) == len(NAMES)


def test_runs_of_other_code_in_some_panels_are_told_of_in_one_caption_for_all_settings_alike():
    codes = {f"{lr}-{width}": coded("ab"[width == 32]) for lr in (1, 2, 3, 4) for width in (16, 32)}
    loss = loss_of(codes)
    assert [[line.label for line in panel.lines] for panel in loss.panels] == [NAMES, NAMES]
    assert loss.notes[0] == "lr 1, lr 2, lr 3 and 1 more: [a] in width 16; [b] in width 32"


def test_where_every_panel_has_the_same_the_legend_says_it():
    loss = loss_of({"2-16": FAILED, "2-32": FAILED})
    assert [line.label for line in loss.panels[0].lines] == [
        "lr 1",
        "lr 2 (failed, 4 epochs)",
        "lr 3",
        "lr 4",
    ]
    assert not any(note.startswith("lr 2:") for note in loss.notes)
