"""The lines that name the best trial; through `sweep status`, which prints them."""

import math

F1 = 'measures: {val/f1: {better: higher, unit: "%"}, loss: lower}\n'


def lines(file):
    return [line for line in file.sweep("status").out.splitlines() if line.startswith("best by")]


def test_the_best_finished_trial_of_each_sweep_is_named(recorded):
    file = recorded(f"{F1}sweeps: {{a: {{grid: {{lr: [1, 2, 3]}}}}, b: {{grid: {{lr: [4]}}}}}}")
    file.add("lr1", "finished", [("val/f1", 0, 99.0), ("val/f1", 1, 80.0)])
    file.add("lr2", "finished", [("val/f1", 1, 90.5)])
    file.add("lr3", "failed", [("val/f1", 1, 99.0)])
    assert lines(file) == ["best by val/f1: a/lr2, 90.5 % (worst 80 %, of 2 finished trials)"]


def test_among_equals_the_next_measure_tells_and_where_low_is_better_the_lowest_wins(recorded):
    file = recorded(f"{F1}sweeps: {{a: {{grid: {{lr: [1, 2]}}}}}}")
    for name, loss in (("lr1", 0.7), ("lr2", 0.6)):
        file.add(name, "finished", [("val/f1", 1, 80.0), ("loss", 1, loss)])
    assert lines(file)[0].startswith("best by val/f1: a/lr2,")


def test_without_measures_none_is(recorded):
    file = recorded("sweeps: {a: {grid: {lr: [1]}}}")
    file.add("lr1", "finished", [("val/psnr", 1, 80.0)])
    assert lines(file) == []


def test_repeats_by_seed_are_compared_by_their_mean_as_in_the_report(recorded):
    file = recorded(f"{F1}sweeps: {{a: {{grid: {{lr: [1, 2]}}, seeds: 2}}}}")
    for name, f1 in (("lr1-seed0", 99.0), ("lr1-seed1", 70.0), ("lr2-seed0", 90.0), ("lr2-seed1", 91.0)):
        file.add(name, "finished", [("val/f1", 1, f1)])
    assert lines(file) == [
        "best by val/f1: a/lr2, mean of 2 seeds 90.5 % (1 other not significantly worse; worst 84.5 %, of 2 settings)"
    ]


def test_a_setting_of_which_a_seed_failed_is_not_the_best_by_the_other(recorded):
    file = recorded(f"{F1}sweeps: {{a: {{grid: {{lr: [1, 2]}}, seeds: 2}}}}")
    file.add("lr1-seed0", "finished", [("val/f1", 1, 99.0)])
    file.add("lr1-seed1", "failed", [("val/f1", 1, 20.0)])
    for name, f1 in (("lr2-seed0", 90.0), ("lr2-seed1", 91.0)):
        file.add(name, "finished", [("val/f1", 1, f1)])
    line = "best by val/f1: a/lr2, mean of 2 seeds 90.5 % (of 2 settings; 1 with runs that gave no number)"
    assert lines(file) == [line]
    assert (
        file.sweep("best").out.splitlines()[1]
        == "# 1 of 2 ranks behind the others: runs ended without a number"
    )


def test_the_best_value_of_a_curve_ranks_where_the_file_says_so(recorded):
    text = "measures: {loss: {better: lower, value: best}}\nsweeps: {a: {grid: {lr: [1, 2]}}}"
    file = recorded(text)
    file.add("lr1", "finished", [("loss", 1, 0.2), ("loss", 2, 0.9)])
    file.add("lr2", "finished", [("loss", 1, 0.5), ("loss", 2, 0.4)])
    assert lines(file) == ["best by lowest loss: a/lr1, 0.2 (worst 0.4, of 2 finished trials)"]
    head = file.sweep("best").out.splitlines()[0]
    assert head == "# a: lr 1, the best of 2 by lowest loss (lower is better): 0.2"
    status = file.sweep("status").out
    assert "0.9" not in status
    assert "0.2" in status


