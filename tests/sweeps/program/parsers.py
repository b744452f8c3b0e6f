"""The real parsers that each style is for: words in, the values that a program would have out.

Each takes the same options: `x_flag` (bool), `n` (int), `lr` (float), `name`, `opt` (texts; `opt` may be null), `sizes` (ints),
`floats`, `names` (texts) and `optim.lr` (float); those that know groups, `optim.ema` (bool). What is not given is not in the answer.
HfArgumentParser stands here as the options that it adds to argparse: transformers is too large for a test.
"""

import argparse
import ast
import contextlib
import csv
import dataclasses
import io
import re
import sys
from typing import Optional
from unittest import mock

import click
import fire
import jsonargparse
import tyro
from absl import flags
from hydra import compose, initialize
from hydra.core.config_store import ConfigStore
from hydra.core.override_parser.overrides_parser import OverridesParser
from ml_collections import config_dict, config_flags
from omegaconf import OmegaConf

UNSET = "unset"
TYPES = {
    "n": int,
    "lr": float,
    "name": str,
    "opt": str,
    "sizes": int,
    "floats": float,
    "names": str,
    "optim.lr": float,
}
HYDRA_DEFAULTS = {
    **{key: None for key in (*TYPES, "x_flag") if "." not in key},
    "optim": {"lr": None, "ema": None},
}
LISTS = ("sizes", "floats", "names")


def named(words, values):
    """Those of the values that some word names."""
    text = "\n".join(words)
    forms = {key: (key, key.replace("_", "-"), ".no-".join(key.rsplit(".", 1))) for key in values}
    return {
        key: value
        for key, value in values.items()
        if any(
            re.search(rf"^[-+]*(no-?)?(config\.)?{re.escape(form)}(=|$)", text, re.MULTILINE)
            for form in forms[key]
        )
    }


def _argparse(words, **flag):
    parser = argparse.ArgumentParser()
    parser.add_argument("--x_flag", default=argparse.SUPPRESS, **(flag or {"action": "store_true"}))
    for key, kind in TYPES.items():
        parser.add_argument(
            f"--{key}", type=kind, default=argparse.SUPPRESS, nargs="*" if key in LISTS else None
        )
    return vars(parser.parse_args(words))


def _truth(text):
    return {"true": True, "false": False}[text.lower()]


def _hf(words):
    return _argparse(words, type=_truth, nargs="?", const=True)


def _click(words):
    options = [click.Option(["--x_flag", "x_flag"], is_flag=True, default=None)]
    for key, kind in TYPES.items():
        name = key.replace(".", "_dot_")
        options.append(
            click.Option([f"--{key}", name], type=kind, nargs=2 if key in LISTS else 1, default=None)
        )
    found = click.Command("c", params=options).make_context("c", list(words)).params
    values = {key: list(value) if isinstance(value, tuple) else value for key, value in found.items()}
    return {key.replace("_dot_", "."): value for key, value in values.items() if value is not None}


@dataclasses.dataclass
class Optim:
    lr: float = -7.0
    ema: bool = True


@dataclasses.dataclass
class Options:
    optim: Optim = dataclasses.field(default_factory=Optim)
    x_flag: bool = False
    n: int = -7
    lr: float = -7.0
    name: str = UNSET
    opt: Optional[str] = UNSET  # noqa: UP045 - as scripts write it
    sizes: list[int] = dataclasses.field(default_factory=lambda: [-7])
    floats: list[float] = dataclasses.field(default_factory=lambda: [-7.0])
    names: list[str] = dataclasses.field(default_factory=lambda: [UNSET])


def _tyro(words):
    with contextlib.redirect_stderr(io.StringIO()), contextlib.redirect_stdout(io.StringIO()):
        return named(words, _flat(dataclasses.asdict(tyro.cli(Options, args=list(words)))))


def _flat(values):
    return {**values, **{f"optim.{key}": value for key, value in values["optim"].items()}}


