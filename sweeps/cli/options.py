"""Defines the options that several verbs of the `sweep` command share."""

from __future__ import annotations

import functools
import os
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from sweeps.cli.completion import values

if TYPE_CHECKING:
    from collections.abc import Callable

    from sweeps.commands.running.starting import LaunchSettings

LOCAL = "local"
SAMPLE_VARIABLE = "SWEEP_SYSTEM_METRICS"
SAMPLE_S = 10.0
"""How often what trials take of the machine is sampled, in seconds; MLflow's own monitor does so as often."""
LEAST_SAMPLE_S = 0.1
_F = TypeVar("_F", bound="Callable[..., Any]")
FILE = click.argument("file", type=click.Path(path_type=Path))
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
TRACKING = click.option(
    "--tracking-uri",
    metavar="URI",
    help="The MLflow store. Default: $MLFLOW_TRACKING_URI, else sqlite:///mlflow.db.",
)
LAYERS = (
    click.option(
        "--profile",
        metavar="NAME",
        shell_complete=values.profiles,
        help="Use this profile instead of the one that FILE chooses.",
    ),
    click.option(
        "--set",
        "overrides",
        metavar="KEY=VALUE",
        multiple=True,
        shell_complete=values.keys,
        help="Set a key in every trial; overrides FILE.",
    ),
    click.option(
        "--sweep",
        "sweeps",
        metavar="NAME",
        multiple=True,
        shell_complete=values.sweeps,
        help="Only this sweep; can be repeated.",
    ),
    click.option(
        "--seeds",
        type=click.IntRange(min=1),
        help="Repeat each trial with so many seeds; the first is the one that FILE gives it.",
    ),
)
PICKS = (
    click.option(
        "--only",
        metavar="KEY=VALUE",
        multiple=True,
        shell_complete=values.picks,
        help="Only trials with this value; trial=NAME works too.",
    ),
    click.option(
        "--except",
        "excepting",
        metavar="KEY=VALUE",
        multiple=True,
        shell_complete=values.picks,
        help="No trials with this value.",
    ),
)


def requesting(*options: Callable[[Any], Any]) -> Callable[[_F], _F]:
    """Add FILE and some of `LAYERS` and `PICKS` to a command, which gets them as one `request`.

    Args:
        options: The options to add.
    """

    def decorate(function: _F) -> _F:
        @functools.wraps(function)
        def wrapped(**given: Any) -> Any:
            from sweeps.commands.request import Request

            asked = {field.name: given.pop(field.name) for field in fields(Request) if field.name in given}
            return function(Request(**asked), **given)

        for option in reversed(options):
            wrapped = option(wrapped)
        return FILE(wrapped)  # type: ignore[return-value]

    return decorate


def styled(default: str) -> Callable[[_F], _F]:
    """The option --args, which takes a style of `args:`; `default` says what counts without it."""
    return click.option(
        "--args",
        "style",
        metavar="STYLE",
        shell_complete=values.styles,
        callback=lambda _context, _option, text: style_of(text),
        help=f"How the program reads options, such as argparse, fire or hydra. Default: {default}.",
    )


def style_of(text: str | None) -> str | None:
    """A style of `args:`.

    Raises:
        click.BadParameter: There is none of this name.
    """
    from sweeps.errors import did_you_mean
    from sweeps.spec.trainer.arguments import STYLES

    if text is not None and text not in STYLES:
        hint = did_you_mean(text, STYLES) or f"; the styles are {', '.join(STYLES)}"
        raise click.BadParameter(f"there is no style {text}{hint}")
    return text


@dataclass(frozen=True, slots=True)
class LaunchOptions:
    """The options of `sweep run` alone that say how trials are run; they are repeated in the commands that it prints.

    Attributes:
        jobs: `--jobs`, the trials to run at once; None: as many as fit.
        gpus: `--gpus`, numbers or UUIDs of GPUs; None: all that nobody else uses.
        executor: `--executor`.
        address: `--address`, of the cluster.
        retry_failed: `--retry-failed`.
        again: `--again`; it is not repeated, since the record keeps that it was asked for.
        patience_s: `--patience`, in seconds.
        sample_s: `--system-metrics`, in seconds; None: off.
    """

    jobs: int | None
    gpus: str | None
    executor: str
    address: str | None
    retry_failed: bool
    again: bool
    patience_s: float
    sample_s: float | None

    def __post_init__(self) -> None:
        """Refuse what cannot be.

        Raises:
            SelectionError: No trial at once, a wait that is none, or samples that would take all of the time.
        """
        from sweeps.errors import SelectionError

        if self.jobs is not None and self.jobs < 1:
            raise SelectionError(
                f"--jobs {self.jobs}: one trial at least has to run; say 1 or more, or leave it out for as many as fit"
            )
        if not self.patience_s >= 0:
            raise SelectionError(f"--patience {self.patience_s:g}s: say a time of 0 s or more")
        if self.sample_s is not None and not self.sample_s >= LEAST_SAMPLE_S:
            raise SelectionError(
                f"--system-metrics {self.sample_s:g}s: at most ten samples a second can be taken; say a longer time, or `off`"
            )

    def settings(self) -> LaunchSettings:
        """How trials are run, for `sweeps.commands.run.launch`."""
        from sweeps.commands.running.starting import LaunchSettings
        from sweeps.executors.registry import executor_named

        return LaunchSettings(
            executor_named(self.executor, address=self.address, gpus=self.gpus, jobs=self.jobs),
            retry_failed=self.retry_failed,
            again=self.again,
            patience_s=self.patience_s,
            sample_s=self.sample_s,
        )

    @property
    def words(self) -> tuple[str, ...]:
        """Those that are not as they are by default, as words of a command."""
        from sweeps.record.outage import PATIENCE_S

        given = (
            ("--jobs", self.jobs),
            ("--gpus", self.gpus),
            ("--executor", None if self.executor == LOCAL else self.executor),
            ("--address", self.address),
            ("--system-metrics", None if self.sample_s == _usual_sample_s() else _interval(self.sample_s)),
            ("--patience", None if self.patience_s == PATIENCE_S else f"{self.patience_s:g}s"),
        )
        words = [word for option, value in given if value is not None for word in (option, str(value))]
        return (*words, *(["--retry-failed"] if self.retry_failed else []))


