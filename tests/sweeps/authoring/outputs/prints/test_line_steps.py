import ast

import pytest

from sweeps.authoring.outputs.prints.call_places import CallPlace
from sweeps.authoring.outputs.prints.line_groups import Group
from sweeps.authoring.outputs.prints.line_steps import EACH, Counted, Stepping, leader_of, stepping_of
from sweeps.authoring.outputs.prints.print_text import Hole

LOSS = Group("loss", is_counter=False, hole=Hole(None))


def counter(name, expression="x"):
    return Group(name, is_counter=True, hole=Hole(ast.parse(expression, mode="eval").body))


def line(*groups, in_loop=False, is_repeated=False, **more):
    return Counted.of(groups, CallPlace(in_loop, "", is_repeated, {}, **more))


def stands(one, *others, leader=None, has_epochs=False):
    return stepping_of(one, leader, others, has_epochs=has_epochs)


def test_a_line_stands_by_its_counter_or_counted_or_after_others():
    iteration, counted = line(counter("iter"), LOSS, in_loop=True), line(LOSS, in_loop=True)
    repeated = line(LOSS, is_repeated=True)
    assert stands(line(counter("epoch"), LOSS, in_loop=True)) == Stepping("epoch")
    assert stands(counted, iteration) == Stepping("count")
    assert stands(repeated) == stands(repeated, repeated) != Stepping("carried")
    assert stands(repeated, iteration) == stands(repeated, counted, repeated) == Stepping("carried")
    assert stands(line(LOSS, is_repeated=True, is_called_back=True), iteration) == EACH
    assert stands(line(LOSS), iteration) == Stepping("final")


def test_a_counter_of_an_inner_loop_begins_anew():
    place = {"in_loop": True, "loops": (1, 2), "counts_on": {"e"}, "begins_anew": {"i"}}
    assert stands(line(counter("iter", "i + 1"), LOSS, **place)) == EACH
    assert stands(line(counter("iter", "e * n + i"), LOSS, **place)) == Stepping("iter")
    batch = line(counter("batch", "i"), LOSS, **place)
    assert (stands(batch), stands(batch, has_epochs=True)) == (EACH, Stepping("carried"))


HEAD = {"loops": (1,), "order": (5,), "conditions": frozenset({"rank == 0"})}


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ({"loops": (1,), "order": (6,)}, Stepping("carried")),
        ({"loops": (1, 2), "order": (6, 2)}, EACH),
        ({"loops": (1,), "order": (4,)}, None),
        ({"loops": (2,), "order": (6,)}, None),
        ({"loops": (1,), "order": (6,), "conditions": frozenset({"verbose"})}, None),
    ],
)
def test_a_line_is_led_by_one_before_it_in_its_loop_whenever_that_is_printed(place, expected):
    head = line(counter("round"), in_loop=True, **HEAD)
    one = line(LOSS, in_loop=True, **({"conditions": HEAD["conditions"]} | place))
    leader = leader_of(one, [head])
    assert (leader is head) == (expected is not None)
    assert stands(one, head, leader=leader) == (expected or Stepping("count"))
    assert leader_of(line(counter("iter"), LOSS, in_loop=True, loops=(1,), order=(6,)), [head]) is None
