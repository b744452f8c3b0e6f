"""The lines of `trainer:`: the command, how it spells its options, where it runs, where its metrics are read."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from sweeps.authoring.outputs.checkpoints import WEIGHTS, Checkpoints
from sweeps.authoring.outputs.finding import FoundSource
from sweeps.authoring.outputs.paths import UNKNOWN, is_relative
from sweeps.authoring.outputs.writers import LIGHTNING_STEP, Written
from sweeps.authoring.roles import is_output, option_name
from sweeps.authoring.yaml_text import aligned, scalar, single_quoted
from sweeps.program.config_file import CONFIG_FILE
from sweeps.sources.printed import COUNTERS, OF
from sweeps.sources.shares import derive_line, read_derived
from sweeps.sources.suggestion import EACH, LEADS
from sweeps.spec.trainer.arguments import STYLES
from sweeps.spec.trainer.expression import Expression
from sweeps.spec.yaml_writer import comment

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sweeps.authoring.option import Interface, Option
    from sweeps.authoring.roles import Roles
    from sweeps.authoring.settings import Setting, Settings

_WIDE = 100
_GROUP = re.compile(r"\(\?P<(\w+)>")
NAMES = "(?P<name>"
"""In a pattern that reads the names of metrics with their values."""
_UNSEEN = "    # it prints this, too, as its source says; the run did not come to it"
_COUNTERS = frozenset({*COUNTERS, OF, "epochs", "steps", "total"})
"""What a pattern of a line calls its place, not what it measures."""
_LOGGERS = {
    "csv": FoundSource(
        "csv", "{run_dir}/**/metrics.csv", step=LIGHTNING_STEP[0], step_told=LIGHTNING_STEP[1]
    ),
    "tensorboard": FoundSource("tensorboard", "{run_dir}/**"),
    "mlflow": FoundSource("mlflow"),
}
"""Where a logger of Lightning writes that a word `logger=NAME` chooses of Hydra's groups."""
_DATA = ("data", "dataset", "root", "input", "train_file", "corpus", "csv", "file", "path")


@dataclass(frozen=True, slots=True)
class Facts:
    """What was found out about a script.

    Attributes:
        script: The script, as the command names it.
        interface: How it is started.
        written: What it writes and reads.
        printed: The patterns of what it prints.
        present: The names of what lies where it is started.
        before: Words of its command line that no option takes and that stand before the options.
        after: Those behind them.
        files: The config files that it reads, whose values no file of ours repeats.
        checkpoints: What it can go on from.
        logged: The names under which it logs metrics.
        was_run: Whether it was run once.
        probed: The lines of `metrics:` that a run showed; None: none.
        wrote: What a run left where it was started.
        words: What is typed behind the script's name.
        held: What its config files set and no option stands for.
    """

    script: str
    interface: Interface
    written: Written = field(default_factory=lambda: Written((), (), ()))
    printed: Sequence[FoundSource] = ()
    present: frozenset[str] = frozenset()
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    checkpoints: Checkpoints = field(default_factory=Checkpoints)
    logged: tuple[str, ...] = ()
    was_run: bool = False
    probed: Sequence[str] | None = None
    wrote: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    held: tuple[Option, ...] = ()


def trainer_lines(facts: Facts, roles: Roles, settings: Settings) -> Iterator[str]:
    """The lines below `trainer:`."""
    yield from _command(facts, settings)
    yield from _arguments(facts, roles, settings)
    yield from _place(facts, roles)
    yield from _variables(facts, settings)
    yield from _metrics(facts)
    epochs = settings.of(roles.epochs)
    if epochs is not None and epochs.has_value:
        yield f"  epochs: {scalar(epochs.key)}  # how long it trains, for progress and time estimates"
    elif (open_end := settings.of(roles.open_end)) is not None:
        default = open_end.option.default
        told = "it has no default" if default is None else f"its default ({default}) does not"
        yield f"  # ? epochs: {scalar(open_end.key)}  # does it say how long it trains? {told}; set it below"
    yield from _resume(facts, roles, settings)


