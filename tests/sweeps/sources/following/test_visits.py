import math

import pytest

from sweeps.sources.following.visits import Rounds, Turns, Visits
from tests.sweeps.sources.following.runs import LOSS, Run, stdout

FOLDS = [f"epoch {epoch} loss {fold * 10 + epoch}\n" for fold in range(3) for epoch in range(1, 4)]
LAST = {1: 21, 2: 22, 3: 23}
TABLE = "fold,epoch,loss\n" + "".join(f"{f},{e},{f * 10 + e}\n" for f in range(3) for e in range(1, 4))


@pytest.fixture
def run(tmp_path):
    def of(*sources, **more):
        return Run(tmp_path, *sources, **more)

    return of


def recorded(made, key="loss"):
    return dict(made.points()[key])


def noted(values):
    turns, visits = Turns(), Visits()
    return [visits.note("loss", step, value, turns.move(step)) for step, value in values], visits


def test_a_step_that_comes_again_after_another_one_is_visited_again():
    visits, found = noted([(1, 0.5), (1, 0.4), (2, 0.3), (1, 0.2), (1, 0.1), (2, 0.3)])
    assert visits == [1, 1, 1, 2, 2, 2]
    assert found.replaced == {"loss": 3}


def test_what_is_given_again_with_the_same_value_gives_no_way():
    assert not noted([(1, math.nan), (2, 0.5), (1, math.nan), (2, 0.5)])[1].replaced


@pytest.mark.parametrize("looks", [1, 2, 20])
def test_each_value_of_folds_that_count_epochs_from_1_is_counted_however_often_they_are_read(
    run, capfd, looks
):
    made = run(LOSS).attempt()
    for at, line in enumerate(FOLDS):
        made.prints(line)
        if at % looks == 0:
            made.is_read()
    made.ends()
    assert recorded(made) == LAST
    assert "6 gave way, of 'loss'; `several: {loss: all}` records each" in capfd.readouterr().err


def test_a_step_of_fold_and_epoch_is_proposed_that_keeps_each_value(run, capfd):
    made = run(("csv", "run/files/m.csv", {})).attempt()
    made.writes("m.csv", TABLE)
    made.ends()
    assert "6 gave way, of 'loss'; `step: fold * 3 + epoch` gives each its own step" in capfd.readouterr().err


@pytest.mark.parametrize("died", range(1, 9))
def test_a_program_with_folds_that_was_interrupted_ends_as_one_that_was_not(run, died):
    made = run(LOSS).attempt()
    made.prints("".join(FOLDS[:died]))
    made.is_read()
    made.ends(finished=False).attempt()
    made.prints("".join(FOLDS))
    made.ends()
    assert recorded(made) == LAST


@pytest.mark.parametrize("died", range(2, 9))
def test_a_program_with_folds_that_goes_on_with_the_last_epoch_ends_as_one_that_was_not_interrupted(
    run, died
):
    made = run(LOSS).attempt()
    made.prints("".join(FOLDS[:died]))
    made.ends(finished=False).attempt(resumed=True)
    made.prints("".join(FOLDS[died - 1 :]))
    made.ends()
    assert recorded(made) == LAST


def test_a_final_test_of_each_fold_ends_as_without_the_interruption(run):
    made = run(LOSS, stdout(r"test (?P<test>\S+)", step="carried")).attempt()
    folds = ["".join([*FOLDS[at : at + 3], f"test {at}\n"]) for at in (0, 3, 6)]
    made.prints("".join(folds[:2]))
    made.ends(finished=False).attempt()
    made.prints("".join(folds))
    made.ends()
    assert recorded(made, "test") == {3: 6}


def test_states_of_a_progress_bar_are_one_visit_so_that_an_earlier_attempt_stands(run):
    made = run(LOSS).attempt()
    made.prints("epoch 0 loss 1\nepoch 0 loss 2\nepoch 1 loss 3\n")
    made.ends(finished=False).attempt()
    made.prints("epoch 0 loss 7\nepoch 0 loss 8\nepoch 0 loss 9\nepoch 1 loss 9\nepoch 2 loss 9\n")
    made.ends()
    assert recorded(made) == {0: 2, 1: 9, 2: 9}  # the last one was left in the middle


def test_a_table_that_is_written_anew_with_a_further_fold_has_that_ones_values(run, capfd):
    made = run(("csv", "run/files/m.csv", {})).attempt()
    lines = TABLE.splitlines(keepends=True)
    for end in range(2, len(lines) + 1):
        made.writes("m.csv", "".join(lines[:end]) + "\n" * (end % 2), mode="w")
        made.is_read()
    made.ends()
    assert recorded(made) == LAST
    assert "anew" not in capfd.readouterr().err


def test_a_table_that_is_written_anew_with_other_values_is_told(run, capfd):
    made = run(("csv", "run/files/m.csv", {})).attempt()
    made.writes("m.csv", "epoch,acc\n0,9\n1,9.1\n", mode="w")
    made.is_read()
    made.writes("m.csv", "epoch,acc\n0,1\n1,9.1\n2,1.2\n", mode="w")
    made.ends()
    assert recorded(made, "acc") == {0: 9, 1: 9.1, 2: 1.2}
    assert "was written anew with other values at 1 points, of 'acc'" in capfd.readouterr().err


def test_a_history_that_keeps_its_last_values_is_told(run, capfd):
    made = run(("json", "run/files/h.json", {})).attempt()
    for shown in ("[1]", "[1, 0.5]", "[0.5, 0.3]"):
        made.writes("h.json", f'{{"loss": {shown}}}', mode="w")
        made.is_read()
    made.ends()
    assert "other values at 2 points, of 'loss'" in capfd.readouterr().err


def test_the_column_that_counts_rounds_is_found():
    rounds = Rounds()
    for fold in range(2):
        for epoch in range(5):
            rounds.note(epoch, {"fold": fold, "epoch": epoch, "lr": 0.1, "loss": epoch + fold})
    assert rounds.step(("epoch",)) == "fold * 5 + epoch"
    assert rounds.step(()) == ""
