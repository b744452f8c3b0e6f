from dataclasses import replace

import pytest

from sweeps.authoring.interface import interface_of
from tests.sweeps.authoring.scripts import drafted, interface, script_of


def test_a_special_kind_comes_before_the_argparse_that_it_stands_on(tmp_path):
    text = "import argparse, fire\np = argparse.ArgumentParser()\np.add_argument('--x')\ndef main(lr=1): ...\nfire.Fire(main)\n"
    assert interface(tmp_path, text).kind == "Fire"


def test_a_script_that_takes_nothing_says_so(tmp_path):
    assert interface(tmp_path, "lr = rate()\nprint(lr)\n").kind == "nothing"
    assert interface(tmp_path, "lr = 0.1\nprint(lr)\n").kind == "constants at its top"


def test_a_script_that_needs_a_launcher_is_asked_about_it(tmp_path):
    text = "import os\nif __name__ == '__main__':\n    rank = int(os.environ['LOCAL_RANK'])\n"
    (comment,) = interface(tmp_path, text).comments
    assert "torchrun" in comment
    maybe = "import os\nif 'RANK' in os.environ:\n    rank = int(os.environ['RANK'])\nother = os.environ['HOME']\n"
    assert interface(tmp_path, maybe).comments == ()


@pytest.mark.parametrize(
    "text",
    [
        """
        import argparse
        parsers = argparse.ArgumentParser().add_subparsers()
        a = parsers.add_parser("train")
        a.add_argument("--lr")
        b = parsers.add_parser("tune")
        b.add_argument("--rate")
        """,
        """
        import click
        @click.group()
        def cli(): ...
        @cli.command()
        @click.option("--lr")
        def train(lr): ...
        @cli.command()
        @click.option("--rate")
        def tune(rate): ...
        """,
        """
        import typer
        app = typer.Typer()
        @app.command()
        def train(lr: float = 1): ...
        @app.command()
        def tune(rate: float = 1): ...
        """,
        "import fire\ndef train(lr=1): ...\ndef tune(rate=1): ...\nfire.Fire()\n",
        "import fire\nclass A:\n    def train(self, lr=1): ...\n    def tune(self, rate=1): ...\nfire.Fire(A)\n",
    ],
)
def test_the_subcommand_that_is_typed_is_the_one_that_is_read(tmp_path, text):
    script = script_of(tmp_path, text)
    for words, word, key in (
        ((), "train", "lr"),
        (("--rate", "1"), "train", "lr"),
        (("tune",), "tune", "rate"),
    ):
        found = interface_of(replace(script, words=words))
        assert (found.before, [option.key for option in found.options]) == ((word,), [key])


@pytest.mark.parametrize(
    ("lines", "refuses"),
    [
        ("if os.path.exists(out):\n    raise RuntimeError(out)", True),
        ("if Path(out).exists() and not args.resume:\n    sys.exit(1)", True),
        ("if os.path.isdir(out):\n    shutil.rmtree(out)", True),
        ("if not os.path.exists(out):\n    raise FileNotFoundError(out)", False),
        ("if os.path.exists(out):\n    print(out)", False),
    ],
)
def test_a_script_that_refuses_a_folder_which_is_there_gets_one_that_is_not(tmp_path, lines, refuses):
    text = f"import argparse\np = argparse.ArgumentParser()\np.add_argument('--out_dir', default='runs')\n{lines}\n"
    assert interface(tmp_path, text).refuses_outputs == refuses
    place = "{run_dir}/out" if refuses else "{run_dir}"
    assert f'out_dir: "{place}"' in drafted(tmp_path, text).text
