"""Writes the experiments.yaml of a script: a pure function of what was found out about it."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.results.metric_names import UNKNOWN_WAY, suggestion
from sweeps.authoring.drafting.command_lines import is_copy
from sweeps.authoring.drafting.metric_lines import (
    metrics_in,
    metrics_of,
    read_once,
    reads_files,
    unseen,
)
from sweeps.authoring.drafting.trainer_lines import trainer_lines
from sweeps.authoring.drafting.yaml_text import aligned, scalar
from sweeps.authoring.option import NOTHING, Formula
from sweeps.authoring.roles import roles_of
from sweeps.authoring.settings import settings_of
from sweeps.program.config_file import CONFIG_FILE
from sweeps.program.modules import MAIN
from sweeps.spec.fields import is_whole
from sweeps.spec.sweep_parser import SEED
from sweeps.spec.yaml_writer import comment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sweeps.authoring.drafting.facts import Facts
    from sweeps.authoring.option import Option
    from sweeps.authoring.roles import Roles
    from sweeps.authoring.settings import Setting, Settings

ASKS_GRID = "# ? grid:"
"""So the line begins that asks which options shall vary."""
JUDGED = "by which metrics the report compares and ranks trials, higher, lower or neither is better"
"""What the line `measures:` is for."""
_BEST = "value: best"
_MOST_CHOICES = 12
_COUNTS = "what stands here counts, also when the script's own changes"
_LONGEST_WORDS = 80
_HEADER = """\
# Written by `sweep init {asked}`, {how}.
#   sweep check {file}      says whether it is right, and how many trials there are
#   sweep run {file}        runs them; run it again after an edit or an interruption
# A line `# ? ...` is a question to you: its source did not tell."""
_OWN = "# {run_dir} is a folder of each trial's own."
_FOUND = "Wherever it runs, {script} is the one that you see from where you start sweep."


@dataclass(frozen=True, slots=True)
class Draft:
    """The text of a file.

    Attributes:
        text: The file.
        missing: The settings that have to be filled in before `sweep check` passes.
        questions: How many questions it asks.
        asks_config: Whether its `config_file:` has to be filled in, too.
    """

    text: str
    missing: tuple[str, ...] = ()
    questions: int = 0
    asks_config: bool = False


def draft(facts: Facts, file: str = "experiments.yaml") -> Draft:
    """Write the file."""
    roles = roles_of(facts.interface.options, facts.checkpoints.words)
    settings = settings_of(facts.interface, roles)
    how = f"which read its source and ran {'it once' if facts.was_run else 'nothing'}"
    head = _HEADER.format(asked=_asked(facts), file=file, how=how).splitlines()
    lines = [
        f"experiment: {scalar(_experiment(facts.script, facts.folder))}",
        "trainer:",
        *trainer_lines(facts, roles, settings),
        *_defaults(facts, settings),
        "sweeps:",
        *_sweeps(roles, settings, facts),
        *_measures(facts, file),
    ]
    if any("{run_dir}" in line for line in lines):
        runs_there = any(line.lstrip(" #?").startswith("cwd: ") for line in lines)
        head.append(
            " ".join(
                [_OWN, *([_FOUND.format(script=comment(facts.module or facts.script))] if runs_there else [])]
            )
        )
    missing = tuple(entry.key for entry in settings.settings if entry.is_missing)
    questions = sum("# ? " in line for line in lines)
    return Draft("\n".join([*head, *lines]) + "\n", missing, questions, bool(facts.interface.config_asked))


def _asked(facts: Facts) -> str:
    """What was asked of `sweep init`, cut where it is long."""
    words = comment(shlex.join(facts.words))
    if len(words) > _LONGEST_WORDS:
        words = f"{words[:_LONGEST_WORDS]}..."
    return comment(facts.typed or facts.script) + (f" -- {words}" if words else "")


def _experiment(script: str, folder: str) -> str:
    """The name of the script, with the folder's where it says nothing by itself; of `__main__.py` that of its folder."""
    parts = script.removesuffix(".py").replace("\\", "/").split("/")
    if parts[-1] == MAIN:
        parts = [folder or "experiment"]
    name = (
        parts[-1]
        if parts[-1] not in {"train", "main", "run", "trainer", "cli"}
        or len(parts) == 1
        or parts[-2] in {"", ".", ".."}
        else f"{parts[-2]}-{parts[-1]}"
    )
    kept = "".join(
        char if char.isascii() and (char.isalnum() or char in "._+-") else "-" for char in name
    ).strip("-.")
    return kept or "experiment"


