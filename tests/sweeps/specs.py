"""Specs for tests: a small trainer with a schema, and `sweep` run inside the test's own process."""

import io
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal
from unittest import mock

import pytest
from pydantic import BaseModel, ConfigDict, Field

from sweeps.errors import SpecError
from sweeps.planning.expansion import expand
from sweeps.spec.parser import read_spec
from sweeps.spec.setting_parser import read_overrides
from sweeps.trainer.loader import load_trainer

HEAD = "trainer: {run: 'tests.sweeps.specs:train', config: 'tests.sweeps.specs:Settings'}\n"
FREE = "trainer: {command: [python]}\n"
"""The head of a file whose trainer takes any key."""
GROUPED = "trainer: {command: [python, main.py, '{args}'], args: hydra}\n"
"""The head of a file whose words may choose of groups; `main.py` has to be there."""


class Data(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    name: Literal["drawn", "folder"] = "drawn"
    root: str | None = None
    size: int = 8


class Settings(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    data: Data = Data()
    kind: Literal["None", "Cyclical", "Monotonic"] = "None"
    lr: float = Field(default=1e-3, gt=0)
    tfr: Annotated[float, Field(ge=0, le=1)] = 1.0
    epochs: int = 3
    steps: list[int] = [1, 2]
    fast: bool = False
    seed: int = 0
    device: str = "cpu"


def train(config, run):
    """What the specs name; no test calls it."""


def read(path: Path, text: str, head: str = HEAD):
    """The spec of a text, written below `path`."""
    file = path / "e.yaml"
    file.write_text(head + textwrap.dedent(text))
    return read_spec(file)


def expanded(path: Path, text: str, *, head: str = HEAD, overrides=(), **asked):
    """The sweeps of a text, by name, and the trainer; raises SpecError with the problems of the expansion."""
    spec = read(path, text, head)
    trainer, problems = load_trainer(spec.trainer)
    assert not problems
    expansion = expand(
        spec, trainer, overrides=read_overrides(overrides, groups=spec.trainer.has_groups), **asked
    )
    if expansion.problems:
        raise SpecError(expansion.problems)
    return {sweep.name: sweep for sweep in expansion.sweeps}, trainer


def problem_lines(path: Path, text: str, **asked):
    """The problems of a text that cannot be expanded, each as a line of `e.yaml`."""
    with pytest.raises(SpecError) as caught:
        expanded(path, text, **asked)
    return str(caught.value).replace(f"{path}/", "").splitlines()


def names(sweep):
    return [trial.name for trial in sweep.trials]


def values(sweep, key):
    return [trial.config[key] for trial in sweep.trials]


@dataclass(frozen=True)
class Finished:
    """How a `sweep` command ended."""

    code: int
    out: str
    err: str


def run_sweep(*arguments: str) -> Finished:
    """`sweep ARGUMENTS` as the console script runs it, in this process; anything but an exit is the test's failure."""
    from sweeps import cli

    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
    words = ["sweep", *arguments]
    with mock.patch.multiple(sys, argv=words, stdin=io.StringIO(), stdout=out, stderr=err):
        try:
            cli.main()
            code = 0
        except SystemExit as done:
            code = done.code
    return Finished(code, *(stream.buffer.getvalue().decode() for stream in (out, err)))
