"""Writes an experiments.yaml for a script: from its source, and where asked from one run in a scratch folder."""

from __future__ import annotations

import os
import re
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from sweeps.authoring.constants.runner import NAME, TEXT
from sweeps.authoring.drafting.draft import ASKS_GRID, draft
from sweeps.authoring.drafting.facts import Facts
from sweeps.authoring.drafting.metric_lines import NAMES, metrics_of, source_lines
from sweeps.authoring.drafting.other_program import TYPED, draft_of_words
from sweeps.authoring.given.config_files import with_config_files
from sweeps.authoring.given.words import with_words
from sweeps.authoring.interface import interface_of
from sweeps.authoring.outputs.checkpoints import checkpoints_of
from sweeps.authoring.outputs.early_stopping import stops_early
from sweeps.authoring.outputs.logged_names import logged_by
from sweeps.authoring.outputs.prints.listed_values import listed_by
from sweeps.authoring.outputs.prints.printed_lines import printed_by
from sweeps.authoring.outputs.writers import written_by
from sweeps.authoring.script import ScriptReader
from sweeps.authoring.source_file import other_language
from sweeps.authoring.start import start_of
from sweeps.commands.editing.schema import MODELINE, refuse_other, schema_file, schema_of, write
from sweeps.commands.editing.unedited import is_unedited, signed
from sweeps.errors import ScriptError, SpecError
from sweeps.program.named_paths import is_folder
from sweeps.sources.proposals.suggestion import suggestion

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sweeps.authoring.drafting.draft import Draft
    from sweeps.authoring.probing.probe import Probe
    from sweeps.authoring.start import Start
    from sweeps.sources.proposals.form_steps import PrintedForm
    from sweeps.sources.proposals.left_files import LeftFile


@dataclass(frozen=True, slots=True)
class Initiated:
    """A file that was written.

    Attributes:
        draft: Its text, and what it leaves open.
        kind: What reads the script's command line.
        options: How many options the script takes.
        in_file: How many settings its config file has, each of which may be set.
        probe: What a run showed, where one was asked for.
        runner: The file that runs the script with other constants; None: it needs none.
        keeps_runner: Whether that was there already.
        script: What was typed for the script.
        overrides: The option that takes these settings as KEY=VALUE; empty: it is their file.
        grid_line: The line of the file that asks which options shall vary; 0: something varies already, or it was only returned.
    """

    draft: Draft
    kind: str
    options: int
    probe: Probe | None = None
    in_file: int = 0
    runner: Path | None = None
    keeps_runner: bool = False
    script: str = ""
    grid_line: int = 0
    overrides: str = ""


def init(
    script: Path,
    out: Path | None,
    words: Sequence[str] = (),
    *,
    probe_s: float | None = None,
    force: bool = False,
    is_module: bool = False,
) -> Initiated:
    """Read a script and write the file that sweeps it.

    Args:
        script: The script, or a folder with a `__main__.py`; nothing of it is imported or run, unless a probe is asked for.
        out: The file to write, and its schema beside it; None: it is only returned.
        words: Words of its command line, as typed by hand.
        probe_s: How long to run it once, in seconds; None: not at all.
        force: Whether a file that is there already is replaced, also where somebody edited it.
        is_module: Whether the script is named as a module, as behind `python -m`.

    Raises:
        ScriptError: The script cannot be read or started, or the file is there already.
    """
    if out is not None:
        _refuse(out, force=force)
    start = start_of(script, is_module=is_module)
    if words and not is_module and _is_other(start.script):
        return _of_words(start, out, words, probe_s=probe_s, force=force)
    scripts = ScriptReader(Path.cwd())
    facts = facts_of(start, words, scripts)
    runner = None if out is None or not facts.interface.runner else out.parent / facts.interface.runner
    if runner is not None:
        facts = replace(facts, interface=replace(facts.interface, runner=runner.as_posix()))
    file = "experiments.yaml" if out is None else str(out)
    written = draft(facts, file)
    shown = None
    if probe_s is not None:
        shown, facts = _probed(facts, written, probe_s)
        written = draft(facts, file)
    asks_grid = 0 if out is None else _write_with_schema(out, written, scripts, force=force)
    keeps_runner = runner is not None and os.path.lexists(runner)
    if runner is not None and not keeps_runner:
        _write(runner, TEXT, force=False)
    options = facts.interface.options
    in_file = sum(option.is_in_file or option.is_override for option in options)
    kind, many = facts.interface.kind, len(options) - in_file
    by = facts.interface.overrides
    return Initiated(written, kind, many, shown, in_file, runner, keeps_runner, start.shown, asks_grid, by)


