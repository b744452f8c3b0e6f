import ast

from sweeps.authoring.outputs.prints.call_places import call_places
from tests.sweeps.authoring.scripts import script_of


def test_loops_the_functions_that_they_call_and_what_they_count_from_are_known(tmp_path):
    script = script_of(
        tmp_path,
        """
        def test():
            one()
        def main():
            for epoch in range(1, 5):
                for i, x in enumerate(data, start=3):
                    two()
                test()
            three()
        main()
        """,
    )
    places = call_places(script)
    found = {
        node.func.id: places[id(node)]
        for node in script.nodes
        if isinstance(node, ast.Call) and id(node) in places
    }
    assert (found["one"].in_loop, found["one"].is_repeated, found["one"].function) == (False, True, "test")
    assert (found["two"].in_loop, found["three"].in_loop, found["main"].function) == (True, False, "")
    assert found["two"].firsts == {"epoch": 1, "i": 3}


def places_of(folder, text):
    script = script_of(folder, text)
    places = call_places(script)
    return {
        node.func.id: places[id(node)]
        for node in script.nodes
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }


def test_the_loops_around_a_functions_calls_are_its_own_too(tmp_path):
    found = places_of(
        tmp_path,
        """
        import torch
        def inner():
            for batch in data:
                show()
        def outer():
            if verbose:
                inner()
        for epoch in range(9):
            head()
            outer()
        """,
    )
    assert found["show"].loops[:1] == found["head"].loops
    assert len(found["show"].loops) == 2
    assert (found["show"].counts_on, found["show"].begins_anew) == ({"epoch"}, {"batch"})
    assert found["head"].order < found["show"].order
    assert (found["show"].conditions, found["head"].conditions) == ({"verbose"}, set())
    assert not found["show"].is_called_back


def test_what_is_handed_over_in_a_loop_and_what_events_call_is_repeated(tmp_path):
    found = places_of(
        tmp_path,
        """
        def closure():
            one()
        def once():
            two()
        @trainer.on(Events.EPOCH_COMPLETED)
        def log(engine):
            three()
        def step():
            four()
        start(once)
        for i in range(9):
            optimizer.step(closure)
        """,
    )
    assert (found["one"].is_called_back, found["one"].is_repeated) == (True, True)
    assert found["one"].loops[:-1] == (found["one"].loops[0],)
    assert not found["two"].is_repeated
    assert found["three"].is_repeated
    assert not found["four"].loops
