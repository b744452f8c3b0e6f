from tests.sweeps.rows.test_status import PSNR


def test_each_trial_has_its_state_and_its_latest_values(recorded):
    file = recorded("sweeps: {a: {grid: {lr: [1, 2, 3]}}}")
    run_id = file.add("lr1", "finished", PSNR, attempt="2", epochs="2")
    file.add("lr2", "failed", [("train/loss", 0, 8.0)], reason="exit code 7", epochs="1")
    lines = [line.split() for line in file.sweep("status").out.splitlines()]
    assert lines[:4] == [
        ["sweep", "trial", "state", "attempt", "epoch", "train/loss", "val/psnr", "reason"],
        ["a", "lr1", "finished", "2", "2", "0.5", "21.25"],
        ["a", "lr2", "failed", "1", "1", "8", "exit", "code", "7"],
        ["a", "lr3", "not", "started", "0"],
    ]
    assert " ".join(lines[-1]) == "1 finished, 1 failed, 1 not started"
    first, _, last = file.json("status")
    assert (first["run_id"], first["epoch"], first["val/psnr"]) == (run_id, 2, 21.25)
    assert (last["run_id"], last["epoch"], last["val/psnr"]) == (None, None, None)
    assert all("frame/psnr" not in row for row in (first, last))


def test_a_measure_of_which_another_value_than_the_last_counts_has_that_in_its_head(recorded):
    file = recorded("measures: {val/psnr: {better: higher, value: best}}\nsweeps: {a: {grid: {lr: [1]}}}")
    file.add("lr1", "finished", [("val/psnr", 0, 23.0), ("val/psnr", 1, 21.0)])
    head, row, *_ = file.sweep("status").out.splitlines()
    assert "val/psnr (best)" in head
    assert "23" in row.split()
    assert file.json("status")[0]["val/psnr"] == 23


def test_an_empty_selection_is_said(recorded):
    file = recorded("sweeps: {s: {search: {space: {x: {float: [0, 1]}}, objective: {y: min}, trials: 2}}}")
    assert file.sweep("status").out.splitlines()[-1] == "no trial"


def test_a_measure_that_nothing_has_recorded_is_told_with_what_may_be_meant(recorded):
    file = recorded("measures: {accuracy: higher}\nsweeps: {a: {grid: {lr: [1]}}}")
    assert "measures" not in file.sweep("status").out
    file.add("lr1", "finished", [("val_accuracy", 0, 1.0)])
    assert (
        file.sweep("status")
        .out.splitlines()[-1]
        .startswith(
            "`measures:` has accuracy, which no run recorded; did you mean val_accuracy? If it is new in the file"
        )
    )


def test_how_many_metrics_are_left_out_is_said_with_what_shows_them(recorded):
    file = recorded("sweeps: {a: {grid: {lr: [1, 2]}}}")
    points = [(f"m{number}", 0, 1.0) for number in range(9)]
    file.add("lr1", "finished", [*points, ("time/epoch_s", 0, 1.0)])
    said = "3 more metrics are recorded (m6, m7, m8): `sweep metrics "
    (line,) = [line for line in file.sweep("status").out.splitlines() if "more metric" in line]
    assert (line.startswith(said), "/e.yaml lr1 " in line) == (True, True), line
    assert line.endswith("` shows them, and those of `measures:` have columns here")
    file.add("lr2", "finished", points[:6])
    assert "more metric" not in file.sweep("status", "--only", "lr2").out
    assert len([key for key in file.json("status")[0] if key.startswith("m") and key[1:].isdigit()]) == 6


def test_of_one_metric_that_is_left_out_its_name_is_said(recorded):
    file = recorded("measures: {m8: higher}\nsweeps: {a: {grid: {lr: [1]}}}")
    file.add("lr1", "finished", [(f"m{number}", 0, 1.0) for number in (*range(6), 8)])
    assert "1 more metric is recorded (m5): " in file.sweep("status").out
