"""Finds the writers of metrics in a script, and what it writes and reads where it runs."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sweeps.authoring.literals import last_name, text_of, value_of
from sweeps.authoring.option import Formula
from sweeps.authoring.outputs.columns import COLUMNS, saved_columns, writes_head
from sweeps.authoring.outputs.finding import FoundSource
from sweeps.authoring.outputs.once_appended import ONCE, appended_once
from sweeps.authoring.outputs.openings import openings, write_mode
from sweeps.authoring.outputs.paths import UNKNOWN, PathReader, file_pattern, is_relative
from sweeps.authoring.outputs.repeated_steps import repeated_names
from sweeps.authoring.outputs.table_steps import WHY, step_column
from sweeps.authoring.roles import option_name, output_places
from sweeps.authoring.script import in_order, is_main_guard
from sweeps.authoring.syntax import argument

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sweeps.authoring.option import Option
    from sweeps.authoring.script import Script

_EVENTS = (
    "SummaryWriter",
    "create_file_writer",
    "TensorBoardLogger",
    "callbacks.TensorBoard",
    "TensorboardLogger",
    "create_default_writer",
)
LIGHTNING_STEP = ("epoch", "one point an epoch; `step: step` keeps Lightning's global steps")
"""What of the table of Lightning's CSVLogger, which has the columns epoch and step, is the step, and why."""
_TWICE = "the same metrics as in metrics.csv, at Lightning's global steps"
_TABLES = {".csv": "csv", ".tsv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "json"}
_MLFLOW = ("log_metric", "log_metrics", "autolog")
_HF = ("Trainer", "Seq2SeqTrainer", "SFTTrainer", "DPOTrainer", "GRPOTrainer", "RewardTrainer")
_SAVERS = {
    "torch.save": 1,
    "np.save": 0,
    "numpy.save": 0,
    "numpy.savez": 0,
    "np.savetxt": 0,
    "numpy.savetxt": 0,
    "joblib.dump": 1,
    **dict.fromkeys(("savefig", "to_csv", "write_csv", "makedirs", "save_pretrained", "FileHandler"), 0),
}
"""What writes a file or a folder, with the place of that among its arguments."""
_READERS = (
    "read_csv",
    "read_text",
    "loadtxt",
    "np.load",
    "numpy.load",
    "torch.load",
    "load_from_disk",
    "ImageFolder",
    "listdir",
)
_MOST = 40
"""No more of each is told: a script that writes to more places says nothing by them."""
_RESULTS = re.compile(
    r"(?i)pred(s|ict|iction|ictions)?(?![a-z])|submission|embedding|generated|features?(?![a-z])"
)
"""Names of tables that hold what a model made, and no metrics."""
_OF_STUDY = "trials_dataframe"
"""What makes a table with a row for each trial of a study of Optuna, and no metrics of one training."""
_CONFIGS = ("config", "args", "hparams", "param", "setting", "vocab", "meta")
_DOCUMENT = (
    "does it hold metrics? then take away `# ? `; where it has several lists, `at: KEY` below it says which"
)
_OF_DATA = frozenset({"root", "data_dir", "data_files", "data_path"})


@dataclass(frozen=True, slots=True)
class Written:
    """What a script writes and reads.

    Attributes:
        sources: The metric sources of what it writes.
        here: Paths that it writes below where it runs.
        read: Paths that it names to read from, absolute ones left out.
    """

    sources: tuple[FoundSource, ...]
    here: tuple[str, ...]
    read: tuple[str, ...]


def written_by(script: Script, options: Sequence[Option] = ()) -> Written:
    """What a script writes and reads; one of its options for an output may name the file that it writes."""
    reader = PathReader.of(script)
    guarded = _guarded(script)
    files = _files(script, PathReader.of(script, output_places(options)))
    found = [*_loggers(script, guarded), *files, *_trainers(script), *_own_lines(script)]
    here = [path for path in _saved(script, reader) if is_relative(path)]
    read = [path for path in _read(script, reader) if is_relative(path) or path.startswith("..")]
    sources = {(source.kind, source.text): source for source in reversed(found)}
    told = tuple(reversed(sources.values()))[:_MOST]
    return Written(told, tuple(dict.fromkeys(here))[:_MOST], tuple(dict.fromkeys(read))[:_MOST])


def with_written(options: tuple[Option, ...], script: Script) -> tuple[Option, ...]:
    """The options, each with whether the script writes the file that it names: `open(args.log, "w")`, `frame.to_csv(args.results)`."""
    if not any(isinstance(option.default, str) for option in options):
        return options
    own = {option_name(option) for option in options} - {""}
    places = [one.place for one in openings(script) if _last_word(one.place) in own]
    if not places:
        return options  # with no reader of paths, whose making `sweep check` would wait for
    reader = PathReader.of(script)
    names = {_last_word(place) for place in places if reader.paths(place)}
    return tuple(
        replace(option, is_written=True) if option_name(option) in names else option for option in options
    )


def _last_word(node: ast.expr) -> str:
    """`log` of `args.log`, `Path(args.log)`, `log` and `config["log"]`."""
    while isinstance(node, ast.Call) and len(node.args) == 1:
        node = node.args[0]
    return last_name(node)


def _guarded(script: Script) -> set[int]:
    """The nodes below an `if` that asks for something which only a run knows, such as `if args.track:`."""
    found: set[int] = set()
    for node in script.each(ast.If):
        asks = any(isinstance(part, ast.Attribute | ast.Name) for part in ast.walk(node.test))
        if asks and not is_main_guard(node):
            found.update(id(inner) for statement in node.body for inner in in_order(statement))
    return found


def _loggers(script: Script, guarded: set[int]) -> Iterator[FoundSource]:
    by_epoch = _has_table_by_epoch(script)
    repeated = repeated_names(script)
    for node in script.each(ast.Call):
        name, told = script.dotted(node.func), text_of(node)
        if script.is_named(node.func, *_EVENTS):
            asked = _TWICE if by_epoch and "lightning" in name else ""
            yield FoundSource("tensorboard", "{run_dir}/**", told=told, question=asked, several_of=repeated)
        elif by_epoch and _is_lightnings_table(node, script):
            yield _lightning_table(told)
        elif script.is_named(node.func, "CSVLogger"):
            file = value_of(argument(node, 0), script.constants)
            is_file = isinstance(file, str) and file.endswith((".csv", ".log", ".tsv"))
            last = str(file).rpartition("/")[2] if is_file else "metrics.csv"
            yield FoundSource("csv", f"{{run_dir}}/**/{last}", told=told)
        elif (name.startswith("mlflow.") and script.last_word(node.func) in _MLFLOW) or script.is_named(
            node.func, "MLFlowLogger"
        ):
            yield FoundSource("mlflow", told=told)
        elif name in {"wandb.init", "wandb.log"} or script.is_named(node.func, "WandbLogger"):
            asked = "only where an option turns it on" if id(node) in guarded else ""
            yield FoundSource("wandb", "{run_dir}/wandb", told=told, question=asked)


def _has_table_by_epoch(script: Script) -> bool:
    """Whether Lightning's table can be read by epoch: not beside what sends the same to MLflow or W&B, by global step."""
    return any(_is_lightnings_table(call, script) for call in script.calls("CSVLogger")) and not any(
        script.calls("MLFlowLogger", "WandbLogger")
    )


def _is_lightnings_table(call: ast.Call, script: Script) -> bool:
    name = script.dotted(call.func)
    is_named = script.is_named(call.func, "CSVLogger") and "lightning" in name
    return is_named and "fabric" not in name  # Fabric's has no column of epochs


def _lightning_table(told: str) -> FoundSource:
    step, why = LIGHTNING_STEP
    return FoundSource("csv", "{run_dir}/**/metrics.csv", step=step, told=told, step_told=why)


def _trainers(script: Script) -> Iterator[FoundSource]:
    """The logs of trainers that write some themselves: transformers' and Lightning's."""
    for node in script.each(ast.Call):
        if script.dotted(node.func).startswith(("transformers.", "trl.")):
            if script.last_word(node.func) in _HF:
                state, told = "{run_dir}/**/trainer_state.json", text_of(node)
                yield FoundSource("json", state, step="step", at="log_history", told=told)
        elif _is_lightnings_trainer(node, script) and not any(
            k.arg in {"logger", None} for k in node.keywords
        ):
            told = "Lightning's own logger, where tensorboard is installed"
            yield FoundSource("tensorboard", "{run_dir}/**", told=told)
            yield _lightning_table("Lightning's own logger elsewhere")


def _is_lightnings_trainer(call: ast.Call, script: Script) -> bool:
    return script.last_word(call.func) == "Trainer" and "lightning" in script.dotted(call.func)


_OWN_LINES = (
    (
        "detectron2",
        ("default_writers", "DefaultTrainer", "build_writers"),
        "{run_dir}/**/metrics.json",
        "iteration",
    ),
    ("mmengine", ("Runner.from_cfg", "Runner"), "{run_dir}/**/vis_data/scalars.json", "step"),
)
"""Lines of JSON that a library writes itself: its package, what of it does, where, and the step of a line."""


def _own_lines(script: Script) -> Iterator[FoundSource]:
    for package, names, path, step in _OWN_LINES:
        used = [
            node
            for node in script.nodes
            if isinstance(node, ast.Name | ast.Attribute) and script.is_named(node, *names)
        ]
        if used and script.imports_from(package):
            yield FoundSource("jsonl", path, step=step, told=f"{text_of(used[0])} of {package} writes it")


def _files(script: Script, reader: PathReader) -> Iterator[FoundSource]:
    """The tables, lines and documents that it writes."""
    of_runs = appended_once(script)
    appended = any(script.calls("json.dumps"))
    lines = _written_lines(script)
    yield from saved_columns(script, reader)
    has_head = writes_head(script)
    opened = list(_opened(script, reader))
    for node, path, mode in opened:
        name = file_pattern(path)
        if id(node) in lines and name.endswith((".txt", ".log")):
            yield FoundSource("jsonl", f"{{run_dir}}/**/{name}", told=text_of(node))
            continue
        suffix = f".{name.rpartition('.')[2]}".lower() if "." in name else ""
        kind = "csv" if suffix in COLUMNS and "b" not in mode and has_head else _TABLES.get(suffix, "")
        if not kind or any(word in name.lower() for word in _CONFIGS) or _OF_STUDY in text_of(node):
            continue
        if kind == "json" and "a" in mode and appended:
            kind = "jsonl"
        asked = _DOCUMENT if kind == "json" else ""
        if kind in {"csv", "json"} and _RESULTS.search(name):
            asked = "does it hold metrics? by its name it is what the model predicts"
        asked = ONCE if kind in {"csv", "jsonl"} and id(node) in of_runs else asked
        step = step_column(script, node) if kind in {"csv", "jsonl"} else ""
        place, why = f"{{run_dir}}/**/{name}", WHY if step else ""
        yield FoundSource(kind, place, step, told=text_of(node), question=asked, step_told=why)
    names = {script.dotted(call.func) for call in script.calls("csv.writer", "csv.DictWriter")}
    if names and not any(file_pattern(path).endswith((".csv", ".tsv")) for _, path, _ in opened):
        told, asked = f"{min(names)}(...)", "which file does it write?"
        yield FoundSource("csv", "{run_dir}/**/*.csv", told=told, question=asked)


def _written_lines(script: Script) -> set[int]:
    """The calls that open a file to which lines of JSON are written: `f.write(json.dumps(row))`."""
    names: set[str] = set()
    for node in script.nodes:
        match node:
            case ast.Call(func=ast.Attribute(value=owner, attr="write"), args=[written]):
                to = text_of(owner)
            case ast.Call(func=ast.Name(id="print"), args=[written], keywords=words):
                to = next((text_of(word.value) for word in words if word.arg == "file"), "")
            case _:
                continue
        if to and any(
            isinstance(part, ast.Call) and script.is_named(part.func, "json.dumps")
            for part in ast.walk(written)
        ):
            names.add(to)
    bound = script.bindings() if names else ()
    return {id(value) for target, value in bound if text_of(target) in names}


def _opened(script: Script, reader: PathReader) -> Iterator[tuple[ast.Call, str, str]]:
    """The files that are opened to write, or written at once: the call, the path, the mode."""
    for one in openings(script):
        yield from ((one.call, path, one.mode) for path in reader.paths(one.place))


def _saved(script: Script, reader: PathReader) -> Iterator[str]:
    """Every path that it surely writes to."""
    yield from (path for _, path, _ in _opened(script, reader))
    for node in script.each(ast.Call):
        at = next((at for name, at in _SAVERS.items() if script.is_named(node.func, name)), None)
        if script.is_named(node.func, *_EVENTS, "CSVLogger"):
            yield _folder_of(node, script, reader)
        elif _is_lightnings_trainer(node, script):
            if not any(k.arg in {"default_root_dir", "logger", None} for k in node.keywords):
                yield "lightning_logs"
        elif at is not None and len(node.args) > at:
            yield reader.path(node.args[at])
        elif isinstance(node.func, ast.Attribute) and node.func.attr == "mkdir":
            yield reader.path(node.func.value)


def _folder_of(node: ast.Call, script: Script, reader: PathReader) -> str:
    """The folder that a logger writes to: its first argument, or where it goes without one."""
    given = argument(node, 0, "log_dir", "logdir", "save_dir", "filename")
    if given is None:
        return UNKNOWN if any(k.arg is None for k in node.keywords) else "runs"
    value = value_of(given, script.constants)
    return "runs" if value is None and not isinstance(value, Formula) else reader.path(given)


def _read(script: Script, reader: PathReader) -> Iterator[str]:
    """The paths that it reads, as far as literals show them."""
    for node in script.each(ast.Call):
        is_open = isinstance(node.func, ast.Name) and node.func.id == "open"
        reads = not write_mode(node, 1, script) if is_open else script.is_named(node.func, *_READERS)
        if node.args and reads:
            yield reader.path(node.args[0])
        named = [word.value for word in node.keywords if word.arg in _OF_DATA]
        placed = node.args[:1] if ".datasets." in script.dotted(node.func) else []
        paths = (value_of(one, script.constants) for one in (*named, *placed))
        yield from (path for path in paths if isinstance(path, str))
