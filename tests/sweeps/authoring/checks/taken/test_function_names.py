import pytest

from sweeps.authoring.checks.taken.function_names import options_of_fire, options_of_jsonargparse
from sweeps.authoring.interface import interface_of
from tests.sweeps.authoring.scripts import script_of

MAIN = "def main(data, lr=0.1, *, batch_size: int = 2):\n    print(lr)\n"
MODEL = """
class Model:
    def __init__(self, width=4): ...
    def train(self, lr=0.1): ...
"""


def fire(folder, text):
    script = script_of(folder, f"import fire\n{text}")
    return options_of_fire(script, interface_of(script))


def cli(folder, text):
    script = script_of(folder, f"from jsonargparse import CLI\n{text}")
    return options_of_jsonargparse(script, interface_of(script))


def test_fire_takes_the_parameters_of_a_function_that_returns_nothing(tmp_path):
    found = fire(tmp_path, f"{MAIN}fire.Fire(main)\n")
    assert {"--lr", "--batch_size", "--nolr", "-l", "--data"} <= found
    assert "--seed" not in found
    assert "--lr" in fire(tmp_path, f"{MAIN}fire.Fire()\n")


def test_of_a_class_those_of_its_constructor_and_of_the_method(tmp_path):
    found = fire(tmp_path, f"{MODEL}fire.Fire(Model)\n")
    assert {"--width", "--lr"} <= found
    assert "--self" not in found


@pytest.mark.parametrize(
    "text",
    [
        f"{MAIN}    return lr\nfire.Fire(main)\n",
        f"{MAIN}    yield lr\nfire.Fire(main)\n",
        f"@wrapped\n{MAIN}fire.Fire(main)\n",
        "def main(lr=1, **more): ...\nfire.Fire(main)\n",
        f"{MAIN}fire.Fire({{'x': main}})\n",
        f"{MAIN}fire.Fire(main, command=words)\n",
        f"{MAIN}fire.Fire(main)\nfire.Fire(main)\n",
        f"{MAIN}def other(): ...\nfire.Fire()\n".replace("def other", "@x\ndef other").replace(
            "main", "other2"
        ),
        "from elsewhere import main\nfire.Fire(main)\n",
        MODEL.replace("Model:", "Model(Base):").replace("def __init__(self, width=4): ...", "x = 1")
        + "fire.Fire(Model)\n",
        MODEL.replace("def train(self, lr=0.1): ...", "def train(self, lr=0.1): return self")
        + "fire.Fire(Model)\n",
    ],
)
def test_a_doubt_about_fire_is_silence(tmp_path, text):
    if "other2" in text:
        text = text.replace("fire.Fire()", "fire.Fire([other2])")
    assert fire(tmp_path, text) is None


def test_jsonargparse_takes_the_parameters_of_its_function_and_a_config(tmp_path):
    assert {"--lr", "--data", "--config"} <= cli(tmp_path, f"{MAIN}CLI(main, as_positional=False)\n")
    for text in (f"{MAIN}CLI(main, parser_class=Mine)\n", f"{MODEL}CLI(Model)\n", "CLI(x.main)\n"):
        assert cli(tmp_path, text) is None
