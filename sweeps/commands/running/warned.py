"""What of a file works, and is not as its author will have meant it: all of it for `sweep check`, what is certain for `sweep run`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from analysis.results.results import counted
from sweeps.authoring.checks.refused_settings import refused_settings, unlike_settings
from sweeps.authoring.checks.seed_settings import fixed_seeds, varied_seeds
from sweeps.authoring.checks.unspoken_values import unspoken_values
from sweeps.planning.checks.same_commands import same_command_warnings
from sweeps.planning.checks.searches import drawn_examples
from sweeps.planning.expansion import file_warnings, given_settings, repeat_warnings
from sweeps.program.surroundings import search_path
from sweeps.record.store_uri import DEFAULT_TRACKING_URI
from sweeps.spec.sweep_parser import SEED
from sweeps.trainer.command_check import command_warnings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sweeps.authoring.script import ScriptReader
    from sweeps.commands.session import Session
    from sweeps.errors import Problem
    from sweeps.planning.plan import Step
    from sweeps.spec.model import Spec
    from sweeps.spec.settings import Setting
    from sweeps.spec.yaml_reader import Value

_MOST = 3
"""No more are shown where trials start; `sweep check` says the others."""


def warnings_of(session: Session, scripts: ScriptReader) -> list[Problem]:
    """All that `sweep check` warns of, each with its place.

    Args:
        session: The checked file.
        scripts: Reads the script of its command.
    """
    spec, trainer = session.spec, session.trainer
    given = list(_given(session, spec))
    return sorted(
        [
            *trainer.warnings(),
            *refused_settings(trainer, [*given, *drawn_examples(spec)], scripts),
            *unlike_settings(trainer, given, scripts),
            *unspoken_values(trainer, given, scripts),
            *varied_seeds(trainer, given, scripts),
            *fixed_seeds(trainer, given, scripts),
            *same_command_warnings(trainer, session.sweeps, given),
            *file_warnings(spec, trainer, session.request.seeds),
        ]
    )


def opening_warnings(session: Session, steps: Sequence[Step]) -> Iterator[str]:
    """What `sweep run` says where trials are about to fail, or to repeat each other, in lines.

    Of the warnings of `sweep check` those that are certain, and of these those that these trials meet. Nothing is refused: other
    trials of the same grid may be right, one that fails so ends within seconds and says why, and whoever runs in a batch would find
    nothing done.

    Args:
        session: The checked file.
        steps: The trials that are about to start; those that a search will suggest are not among them.
    """
    trainer = session.trainer
    if trainer.spec.command is None:
        return
    from sweeps.authoring.script import ScriptReader  # which only a command needs

    scripts, spec = ScriptReader(Path.cwd()), _asked(session)
    met = list(_met(_given(session, spec), session, steps))
    found = [
        *command_warnings(trainer.spec, search_path(trainer.spec.surroundings)),
        *refused_settings(trainer, met, scripts),
        *unlike_settings(trainer, met, scripts, refused=True),
        *unspoken_values(trainer, met, scripts),
        *fixed_seeds(trainer, met, scripts),
        *same_command_warnings(trainer, session.sweeps, met),
        *repeat_warnings(spec, trainer, session.request.seeds),
    ]
    for warning in sorted(found)[:_MOST]:
        yield f"{warning.place}: warning: {warning.message}"
    if len(found) > _MOST:
        yield f"{counted(len(found) - _MOST, 'more warning')}: `{session.request.shell('check', DEFAULT_TRACKING_URI, session.profile)}`"


def _given(session: Session, spec: Spec) -> Iterator[tuple[str, Setting]]:
    asked = session.request
    return given_settings(spec, asked.overrides, session.profile, asked.seeds)


def _asked(session: Session) -> Spec:
    """The file with the sweeps and the profile alone that are asked for."""
    names, spec = {sweep.name for sweep in session.sweeps}, session.spec
    return replace(
        spec,
        sweeps=tuple(sweep for sweep in spec.sweeps if sweep.name in names),
        profiles={name: one for name, one in spec.profiles.items() if name == session.profile},
    )


def _met(
    given: Iterable[tuple[str, Setting]], session: Session, steps: Sequence[Step]
) -> Iterator[tuple[str, Setting]]:
    """The settings that a trial has which is about to start; of a search any may be suggested."""
    if session.searches:
        yield from given
        return
    values: dict[str, dict[str, Value]] = {}
    for step in steps:
        for key, value in step.trial.config.items():
            values.setdefault(key, {})[repr(value)] = value
    for key, setting in given:
        value = setting.value
        follows = isinstance(value, list | dict) or (isinstance(value, str) and "{" in value)
        if key in values and (key == SEED or follows or value in values[key].values()):
            yield key, setting
