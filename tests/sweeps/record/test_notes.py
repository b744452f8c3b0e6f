import pytest

from analysis.read.outcomes import Outcome
from analysis.results.criterion import HIGHER, LOWER, Criterion
from sweeps.errors import Place
from sweeps.planning.trial import Trial
from sweeps.record.best_trial import Best
from sweeps.record.notes import sweep_note, tail, trial_note
from sweeps.spec.settings import Setting


def test_the_note_names_the_best_trial_and_how_far_the_worst_is():
    best = Best("id", "Cyclical-tfr0.5", "val/psnr", 23.29, 16.98, 9)
    note = sweep_note("s", "e.yaml", ["finished"] * 9, best, "sweep report e.yaml")
    assert "9 trials, 9 finished" in note
    assert "**Cyclical-tfr0.5**, 23.29 (worst 16.98, of 9 finished trials)" in note
    assert "Best" not in sweep_note("s", "e.yaml", ["failed"], None, "sweep report e.yaml")


@pytest.mark.parametrize(
    ("value", "by"),
    [
        ("last", "Best by r at the end: "),
        ("best", "Best by highest r: "),
        ("mean", "Best by mean r of all steps: "),
        ("tail", "Best by mean r of the last 10 % of steps: "),
    ],
)
def test_the_note_says_which_value_is_the_best(value, by):
    best = Best("id", "a", "r", 2.0, 1.0, 2)
    criteria = [Criterion("r", "higher", value=value)]
    assert by in sweep_note("s", "e.yaml", ["finished"] * 2, best, "sweep report e.yaml", criteria)


def test_the_tail_of_a_log_is_its_last_lines_however_long_it_is(tmp_path):
    log = tmp_path / "attempt-1.log"
    assert tail(log, 3) == []
    log.write_text("".join(f"line {number}\n" for number in range(10_000)))
    assert tail(log, 3) == ["line 9997", "line 9998", "line 9999"]
    assert tail(log, 3, most_bytes=12)[-1] == "line 9999"


def test_a_note_says_what_users_wrote_and_obeys_none_of_it(tmp_path):
    log = tmp_path / "attempt-1.log"
    log.write_text("\x1b]0;OWNED\x07 loss nan\n")
    settings = {"kind": Setting("[x](http://evil) <b>", "grid", Place("e.yaml"))}
    trial = Trial("s", "a_b_", settings, ("kind",), "s1-0", {})
    note = trial_note(trial, "sweep run e.yaml", Outcome.FAILED, "*no* <img> [/data/x]\x1b[2J\nline", {}, log)
    assert r"failed (\*no\* &lt;img> \[/data/x\]\x1b\[2J line)." in note
    assert r"kind \[x\](http://evil) &lt;b>" in note
    assert r"    \x1b]0;OWNED\x07 loss nan" in note
    assert "\x1b" not in note


def test_the_note_of_a_sweep_has_the_command_that_draws_it():
    note = sweep_note("s", "e.yaml", ["finished"], None, "sweep report e.yaml --set x=1")
    assert "`sweep report e.yaml --set x=1` stores the figures" in note


@pytest.mark.parametrize(
    ("outcome", "command"),
    [
        (Outcome.FINISHED, "sweep run e.yaml --only trial=a --tracking-uri sqlite:///again.db"),
        (Outcome.PRUNED, "sweep run e.yaml --only trial=a --tracking-uri sqlite:///again.db"),
        (Outcome.FAILED, "sweep run e.yaml --only trial=a --tracking-uri http://h --retry-failed"),
        (Outcome.INTERRUPTED, "sweep run e.yaml --only trial=a --tracking-uri http://h"),
    ],
)
def test_a_note_has_a_command_that_does_something_for_a_trial_that_ended_so(tmp_path, outcome, command):
    repeat = "sweep run e.yaml --only trial=a --tracking-uri http://h"
    trial = Trial("s", "a", {}, (), "s1-0", {})
    note = trial_note(trial, repeat, outcome, "", {}, tmp_path / "none.log")
    assert note.splitlines()[-1] == f"    {command}"


def test_a_note_says_how_far_a_measure_lies_from_its_baseline():
    trial = Trial("s", "a", {}, (), "s1-0", {})
    scores = {
        Criterion("val/f1", HIGHER, "%", "val/majority"): (81.5, 65.0),
        Criterion("cost", LOWER, baseline=3.0): (4.0, 3.0),
        Criterion("absent", LOWER, baseline=3.0): (None, 3.0),
    }
    metrics = {"val/f1": 81.5, "val/majority": 65.0, "cost": 4.0, "other": 1.0}
    note = trial_note(trial, "", Outcome.FINISHED, "", metrics, None, scores=scores)
    assert "At the end val/f1 is 81.5 %, 16.5 points better than val/majority (65 %)." in note
    assert "At the end cost is 4, 1 worse than 3." in note
    assert [line.split(" | ")[0] for line in note.splitlines()[-3:]] == [
        "| val/f1",
        "| val/majority",
        "| cost",
    ]
