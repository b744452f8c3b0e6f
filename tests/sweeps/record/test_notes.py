from sweeps.record.best_trial import Best
from sweeps.record.notes import sweep_note, tail


def test_the_note_names_the_best_trial_and_how_far_the_worst_is():
    best = Best("id", "Cyclical-tfr0.5", "val/psnr", 23.29, 16.98, 9)
    note = sweep_note("s", "e.yaml", ["finished"] * 9, best)
    assert "9 trials, 9 finished" in note
    assert "**Cyclical-tfr0.5**, 23.29 (worst 16.98, of 9 finished trials)" in note
    assert "Best" not in sweep_note("s", "e.yaml", ["failed"], None)


def test_the_tail_of_a_log_is_its_last_lines_however_long_it_is(tmp_path):
    log = tmp_path / "attempt-1.log"
    assert tail(log, 3) == []
    log.write_text("".join(f"line {number}\n" for number in range(10_000)))
    assert tail(log, 3) == ["line 9997", "line 9998", "line 9999"]
    assert tail(log, 3, most_bytes=12)[-1] == "line 9999"
