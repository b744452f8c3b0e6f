"""Options of a script's own parser: the fields of a class or the keys of a mapping, read from `sys.argv` or added to a parser."""

import pytest

from tests.sweeps.authoring.scripts import drafted, interface, trainer

ARGS = """
from dataclasses import asdict, dataclass, fields
import sys
@dataclass
class Args:
    learning_rate: float = 0.1
    epochs: int = 3
    amp: bool = True
"""
KEYS = ["learning_rate", "epochs", "amp"]
NO_FLAG = """
def parse_args(argv=None):
    argv, known, values = list(sys.argv[1:]), {f.name: f for f in fields(Args)}, {}
    while argv:
        name = argv.pop(0)[2:].replace("-", "_")
        if name.startswith("no_"):
            values[name[3:]] = False
        elif isinstance(known[name].default, bool):
            values[name] = True
        else:
            values[name] = type(known[name].default)(argv.pop(0))
    return Args(**values)
args = parse_args()
"""
PAIRS = """
args = Args()
for word in sys.argv[1:]:
    key, value = word{strip}.split("=")
    setattr(args, key, type(getattr(args, key))(value))
"""
ANNOTATED = """
import ast
def parse(cls, words):
    values = {}
    for word in words:
        key, _, value = word.lstrip("-").partition("=")
        values[key] = ast.literal_eval(value) if key in cls.__annotations__ else value
    return cls(**values)
args = parse(Args, sys.argv[1:])
"""
MAPPING = """
import sys
DEFAULTS = {"learning_rate": 0.1, "epochs": 3, "amp": True}
def main():
    cfg = dict(DEFAULTS)
    words = sys.argv[1:]
    for key, value in zip(words[::2], words[1::2]):
        key = key.lstrip("-")
        cfg[key] = value.lower() in ("1", "true") if isinstance(cfg[key], bool) else type(cfg[key])(value)
main()
"""
PLAIN = """
import sys
class Config:
    learning_rate = 0.1
    epochs = 3
    def __init__(self):
        self.amp = True
cfg = Config()
for word in sys.argv[1:]:
    key, value = word.split("=")
    setattr(cfg, key, eval(value))
"""
ADDED = """
import argparse
parser = argparse.ArgumentParser()
for f in fields(Args):
    name = f.name.replace("_", "-")
    if f.type is bool:
        parser.add_argument(f"--{name}", action=argparse.BooleanOptionalAction, default=f.default)
    else:
        parser.add_argument(f"--{name}", type=f.type, default=f.default)
args = Args(**vars(parser.parse_args()))
"""


@pytest.mark.parametrize(
    ("text", "args"),
    [
        (ARGS + NO_FLAG, {"style": "argparse", "dashes": True, "booleans": "no-flag"}),
        (
            ARGS + PAIRS.format(strip=""),
            {"style": "argparse", "prefix": "", "booleans": ["True", ""], "join": "equals"},
        ),
        (
            ARGS + PAIRS.format(strip="[2:]"),
            {"style": "argparse", "booleans": ["True", ""], "join": "equals"},
        ),
        (ARGS + ANNOTATED, {"style": "argparse", "booleans": ["True", "False"], "join": "equals"}),
        (MAPPING, {"style": "argparse", "booleans": ["true", "false"]}),
        (PLAIN, {"style": "argparse", "prefix": "", "booleans": ["True", "False"], "join": "equals"}),
        (ARGS + ADDED, {"style": "argparse", "dashes": True, "booleans": "no-flag"}),
    ],
)
def test_fields_and_keys_are_options_and_the_source_tells_how_they_are_spelled(text, args, tmp_path):
    found = interface(tmp_path, text)
    assert [option.key.replace("-", "_") for option in found.options] == KEYS
    assert [option.default for option in found.options] == [0.1, 3, True]
    assert [option.kind for option in found.options] == ["float", "int", "bool"]
    said = trainer(tmp_path, text)
    assert said["args"] == args
    assert said["command"] == ["python", "train.py", "{args}"]