def _variables(facts: Facts, settings: Settings) -> Iterator[str]:
    """The line `env:`: the variables that settings are taken from, and W&B's mode."""
    told = "to send the runs to W&B, delete this line and log in with `wandb login`"
    is_sent = any(source.kind == "wandb" and not source.question for source in facts.written.sources)
    named = [entry for entry in settings.settings if entry.option.variable and entry.has_value]
    if not named:
        yield from [f"  env: {{WANDB_MODE: offline}}  # {told}"] if is_sent else []
        return
    yield "  env:"
    yield from (f'    {entry.option.variable}: "{{{entry.key}}}"' for entry in named)
    yield from [f"    WANDB_MODE: offline  # {told}"] if is_sent else []


def _command(facts: Facts, settings: Settings) -> Iterator[str]:
    interface = facts.interface
    words = [
        "python",
        *filter(None, [interface.runner]),
        _escaped(facts.script),
        *map(_escaped, interface.before),
    ]
    placed = [
        entry
        for entry in settings.settings
        if entry.option.is_positional and (entry.has_value or entry.is_missing)
    ]
    words += [f"{{{CONFIG_FILE if is_copy(entry) else entry.key}}}" for entry in placed]
    words += map(_escaped, facts.before)
    for entry in settings.settings:
        if (entry.is_missing and entry.option.is_named) or _stands_before(entry, interface):
            words += _spelled(entry, interface)
    if _takes_rest(interface):
        words += [*filter(None, [interface.rest_flag]), "{args}"]
    words += [*map(_escaped, facts.after), *interface.after]
    line = "  command: [" + ", ".join(map(_word, words)) + "]"
    if len(line) <= _WIDE:
        yield line
    else:
        yield "  command:"
        yield from (f"    - {_word(word)}" for word in words)
    if interface.config_file:
        own = f"  config_file: {scalar(interface.config_file)}"
        yield from aligned(
            [(own, "each trial gets a copy of it with its settings; {trial_config} is that copy")]
        )
    if interface.config_asked:
        yield f"  # ? config_file: ...  # {comment(interface.config_asked)}"
    for text in interface.comments:
        yield f"  # ? {comment(text)}"


def is_copy(entry: Setting) -> bool:
    """Whether it is a word of the command that is the trial's copy of a config file, so that no setting stands for it."""
    return entry.option.is_positional and entry.option.default == f"{{{CONFIG_FILE}}}"


def _stands_before(entry: Setting, interface: Interface) -> bool:
    """Whether it is an option of the parser itself, which stands before the word behind which all settings are."""
    is_apart = bool(interface.rest_flag) or interface.style == "yacs"
    return is_apart and entry.option.flag.startswith("-") and entry.has_value


def _takes_rest(interface: Interface) -> bool:
    """Whether `{args}` stands in the command: where there are options by name, or may be, as none at all is known."""
    return bool(interface.style) and (
        not interface.options or any(option.is_named for option in interface.options)
    )


def _spelled(entry: Setting, interface: Interface) -> list[str]:
    """A required option as words of the command, so that `sweep check` asks for it."""
    flag, usual = entry.option.flag, STYLES[interface.style]
    if usual.join == "equals":
        return [f"{flag}={{{entry.key}}}"]
    return [flag, f"{{{entry.key}}}"]


