from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from sweeps.cli.options import LAYERS, PICKS, TRACKING, requesting, seconds_of
from sweeps.commands.session import Request

FULL = Request(
    Path("e.yaml"),
    profile="quick",
    overrides=("seed=7", "lr=1e-3"),
    sweeps=("a", "b"),
    only=("tfr=0.5",),
    excepting=("trial=x",),
)


def invoked(command, *arguments):
    return CliRunner().invoke(command, list(arguments), standalone_mode=False)


@click.command()
@requesting(*LAYERS, *PICKS)
@TRACKING
def every(request, *, tracking_uri):
    """A command with all shared options."""
    return request, tracking_uri


@click.command()
@requesting(*LAYERS)
def layers(request):
    """A command without --only and --except."""
    return request


def test_file_and_options_become_one_request():
    arguments = ["e.yaml", "--profile", "quick", "--set", "seed=7", "--set", "lr=1e-3", "--sweep", "a"]
    arguments += ["--sweep", "b", "--only", "tfr=0.5", "--except", "trial=x", "--tracking-uri", "http://host"]
    assert invoked(every, *arguments).return_value == (FULL, "http://host")


def test_without_options_a_request_is_of_the_whole_file():
    assert invoked(every, "e.yaml").return_value == (Request(Path("e.yaml")), None)
    assert invoked(layers, "e.yaml").return_value == Request(Path("e.yaml"))


def test_a_command_has_only_the_options_that_it_asks_for():
    result = CliRunner().invoke(layers, ["e.yaml", "--only", "tfr=0.5"])
    assert result.exit_code == 2
    assert "No such option '--only'" in result.output


@pytest.mark.parametrize(("text", "seconds"), [("90s", 90), ("10m", 600), ("2h", 7200), ("0.5s", 0.5)])
def test_a_time_is_read_with_its_unit(text, seconds):
    command = click.Command(
        "x", params=[click.Option(["--for", "time_s"], callback=seconds_of)], callback=float
    )
    command.callback = lambda time_s: time_s
    assert invoked(command, "--for", text).return_value == seconds


def test_a_time_that_cannot_be_read_is_refused_with_examples():
    command = click.Command("x", params=[click.Option(["--for"], callback=seconds_of)])
    result = CliRunner().invoke(command, ["--for", "soon"])
    assert result.exit_code == 2
    assert "must be a time such as 90s, 10m or 2h, not 'soon'" in result.output
