"""Products: what is one, and what is none."""

from sweeps.importing.studies.product import cost, fitted
from sweeps.importing.studies.study import Study
from sweeps.importing.studies.table import Table


def fit(configs):
    found = fitted(Table(configs), range(len(configs)), frozenset())
    return None if found is None else found[0]


def test_a_key_that_follows_from_others_is_a_condition():
    configs = [{"a": a, "b": b, "c": 9 if (a, b) == (1, 2) else 0} for a in (1, 2) for b in (1, 2)]
    assert fit(configs) == Study(
        settings={"c": 0}, grid={"a": (1, 2), "b": (1, 2)}, whens=(({"a": (1,), "b": (2,)}, {"c": 9}),)
    )


def test_too_many_holes_are_no_product():
    assert fit([{"a": a, "b": a if a < 3 else 0, "c": a % 2} for a in range(9)]) is not None
    assert fit([{"a": 1, "b": 1}, {"a": 2, "c": 1}, {"a": 1, "b": 2}, {"c": 3}]) is None


def test_what_is_longer_costs_more():
    assert cost(Study(grid={"a": (1, 2)})) < cost(Study(grid={"a": (1, 2), "b": (1, 2)}))
    assert cost(Study(), holes=3) > cost(Study())
