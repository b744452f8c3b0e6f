import json
import math

import pytest

from sweeps.rundir.journal import last_epoch
from tests.sweeps.sources.following.runs import LOSS, Run, stdout


@pytest.fixture
def run(tmp_path):
    def of(*sources, **more):
        return Run(tmp_path, *sources, **more)

    return of


def read(run):
    return [
        line["read"] for line in map(json.loads, run.paths.journal.read_text().splitlines()) if "read" in line
    ]


def test_data_and_position_stand_in_one_line(run):
    made = run(LOSS).attempt()
    made.prints("epoch 0 loss 0.5\nepoch 1 loss 0.25\n")
    made.is_read()
    lines = [json.loads(line) for line in made.paths.journal.read_text().splitlines()]
    line = next(line for line in lines if "metrics" in line)
    assert (line["metrics"], line["step"]) == ({"loss": 0.5}, 0)
    assert (line["read"]["file"], line["read"]["position"]) == ("attempt-1.log", {"bytes": 17})
    made.ends()


def test_long_text_without_matches_moves_the_position_by_one_line(run):
    made = run(LOSS).attempt()
    for number in range(50):
        made.prints(f"nothing here {number}\n")
        made.follower._collector.settle()
    made.ends()
    assert [entry for entry in read(made) if entry.get("file") == "attempt-1.log"] == [
        {
            "source": made.order.sources.sources[0].identity,
            "file": "attempt-1.log",
            "position": {"bytes": made.log.stat().st_size},
        }
    ]


def test_the_last_of_several_values_at_a_step_stands_and_is_recorded_once_the_step_is_over(run):
    made = run(LOSS).attempt()
    for epoch in range(3):
        for batch in range(3):
            made.prints(f"epoch {epoch} loss {epoch + batch / 10}\n")
            made.is_read()
    made.ends()
    points = made.points()["loss"]
    assert dict(points) == {0: 0.2, 1: 1.2, 2: 2.2}
    assert [step for step, _ in points].count(1) == [step for step, _ in points].count(2) == 1


def test_a_mean_is_recorded_once(run):
    made = run(stdout(LOSS[1], several="mean")).attempt()
    for epoch in range(2):
        for batch in range(4):
            made.prints(f"epoch {epoch} loss {epoch + batch}\n")
            made.is_read()
    made.ends()
    assert made.points() == {"loss": [(0, 1.5), (1, 2.5)]}


def test_all_values_have_counted_steps(run):
    made = run(stdout(LOSS[1], several="all")).attempt()
    made.prints("epoch 0 loss 1\nepoch 0 loss 2\n")
    made.is_read()
    made.prints("epoch 1 loss 3\n")
    made.ends()
    assert made.points() == {"loss": [(0, 1), (1, 2), (2, 3)]}


def test_the_step_that_an_attempt_left_in_the_middle_is_the_next_ones(run):
    made = run(stdout(LOSS[1], several="mean")).attempt()
    made.prints("epoch 0 loss 1\nepoch 0 loss 3\nepoch 1 loss 8\n")
    made.ends(finished=False)
    assert made.points() == {"loss": [(0, 2)]}
    made.attempt()
    made.prints("epoch 0 loss 7\nepoch 1 loss 5\nepoch 1 loss 6\n")
    made.ends()
    assert made.points() == {"loss": [(0, 2), (1, 5.5)]}


def test_the_step_in_the_middle_is_recorded_where_no_later_attempt_gives_it(run):
    made = run(stdout(LOSS[1], several="mean")).attempt()
    made.prints("epoch 0 loss 1\nepoch 0 loss 3\nepoch 1 loss 8\n")
    made.dies().attempt(resumed=True)
    made.prints("epoch 2 loss 5\n")
    made.ends()
    assert sorted(made.points()["loss"]) == [(0, 2), (1, 8), (2, 5)]


def test_what_is_printed_again_and_again_of_a_step_is_recorded_once_across_attempts(run):
    made = run(stdout(r"Epoch (?P<epoch>\d+), lr:(?P<lr>[^:]+):"), total=2).attempt()
    for _ in range(3):
        made.prints("Epoch 0, lr:0.1:\n")
        made.is_read()
    made.ends(finished=False).attempt()
    for epoch in (0, 0, 1, 1):
        made.prints(f"Epoch {epoch}, lr:0.1:\n")
        made.is_read()
    made.ends()
    assert made.points() == {"lr": [(0, 0.1), (1, 0.1)]}


