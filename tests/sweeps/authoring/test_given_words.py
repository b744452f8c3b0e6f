from sweeps.authoring.given_words import with_words
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
    found, left = with_words(interface(folder, TEXT), words)
    return {option.key: option.default for option in found.options}, left


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


def test_what_no_option_takes_stays_a_word_of_the_command(tmp_path):
    assert given(tmp_path, "folder", "--unknown", "3", "--other=4")[1] == ("--unknown", "3", "--other=4")


def test_hydra_takes_words_without_dashes(tmp_path):
    (tmp_path / "config.yaml").write_text("lr: 0.1\nseed: null\nname: a\n")
    text = "import hydra\n@hydra.main(config_path='.', config_name='config')\ndef main(c): ...\n"
    found, left = with_words(interface(tmp_path, text), ["lr=0.5", "model=large", "seed=3", "name=7"])
    assert [option.default for option in found.options] == [0.5, 3, "7"]
    assert left == ("model=large",)
