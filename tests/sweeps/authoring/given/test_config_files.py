"""Which words name config files, and what a drafted file says where they set something."""

from dataclasses import replace

import pytest
import yaml

from sweeps.authoring.drafting.draft import draft
from sweeps.authoring.drafting.facts import Facts
from sweeps.authoring.given.config_files import with_config_files
from sweeps.authoring.given.words import with_words
from sweeps.authoring.interface import interface_of
from sweeps.authoring.outputs.writers import Written
from tests.sweeps.authoring.scripts import script_of

CONFIGURATOR = """
out_dir = 'out'
lr = 0.1
steps = 900
width = 8  # of a layer
name = str(time.time())
exec(open('configurator.py').read())
"""
ARGPARSE = """
import argparse, yaml
p = argparse.ArgumentParser()
p.add_argument("--config", default="base.yaml")
p.add_argument("--lr", type=float, default=0.1)
p.add_argument("--epochs", type=int, default=9)
p.add_argument("--amp", action=argparse.BooleanOptionalAction, default=False)
p.add_argument("--data", default="here")
p.add_argument("--fast", action="store_true")
p.add_argument("--need", required=True)
{}
p.parse_args()
"""
CLI = "from jsonargparse import CLI\ndef main(rate: int, lr: float = 0.1, epochs: int = 9): ...\nCLI(main)\n"


def given(folder, text, *words, **others):
    script = replace(script_of(folder, text, **others), words=words)
    return with_config_files(with_words(interface_of(script), words), script, folder)


def drafted(found, *others):
    others = others or (Written((), (), ()), (), frozenset())
    typed = found.before, found.after, found.files
    return draft(Facts("train.py", found.interface, *others, *typed, held=found.held)).text


def written(found):
    """The settings and the sweeps that a file has."""
    content = yaml.safe_load(drafted(found))
    return content.get("defaults") or {}, content["sweeps"]


@pytest.mark.parametrize("text", ["nowhere.yaml", "word " * 60])
def test_a_config_that_is_no_file_sets_nothing(tmp_path, text):
    found = given(tmp_path, CLI, "--config", text)
    assert (found.files, found.held) == ((text,), ())


def test_a_file_repeats_nothing_that_a_config_file_sets(tmp_path):
    found = given(
        tmp_path, CONFIGURATOR, "tiny.py", "--width=3", tiny="lr = 0.5\nsteps = 60\nout_dir = 'tiny'\n"
    )
    settings, sweeps = written(found)
    assert settings == {"out_dir": "{run_dir}", "width": 3, "steps": 60}
    assert sweeps["learning-rate"]["grid"] == {"lr": [0.17, 0.5, 1.5]}
    text = drafted(found)
    assert "  # lr: 0.5  " in text
    assert "float; as in tiny.py" in text
    assert 'out_dir: "{run_dir}"  # str; in tiny.py: tiny' in text
    assert "defaults:  # what was typed, and what else differs from tiny.py; a comment is" in text


def test_of_two_files_the_later_one_counts_and_one_that_cannot_be_read_leaves_all_open(tmp_path):
    found = given(tmp_path, CONFIGURATOR, "a.py", "b.py", a="lr = 0.5\nwidth = 1\n", b="lr = 0.7\n")
    defaults = {option.key: option.default for option in found.interface.options}
    assert (defaults["lr"], defaults["width"], found.files) == (0.7, 1, ("a.py", "b.py"))
    found = given(tmp_path, CONFIGURATOR, "a.py", "nowhere.py", "--width=3")
    assert written(found)[0] == {"out_dir": "{run_dir}", "width": 3}
    assert "not written: nowhere.py may set it; else it is 0.1" in drafted(found)
    assert "# ? grid:" in drafted(found)


def test_what_a_config_file_computes_is_a_question(tmp_path):
    found = given(tmp_path, CONFIGURATOR, "a.py", a="lr = rate()\nname = 'x'\n")
    options = {option.key: option for option in found.interface.options}
    assert (options["lr"].default, options["lr"].question) == (None, "a.py has rate()")
    assert options["name"].question == "a.py has 'x'"


@pytest.mark.parametrize("words", [("--config", "c.yaml"), ("--config=c.yaml",)])
def test_a_parser_of_its_own_config_file_needs_nothing_that_stands_there(tmp_path, words):
    (tmp_path / "c.yaml").write_text("rate: 3\nepochs: 4\n")
    found = given(tmp_path, CLI, *words)
    assert written(found)[0] == {"epochs": 4}
    assert found.interface.comments == ()
    assert draft(Facts("train.py", found.interface, files=found.files)).missing == ()


