"""The lines of `trainer:`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sweeps.authoring.drafting.command_lines import argument_lines, command_lines
from sweeps.authoring.drafting.metric_lines import metric_lines
from sweeps.authoring.drafting.place_lines import place_lines
from sweeps.authoring.drafting.yaml_text import scalar, word_text
from sweeps.authoring.outputs.checkpoints import WEIGHTS
from sweeps.program.surroundings import PYTHONPATH
from sweeps.spec.trainer.arguments import STYLES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sweeps.authoring.drafting.facts import Facts
    from sweeps.authoring.roles import Roles
    from sweeps.authoring.settings import Settings


def trainer_lines(facts: Facts, roles: Roles, settings: Settings) -> Iterator[str]:
    """The lines below `trainer:`."""
    yield from command_lines(facts, settings)
    yield from argument_lines(facts, roles, settings)
    yield from place_lines(facts, roles)
    yield from _variables(facts, settings)
    yield from metric_lines(facts)
    epochs = settings.of(roles.epochs)
    if epochs is not None and epochs.has_value:
        yield f"  epochs: {scalar(epochs.key)}  # how long it trains, for progress and time estimates"
    elif (open_end := settings.of(roles.open_end)) is not None:
        default = open_end.option.default
        told = "it has no default" if default is None else f"its default ({default}) does not"
        yield f"  # ? epochs: {scalar(open_end.key)}  # does it say how long it trains? {told}; set it below"
    yield from _resume(facts, roles, settings)


def _variables(facts: Facts, settings: Settings) -> Iterator[str]:
    """The line `env:`: the variables that settings are taken from, where its package is found, and W&B's mode."""
    told = "to send the runs to W&B, delete this line and log in with `wandb login`"
    is_sent = any(source.kind == "wandb" and not source.question for source in facts.written.sources)
    lines = [
        (f'{entry.option.variable}: "{{{entry.key}}}"', "")
        for entry in settings.settings
        if entry.option.variable and entry.has_value
    ]
    lines += [(f"{PYTHONPATH}: {scalar(facts.base)}", f"where {facts.module} is found")] if facts.base else []
    lines += [("WANDB_MODE: offline", told)] if is_sent else []
    if len(lines) == 1 and lines[0][1]:
        yield f"  env: {{{lines[0][0]}}}  # {lines[0][1]}"
    elif lines:
        yield "  env:"
        yield from (f"    {line}{f'  # {remark}' if remark else ''}" for line, remark in lines)


def _resume(facts: Facts, roles: Roles, settings: Settings) -> Iterator[str]:
    option = roles.resume
    if option is None or not option.flag:
        return
    paths = facts.checkpoints.paths
    suffix = next((end for path in (*facts.written.here, *paths) for end in WEIGHTS if path.rstrip("}").endswith(end)), ".pt")  # fmt: skip
    usual = STYLES[facts.interface.style]
    # Hydra may run the script in a folder of its own below.
    sure = facts.checkpoints.latest if usual.texts != "hydra" else ""
    found = f"{{newest:{sure}}}" if sure else f"{{newest:{{run_dir}}/**/*{suffix}}}"
    value = roles.resume_word or found
    if (
        not roles.resume_word and usual.texts == "hydra"
    ):  # which takes no = of a path, as in epoch=3.ckpt, without quotes
        value = f"'{value}'"
    if option.is_flag:
        booleans = option.booleans or settings.choices.get("booleans") or usual.booleans
        value = "" if isinstance(booleans, str) else str(booleans[0])
    words = [f"{option.flag}={value}"] if usual.join == "equals" else [option.flag, value]
    asks = "is this how it continues, and from which file?"
    is_said = option.is_flag or bool(roles.resume_word)
    if is_said or value != found:
        asks = "is this how it continues?" if paths and is_said else asks
        words = words if value else [option.flag]
        shown = f'{{when: "{paths[0] if paths and is_said else found}", add: [{", ".join(map(word_text, words))}]}}'
    else:
        shown = "[" + ", ".join(map(word_text, words)) + "]"
    if option.is_flag:
        needed = ", and is true already" if option.default is True else ""
        asks = f"{asks} leave it out where the script finds its checkpoint by itself{needed}"
    yield f"  # ? resume: {shown}  # added when a trial is taken up again: {asks}"
