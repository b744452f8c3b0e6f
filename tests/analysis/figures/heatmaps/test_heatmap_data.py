import itertools
import math
from dataclasses import replace

import pytest

from analysis.figures.catalogue import lay_out
from analysis.figures.heatmaps.heat_panel import HeatCell, HeatPanel
from analysis.figures.heatmaps.heatmap_data import MOST_COLUMNS, heatmaps, written_out
from analysis.results.criterion import HIGHER, LOWER, NEITHER, Criterion
from analysis.results.expected import ExpectedSweep, ExpectedTrial
from analysis.results.provenance_marks import with_marks
from analysis.results.results import COPY_FIRST, PSNR, Curve, SweepResults
from tests.analysis.recorded import (
    FAILED,
    RUNNING,
    ratio_sweep,
    result_of,
    results_of,
    strategy_sweep,
    trial,
    with_code,
)


def grid(**axes):
    """A sweep over these axes."""
    trials = tuple(
        trial("-".join(map(str, values)), dict(zip(axes, values, strict=True)), kl_anneal_type="None")
        for values in itertools.product(*axes.values())
    )
    return ExpectedSweep("grid", tuple(axes), trials)


def scored(sweep, psnr_db, recordings=None):
    """Its results where every trial ends with the PSNR that the function tells, and copying the first frame has 20 dB."""
    found = results_of(sweep, recordings)
    results = []
    for result in found.results:
        last = {PSNR: psnr_db(result.trial.axes), COPY_FIRST: 20.0}
        curves = {**result.curves, **{key: Curve((0, 1), (0.0, value)) for key, value in last.items()}}
        results.append(replace(result, curves=curves if result.run else {}))
    return replace(found, results=tuple(results))


def by_seed(axes):
    return 22.0 + axes.get("seed", 0) - 3.0 * axes["tfr"]


REPEATED = grid(kl_anneal_type=["None", "Cyclical"], tfr=[0.0, 1.0], seed=[1, 2, 3])


def test_a_cell_is_the_mean_and_the_standard_deviation_of_its_seeds():
    (figure,) = heatmaps(scored(REPEATED, by_seed), "a.png")
    psnr, skill = figure.panels
    assert psnr.cells[0] == (HeatCell(24.0, 1.0, 3), HeatCell(21.0, 1.0, 3))
    assert skill.cells[1] == (HeatCell(4.0, 1.0, 3), HeatCell(1.0, 1.0, 3))
    assert psnr.words(psnr.cells[0][0]) == ("24.00", "\N{PLUS-MINUS SIGN} 1.00")
    assert (psnr.rows, psnr.columns) == (("no annealing", "Cyclical"), ("0", "1"))
    assert (psnr.y_label, psnr.x_label) == ("KL annealing", "teacher forcing ratio")
    assert figure.title == "Final PSNR and skill over KL annealing and teacher forcing ratio"
    assert figure.notes == (
        "mean \N{PLUS-MINUS SIGN} standard deviation of n = 3 seeds, at the last epoch",
        "the lighter, the better",
        "the cells lie less than 4 standard deviations of the seeds apart, so their colours are alike",
        "skill: PSNR minus that of copying the first frame",
    )
    assert [panel.title for panel in figure.panels] == [
        "validation PSNR (dB), higher is better",
        "skill (dB), higher is better",
    ]
    assert len(figure.trials) == 12


def test_single_runs_have_no_spread_and_the_figure_says_what_would_show_it():
    (figure,) = heatmaps(results_of(ratio_sweep()), "a.png")
    cells = [cell for row in figure.panels[0].cells for cell in row]
    assert all(len(figure.panels[0].words(cell)) == 1 and cell.n == 1 for cell in cells)
    assert figure.notes[0].endswith("is not known; --seeds 3 would show it")
    lacking = replace(ratio_sweep(), without_seed="train.py has no option --seed")
    (figure,) = heatmaps(results_of(lacking), "a.png")
    assert figure.notes[0].endswith("; train.py has no option --seed; with one, --seeds 3 would show it")