def test_the_first_of_what_is_printed_waits_for_the_next_step_and_its_epoch_too(run):
    made = run(LOSS, total=9).attempt()
    seen = []
    for line in ("epoch 1 loss 1", "epoch 1 loss 2", "epoch 2 loss 3", "epoch 2 loss 4", "epoch 3 loss 5"):
        made.prints(f"{line}\n")
        made.is_read()
        seen.append((made.points().get("loss", []), last_epoch(made.paths)))
    made.ends()
    assert seen == [
        ([], None),
        ([], None),
        ([(1, 2)], 0),
        ([(1, 2)], 0),
        ([(1, 2), (2, 4)], 1),
    ]
    assert (made.points()["loss"], last_epoch(made.paths)) == ([(1, 2), (2, 4), (3, 5)], 2)


def test_each_metric_has_its_own_count_and_the_others_keep_their_steps(run):
    both = stdout(
        r"(?P<step>\d+) (?P<name>\w+)=(?P<value>\S+)", several_of=(("ret{x}", "all"), ("sps", "mean"))
    )
    made = run(both, rename={"length": "retained"}).attempt()
    made.prints("56 return=14\n56 return=15\n56 length=3\n60 return=16\n")
    made.prints("256 loss=1\n256 sps=10\n256 return=17\n256 sps=30\n")
    made.is_read()
    made.prints("300 length=4\n512 loss=2\n")
    made.ends()
    assert made.points() == {
        "return": [(0, 14), (1, 15), (2, 16), (3, 17)],
        "retained": [(0, 3), (1, 4)],
        "loss": [(256, 1), (512, 2)],
        "sps": [(256, 20)],
    }


@pytest.mark.parametrize("when", range(12))
def test_counts_of_metrics_are_the_same_wherever_the_attempt_dies(run, when):
    made = run(
        stdout(r"(?P<step>\d+) (?P<name>\w+)=(?P<value>\S+)", several_of=(("r", "all"), ("m", "mean")))
    ).attempt()
    made.prints_and_dies([f"{n // 4} {'rmrl'[n % 4]}={n}" for n in range(12)], when)
    points = {key: sorted(found) for key, found in made.points().items()}
    assert points == {
        "r": [(n, 2 * n) for n in range(6)],
        "m": [(n, 4 * n + 1) for n in range(3)],
        "l": [(n, 4 * n + 3) for n in range(3)],
    }


def test_values_that_give_way_to_a_later_one_are_told(run, capfd):
    made = run(LOSS).attempt()
    made.prints("epoch 0 loss 1\nepoch 0 loss 2\nepoch 1 loss 2\nepoch 1 loss 2\n")
    made.ends()
    told = "of several values at one step the last stands: 1 gave way, of 'loss'; `several: {loss: all}` records each"
    assert told in capfd.readouterr().err


def test_a_progress_that_never_came_is_told_with_what_there_is(run, capfd):
    made = run(LOSS, progress="global_epoch", total=9).attempt()
    made.prints("epoch 0 loss 1\nepoch 1 loss 2\n")
    made.ends()
    told = capfd.readouterr().err
    assert "progress: no row had 'global_epoch'" in told
    assert "rows have 'epoch', 'loss', and `step`" in told


def test_a_later_attempt_that_is_read_afterwards_counts_anew(run):
    first = run(LOSS).attempt()
    first.prints("epoch 0 loss 1\n")
    first.ends(finished=False).attempt().prints("epoch 0 loss 2\nepoch 1 loss 3\n")
    first.ends()
    made = run(stdout(r"loss (?P<x>\S+)", several="all"))
    made.number = first.number
    made.attempt().ends()
    assert made.points()["x"] == [(0, 1), (1, 3)]


def test_what_an_earlier_attempt_recorded_stands(run):
    made = run(LOSS).attempt()
    made.prints("epoch 0 loss 1\nepoch 1 loss 2\n")
    made.ends(finished=False).attempt()
    made.prints("epoch 1 loss 5\nepoch 2 loss 6\n")
    made.ends()
    assert made.points() == {"loss": [(0, 1), (1, 2), (2, 6)]}


def test_a_carried_step_is_that_of_the_line_before(run):
    made = run(LOSS, stdout(r"acc (?P<acc>\S+)")).attempt()
    made.prints("acc 0.1\n" + "".join(f"epoch {n} loss 1\nacc {n / 10}\n" for n in range(1, 4)))
    made.ends()
    assert made.points()["acc"] == [(0, 0.1), (1, 0.1), (2, 0.2), (3, 0.3)]


