import ast
from dataclasses import replace

from sweeps.authoring.script import ScriptReader
from tests.sweeps.authoring.scripts import script_of


def test_names_are_known_as_they_were_before_imports_renamed_them(tmp_path):
    script = script_of(
        tmp_path,
        "import numpy as np\nfrom torch.utils import tensorboard as tb\nimport os.path\nnp.load(x)\ntb.SummaryWriter()\n",
    )
    calls = [script.dotted(node.func) for node in script.nodes if isinstance(node, ast.Call)]
    assert calls == ["numpy.load", "torch.utils.tensorboard.SummaryWriter"]
    assert [call.lineno for call in script.calls("SummaryWriter")] == [5]
    assert script.imports_from("torch")


def test_of_other_files_what_is_used_counts_and_what_cannot_be_read_is_left_out(tmp_path):
    script = script_of(
        tmp_path,
        "import a\nfrom pkg.b import used\nfrom . import c\nimport broken\na.go()\nused()\n",
        a="def go():\n    inner()\ndef inner(): ...\ndef unused(): ...\n",
        pkg__b="def used(): ...\n",
        c="import train\nX = 1\n",
        broken="def (",
    )
    assert [other.path.name for other in script.others] == ["a.py", "b.py", "c.py"]
    names = {node.name for node in script.nodes if isinstance(node, ast.FunctionDef)}
    assert names == {"go", "inner", "used"}


def test_a_name_that_is_bound_twice_is_no_constant(tmp_path):
    script = script_of(tmp_path, "A = 1\nB = 1\nB = 2\nC = 1\nC += 1\nif x:\n    D: int = 4\n")
    assert set(script.constants) == {"A", "D"}


def test_of_what_is_typed_the_last_value_of_a_flag_counts_and_the_first_of_several_names(tmp_path):
    script = replace(script_of(tmp_path, ""), words=("tune", "train", "-n", "a", "--name=b=c", "--last"))
    assert (script.typed(["train", "tune"]), script.typed(["a", "b"]), script.typed([])) == (
        "tune",
        "a",
        None,
    )
    assert (script.typed_value("-n"), script.typed_value("-n", "--name")) == ("a", "b=c")
    assert script.typed_value("--last", "--other") is None


def test_what_is_made_of_a_script_is_made_once(tmp_path):
    script, asked = script_of(tmp_path, "print(1)\n"), []

    def lines(of):
        asked.append(of)
        return of.source.text.splitlines()

    assert script.once(lines) is script.once(lines)
    assert asked == [script]
    assert replace(script, words=("x",)).once(lines) == ["print(1)"]
    assert len(asked) == 2  # another script has its own


def test_a_node_stands_in_the_innermost_function_and_what_that_returns_is_the_outer_ones_too(tmp_path):
    script = script_of(
        tmp_path, "def outer():\n    def inner():\n        return one\n    return two\nthree\n"
    )
    names = {node.id: node for node in script.nodes if isinstance(node, ast.Name)}
    around = {name: script.scopes.get(id(node)) for name, node in names.items()}
    functions = {node.name: node for node in script.nodes if isinstance(node, ast.FunctionDef)}
    assert around == {"one": functions["inner"], "two": functions["outer"], "three": None}
    assert list(script.returns(functions["outer"])) == [names["one"], names["two"]]
    assert list(script.returns(functions["inner"])) == [names["one"]]


def test_calls_of_several_names_come_in_the_order_of_the_source_also_where_a_call_gives_what_is_called(
    tmp_path,
):
    script = script_of(tmp_path, "b.load()\na.dump()\nYAML().load()\nload()\n")
    assert [call.lineno for call in script.calls("load", "a.dump")] == [1, 2, 3, 4]
    assert [call.lineno for call in script.calls("YAML().load")] == [3]


def test_a_reader_reads_a_script_once_whatever_is_typed_behind_it(tmp_path):
    path = script_of(tmp_path, "import a\na.go()\n", a="def go(): ...\n").source.path
    reader = ScriptReader(tmp_path)
    first = reader.read(path, ["x"])
    path.unlink()
    assert reader.read(path, ("x",)) is first
    other = reader.read(path)
    assert (other.words, other.nodes, first.words) == ((), first.nodes, ("x",))