def _usual_sample_s() -> float | None:
    """What `--system-metrics` is where it is not given."""
    from sweeps.spec.fields import seconds

    return seconds(os.environ.get(SAMPLE_VARIABLE) or _interval(SAMPLE_S))


def default_sample_s() -> float | None:
    """How often a launch samples that does not say: as the environment has it; None: not at all.

    Raises:
        SelectionError: The environment has neither a time nor `off`.
    """
    from sweeps.errors import SelectionError

    try:
        return _interval_s(os.environ.get(SAMPLE_VARIABLE) or _interval(SAMPLE_S))
    except ValueError as error:
        raise SelectionError(f"${SAMPLE_VARIABLE}: {error}") from None


def _interval_s(text: str) -> float | None:
    """An interval in seconds; None for `off`. A ValueError says what else it should be."""
    from sweeps.spec.fields import seconds

    time_s = seconds(text)
    if time_s is None and text != "off":
        raise ValueError(f"must be a time such as 5s or 1m, or off, not '{text}'")
    return time_s


def _interval(sample_s: float | None) -> str:
    return "off" if sample_s is None else f"{sample_s:g}s"


def seconds_of(_context: click.Context, _option: click.Parameter, given: str | None) -> float | None:
    """Turn the value of an option, such as `10m`, into seconds; None where it is not given.

    Raises:
        BadParameter: It is not a time.
    """
    from sweeps.spec.fields import seconds

    if given is None:
        return None
    time_s = seconds(given)
    if time_s is None:
        raise click.BadParameter(f"must be a time such as 90s, 10m or 2h, not '{given}'")
    return time_s


def interval_of(_context: click.Context, _option: click.Parameter, given: str) -> float | None:
    """Turn an interval into seconds; None for `off`.

    Raises:
        BadParameter: It is neither a time nor `off`.
    """
    try:
        return _interval_s(given)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


_LAUNCH = (
    click.option(
        "--jobs", "-j", type=click.IntRange(min=1), help="Trials to run at once. Default: as many as fit."
    ),
    click.option(
        "--gpus",
        metavar="IDS",
        help="GPUs to use, by nvidia-smi's number or UUID, such as 0,1; empty for none. Default: all that nobody else uses.",
    ),
    click.option(
        "--executor",
        type=click.Choice([LOCAL, "ray", "slurm"]),
        default=LOCAL,
        show_default=True,
        help="Where to run the trials: on this machine, or on a cluster that shares this directory.",
    ),
    click.option(
        "--address",
        metavar="ADDRESS",
        help="Ray: auto, HOST:PORT or ray://HOST:PORT. Default: $RAY_ADDRESS, else a new cluster on this machine. "
        "Slurm: local for submitit's own executor. Default: the cluster of this login node.",
    ),
    click.option("--retry-failed", is_flag=True, help="Also run failed trials again."),
    click.option(
        "--again",
        is_flag=True,
        help="Train the selected trials anew, each in a new run; a later `sweep run` goes on with that.",
    ),
    click.option(
        "--system-metrics",
        "sample_s",
        metavar="TIME|off",
        default=_interval(SAMPLE_S),
        show_default=True,
        envvar=SAMPLE_VARIABLE,
        callback=interval_of,
        help="How often to record the cores, memory, disk and GPUs that each trial uses. Also: $SWEEP_SYSTEM_METRICS.",
    ),
    click.option(
        "--patience",
        "patience_s",
        metavar="TIME",
        default="10m",
        show_default=True,
        callback=seconds_of,
        help="When no trial runs, wait so long (90s, 10m, 2h) for a tracking store that does not answer.",
    ),
)


def launching(function: _F) -> _F:
    """Add the options of a launch to a command, which gets them as one `how`."""

    @functools.wraps(function)
    def wrapped(*positional: Any, **given: Any) -> Any:
        own = {field.name: given.pop(field.name) for field in fields(LaunchOptions)}
        return function(*positional, LaunchOptions(**own), **given)

    for option in reversed(_LAUNCH):
        wrapped = option(wrapped)
    return wrapped  # type: ignore[return-value]
