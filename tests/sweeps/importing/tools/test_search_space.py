"""Ranges and lists as a grid or a search."""

from sweeps.importing.tools.search_space import SearchSpace


def sweep(space, **asked):
    return space.sweep(
        **{"metric": None, "goal": None, "trials": None, "sampler": None, "pruner": None, **asked}
    )


def test_lists_alone_are_a_grid():
    space = SearchSpace()
    space.choice("a", [1, 2, 1], all_of_them=True)
    space.choice("b", [3], all_of_them=True)
    assert sweep(space) == {"grid": {"a": [1, 2]}}
    assert space.fixed == {"b": 3}


def test_ranges_make_a_search_and_guesses_are_told():
    space = SearchSpace()
    space.choice("a", [1, 2], all_of_them=True)
    space.numbers("lr", 1e-4, 1e-1, log=True)
    space.numbers("n", 1, 8, step=1, whole=True)
    space.numbers("same", 2, 2)
    space.numbers("odd", "x", 2)
    space.constant("not a key", 1)
    found = sweep(space)["search"]
    assert found["space"] == {
        "a": {"choice": [1, 2]},
        "lr": {"float": [1e-4, 1e-1], "log": True},
        "n": {"int": [1, 8]},
    }
    assert (found["objective"], found["trials"]) == ({"loss": "min"}, 50)
    assert len(space.notes) == 5
