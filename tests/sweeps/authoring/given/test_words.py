import pytest

from sweeps.authoring.given.words import with_words
from tests.sweeps.authoring.scripts import interface

TEXT = """
import argparse
p = argparse.ArgumentParser()
p.add_argument("data")
p.add_argument("-b", "--batch-size", type=int, default=1)
p.add_argument("--lr", type=float, required=True)
p.add_argument("--sizes", type=int, nargs="+")
p.add_argument("--fast", action="store_true")
p.add_argument("--tag", action="append", default=["old"])
p.add_argument("--amp", action=argparse.BooleanOptionalAction, default=True)
"""


def given(folder, *words):
    found = with_words(interface(folder, TEXT), words)
    return {option.key: option.default for option in found.interface.options}, (*found.before, *found.after)


def test_words_take_the_place_of_defaults_in_the_types_of_their_options(tmp_path):
    values, left = given(
        tmp_path, "folder", "--batch_size", "8", "--lr=1e-3", "--sizes", "1", "2", "--fast", "--no-amp"
    )
    assert values == {
        "data": "folder",
        "batch-size": 8,
        "lr": 0.001,
        "sizes": [1, 2],
        "fast": True,
        "tag": ["old"],
        "amp": False,
    }
    assert left == ()
    assert given(tmp_path, "-b", "16", "folder")[0]["batch-size"] == 16


def test_an_option_that_may_be_repeated_has_all_its_values_and_of_another_the_last_stands(tmp_path):
    values, _ = given(tmp_path, "folder", "--tag", "a", "--sizes", "1", "--tag=b", "--sizes", "2", "3")
    assert (values["tag"], values["sizes"]) == (["a", "b"], [2, 3])


def test_what_no_option_takes_stays_a_word_where_it_stands(tmp_path):
    found = with_words(
        interface(tmp_path, TEXT), ["folder", "--unknown", "-3", "--lr=1", "--other=4", "last"]
    )
    assert (found.before, found.after) == (("--unknown", "-3"), ("--other=4", "last"))
    found = with_words(interface(tmp_path, TEXT), ["folder", "--lr", "1", "--", "--sizes"])
    assert (found.before, found.after) == ((), ("--", "--sizes"))


def test_only_what_is_typed_is_marked(tmp_path):
    found = with_words(interface(tmp_path, TEXT), ["folder", "--lr=1", "--no-amp"]).interface
    assert [option.key for option in found.options if option.is_given] == ["data", "lr", "amp"]


def test_hydra_takes_words_without_dashes_and_its_own_options_first(tmp_path):
    (tmp_path / "config.yaml").write_text("lr: 0.1\nseed: null\nname: a\n")
    text = "import hydra\n@hydra.main(config_path='.', config_name='config')\ndef main(c): ...\n"
    words = ["lr=0.5", "model=large", "seed=3", "--config-name", "config", "name=7"]
    found = with_words(interface(tmp_path, text), words)
    assert [option.default for option in found.interface.options] == [0.5, 3, "7"]
    assert (found.before, found.after) == (("--config-name", "config"), ("model=large",))


CLI = "from jsonargparse import CLI\ndef main(lr: float = 0.1): ...\nCLI(main)\n"
CONFIGURATOR = "lr = 0.1\nexec(open('configurator.py').read())\n"


@pytest.mark.parametrize(
    ("text", "words", "before", "files"),
    [
        (CONFIGURATOR, ["--lr=1", "a.py", "b.py"], ("a.py", "b.py"), ("a.py", "b.py")),
        (CLI, ["--lr=1", "--config", "a.yaml"], ("--config", "a.yaml"), ("a.yaml",)),
        (CLI, ["--lr=1", "--config=a.yaml"], ("--config=a.yaml",), ("a.yaml",)),
        (
            "from absl import flags\nflags.DEFINE_float('lr', 0.1, 'x')\n",
            ["--lr=1", "--flagfile=a.txt"],
            ("--flagfile=a.txt",),
            ("a.txt",),
        ),
    ],
)
def test_what_is_overridden_by_later_words_comes_first(tmp_path, text, words, before, files):
    found = with_words(interface(tmp_path, text), words)
    assert (found.before, found.after, found.files) == (before, (), files)
    assert found.interface.options[0].default == 1.0


def test_what_stands_before_a_subcommand_stays_there(tmp_path):
    text = "from lightning.pytorch.cli import LightningCLI\nclass M:\n    def __init__(self, lr=0.1): ...\nLightningCLI(M)\n"
    found = with_words(
        interface(tmp_path, text), ["--config", "a.yaml", "fit", "-c", "b.yaml", "--model.lr=1"]
    )
    assert found.interface.before == ("--config", "a.yaml", "fit")
    assert (found.before, found.files) == (("-c", "b.yaml"), ("a.yaml", "b.yaml"))


def test_a_word_that_the_command_has_anyway_is_replaced(tmp_path):
    text = """
    from absl import flags
    from ml_collections import config_flags
    config_flags.DEFINE_config_file("config", "c.py", "")
    flags.DEFINE_string("data", "here", "")
    """
    config = "def get_config():\n    config = ConfigDict()\n    config.lr = 0.1\n    return config\n"
    found = with_words(interface(tmp_path, text, c=config), ["--data", "there", "--config.lr=1"])
    assert found.interface.before == ("--data=there", "--config=c.py")
    assert (found.before, found.after) == ((), ())


@pytest.mark.parametrize(
    ("word", "expected", "left"),
    [
        ("model=b", "b", ()),
        ("model=[a,b]", ["a", "b"], ()),
        ("model=null", "a", ("model=null",)),
        ("model=elsewhere", "elsewhere", ()),
    ],
)
def test_a_word_that_chooses_of_a_group_is_a_setting_but_where_it_chooses_nothing(
    tmp_path, word, expected, left
):
    (tmp_path / "model").mkdir()
    for name in ("a", "b"):
        (tmp_path / "model" / f"{name}.yaml").write_text("x: 1\n")
    (tmp_path / "config.yaml").write_text("defaults:\n  - model: a\nlr: 1\n")
    text = "import hydra\n@hydra.main(config_path='.', config_name='config')\ndef main(c): ...\n"
    found = with_words(interface(tmp_path, text), [word])
    assert {option.key: option.default for option in found.interface.options}["model"] == expected
    assert (*found.before, *found.after) == left


SACRED = """
from sacred import Experiment
ex = Experiment("x")
@ex.config
def config():
    lr = 0.1
    depth = 2
"""


def test_what_is_typed_behind_the_word_of_all_settings_is_set_and_the_word_is_not_repeated(tmp_path):
    found = with_words(interface(tmp_path, SACRED), ["with", "lr=0.5", "more=1"])
    assert {one.key: one.default for one in found.interface.options} == {"seed": None, "lr": 0.5, "depth": 2}
    assert (found.before, found.after) == ((), ("more=1",))


def test_an_option_before_that_word_stays_before_it(tmp_path):
    found = with_words(interface(tmp_path, SACRED), ["--force", "with", "depth=3"])
    assert (found.before, found.after) == (("--force",), ())
    assert found.interface.options[-1].default == 3
