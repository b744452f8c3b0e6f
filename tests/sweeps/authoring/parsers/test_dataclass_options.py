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
