"""The house stays in order: size of folders, files and functions, tests beside modules, the map that docs draw."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("sweeps", "analysis", "cvae")
MOST_MODULES, MOST_LINES, MOST_LINES_OF_FUNCTION, MOST_STOPS = 14, 400, 59, 15
MODULES = sorted(path.relative_to(ROOT) for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
SOURCES = [*MODULES, *sorted(path.relative_to(ROOT) for path in (ROOT / "benchmarks").rglob("*.py"))]
UNTESTED = {"__init__", "__main__"}
OF_MORE_THAN_ONE = {
    "tests/sweeps/spec/test_bad_input.py",  # a corpus of wrong files, each told in full by the whole of `sweep check`
    "tests/cvae/test_gpu.py",  # the network, a step, a rollout and a clip on a card
    "tests/cvae/test_compile.py",  # a step and a rollout through torch's compiler
    "tests/cvae/test_main.py",  # `python -m cvae`
}
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")


def functions(path):
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def test_no_folder_holds_more_modules_than_a_reader_takes_in():
    counts = {}
    for path in SOURCES:
        counts[path.parent] = counts.get(path.parent, 0) + 1
    assert {str(folder): count for folder, count in counts.items() if count > MOST_MODULES} == {}


def test_no_file_is_longer_than_one_idea():
    lines = {str(path): len((ROOT / path).read_text(encoding="utf-8").splitlines()) for path in SOURCES}
    assert {path: count for path, count in lines.items() if count > MOST_LINES} == {}


def test_no_function_is_longer_than_a_screen():
    found = {
        f"{path}: {function.name}": function.end_lineno - function.lineno + 1
        for path in SOURCES
        for function in functions(path)
    }
    assert {name: count for name, count in found.items() if count > MOST_LINES_OF_FUNCTION} == {}


def test_every_module_has_a_test_of_its_name():
    missing = [
        str(path)
        for path in MODULES
        if path.stem not in UNTESTED and not (ROOT / "tests" / path.parent / f"test_{path.stem}.py").exists()
    ]
    assert missing == []


def test_every_test_of_a_package_is_named_after_a_module():
    strays = [
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in (ROOT / "tests" / package).rglob("test_*.py")
        if not (
            ROOT / path.relative_to(ROOT / "tests").parent / f"{path.stem.removeprefix('test_')}.py"
        ).exists()
    ]
    assert set(strays) == OF_MORE_THAN_ONE


@pytest.mark.parametrize("name", ["config", "metric", "printed"])
def test_a_walk_names_few_modules_and_all_of_them_exist(name):
    (walk,) = re.findall(rf"<!-- walk: {name} -->\n(.*?)\n\n", ARCHITECTURE, re.DOTALL)
    stops = re.findall(r"^\d+\. `([^`]+)`", walk, re.MULTILINE)
    assert 0 < len(stops) <= MOST_STOPS
    assert [stop for stop in stops if not (ROOT / stop).is_file()] == []


def test_every_file_and_folder_that_the_map_names_exists():
    named = set(re.findall(r"`((?:sweeps|analysis|cvae)/[\w/]+\.py)`", ARCHITECTURE))
    assert {path for path in named if not (ROOT / path).is_file()} == set()
    folders = {str(path.parent) for path in MODULES}
    top = None
    for line in ARCHITECTURE.partition("```\n")[2].partition("```")[0].splitlines():
        if match := re.match(r"(\w+)/ ", line):
            top = match[1]
        for folder in re.findall(r"(?:^  |\| +)(\w+)/", line):
            assert f"{top}/{folder}" in folders, line
