import ast
from dataclasses import replace

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
