import os

import pytest

from tests.sweeps.sources.following.runs import LOSS, Run, stdout

CSV = ("csv", "run/files/**/m.csv", {})


@pytest.fixture
def run(tmp_path):
    def of(*sources, **more):
        return Run(tmp_path, *sources, **more)

    return of


def test_rows_of_one_step_are_one_entry_and_step_columns_are_no_metrics(run):
    made = run(CSV).attempt()
    made.writes("m.csv", "epoch,step,train_loss,val_loss\n0,49,0.5,\n0,49,,0.6\n1,99,0.4,\n")
    made.ends()
    assert [(entry.step, entry.values) for entry in made.entries()] == [
        (49, {"train_loss": 0.5, "val_loss": 0.6}),
        (99, {"train_loss": 0.4}),
    ]


def test_another_column_can_be_the_step(run):
    made = run(("csv", "run/files/m.csv", {"step": "batch"})).attempt()
    made.writes("m.csv", "epoch,batch,loss\n0,5,0.5\n0,6,0.25\n")
    made.ends()
    assert made.points() == {"loss": [(5, 0.5), (6, 0.25)]}


def test_a_table_without_steps_counts_its_rows(run):
    made = run(CSV).attempt()
    made.writes("m.csv", "loss\n0.5\n")
    made.is_read()
    made.writes("m.csv", "0.25\n")
    made.ends()
    assert made.points() == {"loss": [(0, 0.5), (1, 0.25)]}


def test_a_counted_table_that_is_written_anew_doubles_nothing(run):
    made = run(CSV).attempt()
    made.writes("m.csv", "loss\n0.5\n0.25\n")
    made.is_read()
    made.writes("m.csv", "acc,loss\n,0.5\n,0.25\n1,0.125\n", mode="w")
    made.ends()
    assert made.points() == {"loss": [(0, 0.5), (1, 0.25), (2, 0.125)], "acc": [(2, 1)]}


def test_a_counted_table_that_a_resumed_attempt_writes_anew_goes_on(run):
    made = run(CSV).attempt()
    made.writes("m.csv", "loss\n0.5\n0.25\n")
    made.ends(finished=False).attempt(resumed=True)
    made.writes("m.csv", "loss\n0.125\n", mode="w")
    made.is_read()
    made.writes("m.csv", "0.0625\n")
    made.ends()
    assert made.points() == {"loss": [(0, 0.5), (1, 0.25), (2, 0.125), (3, 0.0625)]}


def test_a_file_that_goes_back_to_an_earlier_epoch_after_a_resume_doubles_nothing(run):
    made = run(CSV).attempt()
    made.writes("m.csv", "epoch,loss\n0,0.5\n1,0.25\n2,0.125\n")
    made.ends(finished=False).attempt()
    made.writes("m.csv", "epoch,loss\n0,0.5\n1,0.3\n2,0.2\n3,0.1\n", mode="w")
    made.ends()
    assert made.points() == {"loss": [(0, 0.5), (1, 0.25), (2, 0.125), (3, 0.1)]}


def test_a_file_of_each_attempt_is_read(run):
    made = run(CSV).attempt()
    made.writes("version_0/m.csv", "epoch,loss\n0,0.5\n1,0.25\n")
    made.dies().attempt()
    made.writes("version_1/m.csv", "epoch,loss\n1,0.3\n2,0.125\n")
    made.ends()
    assert made.points() == {"loss": [(0, 0.5), (1, 0.25), (2, 0.125)]}


def test_a_last_line_without_a_break_counts_where_the_program_finished(run):
    made = run(CSV, LOSS).attempt()
    made.writes("m.csv", "epoch,acc\n0,0.5\n1,0.25")
    made.prints("epoch 0 loss 0.5")
    made.ends()
    assert made.points() == {"acc": [(0, 0.5), (1, 0.25)], "loss": [(0, 0.5)]}


def test_half_a_line_of_an_attempt_that_died_is_no_value(run):
    made = run(CSV, LOSS).attempt()
    made.writes("m.csv", "epoch,acc\n0,0.5\n1,0.2")
    made.prints("epoch 0 loss 0.12")
    made.dies().attempt()
    made.writes("m.csv", "5\n")
    made.ends()
    assert made.points() == {"acc": [(0, 0.5), (1, 0.25)]}


OUTSIDE = ("csv", "logs/*.csv", {})


