"""What is told to be refused is refused: each kind of script is run once with it."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from sweeps.authoring.checks.taken.known import known_of
from sweeps.authoring.script import ScriptReader

STRICT = """
import sys
for word in sys.argv[1:]:
    key, value = word[2:].split("=")
    if key not in globals():
        raise ValueError(key)
"""
KINDS = {
    "argparse": "import argparse\np = argparse.ArgumentParser()\np.add_argument('--lr', type=float)\np.parse_args()\n",
    "click": "import click\n@click.command()\n@click.option('--lr', type=float)\ndef main(lr): ...\nmain()\n",
    "Fire": "import fire\ndef main(lr=0.1): ...\nfire.Fire(main)\n",
    "jsonargparse": "from jsonargparse import CLI\ndef main(lr: float = 0.1): ...\nCLI(main)\n",
    "absl": "from absl import app, flags\nflags.DEFINE_float('lr', 0.1, 'x')\napp.run(lambda _: None)\n",
    "tyro": """
        from dataclasses import dataclass
        import tyro
        @dataclass
        class Args:
            lr: float = 0.1
        tyro.cli(Args)
        """,
    "Hydra": """
        import hydra
        @hydra.main(version_base=None, config_path="conf", config_name="config")
        def main(c): ...
        main()
        """,
    "a configurator": """
        lr = 0.1
        exec(open("configurator.py").read())
        """,
}
CONFIGURATOR = STRICT.replace(
    "key not in globals():\n        raise", "key in globals(): ...\n    else: raise"
)


@pytest.fixture
def written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def write(text):
        (tmp_path / "train.py").write_text(textwrap.dedent(text))
        (tmp_path / "configurator.py").write_text(CONFIGURATOR)
        (tmp_path / "conf").mkdir()
        (tmp_path / "conf" / "config.yaml").write_text("lr: 0.1\n")

    return write


@pytest.mark.parametrize("kind", KINDS)
def test_what_no_script_of_a_kind_takes_ends_it(written, kind):
    written(KINDS[kind])
    known = known_of(Path("train.py"), (), ScriptReader(Path.cwd()))
    dashes = "" if kind == "Hydra" else "--"
    assert (known.kind, known.takes(f"{dashes}lr"), known.takes(f"{dashes}seed")) == (kind, True, False)
    codes = {}
    for name in ("lr", "seed"):
        words = [sys.executable, "train.py", f"{dashes}{name}=3.0"]
        done = subprocess.run(words, capture_output=True, check=False, env=os.environ, timeout=300)
        codes[name] = done.returncode
    assert codes["lr"] == 0
    assert codes["seed"] != 0


def test_the_subcommand_of_the_command_is_the_one_that_counts(written):
    text = "import fire\ndef train(lr=1): ...\ndef tune(rate=1): ...\nfire.Fire()\n"
    written(text)
    assert known_of(Path("train.py"), ("tune",), ScriptReader(Path.cwd())).takes("--rate")
    assert not known_of(Path("train.py"), ("tune",), ScriptReader(Path.cwd())).takes("--lr")
    assert known_of(Path("train.py"), ("{which}",), ScriptReader(Path.cwd())) is None


def test_names_are_compared_as_their_parser_does(written):
    written("""
        from dataclasses import dataclass
        import tyro
        @dataclass
        class Args:
            batch_size: int = 1
            sizes: tuple[int, ...] = (1,)
        tyro.cli(Args)
        """)
    known = known_of(Path("train.py"), (), ScriptReader(Path.cwd()))
    assert known.takes("--batch-size")
    assert known.takes("--no-batch-size")
    assert not known.takes("--batch")
    assert known.value_trouble("--sizes", ["1", "x"]) is None
    written_again = KINDS["argparse"].replace("--lr", "--learning_rate")
    Path("train.py").write_text(written_again)
    known = known_of(Path("train.py"), (), ScriptReader(Path.cwd()))
    assert known.takes("--learn")
    assert not known.takes("--learning-rate")
    assert known.value_trouble("--learn", ["x"]) == "train.py takes --learning_rate as float, which x is not"


def test_what_cannot_be_read_is_not_known(written):
    written("def (")
    assert known_of(Path("train.py"), (), ScriptReader(Path.cwd())) is None
    Path("train.py").write_text("print(1)\n")
    assert known_of(Path("train.py"), (), ScriptReader(Path.cwd())) is None


def test_a_key_below_another_is_taken_where_that_may_be_a_mapping(written):
    written(KINDS["Hydra"])
    Path("conf/config.yaml").write_text("model: {width: 1}\nextra: {}\n")
    known = known_of(Path("train.py"), (), ScriptReader(Path.cwd()))
    taken = ["model", "model.width", "extra.a", "model.widht", "hydra.job.name", "+new"]
    assert [known.takes(key) for key in taken] == [True, True, True, False, True, True]
    Path("conf/model").mkdir()
    assert (known.is_group("model"), known.is_group("lr")) == (True, False)
