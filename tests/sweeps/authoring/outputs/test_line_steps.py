import pytest

from sweeps.authoring.outputs.call_places import CallPlace
from sweeps.authoring.outputs.line_groups import Group
from sweeps.authoring.outputs.line_steps import EACH, Stepping, stepping_of, told_step
from sweeps.authoring.outputs.print_text import Hole

LOSS = Group("loss", is_counter=False, hole=Hole(None))


def counter(name):
    return Group(name, is_counter=True, hole=Hole(None))


def place(*, in_loop=False, is_repeated=False, is_called_back=False):
    return CallPlace(in_loop, "", is_repeated, {}, is_called_back=is_called_back)


@pytest.mark.parametrize(
    ("groups", "where", "others", "expected"),
    [
        ([counter("epoch"), LOSS], place(in_loop=True), [], Stepping("epoch")),
        ([LOSS], place(in_loop=True), [], Stepping("count")),
        ([LOSS], place(is_repeated=True), [], Stepping("count")),
        ([LOSS], place(is_repeated=True), [Stepping("carried")], Stepping("count")),
        ([LOSS], place(is_repeated=True), [Stepping("count")], Stepping("carried")),
        ([LOSS], place(is_repeated=True), [Stepping("iter")], Stepping("carried")),
        ([LOSS], place(is_repeated=True, is_called_back=True), [Stepping("iter")], EACH),
        ([LOSS], place(), [Stepping("iter")], Stepping("final")),
    ],
)
def test_a_line_stands_by_its_counter_after_others_or_counted(groups, where, others, expected):
    assert stepping_of(groups, where, others, has_epochs=False) == expected


def test_batches_of_a_script_that_tells_its_epochs_belong_to_the_line_before(tmp_path):
    groups = [counter("batch"), LOSS]
    assert stepping_of(groups, place(in_loop=True), [], has_epochs=True) == Stepping("carried")
    assert told_step(groups, place(in_loop=True)) == Stepping("batch")
