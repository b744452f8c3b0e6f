import itertools
from dataclasses import replace

from analysis.figures.catalogue import lay_out
from analysis.figures.facets import MOST_FIGURES, MOST_LINES, MOST_PANELS
from analysis.figures.figure_data import FigureData
from analysis.figures.palette import BASELINE
from analysis.results.expected import ExpectedSweep
from analysis.results.results import LOSS, Curve
from tests.analysis.recorded import FAILED, Recording, results_of, trial

BRIEF = Recording(epochs=2)


def grid(**axes):
    trials = tuple(
        trial("-".join(map(str, values)), dict(zip(axes, values, strict=True)), kl_anneal_type="None")
        for values in itertools.product(*axes.values())
    )
    return ExpectedSweep("wide", tuple(axes), trials)


def drawn(sweep, recordings=None):
    """The curves of a sweep over epochs: losses, then PSNR."""
    brief = {one.name: BRIEF for one in sweep.trials}
    return curves([results_of(sweep, brief | (recordings or {}))])


def curves(sweeps):
    return [
        figure
        for figure in lay_out(sweeps)["wide"]
        if isinstance(figure, FigureData) and not figure.path.endswith("drift.png")
    ]


def test_up_to_as_many_lines_as_colours_stand_in_one_panel():
    loss, psnr = drawn(grid(lr=list(range(MOST_LINES))))
    assert len(loss.panels) == len(psnr.panels) == 1
    assert len({line.style.color for line in loss.panels[0].lines}) == MOST_LINES


def test_more_settings_are_drawn_side_by_side_a_panel_a_value():
    loss, psnr = drawn(grid(lr=[1, 2, 3, 4, 5, 6, 7, 8, 9], width=[16, 32, 64]))
    assert [panel.title for panel in loss.panels] == [f"lr {value}" for value in range(1, 10)]
    assert all(
        [line.label for line in panel.lines] == ["width 16", "width 32", "width 64"] for panel in loss.panels
    )
    assert len({tuple(line.style for line in panel.lines) for panel in loss.panels}) == 1
    assert all(panel.lines[-1].style == BASELINE for panel in psnr.panels)
    assert (loss.path, psnr.path, loss.columns) == ("wide/train_loss.png", "wide/psnr_val.png", 2)


def test_no_two_lines_of_a_panel_look_the_same_however_many_settings_there_are():
    for figure in drawn(grid(lr=list(range(40)))):
        for panel in figure.panels:
            looks = [line.style.color for line in panel.lines if line.style != BASELINE]
            assert len(set(looks)) == len(looks) <= MOST_LINES


def test_settings_that_fit_no_axis_are_taken_in_their_order():
    loss, _ = drawn(grid(lr=list(range(16))))
    assert [panel.title for panel in loss.panels] == ["lr 0 to lr 6", "lr 7 to lr 13", "lr 14 to lr 15"]


def test_more_panels_than_fit_go_into_further_figures():
    figures = drawn(grid(lr=list(range(20)), width=[16, 32]))
    assert [figure.path for figure in figures[:2]] == ["wide/train_loss.png", "wide/train_loss-2.png"]
    assert [len(figure.panels) for figure in figures[:2]] == [MOST_PANELS, 8]
    assert figures[1].title == "Training loss, wide (2 of 2)"


def test_what_is_beyond_the_last_figure_is_counted_in_its_caption():
    panels = MOST_FIGURES * MOST_PANELS + 2
    figures = drawn(grid(lr=list(range(panels)), width=[16, 32]))
    assert len(figures) == 2 * MOST_FIGURES
    assert figures[MOST_FIGURES - 1].notes == (
        f"not drawn, for want of room: 4 trials, {panels - 2}-16 to {panels - 1}-32; see Results",
    )


def test_a_failed_trial_is_named_in_the_figure_that_it_belongs_to():
    first, second = drawn(grid(lr=list(range(20)), width=[16, 32]), {"19-32": FAILED})[:2]
    assert first.notes == ()
    assert second.notes == (
        "width 32: (failed, 4 epochs) in lr 19",
        "19-32: failed after 4 epochs: loss is NaN in epoch 4, batch 2",
    )


def test_losses_side_by_side_share_one_kind_of_scale():
    sweep = grid(lr=list(range(9)), width=[16, 32])
    found = results_of(sweep, {one.name: BRIEF for one in sweep.trials})
    first, *rest = found.results
    high = replace(first, curves={**first.curves, LOSS: Curve((0, 1), (500.0, 400.0))})
    loss = curves([replace(found, results=(high, *rest))])[0]
    assert {(panel.log, panel.y_label) for panel in loss.panels} == {(True, "training loss (log scale)")}