def outside(run, name, text, mode="a"):
    path = run.root / "logs" / name
    path.parent.mkdir(exist_ok=True)
    with path.open(mode) as file:
        file.write(text)
    return path


def test_what_was_there_before_the_first_attempt_is_passed_over(run):
    made = run(OUTSIDE)
    outside(made, "old.csv", "epoch,loss\n0,9\n")
    outside(made, "shared.csv", "epoch,loss\n0,9\n1,9\n")
    made.attempt()
    outside(made, "shared.csv", "2,0.5\n")
    outside(made, "new.csv", "epoch,acc\n0,1\n")
    made.dies().attempt()
    outside(made, "old.csv", "epoch,loss\n0,0.25\n", mode="w")
    made.ends()
    assert made.points() == {"loss": [(2, 0.5), (0, 0.25)], "acc": [(0, 1)]}


def test_a_source_that_is_added_later_reads_what_earlier_attempts_left_but_not_what_is_older(run):
    made = run(LOSS)
    old = outside(made, "old.csv", "epoch,acc\n0,9\n")
    os.utime(old, (1, 1))
    made.attempt()
    made.prints("epoch 0 loss 1\nhit 5\nepoch 1 loss 2\nhit 6\n")
    outside(made, "mine.csv", "epoch,acc\n0,0.5\n")
    made.ends(finished=False)
    later = Run(made.root, LOSS, stdout(r"hit (?P<hits>\d+)"), OUTSIDE)
    later.number = 1
    later.attempt().ends()
    assert later.points() == {"loss": [(0, 1), (1, 2)], "acc": [(0, 0.5)], "hits": [(0, 5), (1, 6)]}


def test_a_file_that_cannot_be_read_is_told_and_disturbs_no_other(run, capfd):
    made = run(CSV, LOSS).attempt()
    made.writes("m.csv", "epoch,acc\n0," + "9" * 200_000 + "\n")
    made.prints("epoch 0 loss 1\n")
    made.ends()
    assert made.points() == {"loss": [(0, 1)]}
    assert "csv run/files/**/m.csv: files/m.csv cannot be read: Error: field larger" in capfd.readouterr().err


def test_links_to_folders_are_not_followed(run):
    made = run(CSV).attempt()
    elsewhere = made.root / "data"
    elsewhere.mkdir()
    (elsewhere / "m.csv").write_text("epoch,acc\n0,0.5\n")
    (made.paths.files / "data").symlink_to(elsewhere)
    made.ends()
    assert made.points() == {}


TRAINED = stdout(
    r"Epoch (?P<epoch>\d+) (?P<batch>\d+)/(?P<of>\d+) (?P<loss>\S+)", step="(epoch - 1) * of + batch"
)
TESTED = stdout(r"test (?P<acc>\S+)", step="epoch * of")
LINES = [
    "test 0.1",
    *(
        line
        for epoch in (1, 2)
        for line in (f"Epoch {epoch} 0/9 {1 / epoch}", f"Epoch {epoch} 5/9 {1 / epoch}", f"test 0.{epoch}5")
    ),
]


@pytest.mark.parametrize("sources", [(TRAINED, TESTED), (TESTED, TRAINED)])
@pytest.mark.parametrize("when", range(len(LINES)))
def test_a_step_of_numbers_of_the_lines_before_is_the_same_whenever_the_reading_begins_anew(
    run, sources, when
):
    made = run(*sources).attempt()
    made.prints_and_dies(LINES, when)
    assert dict(made.points()["acc"]) == {0: 0.1, 9: 0.15, 18: 0.25}
    assert [step for step, _ in made.points()["acc"]] == [0, 9, 18]


def test_another_attempt_carries_no_numbers_on(run):
    made = run(TRAINED, TESTED).attempt()
    made.prints("Epoch 1 5/9 0.5\n")
    made.ends(finished=False).attempt(resumed=True)
    made.prints("test 0.75\n")
    made.ends()
    assert made.points()["acc"] == [(5, 0.75)]


def test_lines_that_are_too_long_to_be_read_to_their_end_are_told(run, capfd):
    made = run(LOSS).attempt()
    made.prints(f"epoch 0 loss 1\n{'x' * 70_000} epoch 1 loss 0.5\nepoch 2 loss 0.25 {'x' * 70_000}\n")
    made.ends()
    assert made.points()["loss"] == [(0, 1), (2, 0.25)]
    told = "2 lines are longer than 65536 characters, and no pattern is tried on what stands behind them"
    assert told in capfd.readouterr().err
