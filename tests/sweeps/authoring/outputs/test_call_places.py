import ast

from sweeps.authoring.outputs.call_places import call_places
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