def test_cells_that_are_no_better_than_copying_are_marked():
    (figure,) = heatmaps(scored(REPEATED, lambda axes: 20.5 - axes["tfr"]), "a.png")
    psnr, skill = figure.panels
    assert [skill.is_below(cell) for cell in skill.cells[0]] == [False, True]
    assert not any(psnr.is_below(cell) for cell in psnr.cells[0])
    assert "hatched: no better than copying the first frame" in figure.notes


def test_a_cell_without_a_finished_run_says_how_it_stands():
    recordings = {"Cyclical-tfr1.0": None, "Cyclical-tfr0.5": FAILED, "Cyclical-tfr0.0": RUNNING}
    (figure,) = heatmaps(results_of(ratio_sweep(), recordings), "a.png")
    panel = figure.panels[0]
    assert [panel.words(cell) for cell in panel.cells[1]] == [("missing",), ("failed",), ("running",)]
    assert "Cyclical-tfr1.0: missing: no run is recorded" in figure.notes


def test_seeds_that_are_missing_or_no_number_lower_n():
    found = scored(
        REPEATED, lambda axes: math.nan if axes["seed"] == 1 else by_seed(axes), {"None-0.0-3": None}
    )
    (figure,) = heatmaps(found, "a.png")
    assert [cell.n for cell in figure.panels[0].cells[0]] == [1, 2]
    assert (
        figure.notes[0]
        == "mean \N{PLUS-MINUS SIGN} standard deviation of n = 1 to 2 seeds, at the last epoch"
    )


def test_of_three_axes_the_two_longest_are_drawn_under_each_value_of_the_other_with_one_scale():
    sweep = grid(width=[8, 16], lr=[1, 2, 3], depth=[1, 2, 3, 4])
    (figure,) = heatmaps(scored(sweep, lambda axes: axes["lr"] * axes["width"] / 10 + axes["depth"]), "a.png")
    assert [panel.title for panel in figure.panels] == [
        "validation PSNR (dB), higher is better, width 8",
        "validation PSNR (dB), higher is better, width 16",
    ]
    assert {(panel.y_label, panel.x_label) for panel in figure.panels} == {("depth", "lr")}
    assert len({(panel.low, panel.high) for panel in figure.panels}) == 1


@pytest.mark.parametrize(
    "axes",
    [
        {"lr": [1, 2]},
        {"lr": [1], "width": [8, 16]},
        {"lr": list(range(30)), "width": list(range(MOST_COLUMNS + 1))},
        {"lr": [1, 2], "width": [8, 16], "depth": [1, 2], "far": list(range(8)), "wide": [1, 2]},
    ],
)
def test_one_axis_and_grids_too_large_to_read_have_no_heatmap(axes):
    assert heatmaps(results_of(grid(**axes)), "a.png") == []


def test_a_long_axis_becomes_rows():
    (figure,) = heatmaps(scored(grid(width=[8, 16], lr=list(range(10))), lambda axes: axes["lr"]), "a.png")
    assert (len(figure.panels[0].rows), len(figure.panels[0].columns)) == (10, 2)


def test_another_trainers_grid_shows_the_metrics_that_it_recorded():
    axes = {"x": [1, 2], "y": [1, 2]}
    trials = tuple(
        ExpectedTrial(f"t{x}{y}", f"f{x}{y}", {}, {"x": x, "y": y}, "") for x in (1, 2) for y in (1, 2)
    )
    curves = {key: Curve((0, 1), (1.0, 0.5)) for key in ("time/epoch_s", "val/f1", "val/loss", "z")}
    results = tuple(
        replace(result_of(one, None), curves=curves, run=result_of(ratio_sweep().trials[0]).run)
        for one in trials
    )
    found = SweepResults(ExpectedSweep("other", tuple(axes), trials), results)
    figures = {figure.path: figure for figure in lay_out([found])["other"]}
    assert [panel.title for panel in figures["other/heatmap.png"].panels] == [
        "val/loss, lower is better",
        "val/f1, lighter is higher",
    ]
    words = "the lighter, the better, where it is said what is better"
    assert words in figures["other/heatmap.png"].notes
    assert figures["other/heatmap.png"].title == "Final val/loss and val/f1 over x and y"
    assert {"other/val-loss.png", "other/val-f1.png", "other/z.png"} < set(figures)
    sweep = ExpectedSweep("other", tuple(axes), trials, (Criterion("z", HIGHER), Criterion("val/f1", HIGHER)))
    (heatmap,) = heatmaps(SweepResults(sweep, results), "heatmap.png")
    assert [panel.title for panel in heatmap.panels] == [
        "z, higher is better",
        "val/f1, higher is better",
    ]
    neutral = (Criterion("z", NEITHER), Criterion("val/f1", NEITHER))
    (heatmap,) = heatmaps(SweepResults(replace(sweep, criteria=neutral), results), "heatmap.png")
    assert [panel.title for panel in heatmap.panels] == ["z, lighter is higher", "val/f1, lighter is higher"]
    assert not any(panel.is_flipped for panel in heatmap.panels)