@pytest.mark.parametrize("when", range(9))
def test_a_carried_step_is_the_same_wherever_the_attempt_dies(run, when):
    made = run(LOSS, stdout(r"acc (?P<acc>\S+)")).attempt()
    lines = [f"epoch {n // 2} loss 1" if n % 2 == 0 else f"acc {n}" for n in range(9)]
    made.prints_and_dies(lines, when)
    assert made.points() == {
        "loss": [(step, 1) for step in range(5)],
        "acc": [(step, 2 * step + 1) for step in range(4)],
    }


HEADER = (
    stdout(r"^-- (?P<epoch>\d+)"),
    stdout(r"acc (?P<acc>\S+)"),
    stdout(r"loss (?P<loss>\S+)", several="all"),
)


@pytest.mark.parametrize("when", range(12))
def test_a_header_gives_its_step_to_the_lines_after_it_wherever_the_attempt_dies(run, when):
    made = run(*HEADER, total=3).attempt()
    lines = [text for n in range(3) for text in (f"-- {n}", f"loss {n}", f"loss {n}.5", f"acc {n}")]
    made.prints_and_dies(lines, when)
    assert made.points() == {
        "acc": [(step, step) for step in range(3)],
        "loss": [(step, step / 2) for step in range(6)],
    }


def test_the_epoch_of_a_header_has_ended_when_the_next_one_comes_or_the_program_has_finished(run):
    made = run(*HEADER, total=3).attempt()
    done = []
    for number in range(3):
        made.prints(f"-- {number}\nloss 1\nloss 2\nacc 1\n")
        made.is_read()
        done.append(made.journal.epochs)
    made.ends()
    assert (done, last_epoch(made.paths)) == ([0, 1, 2], 2)


def test_counted_steps_go_on_where_a_trial_is_resumed_and_begin_anew_where_not(run):
    made = run(stdout(r"loss (?P<loss>\S+)", step="count")).attempt()
    made.prints("loss 1\nloss 2\n")
    made.ends(finished=False).attempt(resumed=True)
    made.prints("loss 3\n")
    made.ends(finished=False)
    assert made.points() == {"loss": [(0, 1), (1, 2), (2, 3)]}
    made.attempt()
    made.prints("loss 1\nloss 2\nloss 3\nloss 4\n")
    made.ends()
    assert made.points() == {"loss": [(0, 1), (1, 2), (2, 3), (3, 4)]}


@pytest.mark.parametrize("when", range(6))
def test_counted_steps_are_the_same_wherever_the_attempt_dies(run, when):
    made = run(stdout(r"loss (?P<loss>\S+)", step="count")).attempt()
    for number in range(6):
        made.prints(f"loss {number}\n")
        if number % 2:
            made.is_read()
        if number == when:
            made.dies().attempt(resumed=True)
    made.ends()
    assert made.points() == {"loss": [(number, number) for number in range(6)]}


def test_final_values_are_recorded_once_at_the_last_step(run):
    made = run(LOSS, stdout(r"acc (?P<acc>\S+)", step="final")).attempt()
    made.prints("epoch 0 loss 1\nacc 0.1\n")
    made.ends(finished=False)
    assert "acc" not in made.points()
    made.attempt()
    made.prints("epoch 7 loss 1\nacc 0.2\nbye\n")
    made.ends()
    assert made.points()["acc"] == [(7, 0.2)]


def test_a_final_value_that_an_attempt_printed_before_it_died_is_not_lost(run):
    made = run(LOSS, stdout(r"acc (?P<acc>\S+)", step="final")).attempt()
    made.prints("epoch 3 loss 1\nacc 0.1\n")
    made.dies().attempt().ends()
    assert made.points()["acc"] == [(3, 0.1)]


def test_of_series_that_become_one_the_last_is_recorded_when_the_program_has_finished(run):
    rows = stdout(r"(?P<step>\d+) (?P<name>\S+)=(?P<value>\S+)")
    made = run(rows, rename={"PSNR/{epoch}": "frame/psnr"}).attempt()
    made.prints(
        "".join(f"{frame} PSNR/{epoch}={10 * epoch + frame}\n" for epoch in (8, 9) for frame in range(3))
    )
    made.dies()
    assert made.points() == {}
    made.attempt()
    made.prints("".join(f"{frame} PSNR/10={100 + frame}\n" for frame in range(2)))
    made.ends()
    assert made.points() == {"frame/psnr": [(0, 100), (1, 101)]}


