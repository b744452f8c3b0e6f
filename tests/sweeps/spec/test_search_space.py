import math
from dataclasses import replace

import pytest

from sweeps.errors import Place
from sweeps.spec.search_space import (
    EPOCH_TIME,
    Algorithm,
    Dimension,
    Objective,
    SearchSpec,
    ValueType,
    choice_text,
    to_optuna,
)
from sweeps.spec.settings import Setting

HERE = Place("e.yaml")


def dimension(key, value_type, *values, **rest):
    settings = tuple(Setting(value, "space", HERE) for value in values)
    return Dimension(key, ValueType(value_type), settings, HERE, **rest)


def search(*dimensions, trials=100):
    objectives = (Objective("loss", maximize=False, place=HERE),)
    tpe, none = Algorithm("tpe", {}, HERE), Algorithm("none", {}, HERE)
    return SearchSpec(dimensions, objectives, trials, tpe, none, HERE)


@pytest.mark.parametrize(
    ("space", "inside", "outside"),
    [
        (dimension("a", "float", 0, 1), [0, 0.3, 1, 1.0], [-0.1, 1.1, True, "1", None]),
        (dimension("a", "float", 0, 1, step=0.25), [0, 0.25, 1], [0.3]),
        (dimension("a", "int", 2, 8, step=3), [2, 5, 8.0], [3, 5.5, 9]),
        (dimension("a", "choice", "None", 1, [2]), ["None", 1.0, [2]], [None, True, [3]]),
    ],
)
def test_a_dimension_knows_the_values_that_it_may_have(space, inside, outside):
    assert [space.contains(value) for value in inside] == [True] * len(inside)
    assert [space.contains(value) for value in outside] == [False] * len(outside)


def test_the_grid_of_a_dimension_is_all_its_values_if_they_can_be_counted():
    assert dimension("a", "float", 0, 0.7, step=0.1).grid() == (0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7)
    assert dimension("a", "int", 1, 3).grid() == (1, 2, 3)
    assert dimension("a", "choice", "x", None).grid() == ("x", None)
    assert dimension("a", "float", 0, 1).size is None
    assert dimension("a", "int", 1, 8, log=True).size is None


@pytest.mark.parametrize(
    ("space", "size"),
    [
        (dimension("a", "int", 0, 10**9), 10**9 + 1),
        (dimension("a", "int", -(10**9), 10**9, step=7), 285_714_286),
        (dimension("a", "float", 0, 1, step=1e-12), 10**12 + 1),
        (dimension("a", "float", 0.1, 0.75, step=0.1), 7),
        (dimension("a", "float", 0, 1e-300, step=1e-301), 11),
    ],
)
def test_the_values_of_a_space_are_counted_and_not_listed(space, size):
    assert space.size == size
    assert search(space, trials=3).total == 3
    assert search(space, space).size == size**2


@pytest.mark.parametrize(
    ("space", "drawn", "written"),
    [
        (dimension("a", "float", 0, 1, step=0.1), 0.1 + 0.1 + 0.1, 0.3),
        (dimension("a", "float", 0, 1, step=0.1), 7 * 0.1, 0.7),
        (dimension("a", "float", 1, 2, step=0.05), 1 + 3 * 0.05, 1.15),
        (dimension("a", "float", -1, 1, step=0.2), -1 + 6 * 0.2, 0.2),
        (dimension("a", "float", 0, 1), 0.1 + 0.2, 0.1 + 0.2),
        (dimension("a", "int", 2, 8, step=3), 5, 5),
        (dimension("a", "choice", 0.1 + 0.2, "x"), 0.1 + 0.2, 0.1 + 0.2),
        (dimension("a", "float", 0, 1, step=0.1), math.inf, math.inf),
    ],
)
def test_a_value_is_rounded_to_its_step_as_a_person_writes_it(space, drawn, written):
    assert space.nearest(drawn) == written


def test_a_search_of_a_small_space_has_as_many_trials_as_the_space_has_configs():
    two, three = dimension("a", "choice", 1, 2), dimension("b", "int", 1, 3)
    assert search(two, three).total == 6
    assert search(two, three, trials=4).total == 4
    assert search(two, dimension("c", "float", 0, 1)).total == 100


def test_keys_are_assembled_in_order_and_only_where_their_condition_holds():
    kind = dimension("kind", "choice", "None", "Cyclical")
    cycle = dimension("cycle", "int", 2, 6, when={"kind": ("Cyclical",)})
    extra = dimension("extra", "int", 0, 1, when={"fixed": (3,)})
    spec = search(kind, cycle, extra)

    def keys(index, fixed):
        return list(spec.assemble(lambda d: d.values[index], {"fixed": fixed}.get))

    assert keys(0, 3) == ["kind", "extra"]
    assert keys(1, 4) == ["kind", "cycle"]


def test_the_identity_of_a_search_is_pinned():
    spec = search(dimension("lr", "float", 0.1, 1, log=True, when={"kind": ("None", None)}))
    assert spec.identity() == [
        [["lr", "float", [0.1, 1], True, None, {"kind": ["None", None]}]],
        [["loss", False, False]],
    ]
    kinds = [
        replace(spec, objectives=(replace(spec.objectives[0], of_curve=kind),)).identity()[1]
        for kind in ("last", "best", "tail", "mean")
    ]
    assert [own[0][2] for own in kinds] == [False, True, "tail", "mean"]


def test_an_algorithm_is_named_with_the_options_that_are_given():
    options = {key: Setting(value, "search", HERE) for key, value in (("seeds", 3), ("group", True))}
    assert Algorithm("tpe", {}, HERE).words == "tpe"
    assert Algorithm("tpe", options, HERE).words == "tpe (group True, seeds 3)"


@pytest.mark.parametrize(
    ("objective", "value"),
    [
        (Objective("psnr", maximize=True, place=HERE), 2.0),
        (Objective("psnr", maximize=True, place=HERE, of_curve="best"), 5.0),
        (Objective("psnr", maximize=False, place=HERE, of_curve="best"), 1.0),
        (Objective("psnr", maximize=True, place=HERE, of_curve="tail"), 2.0),
        (Objective("psnr", maximize=True, place=HERE, of_curve="mean"), 8 / 3),
        (Objective("time", maximize=False, place=HERE), 8.0),
    ],
)
def test_the_value_of_a_trial_is_its_last_or_best_or_an_average_or_the_sum_of_its_times(objective, value):
    assert objective.value({3: 2.0, 1: 1.0, 2: 5.0}) == value
    assert objective.value({}) is None


def test_a_best_value_ignores_what_is_no_number():
    best = Objective("psnr", maximize=True, place=HERE, of_curve="best")
    assert best.value({1: 1.0, 2: math.nan}) == 1.0
    assert math.isnan(best.value({1: math.nan}))


def test_a_tail_is_the_mean_of_the_last_tenth_of_the_steps():
    tail = Objective("psnr", maximize=True, place=HERE, of_curve="tail")
    assert tail.value({100: 1.0, 0: 9.0, 92: 2.0}) == 1.5
    assert math.isnan(tail.value({100: 1.0, 0: 9.0, 92: math.nan}))


def test_time_is_read_from_the_epochs():
    assert Objective("time", maximize=False, place=HERE).key == EPOCH_TIME
    assert Objective("psnr", maximize=True, place=HERE).direction == "max"


def test_choices_are_text_for_people_and_scalars_for_optuna():
    assert [choice_text(value) for value in ("a", None, [1, "b"])] == ["a", "null", '[1, "b"]']
    assert [to_optuna(value) for value in ("a", None, 1.5, [1, "b"])] == ["a", None, 1.5, '[1, "b"]']
