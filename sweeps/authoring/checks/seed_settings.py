"""Seeds by another name: a grid over one, and one that stays as it is while trials are repeated."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sweeps.authoring.checks.refused_settings import seed_by, seed_remedy
from sweeps.authoring.seed_options import name_of
from sweeps.program.arguments import spelled_else
from sweeps.spec.fields import is_whole
from sweeps.spec.references import references
from sweeps.spec.settings import identity
from sweeps.spec.sweep_parser import SEED, SEED_NAME
from sweeps.spec.trainer.arguments import NONE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sweeps.authoring.option import Option
    from sweeps.authoring.script import ScriptReader
    from sweeps.errors import Problem
    from sweeps.spec.settings import Setting
    from sweeps.spec.yaml_reader import Value
    from sweeps.trainer.loader import Trainer

_AXES = (".grid", ".zip")


def varied_seeds(
    trainer: Trainer, written: Iterable[tuple[str, Setting]], scripts: ScriptReader
) -> Iterator[Problem]:
    """Grids over what is the seed by its name, or by its help in the script: such trials are compared as settings, not as repeats.

    Nothing is said of a file that has `seed`, too, whose other seed is a setting.
    """
    settings = list(written)
    axes: dict[tuple[str, str], list[Setting]] = {}
    for key, setting in settings:
        if setting.layer.endswith(_AXES):
            axes.setdefault((setting.layer, key), []).append(setting)
    counted = {at: found for at, found in axes.items() if len(found) > 1 and all(map(_is_whole, found))}
    if not counted or any(key == SEED for key, _ in settings):
        return
    said = seed_by(trainer, scripts)
    for (_, key), found in counted.items():
        is_said = said is not None and name_of(key) == name_of(said.key)
        if is_said or SEED_NAME.fullmatch(name_of(key)):
            shown = ", ".join(str(setting.value) for setting in found)
            remedy = _repeating(trainer, key, said if is_said else None)
            yield found[0].told(
                key,
                f"looks like the seed, and is compared as a setting; with `seeds: [{shown}]` its values are repeats: {remedy}",
            )


def fixed_seeds(
    trainer: Trainer, written: Iterable[tuple[str, Setting]], scripts: ScriptReader
) -> Iterator[Problem]:
    """Seeds that do not reach a program which has an option for one, so that all repeats have the same.

    `args: {keys: {seed: none}}` keeps them from it, or another setting has the option that they are passed by.
    """
    settings = list(written)
    repeats = _repeats(settings)
    if not repeats or any(SEED in references(setting.value) for _, setting in settings):
        return
    keys = [key for key, _ in settings]
    if _is_kept(trainer):
        if (said := seed_by(trainer, scripts)) is None:
            return
        wrong = f"nothing takes the seed, and {said.flag} stays as it is: repeats train alike; {seed_remedy(trainer, said, keys)}"
    elif (twin := _twin(trainer, settings)) is not None:
        wrong = f"{twin} is passed by the option of the seed, too, and what stands last counts: repeats may train alike; take the setting {twin} out"
    else:
        return
    yield from (setting.told(SEED, wrong) for setting in repeats)


def _twin(trainer: Trainer, settings: Iterable[tuple[str, Setting]]) -> str | None:
    """The key of another setting that is passed by the option of the seed."""
    if not trainer.takes_rest or SEED in trainer.named or trainer.is_in_file(SEED):
        return None
    option = _option(trainer, SEED, 0)
    passed = (
        (key, setting)
        for key, setting in settings
        if key != SEED and key not in trainer.named and not trainer.is_in_file(key)
    )
    return next((key for key, one in passed if option and _option(trainer, key, one.value) == option), None)


def _option(trainer: Trainer, key: str, value: Value) -> str:
    """The option that a setting is passed by; empty: by none."""
    words, spelling = spelled_else(trainer.spec.arguments, key, value, []), trainer.spec.arguments.of(key)
    prefix = spelling.prefix if spelling is not None else ""  # `--set=` in `--set=KEY=VALUE`
    return words[0].removeprefix(prefix).partition("=")[0] if words else ""


def _is_kept(trainer: Trainer) -> bool:
    """Whether the file says that the seed is no word of the command, beside others that are."""
    arguments = trainer.spec.arguments
    is_around = any(key == SEED for _, key, _ in trainer.around)
    is_passed = SEED in trainer.named or is_around or trainer.is_in_file(SEED)
    return trainer.takes_rest and not is_passed and arguments.style != NONE and arguments.of(SEED) is None


def _repeats(settings: Sequence[tuple[str, Setting]]) -> list[Setting]:
    """The first seed of each layer that repeats trials."""
    layers: dict[str, list[Setting]] = {}
    for key, setting in settings:
        if key == SEED:
            layers.setdefault(setting.layer, []).append(setting)
    return [
        found[0]
        for layer, found in layers.items()
        if layer.endswith("seeds")
        and (len({identity(one.value) for one in found}) > 1 or not layer.startswith("sweeps."))
    ]


def _repeating(trainer: Trainer, key: str, said: Option | None) -> str:
    """What makes a setting the seed."""
    if key in trainer.named:
        return f"write {{{SEED}}} in place of {{{key}}} in the command"
    if said is None or trainer.is_in_file(key):
        return f'write `{key}: "{{{SEED}}}"` below `defaults`'
    return seed_remedy(trainer, said, ())


def _is_whole(setting: Setting) -> bool:
    return is_whole(setting.value) and setting.value >= 0
