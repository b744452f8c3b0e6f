from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from sweeps.cli.options import LAYERS, PICKS, TRACKING, launching, requesting, seconds_of
from sweeps.commands.request import Request
from sweeps.errors import SelectionError

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
    assert "No such option" in result.output
    assert "--only" in result.output


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


@click.command()
@launching
def launch(how):
    """A command that launches."""
    return how


@pytest.mark.parametrize(
    ("given", "sample_s", "words"),
    [
        ([], 10.0, ()),
        (["--system-metrics", "2s"], 2.0, ("--system-metrics", "2s")),
        (["--system-metrics", "off"], None, ("--system-metrics", "off")),
    ],
)
def test_samples_are_as_frequent_as_said_and_so_again(given, sample_s, words):
    how = invoked(launch, *given).return_value
    assert (how.sample_s, how.words) == (sample_s, words)


def test_the_environment_may_say_it_for_all_launches(monkeypatch):
    monkeypatch.setenv("SWEEP_SYSTEM_METRICS", "off")
    assert invoked(launch).return_value.sample_s is None


@pytest.mark.parametrize("given", ["soon", "", "0s", "-1s", "OFF"])
def test_an_interval_is_a_time_or_off(given):
    with pytest.raises(click.BadParameter, match="must be a time such as 5s or 1m, or off, not"):
        CliRunner().invoke(launch, ["--system-metrics", given], standalone_mode=False, catch_exceptions=False)


def test_samples_leave_time_for_training():
    with pytest.raises(SelectionError, match="at most ten samples a second can be taken"):
        CliRunner().invoke(launch, ["--system-metrics", "0.01s"], catch_exceptions=False)
