import pytest

from sweeps.authoring.checks.taken.class_names import options_of_hf, options_of_tyro
from sweeps.authoring.interface import interface_of
from tests.sweeps.authoring.scripts import script_of

CLASSES = """
from dataclasses import dataclass, field
from enum import Enum
class Kind(Enum):
    A = "a"
@dataclass
class Base:
    lr: float = 0.1
@dataclass
class Optim:
    beta_one: float = 0.9
@dataclass
class Args(Base):
    kind: Kind = Kind.A
    optim: Optim = field(default_factory=Optim)
    sizes: list[int] | None = None
"""
TYRO = f"import tyro\n{CLASSES}args = tyro.cli(Args, description='x')\n"
HF = f"from transformers import HfArgumentParser\n{CLASSES}a, b = HfArgumentParser((Base, Optim)).parse_args_into_dataclasses()\n"


def tyro(folder, text):
    script = script_of(folder, text)
    return options_of_tyro(script, interface_of(script))


def hf(folder, text):
    script = script_of(folder, text)
    return options_of_hf(script, interface_of(script))


def test_fields_of_bases_and_of_nested_classes_are_options(tmp_path):
    found = tyro(tmp_path, TYRO)
    assert {"--lr", "--kind", "--optim.beta_one", "--sizes", "--no_lr", "--optim.no_beta_one"} <= found
    assert "--seed" not in found
    assert {"--lr", "--beta_one", "--help"} <= hf(tmp_path, HF)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("(Base)", "(Elsewhere)"),
        ("description='x'", "return_unknown_args=True"),
        ("description='x'", "config=(x,)"),
        ("import tyro\n", "import tyro\nfrom tyro import conf\n"),
        ("kind: Kind", "kind: tyro.conf.Fixed[Kind]"),
        ("optim: Optim", "optim: Optim | Base"),
        ("optim: Optim", "optim: dict[str, Optim]"),
        ("@dataclass\nclass Optim", "class Optim"),
        ("tyro.cli(Args", "tyro.cli(make()"),
    ],
)
def test_a_doubt_about_tyro_is_silence(tmp_path, old, new):
    assert old in TYRO
    assert tyro(tmp_path, TYRO.replace(old, new)) is None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("(Base, Optim)", "(Base, TrainingArguments)"),
        ("dataclasses()", "dataclasses(return_remaining_strings=True)"),
        ("(Base, Optim))", "(Base, Optim), allow_abbrev=False)"),
        ("HfArgumentParser((", "TrlParser(("),
        ("@dataclass\nclass Base", "class Base"),
        (".parse_args_into_dataclasses()", ".parse_json_file(x)"),
        ("a, b =", "parser.add_argument('--more')\na, b ="),
    ],
)
def test_a_doubt_about_hf_is_silence(tmp_path, old, new):
    assert old in HF
    assert hf(tmp_path, HF.replace(old, new)) is None
