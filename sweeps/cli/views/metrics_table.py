"""Prints what a trial recorded, and where nothing is recorded what it printed and left, with the lines that would read it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.read.provenance import shortened
from analysis.results.machine import OF_MACHINE
from analysis.visible import on_one_line
from sweeps.cli.output import say_json
from sweeps.cli.views.table import print_table
from sweeps.planning.plan import Action
from sweeps.rows.failures import alike
from sweeps.rows.status import NOTHING, is_finished

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from rich.console import Console

    from analysis.read.store import PointColumns, RunRecord
    from sweeps.commands.evidence import Added, Evidence
    from sweeps.commands.session import Session
    from sweeps.planning.plan import Step
    from sweeps.rows import Row
    from sweeps.sources.rereading import Other

_MOST_FILES = 5
_MOST_NAMED = 6


def metric_rows(points: Iterable[PointColumns]) -> list[Row]:
    """Make a row for each metric of one run: how many steps, the first and the last of them, the last value."""
    found: dict[str, dict[int, float]] = {}
    for columns in points:
        for key, step, value in zip(columns.keys, columns.steps, columns.values, strict=True):
            if not key.startswith(OF_MACHINE):
                found.setdefault(key, {})[step] = value
    return [
        {"metric": key, "steps": len(own), "first": min(own), "last": max(own), "value": own[max(own)]}
        for key, own in sorted(found.items())
    ]


def show_metrics(
    console: Console, session: Session, step: Step, run: RunRecord, *, added: Added | None, as_json: bool
) -> None:
    """Show what one trial recorded; where that is nothing, what it printed and left, and the lines that would read it.

    Args:
        console: Where.
        session: The file.
        step: The trial.
        run: Its run.
        added: What was recorded of it just now; None: nothing was asked to be.
        as_json: Whether as JSON.
    """
    from sweeps.commands.evidence import evidence_of, read_otherwise, remarks_of

    rows = metric_rows(session.record.points(run_ids=[run.run_id]))
    remarks = remarks_of(run)
    other = read_otherwise(session, [step]) if added is None else added.other
    if added is not None and not as_json:
        print_added(console, session, added)
    if rows and not as_json:
        print_metrics(console, rows, remarks)
        print_otherwise(console, session, other)
        return
    evidence = evidence_of(session, step, run)
    if as_json:
        found = {"trial": step.trial.name, "metrics": rows, "remarks": remarks, **evidence_json(evidence)}
        found["read_otherwise"] = _as_json(other.get(step.label, {}))
        if added is not None:
            found["added"] = added.points.get(step.label, {})
        say_json(found, indent=1)
    else:
        print_metrics(console, rows, remarks)
        print_otherwise(console, session, other)
        if step.action is Action.RETRY:
            told = f"it failed: {on_one_line(step.reason)}; see `{session.command('logs', step.label)}`"
            console.print(told, soft_wrap=True, markup=False)
        if evidence.suggestion or step.action is not Action.RETRY:
            print_evidence(console, session, [step], evidence)


def count_rows(session: Session, added: Added | None = None) -> list[Row]:
    """Make a row for each trial that has a run: how many metrics, and points of them, are recorded; which the file reads otherwise.

    Args:
        session: The file.
        added: What was recorded just now, which the rows say, too; None: nothing was asked to be.
    """
    from sweeps.commands.evidence import counts_of, read_otherwise

    steps = [(step, step.record) for step in session.selected_plan().steps if step.record is not None]
    counts = counts_of(session, [run.run_id for _, run in steps])
    other = read_otherwise(session, [step for step, _ in steps]) if added is None else added.other
    return [
        {
            "sweep": step.trial.sweep,
            "trial": step.trial.name,
            "metrics": len(counts[run.run_id]),
            "points": counts[run.run_id].total(),
            **({} if added is None else {"added": sum(added.points.get(step.label, {}).values())}),
            "read_otherwise": _as_json(other.get(step.label, {})),
        }
        for step, run in steps
    ]


def print_counts(console: Console, session: Session, rows: Sequence[Row], added: Added | None = None) -> None:
    """Print the table of `count_rows`, what was added, and which trials recorded nothing, with what would read their metrics.

    Of values that the file reads otherwise than they are recorded, too, it says what records them.
    """
    if not rows:
        console.print("no trial has started yet")
        return
    if added is not None:
        for text in added.refused:
            console.print(text, soft_wrap=True, markup=False)
        print_added(console, session, added)
    print_table(console, rows, ("sweep", "trial", "metrics", "points"))
    other = {f"{row['sweep']}/{row['trial']}": _of_json(row["read_otherwise"]) for row in rows}
    print_otherwise(console, session, other)
    silent = {(row["sweep"], row["trial"]) for row in rows if not row["points"]}
    steps = [step for step in session.selected_plan().steps if is_finished(step)]
    print_silent(console, session, [step for step in steps if (step.trial.sweep, step.trial.name) in silent])
    for line in _failures(session):
        console.print(line, soft_wrap=True, markup=False)


def _as_json(other: Mapping[str, Other]) -> dict[str, dict[str, float | None]]:
    return {key: found._asdict() for key, found in other.items()}


def _of_json(other: Any) -> dict[str, Other]:
    from sweeps.sources.rereading import Other

    return {key: Other(**found) for key, found in other.items()}


def print_otherwise(console: Console, session: Session, other: Mapping[str, Mapping[str, Other]]) -> None:
    """Say of which metrics the file reads other values than are recorded, by the trials' labels, and what records these."""
    found: dict[str, dict[str, Other]] = {}
    for label, own in other.items():
        for key, one in own.items():
            found.setdefault(key, {})[label] = one
    for key, labels in found.items():
        label, one = next(iter(labels.items()))
        there = "nothing" if one.read is None else f"{one.read:.6g}"
        example = f"such as {there} at step {one.step} of {label}, for {one.recorded:.6g}"
        told = f"{key} of {_named(list(labels))}: the file's `metrics:` reads other values than are recorded, {example}"
        run_ids = {s.record.run_id for s in session.selected_plan().steps if s.record and s.label in labels}
        command, which = session.anew(run_ids)
        again = session.command("metrics", None, "--apply")
        console.print(
            f"{told}; the recorded ones stay, and none is added to them: {_new_name(session, key)}, then `{again}` "
            f"records these beside them; or `{command}` trains {which} anew",
            soft_wrap=True,
            markup=False,
        )


