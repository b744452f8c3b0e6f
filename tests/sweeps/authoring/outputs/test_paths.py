import ast

import pytest

from sweeps.authoring.outputs.paths import UNKNOWN, PathReader, file_pattern, is_relative
from tests.sweeps.authoring.scripts import script_of


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("'a/b.csv'", "a/b.csv"),
        ("f'{run}/log_{n}.csv'", f"{UNKNOWN}/log_{UNKNOWN}.csv"),
        ("os.path.join(out, 'log.csv')", f"{UNKNOWN}/log.csv"),
        ("Path('a') / 'b' / name", f"a/b/{UNKNOWN}"),
        ("'log_%d.csv' % n", f"log_{UNKNOWN}.csv"),
        ("'log_{}.csv'.format(n)", f"log_{UNKNOWN}.csv"),
        ("folder + '/x'", "here/x"),
        ("self.file", "here/y"),
        ("loop", UNKNOWN),
    ],
)
def test_paths_are_followed_as_far_as_the_source_tells(tmp_path, text, path):
    reader = PathReader.of(script_of(tmp_path, "folder = 'here'\nself.file = folder + '/y'\nloop = loop\n"))
    assert reader.path(ast.parse(text, mode="eval").body) == path


def test_only_what_surely_lies_below_is_relative_and_a_name_is_a_pattern():
    assert [is_relative(path) for path in ("runs/x", "./a", "/a", "../a", UNKNOWN, "s3://b", "")] == [True, True, False, False, False, False, False]  # fmt: skip
    assert file_pattern(f"out/{UNKNOWN}{UNKNOWN}_log.csv") == "*_log.csv"
    assert file_pattern(f"out/{UNKNOWN}") == ""
    assert file_pattern("a{b}*.csv") == "a{{b}}[*].csv"


def test_a_name_stands_for_what_its_own_function_binds_it_to(tmp_path):
    text = """
        def evaluate(model):
            out = model(x)
            return out

        def main():
            out = os.path.join("results", cfg["name"])
            open(os.path.join(out, "log.csv"), "w")

            def inner():
                out = "elsewhere"
                open(os.path.join(out, "b.csv"), "w")
        """
    script = script_of(tmp_path, text)
    reader = PathReader.of(script)
    opened = [
        node.args[0]
        for node in script.nodes
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "open"
    ]
    assert [reader.path(node) for node in opened] == [f"results/{UNKNOWN}/log.csv", "elsewhere/b.csv"]