def test_the_title_alone_tells_what_colours_mean_where_nothing_is_known_to_be_better():
    found = scored(grid(x=[1, 2], y=[1, 2]), lambda axes: float(axes["x"]))
    unknown = [replace(one, curves={"z": Curve((0, 1), (1.0, one.trial.axes["x"]))}) for one in found.results]
    (figure,) = heatmaps(replace(found, results=tuple(unknown)), "a.png")
    assert figure.panels[0].title == "z, lighter is higher"
    assert not any("lighter" in note for note in figure.notes)


def test_a_grid_of_which_nothing_is_finished_has_none_and_one_axis_has_none_in_the_catalogue():
    assert (
        heatmaps(results_of(ratio_sweep(), {one.name: RUNNING for one in ratio_sweep().trials}), "a.png")
        == []
    )
    assert not any(
        "heatmap" in figure.path for figure in lay_out([results_of(strategy_sweep())])["annealing"]
    )
    drawn = lay_out([results_of(ratio_sweep())])["tfr-by-annealing"]
    assert "diff_tfr/heatmap.png" in {figure.path for figure in drawn}


def panel_of(*values, columns=1, better=""):
    """A panel whose cells have these values."""
    cells = tuple(HeatCell(value, math.nan, 1) for value in values)
    rows = tuple(cells[at : at + columns] for at in range(0, len(cells), columns))
    names = tuple(map(str, range(columns)))
    return HeatPanel(
        "x", "a", "b", names, tuple(map(str, rows)), rows, min(values), max(values), None, better
    )


def words_of(*values, columns=1):
    """How the cells of a panel with these values are written."""
    panel = panel_of(*values, columns=columns)
    return [panel.words(cell)[0] for row in panel.cells for cell in row]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ((0.9521, 0.9478, 0.60), ["0.952", "0.948", "0.600"]),  # not 0.95 twice, in two colours
        ((0.95, 0.95, 0.60), ["0.95", "0.95", "0.60"]),
        ((0.95012, 0.95034, 0.95078), ["0.9501", "0.9503", "0.9508"]),
        ((0.95012, 0.95034, 0.5), ["0.950", "0.950", "0.500"]),  # whose colours nobody tells apart
        ((24.021, 24.024, 10.0), ["24.02", "24.02", "10.00"]),
        ((24.021, 24.024, 24.03), ["24.021", "24.024", "24.030"]),
        ((1.2341e-5, 1.2349e-5), ["1.234e-05", "1.235e-05"]),
    ],
)
def test_cells_that_differ_are_told_apart_by_as_many_digits_as_that_takes(values, words):
    assert words_of(*values) == words


def test_no_more_digits_are_told_than_fit_a_cell():
    assert words_of(*(1e-5 + 1e-10 * number for number in range(7)), columns=7) == ["1e-05"] * 7
    assert len(words_of(*(0.5 + 1e-9 * number for number in range(7)), columns=7)[0]) <= 8


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ([(0.9596, 0.0013), (0.5, 0.1)], [("0.960", "± 0.001"), ("0.500", "± 0.100")]),
        ([(0.9596, 0.000019), (0.5, 0.1)], [("0.9596", "± 2e-05"), ("0.5000", "± 0.1000")]),
        ([(0.9596, 0.0), (0.5, 0.1)], [("0.96", "± 0.00"), ("0.50", "± 0.10")]),
        ([(482.0, 12.734), (516.0, 7.1)], [("482.00", "± 12.73"), ("516.00", "± 7.10")]),
    ],
)
def test_no_spread_reads_as_zero_but_one_that_is(cells, words):
    panel = panel_of(*(value for value, _ in cells))
    spread = tuple((replace(cell, spread=s),) for (cell,), (_, s) in zip(panel.cells, cells, strict=True))
    panel = replace(panel, cells=spread)
    assert [panel.words(cell) for (cell,) in panel.cells] == words


