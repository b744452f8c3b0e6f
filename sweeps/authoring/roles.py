"""What the options of a script are for, by their names: learning rate, seed, epochs, where it writes, what it resumes from."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sweeps.authoring.seed_options import likely_seed, seed_of
from sweeps.program.named_paths import is_file
from sweeps.spec.fields import is_number
from sweeps.spec.sweep_parser import SEED_NAME

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from sweeps.authoring.option import Option

_RATES = (
    re.compile(r"lr|learning_?rate"),
    re.compile(
        r"(base|init|initial|max|peak|start|g|d|actor|critic|policy|opt|optim|adam|sgd|outer)_(lr|learning_?rate)|(lr|learning_?rate)_?(base|init|max|0|g|d|actor|critic|policy)|step_size|eta0?"
    ),
)
_EPOCHS = (
    re.compile(r"(num|n|nb|max|total|train|num_train|number_of)?_?n?epochs?"),
    re.compile(
        r"(num|n|nb|max|total|train|num_train|number_of|training)_?(train|training|env|environment)?_?(iters?|iterations|steps|timesteps|updates|episodes|frames)|iterations|iters|steps|episodes|niters?"
    ),
)
_WHOLE = re.compile(r"total|max|train|env|timesteps|iter")
"""What names of steps have that are all of them: `num_steps` beside `total_timesteps` is how long a rollout is."""
_OUTPUT = re.compile(
    r"(out|output|outputs|save|saving|dump|log|logs|logging|tb|tensorboard|result|results|summary|exp|experiment|work|working|run|runs|train|training|default_root)"
    r"_?(dir|directory|root|folder|path|dirpath)|(checkpoint|checkpoints|ckpt|model_save|models?)_?(save_)?(dir|directory|root|folder)|out|output|outdir|save_?to|workdir|logdir|outf|"
    r"(out|output|save|log|result|results|csv|json|metrics|history)_?file(name)?|save_model_path|save|log_csv|csv|metrics_out"
)
_FIGURE = re.compile(
    r"((save|out|output|roc|result)s?_)?(fig|figure|plot|chart)s?(_?(file(name)?|path|out))?"
)
_PICTURE = re.compile(r"(?i)\.(png|pdf|svg|eps|jpe?g)$")
_OF_FILES = frozenset({"save", "csv", "log_csv", "metrics_out", "output", "out"})
"""Names of outputs that are files, though they do not say so."""
_MAY_BE_READ = re.compile(r"(csv|json|history|metrics)(_?file(name)?|_?path)?")
"""Names of outputs that inputs have as well."""
DATA_FILE = "data file"
"""The kind of a key of a config file that names what the script reads."""
_WRITTEN_THERE = re.compile(
    r"(?i)where to (store|save|write|put)|\b(folder|directory|dir|path)\b( in which| where)? (to|for) (output|outputs|save|saving|store|storing|writ)"
)
"""What the help of an option for an output says, whatever the option is called."""
_FORMAT = re.compile(
    r"(?i)te?xt|jsonl?|[ct]sv|ya?ml|toml|xml|html|md|markdown|tex|latex|table|plain|pretty|raw|parquet|pickle|pkl|npz?|npy|hdf5|h5|png|jpe?g|pdf|svg|gif|"
    r"std(out|err)|console|terminal"
)
"""What an option such as `--output` names where it takes no path, but how to write, or to whom."""
_OF_FORMATS = re.compile(r"(?i)\bformats?\b")
_OF_PLACES = re.compile(r"(?i)\b(folder|director(y|ies)|dir|paths?|files?|filename|where)\b")
_READ_THERE = re.compile(r"(?i)data|cache|download|\bload|restor|resum|pretrain")
_PLACE = re.compile(r".*(dir|directory|folder|path|root|f)")
_RESUME = re.compile(
    r"resume(_from)?(_checkpoint|_path|_ckpt)?|(resume_)?(ckpt|checkpoint)(_path|_file)?|load(_from|_path|_model|_checkpoint|_ckpt)?|restore(_from|_path)?|auto_?resume|continue(_from|_training)?|init_from|last_ckpt"
)
RESUME_WORDS = ("resume", "continue")
"""What an option is set to where it has a program go on from its own checkpoint, whatever the option is called."""
_WORDS_OF_RESUME = ("auto", "last", "latest")
_QUOTED = re.compile(r"""(['"`])(\w+)\1""")
_NO_KNOB = re.compile(
    r".*_?(every|interval|freq|frequency|period|verbose|verbosity|version|port|rank|workers?|threads?|cpus?|gpus?|jobs?|procs?|processes|cores?|nodes?|devices?|timeout|id|index)"
    r"|(log|save|print|plot|eval|report|write|output|dump|display|fig|figure|dpi|font|marker|line|measure|checkpoint|ckpt|max_to_keep|keep)(_.*)?"
)
"""Numbers that say how a program works, logs or draws, and not what it computes."""
_TEXTS = frozenset(
    {"", "str", "Path", "path", "PathLike", "File", "Directory", "FileType", "PosixPath", "realpath"}
)
_FILE = re.compile(r"\.[A-Za-z]\w{0,5}$")


@dataclass(frozen=True, slots=True)
class Roles:
    """The options of a script that matter to a sweep.

    Attributes:
        rate: The learning rate, with a number as its default.
        seed: The seed.
        likely_seed: What may be the seed, where none surely is.
        epochs: How long it trains, with a number as its default.
        open_end: What may say so where its default does not: -1, or none; None: there is no such option, or `epochs` says it.
        outputs: Where it writes.
        resume: What it takes up again; a flag, a path, or one word of several.
        resume_word: The word of `resume` that has it go on; empty: it is a flag or a path.
        knob: Where there is no rate: a number of its config file that a first grid may be over, which is a guess.
    """

    rate: Option | None = None
    seed: Option | None = None
    likely_seed: Option | None = None
    epochs: Option | None = None
    open_end: Option | None = None
    outputs: tuple[Option, ...] = ()
    resume: Option | None = None
    resume_word: str = ""
    knob: Option | None = None


def roles_of(options: Sequence[Option], words: Mapping[str, str] | None = None) -> Roles:
    """What the options are for.

    Args:
        options: The options.
        words: Names of options that the source compares with a word such as `resume`, each with the word.
    """
    resume, word = _resume(options, words or {})
    outputs = tuple(
        option
        for option in options
        if is_output(option) and (not option.question or _is_computed_folder(option))
    )
    epochs, seed = _epochs(options), seed_of(options)
    return Roles(
        rate=_first(options, _RATES, _is_positive),
        seed=seed,
        likely_seed=likely_seed(options) if seed is None else None,
        epochs=epochs,
        open_end=_first(options, _EPOCHS, _has_open_end) if epochs is None else None,
        outputs=outputs,
        resume=resume,
        resume_word=word,
        knob=_knob(options),
    )


def _knob(options: Sequence[Option]) -> Option | None:
    """The first number of the config file that is no seed, no length and nothing of how it works; rather one with a point."""
    found = [option for option in options if _is_knob(option)]
    return next((option for option in found if isinstance(option.default, float)), next(iter(found), None))


def _is_knob(option: Option) -> bool:
    name = option_name(option).lower()
    others = (SEED_NAME, *_EPOCHS, _NO_KNOB)
    return (
        (option.is_in_file or option.is_override)
        and not (option.is_list or option.question)
        and _is_positive(option)
        and (isinstance(option.default, float) or option.default != 1)  # of which no whole number is half
        and not any(pattern.fullmatch(name) for pattern in others)
    )


def _epochs(options: Sequence[Option]) -> Option | None:
    """How long it trains: epochs, or else steps; of several kinds of steps those of the whole training, or the most."""
    whole, steps = _EPOCHS
    found = _first(options, (whole,), _is_length)
    counted = [one for one in options if steps.fullmatch(option_name(one).lower()) and _is_length(one)]
    return found or max(counted, key=_wholeness, default=None)


def _is_length(option: Option) -> bool:
    return _is_positive(option) and not option.question


def _wholeness(option: Option) -> tuple[bool, float]:
    is_number = isinstance(option.default, int | float)
    return _WHOLE.search(option_name(option).lower()) is not None, float(option.default) if is_number else 0.0  # type: ignore[arg-type]


def _is_computed_folder(option: Option) -> bool:
    """Whether the source computes a folder for it, as from the time of day, which several trials may share; of a file the name is not known."""
    name = option_name(option).lower()
    return option.default is None and not _FILE.search(option.question.strip("'\"")) and "file" not in name


def _resume(options: Sequence[Option], compared: Mapping[str, str]) -> tuple[Option | None, str]:
    """The option by which it goes on, and its word where it has one."""
    for option in options:
        if option.flag and not option.is_list and option.kind in _TEXTS | {"enum"}:
            word = _word_of(option) or compared.get(option_name(option), "")
            if word:
                return option, word
    found = _first(
        options,
        (_RESUME,),
        lambda option: not (option.is_list or option.is_number or option.is_group or is_output(option)),
    )
    return found, ""


def _word_of(option: Option) -> str:
    """The word by which an option has the program go on: among its choices, as its default, or in quotes in its help."""
    is_named = _RESUME.fullmatch(option_name(option).lower()) is not None
    known = (*RESUME_WORDS, *_WORDS_OF_RESUME) if is_named else RESUME_WORDS
    quoted = [quoted for _, quoted in _QUOTED.findall(option.help)]
    said = [*option.choices, option.default, option.replaced, *quoted]
    return next((word for word in known if word in said), "")


def output_place(option: Option, *, is_new: bool = False) -> str:
    """What an option for an output is set to: the trial's own directory, or the file of its name in it.

    Args:
        option: The option.
        is_new: Whether the script has to make the folder itself, as it refuses one that is there.
    """
    default = option.default if isinstance(option.default, str) else ""
    if _FILE.search(default) or (option.is_written and default.rpartition("/")[2]):
        return "{run_dir}/" + default.rpartition("/")[2].replace("{", "").replace("}", "")
    place = "{run_dir}/out" if is_new else "{run_dir}"
    return f"{place}/" if default.endswith("/") and default != "./" else place


def output_places(options: Iterable[Option]) -> dict[str, str]:
    """What the options for outputs are set to, by their names."""
    return {option_name(option): output_place(option) for option in options if is_output(option)}


def option_name(option: Option) -> str:
    """The last part of an option's key, as names are compared."""
    return option.key.rpartition(".")[2].replace("-", "_")


def _first(
    options: Sequence[Option], patterns: Sequence[re.Pattern[str]], fits: Callable[[Option], bool]
) -> Option | None:
    for pattern in patterns:
        for option in options:
            if pattern.fullmatch(option_name(option).lower()) and fits(option):
                return option
    return None


def _is_positive(option: Option) -> bool:
    default = option.default
    return is_number(default) and default > 0


def _has_open_end(option: Option) -> bool:
    """Whether an option is for a number, and has none of use as its default."""
    default = option.default
    is_none = default is None and option.kind in {"int", "float"} and not option.is_required
    is_negative = is_number(default) and default < 0
    return (is_none or is_negative) and not option.is_list and not option.question


def is_output(option: Option) -> bool:
    """Whether an option, by its name and its type, is for a place that it writes to."""
    name, default = option_name(option).lower(), option.default
    if option.kind not in _TEXTS or option.is_list or option.choices or not isinstance(default, str | None):
        return False
    if option.is_written and default and not _READ_THERE.search(name):
        return True
    if default and _FIGURE.fullmatch(name) and _PICTURE.search(default):
        return True
    if not _OUTPUT.fullmatch(name):
        return _is_said_to_be_output(option, name)
    if _takes_format(option):
        return False
    is_file = name.endswith(("file", "filename")) or name in _OF_FILES
    return not is_file or default is not None or option.is_required or name in {"output", "out"}


def is_format(text: str) -> bool:
    """Whether a word says in which format something is written, such as `json`, and is no path."""
    return _FORMAT.fullmatch(text) is not None


def _takes_format(option: Option) -> bool:
    """Whether an option takes the name of a format, by its default or its help, and no path."""
    default = option.default if isinstance(option.default, str) else ""
    is_said = _OF_FORMATS.search(option.help) is not None and _OF_PLACES.search(option.help) is None
    return is_format(default) or (is_said and "/" not in default and not _FILE.search(default))


def as_read_there(option: Option, here: Path) -> Option:
    """A key of a config file, known for no output where its name leaves that open and the file is there, as `csv: data/cohort.csv`."""
    text = option.default
    is_open = isinstance(text, str) and _MAY_BE_READ.fullmatch(option_name(option).lower()) is not None
    is_there = is_open and (is_file(here / str(text)) or "data" in str(text).split("/")[:-1])
    return replace(option, kind=DATA_FILE) if is_there else option


def _is_said_to_be_output(option: Option, name: str) -> bool:
    """Whether the help of an option for a folder says that something is written there, and not data."""
    is_place = _PLACE.fullmatch(name) is not None and isinstance(option.default, str) and option.default != ""
    said = f"{name} {option.help}"
    return is_place and _WRITTEN_THERE.search(option.help) is not None and not _READ_THERE.search(said)