def _escaped(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def _word(text: str) -> str:
    """A word of a list: placeholders in double quotes."""
    written = scalar(text)
    return f'"{written}"' if written == text and "{" in text else written


def _varies(entry: Setting, roles: Roles) -> bool:
    """Whether the file's grid is over this setting."""
    rate = roles.rate
    return rate is not None and entry.option.key == rate.key and isinstance(rate.default, int | float)


def _arguments(facts: Facts, roles: Roles, settings: Settings) -> Iterator[str]:
    interface = facts.interface
    if not _takes_rest(interface):
        return
    keys = {
        entry.key: entry.spelling
        for entry in settings.settings
        if entry.spelling
        and (entry.has_value or entry.key == "seed" or _varies(entry, roles))
        and not _stands_before(entry, interface)
    }
    if not keys and not settings.choices:
        yield f"  args: {interface.style}"
        return
    if not keys and len(settings.choices) <= 2:  # noqa: PLR2004 - a line's worth
        yield f"  args: {scalar({'style': interface.style, **settings.choices})}"
        return
    yield "  args:"
    yield f"    style: {interface.style}"
    yield from (f"    {name}: {scalar(value)}" for name, value in settings.choices.items())
    yield "    keys:"
    for key, said in keys.items():
        shown: Any = said["name"] if list(said) == ["name"] else dict(said)
        yield f"      {scalar(key)}: {scalar(shown)}"


def _place(facts: Facts, roles: Roles) -> Iterator[str]:
    """Where it runs: where what it writes beside itself stays apart from other trials'."""
    here = [path.replace(UNKNOWN, "*") for path in facts.written.here]
    here += [
        str(option.default)
        for option in facts.interface.options
        if option.question and is_output(option) and is_relative(str(option.default or ""))
    ]
    own = {
        str(default).removeprefix("./").partition("/")[0]
        for option in roles.outputs
        for default in (option.default, option.replaced)
        if default
    }
    here = [path for path in [*here, *facts.wrote] if path.removeprefix("./").partition("/")[0] not in own]
    if not here:
        return
    firsts = {path.removeprefix("./").partition("/")[0] for path in here}
    shown = ", ".join(
        sorted(
            f"{first}/" if any(path.removeprefix("./").startswith(f"{first}/") for path in here) else first
            for first in firsts
        )[:4]
    )
    read = _read(facts, roles)
    linked = sorted(
        {
            first
            for path in read
            if (first := path.removeprefix("./").partition("/")[0]) in facts.present and first not in firsts
        }
    )
    outside = [path for path in read if path.startswith("..")]
    if outside:
        parts = [posixpath.normpath(path).split("/") for path in outside]
        tops = sorted({"/".join(path[: path.count("..") + 1]) for path in parts})
        deep = "/".join(["{run_dir}", *["work"] * max(path.count("..") for path in parts)])
        yield f'  # ? cwd: "{deep}"  # it writes {comment(shown)} where it runs; so each trial has its own'
        yield f"  # ? link: {scalar([*tops, *linked])}  # it reads these from there: is that the right place?"
        return
    yield from aligned(
        [('  cwd: "{run_dir}"', f"it writes {shown} where it runs; so each trial has its own")]
    )
    if linked:
        yield f"  link: {scalar(linked)}  # it reads these where it runs"
    absent = sorted(
        {
            first
            for path in read
            if (first := path.removeprefix("./").partition("/")[0]) not in facts.present
            and first not in {"", "."}
        }
        - firsts
    )
    if absent:
        yield f"  # ? link: {scalar(absent)}  # is it downloaded or made there? make it here first, and trials share it"


def _read(facts: Facts, roles: Roles) -> list[str]:
    """The relative paths that it reads: in its source, in words of its command, as defaults of options, and in its config files."""
    paths = [path.split(UNKNOWN)[0] for path in facts.written.read]
    typed = [word.partition("=")[2] or word for word in (*facts.before, *facts.after)]
    typed += [word.partition("=")[2] for word in facts.interface.before]
    paths += [word for word in typed if word.removeprefix("./").partition("/")[0] in facts.present]
    others = [option for option in facts.interface.options if option not in roles.outputs]
    others += [option for option in facts.held if not is_output(option)]
    for option in others:
        texts = option.default if isinstance(option.default, list) else [option.default]
        for text in texts:
            if not isinstance(text, str) or text.startswith(("/", "~", "{")) or "://" in text:
                continue
            first = text.removeprefix("./").partition("/")[0]
            is_data = any(word in option_name(option).lower() for word in _DATA) and "/" in text
            if first in facts.present or is_data:
                paths.append(text)
    return [path for path in dict.fromkeys(paths) if path and path.strip("./")]


def _metrics(facts: Facts) -> Iterator[str]:
    if facts.probed is not None:
        yield from facts.probed
        yield from (line for source in unseen(facts) for line in (_UNSEEN, *_source(source)))
        return
    sure = [source for source in facts.written.sources if not source.question]
    asked = [source for source in facts.written.sources if source.question]
    if not sure and (chosen := list(_chosen(facts))):
        yield "  metrics:"
        for source in chosen:
            yield from _source(source)
        return
    active = [*sure] or list(facts.printed) or [source for source in asked if source.kind in {"csv", "json"}]
    if not active:
        yield "  # ? metrics:  # where are its metrics? `sweep init --probe` runs it for some seconds to find out; `sweep recipe` lists what there is"
    else:
        yield "  metrics:"
    for source in active:
        yield from _source(source)
    for source in asked:
        if source not in active:
            yield f"    # ? {_entry(source)}  # {comment(source.question)}"
    if sure and facts.printed:
        yield "    # It prints these too, perhaps the same again. To read them as well, take away the # before - and what belongs to it:"
    for source in facts.printed if sure else ():
        yield from (f"    # {line[4:].removeprefix('# ')}" for line in _source(source))


def _chosen(facts: Facts) -> Iterator[FoundSource]:
    """The loggers of Lightning that words of the command choose."""
    interface = facts.interface
    if interface.kind == "LightningCLI" and any("CSVLogger" in word for word in interface.after):
        yield replace(_LOGGERS["csv"], told="the CSVLogger that the command asks for")
    elif interface.style == "hydra":
        typed = [*facts.before, *facts.after]
        words = {word.removeprefix("logger=") for word in typed if word.startswith("logger=")}
        chosen = (each.default for each in interface.options if each.key == "logger" and each.is_given)
        words.update(name for name in chosen if isinstance(name, str))
        names = sorted(words & _LOGGERS.keys())
        for name in names:
            said = replace(_LOGGERS[name], told=f"logger={name}")
            # The others have the same metrics at global steps.
            yield said if len(names) == 1 else replace(said, step="", step_told="")


def unseen(facts: Facts) -> list[FoundSource]:
    """Where a run showed lines of text with metrics: those that the source prints as well, and the run did not."""
    shown = [line for line in facts.probed or () if "- stdout:" in line]
    names = set(metrics_in(facts.probed or ()))
    return [
        source
        for source in facts.printed
        if shown and (NAMES in source.text or not names.issuperset(metrics_of(source)))
    ]


def metrics_of(source: FoundSource) -> list[str]:
    """The metrics that a pattern of a line reads."""
    return metrics_in([source.text, *([derive_line(source.derived)] if source.derived else [])])


def groups_of(pattern: str) -> list[str]:
    """What a pattern of a line calls its parts, those left out that only count."""
    return [] if NAMES in pattern else [name for name in _GROUP.findall(pattern) if name not in _COUNTERS]


def metrics_in(lines: Sequence[str]) -> list[str]:
    """The metrics that lines of `metrics:` read by patterns: their groups, and what they derive of some, in place of these."""
    found: list[str] = []
    for line in lines:
        found += groups_of(line)
        if derived := read_derived(line):
            parts = {part for _, expression in derived for part in Expression.parse(expression).names}
            found = [*(name for name in found if name not in parts), *(name for name, _ in derived)]
    return found


def _source(source: FoundSource) -> Iterator[str]:
    entry = _entry(source)
    said = source.question or source.told
    if source.kind == "stdout":
        yield f"    # {comment(said)}{LEADS if source.leads else ''}"
        yield f"    - {entry}"
        if source.step:
            yield f"      step: {source.step}{f'  # {source.step_told}' if source.step_told else ''}"
        if source.derived:
            yield f"      {derive_line(source.derived)}"
        if source.several:
            yield f"      several: {source.several}  # {EACH}"
        return
    if source.step_told:
        yield from aligned(
            [
                (f"    - {_entry(replace(source, step=''))}", said),
                (f"      step: {source.step}", source.step_told),
            ]
        )
        return
    yield f"    - {entry}  # {comment(said)}"


def _entry(source: FoundSource) -> str:
    if source.kind == "mlflow":
        return "mlflow: true"
    if source.kind == "stdout":
        return f"stdout: {single_quoted(source.text)}"
    where = f'{source.kind}: "{source.text}"'
    if source.at or source.step:
        more = [f"at: {source.at}"] * bool(source.at) + [f"step: {source.step}"] * bool(source.step)
        return "{" + ", ".join([where, *more]) + "}"
    return where


def _resume(facts: Facts, roles: Roles, settings: Settings) -> Iterator[str]:
    option = roles.resume
    if option is None or not option.flag:
        return
    paths = facts.checkpoints.paths
    suffix = next((end for path in (*facts.written.here, *paths) for end in WEIGHTS if path.rstrip("}").endswith(end)), ".pt")  # fmt: skip
    found = f"{{newest:{{run_dir}}/**/*{suffix}}}"
    usual = STYLES[facts.interface.style]
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
        shown = (
            f'{{when: "{paths[0] if paths and is_said else found}", add: [{", ".join(map(_word, words))}]}}'
        )
    else:
        shown = "[" + ", ".join(map(_word, words)) + "]"
    if option.is_flag:
        needed = ", and is true already" if option.default is True else ""
        asks = (
            f"{asks} leave it out where the script finds its last checkpoint in {{run_dir}} by itself{needed}"
        )
    yield f"  # ? resume: {shown}  # added when a trial is taken up again: {asks}"
