import pytest

from sweeps.sources.following.epochs import EpochCount


def done(rows, progress="", total=10, kind="stdout", before=0):
    count = EpochCount(progress, total, before)
    seen = []
    for values, step in rows:
        count.note(values, step, kind)
        seen.append(count.done)
    return seen


def test_epochs_that_are_shown_count_as_done_whether_from_0_or_from_1():
    assert done([({"epoch": epoch}, None) for epoch in (0, 1, 2)]) == [1, 2, 3]
    assert done([({"epoch": epoch}, None) for epoch in (1, 2, 3)]) == [1, 2, 3]


def test_fractions_of_epochs_are_amounts():
    assert done([({"epoch": epoch}, 10) for epoch in (0, 0.5, 1.0, 1.5, 2.0)])[-1] == 2


def test_steps_are_taken_for_epochs_while_there_are_no_more_than_the_config_has():
    assert done([({}, step) for step in range(10)]) == list(range(1, 11))
    assert done([({}, step) for step in (0, 5, 10, 15)])[-2:] == [0, 0]


def test_nothing_is_known_without_a_total_unless_a_program_logs_as_mlflow_does():
    assert done([({}, 3)], total=None) == [0]
    assert done([({}, 0), ({}, 3)], total=None, kind="mlflow") == [1, 4]


def test_an_epoch_that_is_shown_outranks_steps():
    assert done([({}, 5), ({"epoch": 1}, 5), ({}, 6)]) == [5, 1, 1]


@pytest.mark.parametrize(("progress", "expected"), [("round_no", 3), ("frames / 100", 2)])
def test_something_else_can_be_the_progress(progress, expected):
    rows = [({"round_no": n, "frames": 75.0 * n, "epoch": 9}, 1000 * n) for n in (1, 2, 3)]
    assert done(rows, progress)[-1] == expected


def test_it_goes_on_after_what_was_done_before_and_ends_at_the_total():
    assert done([({"epoch": 2}, None), ({"epoch": 12}, None)], before=4) == [4, 10]
