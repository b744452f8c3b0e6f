import sys

import pytest

from sweeps.program.template import TrialValues
from sweeps.trainer.loader import load_trainer
from tests.sweeps.specs import read

SWEEPS = "sweeps: {a: {seeds: 1}}\n"


def load(path, trainer):
    trainer, problems = load_trainer(read(path, SWEEPS, head=f"trainer: {trainer}\n").trainer)
    return trainer, [str(problem).removeprefix(f"{path}/") for problem in problems]


@pytest.fixture
def module(tmp_path, monkeypatch):
    """Write a module that is found beside the spec; forgotten afterwards."""
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])

    def write(name, text):
        monkeypatch.delitem(sys.modules, name, raising=False)
        (tmp_path / f"{name}.py").write_text(text)
        return name

    before = set(sys.modules)
    yield write
    for name in set(sys.modules) - before:
        del sys.modules[name]


def test_a_function_is_found_without_running_its_module(tmp_path, module):
    module("toy_heavy", "raise SystemExit('imported')\ndef train(config, run): ...\n")
    trainer, problems = load(tmp_path, "toy_heavy:train")
    assert problems == []
    assert trainer.schema is None
    assert "toy_heavy" not in sys.modules


@pytest.mark.parametrize(
    "text",
    [
        "async def train(c, r): ...",
        "class train: ...",
        "train = print",
        "train: object = print",
        "from os import getcwd as train",
        "import train",
        "train, other = print, print",
        "if True:\n    def train(c, r): ...",
        "try:\n    from os import getcwd as train\nexcept ImportError:\n    train = None",
        "with open('x') as f:\n    def train(c, r): ...",
        "from os import *",
        "def __getattr__(name): ...",
    ],
)
def test_a_name_counts_however_the_module_binds_it(text, tmp_path, module):
    module("toy_binds", text)
    assert load(tmp_path, "toy_binds:train")[1] == []


def test_a_name_that_only_a_function_binds_is_not_the_modules(tmp_path, module):
    module("toy_inner", "if True:\n    def outer():\n        train = 1\n    def trainer(): ...\n")
    assert load(tmp_path, "toy_inner:train")[1] == [
        "e.yaml:1:10: trainer.run: toy_inner has no train; did you mean 'trainer'?"
    ]


@pytest.mark.parametrize(
    ("parameters", "told"),
    [
        ("config, run", ""),
        ("config, run, seed=0, *, lr=1", ""),
        ("*arguments", ""),
        ("config, /, run", ""),
        ("lr, width, seed", "(lr, width, seed)"),
        ("config", "(config)"),
        ("config, run, *, lr", "(config, run, *, lr)"),
    ],
)
def test_a_function_that_takes_something_else_than_config_and_run_is_told(tmp_path, module, parameters, told):
    module("toy_signature", f"def train({parameters}): ...\n")
    problems = load(tmp_path, "toy_signature:train")[1]
    assert [problem.partition("train takes ")[2].partition(";")[0] for problem in problems] == [told] * bool(
        told
    )
    module("toy_wrapped", f"import functools\n@functools.cache\ndef train({parameters}): ...\n")
    assert load(tmp_path, "toy_wrapped:train")[1] == []


@pytest.mark.parametrize(
    ("target", "told"),
    [
        (
            "__main__:train",
            "a function of a notebook's cell, or of the script that runs, is in no trial; save it in a module",
        ),
        ("toy_there.py:train", "write toy_there:train"),
    ],
)
def test_a_module_that_no_trial_can_import_is_told_with_what_to_write(tmp_path, module, target, told):
    module("toy_there", "def train(c, r): ...\n")
    (problem,) = load(tmp_path, target)[1]
    assert told in problem


def test_a_package_that_lacks_a_dependency_says_which(tmp_path, module):
    (tmp_path / "toy_pack").mkdir()
    (tmp_path / "toy_pack" / "__init__.py").write_text("import no_such_dependency")
    (tmp_path / "toy_pack" / "inner.py").write_text("def train(c, r): ...")
    assert load(tmp_path, "toy_pack.inner:train")[1] == [
        "e.yaml:1:10: trainer.run: toy_pack.inner cannot be imported: ModuleNotFoundError: No module named 'no_such_dependency'"
    ]


def test_an_attribute_error_while_a_config_module_is_imported_is_told_as_such(tmp_path, module):
    module("toy_broken", "import os\nos.no_such_thing\nclass Settings: ...\ndef train(c, r): ...\n")
    _, problems = load(tmp_path, "{run: toy_broken:train, config: toy_broken:Settings}")
    assert problems == [
        "e.yaml:1:42: trainer.config: toy_broken cannot be imported: AttributeError: module 'os' has no attribute 'no_such_thing'"
    ]


def test_a_command_is_filled_argument_by_argument_never_through_a_shell(tmp_path):
    trainer, problems = load(
        tmp_path, "{command: [python, '--{key}={data.name}', '{{raw}}', '{fast}', '{lr}', '{n}']}"
    )
    config = {"key": "name", "data.name": "a b; rm -rf /", "fast": True, "lr": 1e-4, "n": None}
    assert problems == []
    assert trainer.arguments(TrialValues(config, {})) == [
        "python",
        "--name=a b; rm -rf /",
        "{raw}",
        "true",
        "0.0001",
        "None",
    ]
    assert trainer.missing_keys(config) == []
    assert [(key, place.column) for key, place in trainer.missing_keys({"key": 1, "fast": 1, "n": 1})] == [
        ("data.name", 29),
        ("lr", 73),
    ]


