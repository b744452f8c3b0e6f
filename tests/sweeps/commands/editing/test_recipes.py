"""Recipes are the sections of the documents; a terminal can follow where they lead."""

import ast
import json
import re
import tomllib
from fnmatch import fnmatch
from pathlib import Path

import pytest
from documents import links

import sweeps
from sweeps.commands.editing.recipes import listing, recipe_text, recipes
from sweeps.errors import SelectionError
from tests.sweeps.specs import run_sweep

ROOT = Path(__file__).parents[4]
PAGES = {
    name: (ROOT / "docs" / name).read_text(encoding="utf-8")
    for name in ("how-to/trainers.md", "reference/trainers-reference.md")
}
NAMES = [
    links.slug(heading)
    for text in PAGES.values()
    for heading in re.findall(r"^##+ (.+?)\s*$", links.without_code(text), re.MULTILINE)
]


def test_every_section_of_the_pages_is_a_recipe():
    assert [recipe.name for recipe in recipes()] == NAMES
    assert sorted(name for name, _ in listing()) == sorted(set(NAMES))


def test_the_list_begins_with_what_scripts_do_each_on_a_line():
    done = run_sweep("recipe")
    assert (done.code, done.err) == (0, "")
    rows = dict(re.split(r"  +", line, maxsplit=1) for line in done.out.splitlines())
    assert next(iter(rows)) == "prints"
    assert rows["prints"] == "prints its losses"
    assert rows["shell"] == "is no Python"
    assert rows["resuming-exactly"] == "Resuming exactly"


@pytest.mark.parametrize("name", sorted(set(NAMES)))
def test_a_recipe_is_printed_whole_and_leads_only_where_a_terminal_can_follow(name):
    done = run_sweep("recipe", name)
    assert (done.code, done.err) == (0, "")
    assert not links.LINK.search(links.without_code(done.out))
    assert set(re.findall(r"`sweep recipe ([\w-]+)`", done.out)) <= {*NAMES}
    for path in re.findall(r"\((docs/[^)#]+)", done.out):
        assert (ROOT / path).is_file()
    title = next(recipe.title for recipe in recipes() if recipe.name == name)
    assert done.out.startswith(("## ", "### "))
    assert f"# {title}\n" in done.out


def test_links_and_code_are_shown_as_a_terminal_needs_them():
    text = recipe_text("prints")
    assert "From examples/prints:\n" in text
    assert "the metrics of a program (`sweep recipe the-metrics-of-a-program`)" in text
    assert "measures (docs/reference/experiments.md#measures)" in text
    assert "(picture: loss by epoch for two learning rates)" in text
    assert r"stdout: 'Epoch\s+(?P<epoch>\d+)/" in text  # code as it stands
    assert "## TensorBoard" not in text
    assert "MLflow (https://mlflow.org" not in text


PROGRAM = """#!/bin/sh
{ echo "# t energy drift"; echo "0.0 $1 0"; echo "0.1 $2 $3"; } > "$4.dat"
"""


def test_the_recipe_for_programs_that_are_not_python_is_a_whole_file_that_runs(project):
    (whole,) = re.findall(r'```yaml title="experiments.yaml"\n(.*?)```', recipe_text("shell"), re.DOTALL)
    (project.path / "e.yaml").write_text(whole)
    program = project.path / "prog"
    program.write_text(PROGRAM)
    program.chmod(0o755)
    (project.path / "prog.cpp").write_text("// prog\n")
    code, output = project.sweep("check", "e.yaml")
    assert (code, output.strip()) == (0, "e.yaml: fine; 6 trials (first 6)")
    code, output = project.ran("--only", "B=0.5", "--only", "seed=2")
    assert code == 0, output
    shown = json.loads(project.sweep("metrics", "e.yaml", "first/B0.5-seed2", "--json")[1])
    last = {row["metric"]: (row["last"], row["value"]) for row in shown["metrics"]}
    assert (last["energy"], last["drift"]) == ((1, 0.5), (1, 2))
    program.write_text(f"{PROGRAM}# compiled anew\n")
    (project.path / "prog.cpp").write_text("// prog, edited\n")
    planned = project.sweep("plan", "e.yaml")[1]
    assert "files have changed since these ran" in planned
    assert "prog (changed)" in planned
    assert ": prog.cpp;" in planned


def test_a_name_of_both_pages_prints_both_sections():
    text = recipe_text("a-python-function")
    assert text.count("## A Python function\n") == 2
    assert "`run.should_stop()`" in text


def test_a_file_that_is_to_be_copied_is_printed_with_its_recipe():
    copied = (ROOT / "examples" / "constants" / "with_constants.py").read_text(encoding="utf-8")
    assert f"```python\n{copied}```" in recipe_text("constants")


@pytest.mark.parametrize(
    ("name", "hint"), [("huggingface", "; did you mean 'hugging-face'?"), ("qqq", ""), ("", "")]
)
def test_an_unknown_name_is_refused_with_the_one_that_may_be_meant(name, hint):
    with pytest.raises(SelectionError) as caught:
        recipe_text(name)
    assert str(caught.value) == f"there is no recipe {name!r}{hint}; `sweep recipe` lists them"
    assert run_sweep("recipe", name).code == 2


def test_messages_name_recipes_that_there_are_and_no_file_of_the_source():
    said = [
        node.value
        for path in (ROOT / "sweeps").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    assert set(re.findall(r"`sweep recipe ([\w-]+)`", "\n".join(said))) <= {*NAMES}
    assert [text for text in said if re.search(r"\bdocs/(how-to|reference)/\S+\.md#|: docs/", text)] == []


def test_the_package_holds_the_pages_themselves():
    patterns = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    data = patterns["tool"]["setuptools"]["package-data"]["sweeps"]
    package = Path(sweeps.__file__).parent
    held = {path.name: path for path in (package / "commands/editing/recipe_pages").iterdir()}
    copied = package / "authoring/constants/with_constants.txt"
    held[copied.name] = copied
    assert sorted(held) == ["trainers-reference.md", "trainers.md", "with_constants.txt"]
    for path in held.values():
        assert any(fnmatch(path.relative_to(package).as_posix(), pattern) for pattern in data)
        assert path.resolve().is_relative_to(ROOT / "docs") or path.resolve().is_relative_to(
            ROOT / "examples"
        )