def _new_name(session: Session, key: str) -> str:
    """What gives a metric another name."""
    sources = session.spec.trainer.sources
    if key in sources.derive:
        return f"call it {key}_2 in `derive:`"
    if key in sources.rename.values():
        return f"call it {key}_2 in `rename:`"
    return f"add `rename: {{{key}: {key}_2}}` to `trainer:`"


def _failures(session: Session) -> Iterable[str]:
    """Why trials failed, whose metrics end early or are none."""
    failed = [step for step in session.selected_plan().steps if step.action is Action.RETRY]
    for reason, labels in alike((step.label, step.reason) for step in failed).items():
        yield f"{shortened(labels)}: failed: {on_one_line(reason)}; see `{session.command('logs', labels[0])}`"


def print_added(console: Console, session: Session, added: Added) -> None:
    """Say what was recorded: how many points, of which metrics, of which trials; or why there was nothing to add."""
    total = sum(count for points in added.points.values() for count in points.values())
    if total:
        metrics = _named(sorted({key for points in added.points.values() for key in points}))
        many = "1 point" if total == 1 else f"{total} points"
        text = f"added {many} of {metrics} to {_named(list(added.points))}"
    elif not session.spec.trainer.sources.sources:
        text = f"added nothing: `trainer:` of {session.request.file} has no `metrics:`"
    elif (alike := added.read - len(added.other)) == 0:
        text = "added nothing"
    else:
        left = "what 1 trial left" if alike == 1 else f"what {alike} trials left"
        text = f"added nothing: the file's `metrics:` finds nothing in {left}"
        if added.having:
            text = f"added nothing: what the file's `metrics:` finds in {left} is in the record already"
    console.print(text, soft_wrap=True, markup=False)


def _named(names: Sequence[str]) -> str:
    shown = list(names[:_MOST_NAMED])
    if len(names) > _MOST_NAMED:
        shown.append(f"{len(names) - _MOST_NAMED} more")
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


def print_metrics(console: Console, rows: Sequence[Row], remarks: Sequence[str] = ()) -> None:
    """Print the metrics as a table, or that there is none, and what the trial's log says of them."""
    if rows:
        print_table(console, rows, ("metric", "steps", "first", "last", "value"))
    else:
        console.print(NOTHING)
    for remark in remarks:
        console.print(on_one_line(remark), soft_wrap=True, markup=False)


