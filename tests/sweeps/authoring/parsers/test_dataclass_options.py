import pytest

from tests.sweeps.authoring.scripts import interface

ARGS = """
from dataclasses import dataclass, field
from typing import Literal, Optional
import os
import tyro
@dataclass
class Optim:
    lr: float = 1
    betas: tuple[float, float] = (0.9, 0.99)
@dataclass
class Args:
    name: str = os.path.basename(__file__)
    env_id: str = "CartPole-v1"
    \"\"\"the id of the environment\"\"\"
    total: int = int(1e6)  # how long
    kind: Literal["a", "b"] = "b"
    limit: Optional[float] = None
    sizes: list[int] = field(default_factory=lambda: [1, 2])
    optim: Optim = field(default_factory=lambda: Optim(lr=0.5))
    needed: int = field(metadata={"help": "say it"})
"""


def test_fields_are_options_with_nested_keys_docstrings_and_comments(tmp_path):
    found = interface(tmp_path, ARGS + "tyro.cli(Args)\n")
    options = {option.key: option for option in found.options}
    assert found.style == "tyro"
    assert list(options) == [
        "name",
        "env_id",
        "total",
        "kind",
        "limit",
        "sizes",
        "optim.lr",
        "optim.betas",
        "needed",
    ]
    assert options["env_id"].help == "the id of the environment"
    assert (options["total"].default, options["total"].help) == (1000000, "how long")
    assert options["kind"].choices == ("a", "b")
    assert options["limit"].default is None
    assert options["sizes"].default == [1, 2]
    assert options["optim.lr"].default == 0.5
    assert options["optim.betas"].default == [0.9, 0.99]
    assert (options["needed"].is_required, options["needed"].help) == (True, "say it")
    assert "basename" in options["name"].question


def test_tyro_takes_the_parameters_of_a_function_too(tmp_path):
    found = interface(tmp_path, ARGS + "def main(args: Args, seed: int = 0): ...\ntyro.cli(main)\n")
    assert [option.key for option in found.options][-2:] == ["args.needed", "seed"]


def test_hf_takes_every_class_and_tells_that_transformers_has_more(tmp_path):
    text = """
    from dataclasses import dataclass, field
    from transformers import HfArgumentParser, TrainingArguments
    @dataclass
    class Model:
        name: str = field(default="tiny", metadata={"help": "the model"})
        fast: bool = field(default=True)
    HfArgumentParser((Model, TrainingArguments))
    """
    found = interface(tmp_path, text)
    options = {option.key: option for option in found.options}
    assert (found.style, options["name"].help, options["fast"].default) == ("hf", "the model", True)
    assert options["learning_rate"].default == 5e-5
    assert "TrainingArguments has more options" in found.comments[0]


CONFIG = """
from dataclasses import dataclass, field

@dataclass
class Train:
    lr: float = 0.1
    sizes: list[int] = field(default_factory=lambda: [8, 8])
    is_fast: bool = False
"""


@pytest.mark.parametrize(
    "use",
    [
        "import pyrallis\n@pyrallis.wrap()\ndef main(cfg: Train): ...\n",
        "import draccus\n@draccus.wrap()\ndef main(cfg: Train): ...\n",
        "import pyrallis\ncfg = pyrallis.parse(config_class=Train)\n",
    ],
)
def test_pyrallis_takes_the_fields_of_a_class_and_lists_as_one_word(tmp_path, use):
    found = interface(tmp_path, CONFIG + use)
    assert found.style == "hf"
    shown = {option.key: (option.default, option.lists) for option in found.options}
    assert shown == {"lr": (0.1, None), "sizes": ([8, 8], "python"), "is_fast": (False, None)}


def test_simple_parsing_gives_each_field_an_option_of_its_own_name(tmp_path):
    text = (
        CONFIG
        + """
@dataclass
class Whole:
    train: Train
    lr: float = 3.0
    depth: int = 2
from simple_parsing import ArgumentParser
parser = ArgumentParser()
parser.add_argument("--seed", type=int, default=1)
parser.add_arguments(Whole, dest="args")
"""
    )
    found = interface(tmp_path, text)
    assert [option.flag for option in found.options] == [
        *("--seed", "--train.lr", "--sizes", "--is_fast", "--lr", "--depth"),
    ]


def test_tyro_takes_the_name_of_a_config_before_what_changes_it(tmp_path):
    text = (
        CONFIG
        + """
import tyro
configs = {"small": ("a small one", Train(lr=0.5)), "large": ("a large one", Train())}
cfg = tyro.extras.overridable_config_cli(configs)
"""
    )
    found = interface(tmp_path, text)
    assert (found.before, found.options[0].default) == (("small",), 0.5)
    assert found.comments == ("instead of small it takes large",)
