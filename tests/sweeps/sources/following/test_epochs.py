import pytest

from sweeps.sources.following.epochs import EpochCount
from sweeps.spec.trainer.source_model import Source


def counted(rows, progress="", total=10, kind="csv", before=0, by=()):
    count = EpochCount(progress, total, before)
    seen = []
    for values, step in rows:
        count.note(values, step, Source(kind).identified(), ("loss",), by)
        seen.append(count.done)
    count.finish()
    return [*seen, count.done]


def done(rows, **more):
    return counted(rows, **more)[:-1]


def shown(*epochs):
    return [({"epoch": epoch}, None) for epoch in epochs]


def test_epochs_that_are_shown_once_count_as_done_whether_from_0_or_from_1():
    assert done(shown(0, 1, 2)) == [1, 2, 3]
    assert done(shown(1, 2, 3)) == [1, 2, 3]


def test_whether_a_printed_line_ends_its_epoch_is_known_with_the_next_ones():
    assert counted(shown(1, 2, 3), kind="stdout") == [0, 2, 3, 3]
    assert counted(shown(0, 1, 2), kind="stdout") == [0, 2, 3, 3]


@pytest.mark.parametrize("kind", ["stdout", "jsonl"])
@pytest.mark.parametrize("first", [0, 1])
def test_an_epoch_of_batches_has_ended_when_the_next_begins_or_the_program_has_finished(kind, first):
    rows = [({"epoch": first + n // 3}, n) for n in range(9)]
    found = counted(rows, kind=kind, total=3)
    assert found[1:] == [0, 0, 1, 1, 1, 2, 2, 2, 3]


def test_a_step_that_is_made_of_the_epoch_and_more_is_a_batch():
    rows = [({"epoch": 1 + n // 3}, n) for n in range(6)]
    found = counted(rows, kind="stdout", total=2, by=("epoch", "of", "batch"))
    assert found == [0, 0, 0, 1, 1, 1, 2]


def test_of_two_sources_the_one_that_ends_epochs_counts():
    count = EpochCount("", 3)
    train, test = Source("stdout", "train").identified(), Source("stdout", "test").identified()
    seen = []
    for epoch in (1, 2, 3):
        for step in range(2):
            count.note({"epoch": epoch}, 2 * epoch + step, train, ("loss",), ("epoch", "of", "batch"))
        seen.append(count.done)
        count.note({"epoch": epoch}, epoch, test, ("acc",), ("epoch",))
        seen.append(count.done)
    assert seen == [0, 0, 1, 2, 2, 3]


def test_fractions_of_epochs_are_amounts():
    assert done([({"epoch": epoch}, 10) for epoch in (0, 0.5, 1.0, 1.5, 2.0)])[-1] == 2


def test_steps_are_taken_for_epochs_while_there_are_no_more_than_the_config_has():
    assert done([({}, step) for step in range(10)]) == list(range(1, 11))
    assert done([({}, step) for step in (0, 5, 10)])[-1] == 10
    assert done([({}, step) for step in (0, 5, 10, 15)])[-1] == 0


def test_nothing_is_known_without_a_total_unless_a_program_logs_as_mlflow_does():
    assert done([({}, 3)], total=None) == [0]
    assert done([({}, 0), ({}, 3)], total=None, kind="mlflow") == [1, 4]


def test_an_epoch_that_is_shown_outranks_steps():
    assert done([({}, 5), ({"epoch": 1}, 1), ({}, 6)]) == [5, 1, 1]


@pytest.mark.parametrize(("progress", "expected"), [("round_no", 3), ("frames / 100", 2)])
def test_something_else_can_be_the_progress(progress, expected):
    rows = [({"round_no": n, "frames": 75.0 * n, "epoch": 9}, 1000 * n) for n in (1, 2, 3)]
    assert counted(rows, progress=progress)[-1] == expected


@pytest.mark.parametrize("name", ["step", "global_step", "iteration"])
def test_the_step_of_a_source_can_be_the_progress_by_any_of_its_names(name):
    rows = [({"charts/return": 1.0}, step) for step in (56, 256, 2048)]
    assert done(rows, progress=name, total=2048, kind="tensorboard") == [56, 256, 2048]
    assert done([({name: 3.0}, 256)], progress=name, total=10)[-1] <= 3


def test_a_progress_that_never_came_is_told_and_one_that_came_is_not():
    count = EpochCount("rounds / 2", 10)
    assert count.missing() == ""
    count.note({"loss": 1.0}, 3, Source("csv").identified())
    assert "no row had 'rounds'" in count.missing()
    count.note({"rounds": 1.0}, 3, Source("csv").identified())
    assert count.missing() == ""


def test_it_goes_on_after_what_was_done_before_and_ends_at_the_total():
    assert done([({"epoch": 2}, None), ({"epoch": 12}, None)], before=4) == [4, 10]


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize("name", ["epoch", ""])
def test_a_line_that_leads_others_begins_its_epoch(first, name):
    count = EpochCount("", 3)
    source = Source("stdout", "Epoch (?P<epoch>)").identified()
    seen = []
    for epoch in range(first, first + 3):
        count.note({name: epoch} if name else {}, epoch, source, (), ("epoch",), begins=True)
        seen.append(count.done)
    count.finish()
    assert [*seen, count.done] == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("source", "name", "unit", "expected"),
    [
        (Source("stdout", r"(?P<iter>\d+): (?P<loss>\S+)"), "iter", "epoch", 0),
        (Source("stdout", r"step (?P<step>\d+): (?P<loss>\S+)"), "step", "epoch", 0),
        (Source("stdout", r"epoch \d+, step (?P<step>\d+): (?P<loss>\S+)"), "step", "epoch", 0),
        (Source("stdout", r"[Ee]poch:?\s+(?P<step>\d+): (?P<loss>\S+)"), "step", "epoch", 3),
        (Source("stdout", r"Epoch \[(?P<step>\d+)/\d+\] (?P<loss>\S+)"), "step", "epoch", 3),
        (Source("stdout", r"(?P<n>\d+): (?P<loss>\S+)"), "n", "epoch", 3),
        (Source("csv"), "global_step", "epoch", 0),
        (Source("csv"), "step", "epoch", 3),
        (Source("stdout", r"(?P<iter>\d+): (?P<loss>\S+)"), "iter", "step", 3),
        (Source("stdout", r"step (?P<step>\d+): (?P<loss>\S+)"), "step", "step", 3),
    ],
)
def test_steps_that_are_called_otherwise_are_no_epochs_where_the_config_asks_for_those(
    source, name, unit, expected
):
    count = EpochCount("", 10, unit=unit)
    for step in range(3):
        count.note({}, step, source.identified(), ("loss",), (name,))
    count.finish()
    assert count.done == expected