def _is_other(script: Path) -> bool:
    try:
        return bool(other_language(script))
    except OSError:
        return False  # which is told where it is read


def _of_words(
    start: Start, out: Path | None, words: Sequence[str], *, probe_s: float | None, force: bool
) -> Initiated:
    """Write the file of a program that is not Python, of whose words alone is told."""
    if probe_s is not None:
        raise ScriptError(
            f"--probe runs Python scripts; leave it out, and after a first trial of {start.shown} `sweep metrics` says what it prints and leaves"
        )
    written, many = draft_of_words(start.script, words, "experiments.yaml" if out is None else str(out))
    scripts = ScriptReader(Path.cwd())
    asks_grid = 0 if out is None else _write_with_schema(out, written, scripts, force=force)
    return Initiated(written, TYPED, many, script=start.shown, grid_line=asks_grid)


def _write_with_schema(out: Path, written: Draft, scripts: ScriptReader, *, force: bool) -> int:
    """Write a file with its schema; returns the line that asks what shall vary, 0: there is none."""
    schema = schema_file(out)
    text = signed(MODELINE.format(schema=schema.name) + written.text)
    _write(out, text, force=force)
    write(schema_of(out, scripts), schema, replace=force)
    lines = enumerate(text.splitlines(), 1)
    return next((at for at, line in lines if line.lstrip().startswith(ASKS_GRID)), 0)


def facts_of(start: Start, words: Sequence[str], scripts: ScriptReader) -> Facts:
    """What the source of a script tells.

    Args:
        start: The script, and how it is started.
        words: Words of its command line, as typed by hand.
        scripts: Reads it.

    Raises:
        ScriptError: It cannot be read.
    """
    here, script = Path.cwd(), start.script
    try:
        read = scripts.read(script, words)
        given = with_config_files(with_words(read.once(interface_of), words), read, here)
        present = frozenset(path.name for path in here.iterdir() if not path.name.startswith("."))
        logged = logged_by(read)
        has_runner = bool(given.interface.runner)  # which runs the script by its path
        return Facts(
            str(script),
            given.interface,
            written=written_by(read, given.interface.options),
            printed=[*listed_by(read), *printed_by(read)],
            present=present,
            before=given.before,
            after=given.after,
            files=given.files,
            checkpoints=checkpoints_of(read, given.interface),
            logged=logged.names,
            logged_once=logged.once,
            printed_only=logged.printed,
            stops_early=stops_early(read),
            words=tuple(words),
            held=given.held,
            typed=start.typed,
            module="" if has_runner else start.module,
            base="" if has_runner and start.needs_module else start.base,
            folder=script.absolute().parent.name,
        )
    except RecursionError:
        raise ScriptError(f"{script}: its expressions are nested too deeply to be read") from None


def _refuse(out: Path, *, force: bool) -> None:
    if not force:
        refuse_other(schema_file(out))
    if is_folder(out):
        raise ScriptError(f"{out} is a directory; name a file with --out")
    if os.path.lexists(out) and not force and not is_unedited(out):
        raise ScriptError(
            f"{out} is there already; --force replaces it, --out NAME writes another, --out - prints"
        )
    if not is_folder(out.parent):
        raise ScriptError(f"there is no directory {out.parent} to write {out.name} to; make it first")