def test_the_mean_of_the_last_tenth_ranks_where_the_file_says_so(recorded):
    text = "measures: {r: {better: higher, value: tail}}\nsweeps: {a: {grid: {lr: [1, 2, 3]}}}"
    file = recorded(text)
    file.add("lr1", "finished", [("r", 0, 99.0), ("r", 95, 70.0), ("r", 100, 75.0)])
    file.add("lr2", "finished", [("r", 0, 1.0), ("r", 95, 20.0), ("r", 100, 95.0)])
    file.add("lr3", "finished", [("r", 0, 1.0), ("r", 95, math.nan), ("r", 100, 99.0)])
    by = "mean r of the last 10 % of steps"
    assert lines(file) == [f"best by {by}: a/lr1, 72.5 (worst 57.5, of 2 finished trials)"]
    head, *rest = file.sweep("best").out.splitlines()
    assert head == f"# a: lr 1, the best of 3 by {by} (higher is better): 72.5"
    assert "# 1 of 3 has no finished run with a number" in rest
    (row,) = file.json("best")
    assert (row["value_is"], row["value"]) == ("tail", 72.5)
    status = {row["trial"]: row["r"] for row in file.json("status")}
    assert (status["lr1"], status["lr2"]) == (72.5, 57.5)


FOLDS = "measures: {acc: {better: higher, value: mean}}\nsweeps: {a: {grid: {lr: [1, 2, 3]}}}"


def folds(*values):
    return [("acc", fold, value) for fold, value in enumerate(values, 1)]


def test_the_mean_of_all_folds_ranks_where_the_file_says_so_and_fewer_folds_of_an_unfinished_trial_do_not(
    recorded,
):
    file = recorded(FOLDS)
    file.add("lr1", "finished", folds(0.5, 0.75, 0.25))
    file.add("lr2", "finished", folds(0.25, 0.25, 1.0))
    file.add("lr3", "interrupted", folds(0.9, 0.9))
    by = "mean acc of all steps"
    (line,) = [one for one in file.sweep("status").out.splitlines() if one.startswith("best")]
    assert line == (
        f"best so far by {by}: a/lr1, 0.5, as both finished trials (1 unfinished, so the order may change)"
    )
    (row,) = file.json("best")
    assert (row["value_is"], row["value"], row["means_of"]) == ("mean", 0.5, [3, 3])
    assert {one["trial"]: one["acc"] for one in file.json("status")} == {"lr1": 0.5, "lr2": 0.5, "lr3": 0.9}
    assert "acc (mean)" in file.sweep("status").out


def test_means_of_fewer_folds_are_told_apart(recorded):
    file = recorded(FOLDS)
    file.add("lr1", "finished", folds(0.5, 0.75))
    for name in ("lr2", "lr3"):
        file.add(name, "finished", folds(0.25, 0.5, 0.5))
    (line,) = lines(file)
    assert line.endswith("of 3 finished trials; their means are of 2 to 3 values)")
    told = "# compare with care: their means are of 2 to 3 values of acc, as where a fold of a cross-validation is lacking"
    assert told in file.sweep("best").out.splitlines()
    assert file.json("best")[0]["means_of"] == [2, 3]


def test_a_measure_that_is_better_neither_way_names_none_and_has_its_column(recorded):
    file = recorded("measures: {rate: neither, loss: lower}\nsweeps: {a: {grid: {lr: [1, 2]}}}")
    for name, rate, loss in (("lr1", 0.7, 0.2), ("lr2", 0.6, 0.1)):
        file.add(name, "finished", [("rate", 1, rate), ("loss", 1, loss), ("aux", 1, 0.0)])
    assert lines(file) == ["best by loss: a/lr2, 0.1 (worst 0.2, of 2 finished trials)"]
    head = next(line for line in file.sweep("status").out.splitlines() if "state" in line).split()
    assert head.index("rate") < head.index("loss") < head.index("aux")


def test_where_every_measure_is_better_neither_way_none_is_named(recorded):
    file = recorded("measures: {rate: {better: neither, value: tail}}\nsweeps: {a: {grid: {lr: [1, 2]}}}")
    for name in ("lr1", "lr2"):
        file.add(name, "finished", [("rate", 1, 0.7), ("rate", 2, 0.8), ("val/psnr", 1, 20.0)])
    assert file.sweep("status").code == 0
    assert lines(file) == []