def test_frames_of_series_are_no_epochs(run):
    rows = stdout(r"(?P<step>\d+) (?P<name>\S+)=(?P<value>\S+)")
    made = run(rows, total=3, unit="step", rename={"PSNR/{epoch}": "frame/psnr"}).attempt()
    made.prints("".join(f"{frame} PSNR/0={frame}\n" for frame in range(3)))
    made.prints("0 loss=1\n1 loss=1\n")
    made.is_read()
    assert made.entries()[-1].epochs == 2
    made.ends()


def test_the_last_series_of_an_attempt_that_died_is_recorded_where_no_later_one_came(run):
    rows = stdout(r"(?P<step>\d+) (?P<name>\S+)=(?P<value>\S+)")
    made = run(rows, rename={"PSNR/{epoch}": "frame/psnr"}).attempt()
    made.prints("0 PSNR/9=1\n0 PSNR/10=2\n1 PSNR/10=3\n")
    made.is_read()
    made.dies().attempt().ends()
    assert made.points() == {"frame/psnr": [(0, 2), (1, 3)]}


def test_metrics_are_derived_of_a_row_and_across_rows_of_a_step(run):
    made = run(
        LOSS,
        stdout(r"correct (?P<correct>\d+)"),
        stdout(r"of (?P<n>\d+)"),
        derive={"accuracy": "correct / n", "double": "loss * 2", "error": "1 - accuracy"},
    ).attempt()
    made.prints("epoch 0 loss 1\ncorrect 3\nof 4\nepoch 1 loss 2\ncorrect 2\nof 0\n")
    made.is_read()
    made.prints("epoch 2 loss 3\ncorrect 1\n")
    made.is_read()
    made.prints("of 4\n")
    made.ends()
    points = made.points()
    assert points["accuracy"] == [(0, 0.75), (2, 0.25)]
    assert points["error"] == [(0, 0.25), (2, 0.75)]
    assert points["double"] == [(0, 2), (1, 4), (2, 6)]


def test_what_is_no_number_is_counted_and_told_once(run, capfd):
    made = run(LOSS).attempt()
    made.prints("epoch 0 loss n/a\nepoch 1 loss n/a\nepoch 2 loss nan\n")
    made.ends()
    ((step, value),) = made.points()["loss"]
    assert (step, math.isnan(value)) == (2, True)
    assert "2 values are no numbers, and left out: 'loss' is 'n/a'" in capfd.readouterr().err


def test_names_that_no_store_takes_are_made_storable_and_told(run, capfd):
    made = run(stdout(r"(?P<name>[^ =]+)=(?P<value>\S+)", step="count")).attempt()
    made.prints("acc@5=0.5 acc(5)=1\n")
    made.ends()
    assert made.points() == {"acc_5": [(0, 0.5)], "acc_5_2": [(1, 1)]}
    told = capfd.readouterr().err
    assert "the metric 'acc@5' is recorded as 'acc_5'" in told
    assert "the metric 'acc(5)' is recorded as 'acc_5_2'" in told
    assert (
        "'acc@5' and 'acc(5)' would both be recorded as 'acc_5', so that the second one is 'acc_5_2'" in told
    )


def test_of_two_files_with_the_same_point_the_first_counts(run, capfd):
    made = run(("csv", "run/files/**/m.csv", {})).attempt()
    for rank in range(2):
        made.writes(f"rank{rank}/m.csv", f"epoch,loss\n0,{rank}\n1,{rank}\n")
        made.is_read()
    made.ends()
    assert made.points() == {"loss": [(0, 0), (1, 0)]}
    assert "rank1/m.csv: gives 'loss' at steps that another file has" in capfd.readouterr().err


def test_epochs_are_told_beside_steps_that_are_batches(run):
    made = run(stdout(r"epoch (?P<epoch>\d+) step (?P<step>\d+) loss (?P<loss>\S+)"), total=3).attempt()
    made.prints("".join(f"epoch {n // 10 + 1} step {n} loss 1\n" for n in range(30)))
    made.ends()
    assert made.entries()[-1].epochs == 3
    assert made.entries()[0].step == 0


def test_what_is_logged_of_one_step_at_different_times_stays_at_its_times(run):
    made = run().attempt()
    rows = [(1000, {"loss": 0.5}), (2000, {"acc": 0.9})]
    lines = [json.dumps({"t": time_ms, "step": 0, "metrics": values}) for time_ms, values in rows]
    made.writes("../program-metrics.jsonl", "".join(f"{line}\n" for line in lines))
    made.ends()
    (entry,) = made.entries()
    assert {key: entry.time_of(key) for key in entry.values} == {"loss": 1000, "acc": 2000}