def print_evidence(
    console: Console, session: Session, steps: Sequence[Step], evidence: Evidence, *, indent: str = ""
) -> None:
    """Print what a trial printed and left, and the lines to add, which stand as the file has them: ready to paste.

    Args:
        console: Where.
        session: The file.
        steps: The trials of which it is said; one is to be read again alone then, of several all.
        evidence: What the first of them left.
        indent: What each line begins with.
    """
    for line in _findings(evidence):
        console.print(f"{indent}{line}", soft_wrap=True)
    if not evidence.suggestion:
        return
    reads_later = session.command("metrics", steps[0].label if len(steps) == 1 else None, "--apply")
    if not evidence.stands and not _has_unread(session, evidence):
        if evidence.in_vain:
            console.print(f"{indent}the file's `metrics:` finds nothing in it", soft_wrap=True)
        lines, told = _to_paste(session, evidence.suggestion)
        console.print(f"{indent}to record them, {told} in {session.request.file}:", soft_wrap=True)
        for line in lines:
            console.print(line, soft_wrap=True)
        if evidence.is_kept:
            console.print(f"{indent}then `{reads_later}` records what is there already", soft_wrap=True)
    elif evidence.is_kept and not evidence.in_vain:
        console.print(f"{indent}`{reads_later}` records what the file's sources find in it", soft_wrap=True)
    for line in _training_again(session, steps, evidence):
        console.print(f"{indent}{line}", soft_wrap=True)


def _has_unread(session: Session, evidence: Evidence) -> bool:
    """Whether the file has sources with which what a trial left has not been read yet."""
    return bool(session.spec.trainer.sources.sources) and not evidence.in_vain and evidence.is_kept


def _training_again(session: Session, steps: Sequence[Step], evidence: Evidence) -> Iterable[str]:
    """What no reading later records, and what does."""
    is_read = evidence.is_kept and not (evidence.stands and evidence.in_vain)
    if is_read and not evidence.elsewhere:
        return
    command, which = session.anew({step.record.run_id for step in steps if step.record is not None})
    trains = f"`{command}` trains {'it' if which == 'them' and len(steps) == 1 else which} anew"
    if not evidence.elsewhere:
        yield f"the file's `metrics:` has the lines for it, and they find nothing: mend the program, then {trains}"
        return
    shown = _shown(evidence.elsewhere[0].path)
    if evidence.ran_inside:
        word = "`{run_dir}/" + evidence.elsewhere[0].path.name.partition(".")[0] + "`"
        yield f"it writes {shown} wherever it starts, as all trials do: give it a path of its own, such as {word}"
    then = "then " if evidence.ran_inside or not evidence.stands else ""
    yield f"{shown} lies outside the trial's own folder, where a later trial may have overwritten it: {then}{trains}"


def evidence_json(evidence: Evidence) -> dict[str, object]:
    """The same as JSON."""
    return {
        "lines_with_numbers": evidence.numbers,
        "files": [{"kind": left.kind, "path": str(left.path)} for left in evidence.files],
        "suggestion": "\n".join(evidence.suggestion),
    }


def print_silent(console: Console, session: Session, steps: Sequence[Step]) -> None:
    """Say which finished trials recorded nothing, and for the first of them why, and what would read its metrics."""
    from sweeps.commands.evidence import evidence_of

    if not steps:
        return
    first = steps[0]
    more = f" and {len(steps) - 1} more" if len(steps) > 1 else ""
    console.print(f"{first.label}{more}: finished, {NOTHING}", soft_wrap=True)
    if first.record is not None:
        print_evidence(
            console,
            session,
            steps,
            evidence_of(session, first, first.record),
            indent="  ",
        )


def _findings(evidence: Evidence) -> Iterable[str]:
    such = f", such as: {evidence.example.strip()}" if evidence.example else ""
    if evidence.numbers:
        many = "1 line" if evidence.numbers == 1 else f"{evidence.numbers} lines"
        yield f"its log has {many} with numbers{such}"
    for left in evidence.files[:_MOST_FILES]:
        yield f"it left {_shown(left.path)} ({left.kind})"
    if len(evidence.files) > _MOST_FILES:
        yield f"and {len(evidence.files) - _MOST_FILES} more files of metrics"
    if not evidence.suggestion:
        yield "`sweep recipe` lists how trainers record their metrics"


def _to_paste(session: Session, suggestion: Sequence[str]) -> tuple[Sequence[str], str]:
    """The lines, and where to put them; of a trainer that is written in braces all of it, without the braces."""
    import yaml

    from sweeps.spec.yaml_reader import parse

    spec = session.spec
    node = parse(spec.text, spec.path).entry("trainer")
    line = spec.text.splitlines()[(node.place.line or 1) - 1]
    if not line[(node.place.column or 1) - 1 :].startswith("{"):
        return suggestion, "replace `metrics:`" if spec.trainer.sources.sources else "add to `trainer:`"
    kept = {key: value.plain() for key, value in (node.mapping or {}).items() if key != "metrics"}
    written = yaml.safe_dump(kept, default_flow_style=None, sort_keys=False, allow_unicode=True)
    return ["trainer:", *(f"  {text}" for text in written.splitlines()), *suggestion], "write `trainer:`"


def _shown(path: Path) -> Path:
    """A path as the working directory sees it."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