def test_a_broken_placeholder_is_told_once_and_breaks_nothing_later(tmp_path):
    trainer, problems = load(tmp_path, "{command: [python, '{lr', '{tfr}']}")
    assert problems == [
        "e.yaml:1:29: trainer.command: '{lr': expected '}' before end of string; write {key}, or {{ and }} for braces"
    ]
    assert [key for key, _ in trainer.missing_keys({})] == ["tfr"]


def test_python_is_found_beside_this_python_even_off_the_path(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert load(tmp_path, "{command: [python]}")[1] == []


def test_modules_beside_the_spec_and_in_the_working_directory_are_found(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "specs").mkdir()
    (tmp_path / "specs/beside_it.py").write_text("def train(config, run): ...\n")
    (tmp_path / "working_here.py").write_text("def train(config, run): ...\n")
    for name in ("beside_it", "working_here"):
        assert load(tmp_path / "specs", f"{name}:train")[1] == []
    assert sys.path[-2:] == [str(tmp_path / "specs"), str(tmp_path)]
    assert sys.path.count(str(tmp_path)) == 1


def test_a_users_package_with_the_name_of_one_of_sweeps_is_the_trainers(tmp_path, monkeypatch):
    import analysis

    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "analysis").mkdir()
    (tmp_path / "analysis/__init__.py").touch()
    (tmp_path / "analysis/train.py").write_text(
        "from dataclasses import dataclass\ndef train(config, run): ...\n@dataclass\nclass C:\n    n: int = 3\n"
    )
    trainer, problems = load(tmp_path, "{run: 'analysis.train:train', config: 'analysis.train:C'}")
    assert problems == []
    assert trainer.schema.resolve({}) == {"n": 3}
    assert sys.modules["analysis"] is analysis
    assert "analysis.train" not in sys.modules
    assert load(tmp_path, "analysis.train:trian")[1] == [
        "e.yaml:1:10: trainer.run: analysis.train has no trian; did you mean 'train'?"
    ]


def test_args_stands_for_every_key_that_the_command_does_not_name(tmp_path):
    trainer, problems = load(tmp_path, "{command: [python, '{data}', '{args}'], args: {keys: {debug: none}}}")
    assert problems == []
    assert (trainer.named, trainer.takes_rest) == ({"data"}, True)
    config = {"lr": 0.1, "data": "x", "debug": True}
    assert trainer.arguments(TrialValues(config, {})) == ["python", "x", "--lr", "0.1"]
    assert trainer.missing_keys(config) == []


def test_which_keys_the_file_accounts_for(tmp_path):
    given = [
        load(tmp_path, f"{{command: [python, '{{a}}'{more}}}")[0].gives("b")
        for more in ("]", ", '{b}']", ", '{args}']", "], args: none")
    ]
    assert given == [False, True, True, True]


def test_values_without_words_are_told_for_each_key_that_args_would_spell(tmp_path):
    trainer, _ = load(tmp_path, "{command: [python, '{a}', '{args}'], args: {keys: {d: none}}}")
    config = {"a": [[1]], "b": [[1]], "c": "--", "d": {}, "e": "x", "f": 1}
    assert [key for key, value in config.items() if trainer.unspoken(key, value)] == ["b", "c"]


def test_what_is_wrong_around_a_command_is_told_with_its_part_and_its_keys_count_as_given(
    tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", "/nowhere")
    (tmp_path / "python9").touch(mode=0o755)
    around = "python: ./python9, env: {LR: '{lr}', B: '{x'}, cwd: '{run_dir}/{seed}', link: ['data/{set}']"
    trainer, problems = load(tmp_path, f"{{command: [python], {around}}}")
    (problem,) = problems
    assert problem.startswith("e.yaml:1:")
    assert "trainer.env: '{x': expected '}'" in problem
    assert [trainer.gives(key) for key in ("lr", "seed", "set", "other")] == [True, True, True, False]
    assert [(part, key) for part, key, _ in trainer.missing_around({"seed": 1})] == [
        ("env", "lr"),
        ("link", "set"),
    ]
    assert trainer.named == {"lr"}


def test_columns_may_repeat_what_the_config_files_say_that_a_command_or_a_setting_names(
    tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "base.ini").write_text("[cv]\nfolds = 5\nseed = 1\n")
    (tmp_path / "more.yaml").write_text("model: {C: 0.5}\n")
    said = "{command: [python, -c, '', --config=base.ini, '{args}'], metrics: [{stdout: '(?P<a>.)'}]}"
    trainer, problems = load(tmp_path, said)
    values = TrialValues.of({"seed": 3, "file": "more.yaml"}, run_dir=tmp_path / "run", trial="t", run_id="r")
    settings = trainer.read_order(values, str(tmp_path), None, 0).settings
    assert problems == []
    assert settings == {"cv_folds": [5.0], "folds": [5.0], "cv_seed": [1.0], "seed": [1.0, 3.0], "model_c": [0.5], "c": [0.5]}  # fmt: skip
