"""Command line of the trainer, for use without an orchestrator: `python -m cvae train|test|data`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from pydantic import BaseModel

from cvae.config import DataConfig, TrainConfig, parse, parse_config
from cvae.errors import ConfigError, CvaeError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from pydantic.fields import FieldInfo

INTERRUPTED = 130
LAB_SIZE = (32, 64)
_PATH: click.Path = click.Path(path_type=Path)


class _Failure(click.ClickException):
    """An error of this package, printed as one message."""


class _WrongSettings(_Failure):
    exit_code = 2


class _Group(click.Group):
    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except ConfigError as error:
            raise _WrongSettings(str(error)) from error
        except CvaeError as error:
            raise _Failure(str(error)) from error


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
def main() -> None:
    """Train and use the conditional VAE that predicts a dance video from pose images."""


def _fields(model: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, FieldInfo]]:
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from _fields(field.annotation, f"{prefix}{name}.")
        else:
            yield prefix + name, field


def _setting_options(keys: Mapping[str, FieldInfo]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Add an option for each setting, with the setting's own name: `--tfr 0.5`, `--data.root DIR`."""

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        for key, field in reversed(list(keys.items())):
            text = f"{field.description}  [{json.dumps(field.get_default(call_default_factory=True))}]"
            command = click.option(f"--{key}", _parameter(key), metavar="VALUE", help=text)(command)
        return command

    return decorate


def _parameter(key: str) -> str:
    return "setting_" + key.replace(".", "__")


_TRAIN_KEYS = dict(_fields(TrainConfig))
_DATA_KEYS = {f"data.{key}": field for key, field in _fields(DataConfig)}


def _settings(
    keys: Mapping[str, FieldInfo], config: Path | None, options: Mapping[str, str | None]
) -> dict[str, Any]:
    """The settings of the file, overridden by the options."""
    values = _read_config(config) if config else {}
    for key in keys:
        text = options[_parameter(key)]
        if text is not None:
            *parents, name = key.split(".")
            place = values
            for parent in parents:
                place = place.setdefault(parent, {})
            place[name] = text if key == "data.root" else _value(text)
    return values


def _read_config(path: Path) -> dict[str, Any]:
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path} is not a readable JSON file: {error}") from error
    if not isinstance(values, dict):
        raise ConfigError(f"{path} holds a {type(values).__name__}, not an object with settings")
    return values


def _value(text: str) -> Any:
    """Read a number, list or boolean written as in JSON; anything else, `None` included, is text."""
    try:
        return json.loads(text)
    except ValueError:
        return text


_config_option = click.option(
    "--config",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="JSON file with settings; options override it.",
)


@main.command()
@_config_option
@click.option("--out", type=_PATH, required=True, metavar="DIR", help="Directory of the run.")
@_setting_options(_TRAIN_KEYS)
def train(config: Path | None, out: Path, **options: str | None) -> None:
    """Train one run into --out; the same command again continues where it stopped."""
    settings = _settings(_TRAIN_KEYS, config, options)
    parse_config(settings)  # before torch is imported, which takes seconds
    from cvae.train import train as train_run
    from cvae.training.local_run import LocalRun

    run = LocalRun(out)
    run.stop_on_signals()
    train_run(settings, run)
    if run.signal is not None:
        raise click.exceptions.Exit(INTERRUPTED)


@main.command()
@click.option(
    "--checkpoint",
    type=_PATH,
    required=True,
    metavar="FILE",
    help="best.pt, last.pt, or a checkpoint of the lab.",
)
@click.option("--data-root", type=_PATH, required=True, metavar="DIR", help="Directory that contains test/.")
@click.option("--out", type=_PATH, required=True, metavar="DIR", help="Directory to write to.")
@click.option(
    "--size", type=(int, int), metavar="H W", help="Size of the frames  [the checkpoint's, else 32 64]"
)
@click.option(
    "--seed", type=click.IntRange(0), default=42, show_default=True, help="Seed of the latent noise."
)
@click.option("--device", default="auto", show_default=True, help="auto, cpu, cuda or cuda:N.")
def test(
    *, checkpoint: Path, data_root: Path, out: Path, size: tuple[int, int] | None, seed: int, device: str
) -> None:
    """Predict the test sequences: writes the lab's submission.csv and one GIF for each sequence."""
    from cvae.checkpoint import frame_size, load_lab_checkpoint
    from cvae.compute.device import resolve_device, use_threads
    from cvae.data.folder import read_test_videos
    from cvae.output.submission import write_submission

    use_threads()
    model = load_lab_checkpoint(checkpoint).to(resolve_device(device))
    height, width = size or frame_size(checkpoint) or LAB_SIZE
    videos = read_test_videos(data_root, height=height, width=width)
    click.echo(write_submission(model, videos, out, seed=seed))


@main.command()
@_setting_options(_DATA_KEYS)
@click.option(
    "--frame_H", "height", type=click.IntRange(4), default=32, show_default=True, help="Height of the frames."
)
@click.option(
    "--frame_W", "width", type=click.IntRange(4), default=64, show_default=True, help="Width of the frames."
)
def data(height: int, width: int, **options: str | None) -> None:
    """Prepare the data and print what it contains."""
    from cvae.data import load_videos
    from cvae.data.cache import cache_directory
    from cvae.evaluate import copy_first_baseline

    settings = parse(DataConfig, _settings(_DATA_KEYS, None, options).get("data", {}))
    dataset = load_videos(settings, height=height, width=width)
    baseline_db = copy_first_baseline(dataset.val.clip(0, len(dataset.val))[0])
    click.echo(f"content id    {dataset.content_id}")
    click.echo(f"train frames  {len(dataset.train)}")
    click.echo(f"val frames    {len(dataset.val)}")
    click.echo(
        f"copy first    {float(baseline_db.mean()):.2f} dB PSNR on val, mean over frames 1 ... {len(baseline_db)}"
    )
    if settings.name == "folder":
        click.echo(f"cache         {cache_directory() / dataset.content_id}")


if __name__ == "__main__":
    main(prog_name="python -m cvae")
