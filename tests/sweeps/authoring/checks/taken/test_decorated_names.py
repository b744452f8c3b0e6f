import pytest

from sweeps.authoring.checks.taken.decorated_names import options_of_click, options_of_typer
from tests.sweeps.authoring.scripts import script_of

CLICK = """
import click
@click.command(context_settings={"show_default": True})
@click.option("--lr", "-l", "rate", default=0.1)
@click.option("--fast/--no-fast")
@click.argument("data")
@click.version_option("1")
@click.pass_context
def main(context, rate, fast, data): ...
"""
TYPER = """
import typer
from typing import Annotated
app = typer.Typer()
@app.command()
def main(
    data: str,
    lr: float = 0.1,
    batch_size: Annotated[int, typer.Option("--batch", "-b")] = 2,
    fast: bool = typer.Option(False, "--fast/--slow"),
): ...
"""


def test_the_options_of_a_click_command(tmp_path):
    found = options_of_click(script_of(tmp_path, CLICK))
    assert found == {"--help", "--lr", "-l", "--fast", "--no-fast", "--version"}
    group = "import click\n@click.group()\ndef cli(): ...\n@cli.command()\n@click.option('--lr')\ndef train(lr): ...\n"
    assert options_of_click(script_of(tmp_path, group)) == {"--help", "--lr"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('{"show_default": True}', '{"ignore_unknown_options": True}'),
        ('{"show_default": True}', "SETTINGS"),
        ("context_settings=", "cls=Mine, context_settings="),
        ("@click.pass_context", "@common_options"),
        ("@click.pass_context", "@click.option(*names)"),
        ("@click.pass_context", "@click.option('--x', **more)"),
        ("import click\n", ""),
    ],
)
def test_a_doubt_about_click_is_silence(tmp_path, old, new):
    assert options_of_click(script_of(tmp_path, CLICK.replace(old, new))) is None


def test_the_options_of_a_typer_command(tmp_path):
    found = options_of_typer(script_of(tmp_path, TYPER))
    assert {"--help", "--lr", "--batch", "-b", "--batch-size", "--fast", "--slow", "--no-lr"} <= found
    assert "--seed" not in found
    run = "import typer\ndef main(lr: float = 0.1): ...\ntyper.run(main)\n"
    assert "--lr" in options_of_typer(script_of(tmp_path, run))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("@app.command()", "@app.command(context_settings={'allow_extra_args': True})"),
        ("@app.command()", "@app.command(cls=Mine)"),
        ("@app.command()", "@app.command()\n@hooked"),
        ("lr: float = 0.1", "lr: float = RATE"),
        ("lr: float = 0.1", "lr: float = rate()"),
        ('"--batch", "-b"', '"--batch", *names'),
        ('"--fast/--slow"', '"--fast/--slow", **more'),
        ("import typer\n", ""),
    ],
)
def test_a_doubt_about_typer_is_silence(tmp_path, old, new):
    assert options_of_typer(script_of(tmp_path, TYPER.replace(old, new))) is None
