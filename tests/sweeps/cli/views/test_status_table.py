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