def _defaults(facts: Facts, settings: Settings) -> Iterator[str]:
    entries = [entry for entry in settings.settings if not is_copy(entry)]
    if not entries:
        if not settings.settings and facts.interface.comments:
            yield "defaults: {}  # its settings, as {lr: 0.1, seed: 1}"
        return
    lines: list[tuple[str, str]] = []
    for entry in entries:
        said = _said(entry, facts.interface.style)
        if entry.is_missing:
            lines.append((f"  # ? {entry.key}: ...", said))
        elif entry.has_value:
            lines.append((f"  {scalar(entry.key)}: {scalar(entry.value)}", said))
        else:
            lines.append(
                (f"  # {entry.key}: {scalar(entry.value) if entry.value is not None else ''}".rstrip(), said)
            )
    has_values = any(entry.has_value for entry in entries)
    yield f"{'' if has_values else '# '}defaults:  # {comment(_told(facts))}"
    yield from aligned(lines)


def _told(facts: Facts) -> str:
    """Where the values of `defaults` are from."""
    options = facts.interface.options
    typed = ["what was typed"] if any(map(_is_typed, options)) else []
    if facts.files:
        begin = f"{typed[0]}, and what else differs" if typed else "what differs"
        return f"{begin} from {', '.join(facts.files)}; a comment is what stands there, or else in the script; a key that comes in makes other trials"
    if any(option.is_quiet for option in options):
        return f"what {facts.interface.kind} takes; a comment is what its own config has, which stays"
    from_files = dict.fromkeys(option.source for option in options if option.is_given and option.source)
    if facts.interface.runner:
        return f"the constants at its top, with the values that they have there; {_COUNTS}"
    parts = [*typed, *(f"what {file} has" for file in from_files)]
    begin = f"{', '.join(parts)}, and else " if parts else ""
    return f"what {facts.interface.kind} takes, with {begin}the script's own defaults; {_COUNTS}"


def _is_typed(option: Option) -> bool:
    """Whether somebody typed its value: it is neither a file's, nor the copy of a config file that each trial gets."""
    return option.is_given and not option.source and option.default != f"{{{CONFIG_FILE}}}"


def _typed(option: Option, where: str) -> str:
    """What to say of a value that was typed: what the script, or its config, has without it, where that is known."""
    own = option.replaced
    if own is None:
        return "typed"
    if own == option.default:
        return f"typed, as in {where}"
    return f"typed; in {where}: {own.text if isinstance(own, Formula) else scalar(own)}"


def _said(entry: Setting, style: str) -> str:
    """The comment of a setting: type, choices, help, and what the script has where the file has nothing."""
    option = entry.option
    parts = []
    kind = "list of " * option.is_list + option.kind if option.kind else "list" * option.is_list
    if option.choices:
        shown = ", ".join(str(choice) for choice in option.choices[:_MOST_CHOICES]) + (
            ", ..." if len(option.choices) > _MOST_CHOICES else ""
        )
        parts.append(f"one of {shown}")
    elif kind and kind != "list of ":
        parts.append(kind.strip())
    if option.help:
        parts.append(option.help)
    if origin := _origin(entry, style):
        parts.append(origin)
    if entry.spelling and not (entry.has_value or entry.is_missing or entry.key == SEED):
        parts.append(f"to set it: args: {{keys: {scalar({entry.key: dict(entry.spelling)})}}}")
    return "; ".join(parts)


def _origin(entry: Setting, style: str) -> str:
    """Where the value of a setting is from, where that is not the script; or why there is none."""
    option = entry.option
    where = option.source.rpartition("/")[2] or "the script"
    if isinstance(option.default, Formula):
        return f"in the script: {option.default.text}"
    if entry.question:
        return entry.question if entry.is_missing else f"not written: {entry.question}"
    if entry.has_value and entry.value != option.default and option.default is not None:
        return f"typed: {option.default}" if option.is_given else f"in {where}: {option.default}"
    if _is_typed(option) and entry.has_value:
        return _typed(option, "its config" if style == "hydra" or option.is_override else where)
    if option.source:
        return f"as in {where}"
    if entry.has_value and option.is_required and option.choices and option.default is None:
        return "required: this is the first of them"
    return ""