def test_sections_of_a_subcommand_and_of_classes_are_the_same_keys_and_a_logger_stays(tmp_path):
    text = "from lightning.pytorch.cli import LightningCLI\nclass M:\n    def __init__(self, lr=0.1, width=2): ...\nLightningCLI(M)\n"
    config = {
        "model": {"class_path": "M", "init_args": {"lr": 0.5}},
        "trainer": {"logger": {"class_path": "WandbLogger"}, "max_epochs": 3},
    }
    (tmp_path / "a.yaml").write_text(yaml.safe_dump({"fit": config}))
    found = given(tmp_path, text, "--config", "a.yaml", "fit", "--model.width=5")
    assert written(found)[0] == {"model.width": 5, "trainer.max_epochs": 3}
    assert found.interface.after == ("--trainer.default_root_dir={run_dir}",)
    (tmp_path / "a.yaml").write_text(yaml.safe_dump(config["model"]))
    assert len(given(tmp_path, text, "fit", "--config", "a.yaml").interface.after) == 3


def test_an_options_config_file_counts_if_it_is_typed_and_if_it_is_the_scripts_own_default(tmp_path):
    (tmp_path / "base.yaml").write_text("lr: 0.5\n")
    (tmp_path / "other.yaml").write_text("optim: {lr: 0.7}\n")
    found = given(tmp_path, ARGPARSE.format(""), "--need=x")
    assert written(found)[0] == {"config": "base.yaml", "epochs": 9, "need": "x"}
    assert "base.yaml is read, too: do options override it?" in drafted(found)
    found = given(tmp_path, ARGPARSE.format(""), "--need=x", "--config=other.yaml")
    assert written(found)[0] == {"config": "other.yaml", "epochs": 9, "need": "x"}
    assert "not written: other.yaml may set it; else it is 0.1" in drafted(found)
    assert "to set it: args: {keys: {amp: {booleans: no-flag}}}" in drafted(found)


@pytest.mark.parametrize(
    "more", ["p.set_defaults(**yaml.safe_load(open(c)))", "p.add_argument('-c', is_config_file=True)"]
)
def test_where_options_surely_override_the_file_nothing_is_asked(tmp_path, more):
    (tmp_path / "base.yaml").write_text("lr: 0.5\n")
    assert given(tmp_path, ARGPARSE.format(more), "--need=x").interface.comments == ()


def test_what_an_option_needs_a_foreign_config_file_does_not_give(tmp_path):
    (tmp_path / "base.yaml").write_text("need: 3\n")
    found = given(tmp_path, ARGPARSE.format(""))
    assert draft(Facts("train.py", found.interface, files=found.files)).missing == ("need",)


@pytest.mark.parametrize(
    "words", [("--data=coco.yaml",), ("--data", "coco.yaml"), ("--unknown", "coco.yaml")]
)
def test_a_file_of_other_things_is_no_config_file(tmp_path, words):
    (tmp_path / "coco.yaml").write_text("train: images\n")
    found = given(tmp_path, ARGPARSE.format(""), "--need=x", *words)
    assert found.files == ()
    assert written(found)[0]["lr"] == 0.1


@pytest.mark.parametrize(
    "words",
    [("hyp.yaml",), ("--hyp", "hyp.yaml"), ("--cfg=hyp.yaml",), ("@words.txt",), ("--lr=3", "hyp.yaml")],
)
def test_words_that_no_option_takes_may_name_a_config_file(tmp_path, words):
    (tmp_path / "hyp.yaml").write_text("epochs: 4\n")
    found = given(tmp_path, ARGPARSE.format(""), "--need=x", *words)
    assert found.files == (words[-1].rpartition("=")[2],)
    assert "data" not in written(found)[0]


def test_config_files_that_a_parser_is_made_with_count(tmp_path):
    (tmp_path / "own.yaml").write_text("lr: 0.5\n")
    text = ARGPARSE.format("").replace("import argparse", "import configargparse as argparse")
    text = text.replace("ArgumentParser()", "ArgumentParser(default_config_files=['own.yaml', 'none.yaml'])")
    found = given(tmp_path, text, "--need=x")
    assert (found.files, found.interface.comments) == (("own.yaml",), ())


HF = """
import sys
from dataclasses import dataclass
from transformers import HfArgumentParser, TrainingArguments
@dataclass
class Data:
    file: str = "x"
parser = HfArgumentParser((Data, TrainingArguments))
if {}:
    parser.parse_json_file(sys.argv[1])
"""


def test_a_file_that_is_only_taken_alone_is_taken_apart(tmp_path):
    (tmp_path / "c.json").write_text(
        '{"file": "y", "fp16": true, "report_to": ["none"], "learning_rate": 0.2}'
    )
    alone = HF.format("len(sys.argv) == 2 and sys.argv[1].endswith('.json')")
    found = given(tmp_path, alone, "c.json")
    settings, sweeps = written(found)
    assert (found.before, found.after, found.files) == ((), (), ())
    assert {key: settings[key] for key in ("file", "fp16", "report_to", "learning_rate", "seed")} == {
        "file": "y",
        "fp16": True,
        "report_to": ["none"],
        "learning_rate": 0.2,
        "seed": 42,
    }
    assert sweeps["learning-rate"]["grid"] == {"learning_rate": [0.067, 0.2, 0.6]}
    assert "takes, with what c.json has, and else the script's own defaults" in drafted(found)
    assert "takes none.json only alone" in given(tmp_path, alone, "none.json").interface.comments[-1]