GOT = """
import sys
def parse_args():
    found = {}
    for word in sys.argv[1:]:
        key, value = word[2:].split("=")
        found[key] = value
    return found
args = parse_args()
lr = float(args.get("lr", 0.1))
epochs = int(args.get("epochs", "3"))
name = args["name"]
model = build(args)
print(model["state"], model.get("width", 3))
"""


@pytest.mark.parametrize("made", ["", "args = {k: v for k, v in (w[2:].split('=') for w in sys.argv[1:])}\n"])
def test_what_is_got_by_name_from_a_mapping_of_the_words_is_an_option(tmp_path, made):
    text = GOT.replace("args = parse_args()\n", made) if made else GOT
    found = interface(tmp_path, text).options
    assert [(one.key, one.kind, one.default, one.is_required) for one in found] == [
        ("lr", "float", 0.1, False),
        ("epochs", "int", 3, False),
        ("name", "", None, True),
    ]
    assert trainer(tmp_path, text)["command"] == ["python", "train.py", "--name={name}", "{args}"]


def test_a_parser_of_the_script_itself_is_not_called_argparse(tmp_path):
    text = drafted(tmp_path, ARGS + NO_FLAG).text
    assert "what its own parser takes" in text
    assert "through argparse" not in text


@pytest.mark.parametrize(
    "text",
    [
        ARGS + "cfg = asdict(Args())\nprint(sys.argv[1:])\n",
        ARGS + "args = Args()\nargs.learning_rate = float(sys.argv[1])\n",
        (
            "import sys\nMODELS = {'mlp': 1}\nstats = {'loss': 0}\ndef main(argv):\n    for k in stats: stats[k] = 1\n"
            "    if argv[0] in MODELS: use(MODELS[argv[0]])\nmain(sys.argv[1:])\n"
        ),
        "import sys\nseen = {}\nfor word in sys.argv[1:]:\n    seen[word] = True\n",
    ],
)
def test_other_uses_of_fields_or_of_words_are_no_parser(text, tmp_path):
    assert interface(tmp_path, text).kind != "its own parser"


GIVEN = """
import argparse
from tools import add_all, of_the_model

def parser():
    values = dict(lr=1e-3, note="", clip=None)
    values.update(of_the_model())
    made = argparse.ArgumentParser()
    made.add_argument("--data", required=True)
    add_all(made, values)
    return made

args = parser().parse_args()
"""
ADDING = """
def of_the_model():
    found = {"depth": 4, "bias": True}
    return found

def add_all(parser, values):
    for name, value in values.items():
        parser.add_argument(f"--{name}", default=value, type=type(value))
"""


def test_a_mapping_of_defaults_is_followed_through_functions_and_updates(tmp_path):
    found = interface(tmp_path, GIVEN, tools=ADDING)
    assert found.kind == "argparse"
    assert {one.key: one.default for one in found.options} == {
        "data": None,
        "lr": 0.001,
        "note": "",
        "clip": None,
        "depth": 4,
        "bias": True,
    }
    assert next(one for one in found.options if one.key == "bias").booleans == ("True", "False")
    assert next(one for one in found.options if one.key == "data").is_required


def test_a_loop_that_adds_no_options_is_none(tmp_path):
    found = interface(tmp_path, GIVEN, tools=ADDING.replace("parser.add_argument", "print"))
    assert [one.key for one in found.options] == ["data"]


def test_of_fields_that_a_function_is_given_the_source_has_to_tell_how_false_is_said(tmp_path):
    script = """
import argparse
from dataclasses import dataclass, fields
@dataclass
class Args:
    lr: float = 0.1
    amp: bool = False
def add_all(parser, made):
    for field in fields(made):
        parser.add_argument("--" + field.name, default=field.default)
parser = argparse.ArgumentParser()
add_all(parser, Args())
args = parser.parse_args()
"""
    rate, amp = interface(tmp_path, script).options
    assert (rate.default, amp.booleans) == (0.1, None)
    assert amp.question