def _write(out: Path, text: str, *, force: bool) -> None:
    """Write a file whose text is as UTF-8 has it; a file that appeared meanwhile, or was edited, is kept."""
    try:
        with out.open("w" if force or is_unedited(out) else "x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        raise ScriptError(f"{out} is there already; --force replaces it") from None
    except OSError as error:
        raise ScriptError(f"{out}: cannot be written: {error.strerror or error}") from None


def _probed(facts: Facts, written: Draft, limit_s: float) -> tuple[Probe, Facts]:
    """Run the first trial of a draft for some seconds, and add what it showed."""
    from sweeps.authoring.probing.probe import probe

    if written.missing or written.asks_config:
        needed = ", ".join(["its config file"] * written.asks_config + [*written.missing])
        raise ScriptError(
            f"to run it, {facts.script} needs {needed}; give them as by hand: sweep init {facts.typed or facts.script} --probe -- ARGUMENTS"
        )
    with tempfile.TemporaryDirectory(prefix="sweep-init-", ignore_cleanup_errors=True) as place:
        scratch = Path(place).resolve()
        run_dir = scratch / "run"
        if facts.interface.runner:
            (runner := scratch / NAME).write_text(TEXT, encoding="utf-8")
            written = draft(replace(facts, interface=replace(facts.interface, runner=str(runner))))
        command = _first_command(written.text, scratch, run_dir)
        shown = probe(command, Path.cwd(), scratch, run_dir, limit_s, facts.base)
        sure = [
            source
            for source in facts.written.sources
            if not source.question and source.kind in {"mlflow", "wandb", "tensorboard"}
        ]
        left = [*shown.inside, *shown.outside]
        has_files = bool(sure) or any(not one.is_summary for one in left)
        # What its source says of lines is more than they show, where only a table of one row is beside them.
        says = facts.printed if left and not has_files else ()
        forms = [form for form in shown.forms if not (has_files or says or _is_known(form, facts))]
        lines = suggestion(forms, shown.inside, shown.outside, run_dir)
        printed = {name for source in says for name in metrics_of(source)}
        printed.update(name for form in forms for name in form.metrics)
        lines = [_beside_prints(line, left, printed) for line in lines]
        lines += [line for source in says for line in source_lines(source)]
    metrics = [line for line in lines if not line.startswith(("  cwd:", "  metrics:"))]
    known = {line.split("- ", 1)[-1].split(":")[0] for line in metrics}
    metrics = [*(_known_line(source.kind) for source in sure if source.kind not in known), *metrics]
    probed = ["  metrics:", *metrics] if metrics else None
    wrote = tuple(dict.fromkeys(path for path in shown.wrote if not path.endswith(".pyc")))
    seen = replace(facts.written, read=tuple(dict.fromkeys((*facts.written.read, *shown.read))))
    return shown, replace(facts, was_run=True, probed=probed, wrote=wrote, written=seen)


def _beside_prints(line: str, left: Iterable[LeftFile], printed: set[str]) -> str:
    """A line of `metrics:`, as a comment where it reads a table of one row with metrics that the program prints, too."""
    is_twice = any(
        one.is_summary and f'{one.path.name}"' in line and not printed.isdisjoint(one.metrics) for one in left
    )
    told = "it has one row, and what is printed has metrics of these names"
    return f"    # {line.strip()}  # {told}" if is_twice and "- csv: " in line else line


def _is_known(form: PrintedForm, facts: Facts) -> bool:
    """Whether a source that reads names and values, as of the bars of Keras, reads such lines."""
    patterns = [source.text for source in facts.printed if NAMES in source.text]
    return any(re.search(pattern, form.example) for pattern in patterns)


def _known_line(kind: str) -> str:
    return "    - mlflow: true" if kind == "mlflow" else f'    - {kind}: "{{run_dir}}/**"'


def _first_command(text: str, scratch: Path, run_dir: Path) -> list[str]:
    """The command of a draft's first trial.

    Raises:
        ScriptError: The draft does not pass `sweep check`.
    """
    from sweeps.commands.request import Request
    from sweeps.commands.session import open_session
    from sweeps.program.template import TrialValues

    file = scratch / "experiments.yaml"
    file.write_text(text, encoding="utf-8")
    try:
        session = open_session(Request(file), with_record=False)
    except SpecError as error:
        wrong = "; ".join(dict.fromkeys(problem.message for problem in error.problems))
        raise ScriptError(
            f"it cannot be run yet: {wrong}; write the file without --probe, and correct it"
        ) from None
    trial = next(iter(session.sweeps[0].trials))
    own = session.trainer.config_file
    copy = "" if own is None else scratch / "config-file" / own.name
    values = TrialValues.of(
        trial.config, run_dir=run_dir, trial=trial.name, run_id="probe", trial_config=copy
    )
    session.trainer.write_own_file(values)
    return session.trainer.arguments(values)