@pytest.mark.parametrize(
    ("better", "shares"), [(HIGHER, [0.0, 0.25, 1.0]), (LOWER, [1.0, 0.75, 0.0]), ("", [0.0, 0.25, 1.0])]
)
def test_the_best_cell_has_the_lightest_colour_whichever_way_is_better(better, shares):
    panel = panel_of(1.0, 2.0, 5.0, better=better)
    assert [panel.share(cell) for (cell,) in panel.cells] == shares
    assert panel_of(3.0, 3.0, better=better).share(panel.cells[0][0]) == 0.5


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ((-0.04, 1.0), ["-0.04", "1.00"]),
        ((1e-5, 2e-5), ["1e-05", "2e-05"]),
        ((0.0, 123456.0), ["0", "1.23e+05"]),
    ],
)
def test_values_of_any_size_fit_a_cell_and_those_of_a_panel_are_told_alike(values, words):
    assert words_of(*values) == words


def test_trials_of_a_cell_that_stand_differently_are_told_line_by_line():
    recordings = {"None-0.0-1": None, "None-0.0-2": FAILED, "None-0.0-3": RUNNING}
    (figure,) = heatmaps(scored(REPEATED, by_seed, recordings), "a.png")
    panel = figure.panels[0]
    assert panel.words(panel.cells[0][0]) == ("failed", "missing", "running")


def test_words_of_users_are_written_out():
    (figure,) = heatmaps(results_of(grid(**{"a\x07": ["\x1b[1m", "b"], "c": [1, 2]})), "a.png")
    told = str(written_out(figure).content)
    assert "\x07" not in told
    assert "\x1b" not in told


def test_a_cell_carries_the_marks_of_the_runs_that_it_counts():
    changed = {one.name: with_code("bb22") for one in REPEATED.trials[:2]}
    (sweep,) = with_marks([scored(REPEATED, by_seed, changed)])
    (figure,) = heatmaps(sweep, "a.png")
    panel = figure.panels[0]
    assert [cell.mark for row in panel.cells for cell in row] == [" [a, b]", " [a]", " [a]", " [a]"]
    assert panel.words(panel.cells[0][1])[0] == "21.00 [a]"
    assert any(note.startswith("runs differ in code: [") for note in figure.notes)


@pytest.mark.parametrize(
    ("values", "title", "note"),
    [
        (
            ("tail",),
            "Mean r of the last 10 % of steps over",
            "each the mean of the last 10 % of steps of a run",
        ),
        (("mean",), "Mean r over", "each the mean of all steps of a run"),
        (("last",), "Final r over", "at the last "),
        (
            ("mean", "last"),
            "Mean r and final s over",
            "r: the mean of all steps of each run; s: at the last ",
        ),
        (("best",), "Best r over", "at each run's best "),
        (
            ("tail", "last"),
            "Tail of r and final s over",
            "r: the mean of the last 10 % of steps of each run; s: at the last ",
        ),
    ],
)
def test_a_heatmap_says_which_value_of_each_run_counts(values, title, note):
    found = scored(REPEATED, by_seed)
    curve = Curve((0, 95, 100), (9.0, 2.0, 4.0))
    results = [
        replace(
            one,
            trial=replace(one.trial, config={key: one.trial.config[key] for key in ("tfr",)}),
            curves={"r": curve, "s": curve},
        )
        for one in found.results
    ]
    criteria = tuple(Criterion(key, HIGHER, value=value) for key, value in zip("rs", values, strict=False))
    expected = replace(found.expected, criteria=criteria, trials=tuple(one.trial for one in results))
    (figure,) = heatmaps(SweepResults(expected, tuple(results)), "a.png")
    assert figure.title.startswith(title)
    assert any(note in one for one in figure.notes)
    ends = {"tail": 3.0, "last": 4.0, "best": 9.0, "mean": 5.0}
    assert [panel.cells[0][0].value for panel in figure.panels] == [ends[value] for value in values]