def test_a_file_beside_which_options_may_stand_stays_in_front_of_them(tmp_path):
    (tmp_path / "c.yaml").write_text("file: y\n")
    found = given(tmp_path, HF.format("sys.argv[1].endswith('.yaml')"), "c.yaml", "--learning_rate=0.2")
    assert (found.before, found.files) == (("c.yaml",), ("c.yaml",))
    assert written(found)[0] == {"output_dir": "{run_dir}", "learning_rate": 0.2, "num_train_epochs": 3.0}


def test_hydras_own_files_are_its_readers(tmp_path):
    (tmp_path / "a.yaml").write_text("lr: 0.1\n")
    text = "import hydra\n@hydra.main(config_path='.', config_name='b')\ndef main(c): ...\n"
    assert given(tmp_path, text, "--config-name", "a.yaml").files == ()


YACS = """
import argparse
from yacs.config import CfgNode as CN
_C = CN()
_C.SEED = 3
_C.OUTPUT_DIR = "output"
_C.SOLVER = CN()
_C.SOLVER.BASE_LR = 0.1
_C.SOLVER.STEPS = [3, 4]
_C.SOLVER.MAX_EPOCHS = 9
parser = argparse.ArgumentParser()
parser.add_argument("--config-file", default="")
parser.add_argument({name}, nargs=argparse.REMAINDER)
args = parser.parse_args()
_C.merge_from_file(args.config_file)
_C.merge_from_list(args.opts)
"""


@pytest.mark.parametrize(("name", "flag"), [('"--opts"', ["--opts"]), ('"opts"', [])])
def test_pairs_behind_the_options_are_settings_over_those_of_yacs_and_its_file(tmp_path, name, flag):
    (tmp_path / "a.yaml").write_text("SOLVER: {BASE_LR: 0.5, STEPS: [7]}\n")
    words = ("--config-file", "a.yaml", *flag, "SOLVER.STEPS", "[1,2]", "SOLVER.MAX_EPOCHS", "4")
    text = drafted(given(tmp_path, YACS.format(name=name), *words))
    content = yaml.safe_load(text)
    assert content["trainer"]["command"] == ["python", "train.py", "--config-file", "a.yaml", *flag, "{args}"]
    assert content["trainer"]["args"] == {"style": "yacs", "keys": {"seed": "SEED"}}
    assert content["defaults"] == {"OUTPUT_DIR": "{run_dir}", "SOLVER.STEPS": [1, 2], "SOLVER.MAX_EPOCHS": 4}
    assert content["sweeps"]["learning-rate"] == {
        "grid": {"SOLVER.BASE_LR": [0.17, 0.5, 1.5]},
        "seeds": [3, 4],
    }
    assert "do options override it?" not in text


def test_an_option_that_is_a_list_does_not_keep_a_config_file_from_being_read(tmp_path):
    (tmp_path / "base.yaml").write_text("lr: 0.5\n")
    found = given(
        tmp_path, ARGPARSE.format("p.add_argument('--sizes', type=int, nargs='*', default=[1])"), "--need=x"
    )
    assert "  # sizes: [1] " in drafted(found)


@pytest.mark.parametrize("is_copied", [True, False])
def test_paths_in_a_config_file_are_linked_to_as_those_of_options_are(tmp_path, is_copied):
    script = "import argparse, yaml\np = argparse.ArgumentParser()\np.add_argument('--config')\np.add_argument({!r})\n"
    config = "sets:\n  train: ./data/train.csv\n  more: [lists/a.txt, x]\n  url: https://data/x\nlog_dir: logs\nepochs: 3\n"
    (tmp_path / "base.yaml").write_text(config)
    found = given(tmp_path, script.format("--gpu" if is_copied else "--epochs"), "--config=base.yaml")
    written = Written((), ("model.pt",), ()), (), frozenset({"data", "lists", "logs", "url", "base.yaml"})
    content = yaml.safe_load(drafted(found, *written))
    assert ("config_file" in content["trainer"]) == is_copied
    assert content["trainer"]["cwd"] == "{run_dir}"
    assert content["trainer"]["link"] == [*["base.yaml"] * (not is_copied), "data", "lists"]
    (tmp_path / "base.yaml").write_text("root: ../../sets/mnist\ndata: ./data/x.csv\nepochs: 3\n")
    found = given(tmp_path, script.format("--gpu" if is_copied else "--epochs"), "--config=base.yaml")
    text = drafted(found, *written)
    asked = [*["base.yaml"] * (not is_copied), "data"]
    deep = "/".join(["{run_dir}", *["work"] * 2])
    assert f'# ? cwd: "{deep}"' in text
    assert f"# ? link: [../../sets, {', '.join(asked)}]" in text
