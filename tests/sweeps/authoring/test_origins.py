"""Where the values of a script's expressions come from."""

import ast

import pytest

from sweeps.authoring.origins import Origins
from tests.sweeps.authoring.scripts import script_of


def of_use(folder, text):
    """Where the argument of `use(...)` comes from."""
    script = script_of(folder, text)
    origins = Origins(script)
    return {origin for call in script.calls("use") for origin in origins.of(call.args[0])}


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("use(open(sys.argv[1]))", 1),
        ("use(sys.argv[-1])", -1),
        ("use(Path(sys.argv[2]).expanduser().read_text())", 2),
        ("with open(sys.argv[1]) as f:\n    use(f.read())", 1),
        ("use(open(os.path.join('conf', sys.argv[1])))", 1),
        ("use(Path('conf') / sys.argv[1])", 1),
        ("def load(path):\n    with open(path) as f:\n        return use(f)\nload(sys.argv[1])", 1),
        ("def load(a, path='x'):\n    use(path)\nload(1, path=sys.argv[3])", 3),
        ("class A:\n    def __init__(self, path):\n        self.path = path\n    def go(self):\n        use(self.path)\nA(sys.argv[1])", 1),
        ("def main(argv):\n    use(argv[0])\nmain(sys.argv[1:])", 1),
        ("def main(argv=None):\n    argv = argv or sys.argv[1:]\n    use(argv[0])\nmain()", 1),
        ("_, path = sys.argv\nuse(path)", 1),
        ("def path():\n    return sys.argv[1]\nuse(path())", 1),
        ("use(sys.argv[1] if len(sys.argv) > 1 else 'x')", 1),
        ("from sys import argv\nuse(argv[1])", 1),
        ("args = p.parse_args()\nuse(args.config)", "config"),
        ("use(vars(p.parse_args())['config'])", "config"),
        ("def main(config):\n    use(config)\nfire.Fire(main)", "config"),
    ],
)  # fmt: skip
def test_a_value_is_followed_to_the_word_that_it_is(tmp_path, text, origin):
    assert origin in of_use(tmp_path, f"import sys, os\nfrom pathlib import Path\n{text}\n")


@pytest.mark.parametrize(
    "text",
    [
        "use('x')",
        "use(os.path.join(sys.argv[1], 'a.json'))",
        "use(Path(sys.argv[1]) / 'a.json')",
        "use(Path(sys.argv[1], 'a'))",
        "use(f(sys.argv[1]))",
        "x = x\nuse(x)",
        "def f(a):\n    use(a)\n    f(a)",
    ],
)
def test_what_is_computed_or_goes_in_a_circle_comes_from_nowhere(tmp_path, text):
    assert not of_use(tmp_path, f"import sys, os\nfrom pathlib import Path\n{text}\n")


def test_a_name_of_one_function_is_not_that_of_another(tmp_path):
    text = "import sys\ndef a():\n    path = sys.argv[1]\ndef b():\n    path = 'x'\n    use(path)\n"
    assert not of_use(tmp_path, text)


def test_an_element_of_another_list_is_no_word(tmp_path):
    script = script_of(tmp_path, "import sys\nargs = [1, 2]\nargs[1]\nsys.argv[0]\nsys.argv[1:]\n")
    origins = Origins(script)
    assert {origins.place_of(node) for node in script.nodes if isinstance(node, ast.Subscript)} == {0}