def _literal(words):
    """What `configurator.py` of nanoGPT does with its arguments, which other scripts copied."""
    found = {}
    for word in words:
        option, text = word.split("=")
        assert option.startswith("--")
        try:
            found[option[2:]] = ast.literal_eval(text)
        except (SyntaxError, ValueError):
            found[option[2:]] = text
    return found


def _fire(words):
    found = {}
    with contextlib.redirect_stderr(io.StringIO()):
        fire.Fire(lambda **values: found.update(values), command=list(words))
    return found


def _hydra(words):
    """The parser of overrides alone; `whole_hydra` is the same with all that Hydra does around it, and a hundred times slower."""
    config = OmegaConf.create(HYDRA_DEFAULTS)
    for override in OverridesParser.create().parse_overrides(list(words)):
        assert not override.is_sweep_override()
        OmegaConf.update(config, override.key_or_group, override.value(), merge=False)
    return named(words, _flat(OmegaConf.to_container(config, resolve=True)))


def whole_hydra(words):
    ConfigStore.instance().store("options", OmegaConf.create(HYDRA_DEFAULTS))
    with initialize(version_base=None, config_path=None):
        found = OmegaConf.to_container(compose("options", overrides=list(words)), resolve=True)
    return named(words, _flat(found))


def _absl(words):
    values = flags.FlagValues()
    flags.DEFINE_bool("x_flag", None, "", flag_values=values)
    makers = {int: flags.DEFINE_integer, float: flags.DEFINE_float, str: flags.DEFINE_string}
    for key, kind in TYPES.items():
        maker = flags.DEFINE_list if key in LISTS else makers[kind]
        maker(key, None, "", flag_values=values)
    left = values(["program", *words])
    assert left == ["program"]
    found = {key: values[key].value for key in (*TYPES, "x_flag") if values[key].present}
    return {key: [TYPES[key](item) for item in v] if key in LISTS else v for key, v in found.items()}


def _overrides(words):
    """`--set KEY=VALUE`, as scripts take it apart that keep an INI file's settings as texts."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--set", action="append", default=[])
    found = dict(item.split("=", 1) for item in parser.parse_args([f"--set={word}" for word in words]).set)
    return {key: _of_text(key, text) for key, text in found.items()}


def _of_text(key, text):
    if key in LISTS:
        return [TYPES[key](cell) for row in csv.reader([text]) for cell in row]
    return _truth(text) if key not in TYPES else TYPES[key](text)


def _ml_collections(words):
    config = config_dict.create(
        x_flag=False, n=-7, lr=-7.0, name=UNSET, opt=UNSET, optim={"lr": -7.0, "ema": True}
    )
    config.update(sizes=(-7,), floats=(-7.0,), names=(UNSET,))
    values = flags.FlagValues()
    with mock.patch.object(sys, "argv", ["program", *words]):
        config_flags.DEFINE_config_dict("config", config, flag_values=values)
        assert values(["program", *words]) == ["program"]
    found = _flat(values.config.to_dict())
    return named(words, {key: list(v) if isinstance(v, tuple) else v for key, v in found.items()})


def _jsonargparse(words):
    parser = jsonargparse.ArgumentParser(exit_on_error=False)
    parser.add_class_arguments(Options)
    return named(words, _flat(parser.parse_args(list(words)).as_dict()))


def _yacs(words):
    """What `merge_from_list` of yacs makes of pairs: Python's literals, and other texts as they are."""
    assert len(words) % 2 == 0
    return {key: _decoded(value) for key, value in zip(words[::2], words[1::2], strict=True)}


def _decoded(text):
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text


PARSERS = {
    "argparse": _argparse,
    "click": _click,
    "hf": _hf,
    "tyro": _tyro,
    "literal": _literal,
    "fire": _fire,
    "yacs": _yacs,
    "hydra": _hydra,
    "overrides": _overrides,
    "absl": _absl,
    "ml_collections": _ml_collections,
    "jsonargparse": _jsonargparse,
}
"""Of each style, what its parser makes of words."""