def _sweeps(roles: Roles, settings: Settings, facts: Facts) -> Iterator[str]:
    rate = settings.of(roles.rate)
    seed = settings.of(roles.seed)
    knob = settings.of(roles.knob)
    repeats = seed is not None and (seed.key == SEED or seed.value == f"{{{SEED}}}")
    if rate is not None and roles.rate is not None and isinstance(roles.rate.default, int | float):
        yield "  learning-rate:"
        values = [_rounded(roles.rate.default * factor) for factor in (1 / 3, 1, 3)]
        yield f"    grid: {{{scalar(rate.key)}: {scalar(values)}}}"
    elif knob is not None and isinstance(knob.option.default, int | float):
        yield "  first:"
        grid = scalar({knob.key: [_half(knob.option.default), knob.option.default]})
        yield f"    grid: {grid}  # ? a guess: which settings shall vary, and over which values?"
    elif facts.interface.options:
        yield "  first:"
        yield f"    {ASKS_GRID} {{KEY: [VALUE, VALUE]}}  # which options shall vary?"
        if not repeats:
            yield "    set: {}"
    elif facts.interface.kind != NOTHING:
        kind = facts.interface.kind
        yield f"  first: {{set: {{}}}}  # ? it has options through {comment(kind)}, which its source does not show here: which of them shall vary?"
    else:
        yield "  first: {set: {}}  # ? the script takes no options and sets no numbers at its top, so that there is nothing to vary: `sweep recipe constants`"
    if seed is not None and repeats:
        default = seed.option.default
        first = default if is_whole(default) and default >= 0 else 0  # -1 asks for one by chance
        yield f"    seeds: [{first}, {first + 1}]"
    elif roles.likely_seed is not None and settings.of(roles.likely_seed) is not None:
        yield f"    # ? seeds: 3  # {comment(_likely_seed(roles.likely_seed, settings, facts.interface.style))}"


def _likely_seed(option: Option, settings: Settings, style: str) -> str:
    """What to ask of an option that may be the seed, and what to write if it is."""
    entry = settings.of(option)
    key = option.key if entry is None else entry.key
    asked = f"is {key} the seed? then take away `# ? `, and write"
    if option.is_named:
        args = scalar({"style": style, **settings.choices, "keys": {SEED: option.flag}})
        return f"{asked} `args: {args}`, and no {key} in `defaults:`"
    return f'{asked} `{key}: "{{{SEED}}}"` in `defaults:`'


def _measures(facts: Facts, file: str) -> Iterator[str]:
    """The line, as a comment, by which trials would be judged: a metric that the file reads; nothing where none was found."""
    is_written = reads_files(facts)
    names = [] if is_written else [name for one in facts.printed for name in metrics_of(one)]
    if facts.probed is not None:
        names = [*metrics_in(facts.probed), *(name for one in unseen(facts) for name in metrics_of(one))]
        is_written = any(line.lstrip().startswith("- ") and "- stdout:" not in line for line in facts.probed)
    if not names and not facts.printed and not facts.probed and not facts.written.sources:
        return
    found = dict.fromkeys([*facts.logged, *names] if is_written else names)
    once = facts.logged_once if is_written else frozenset(read_once(facts))
    line = suggestion(found, stops_early=facts.stops_early, once=once)
    told = JUDGED
    if not line:
        line = f"measures: {{METRIC: {UNKNOWN_WAY}}}"
        told = f"{told}; after a first trial, `sweep metrics {file} TRIAL` names them"
    elif _BEST in line:
        told = f"{told}; {_BEST} as the script stops early: what came after the best brought nothing"
    yield f"# {line}  # {comment(told)}"


def _half(value: float) -> float:
    """Half of a positive number: of one between 0 and 1 it is there, too, of a whole number it is whole."""
    return value // 2 if isinstance(value, int) else _rounded(value / 2)


def _rounded(value: float) -> float:
    """A number with two digits."""
    return float(f"{value:.2g}")
