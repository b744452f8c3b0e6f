"""Says what `sweep init` wrote, and what is to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sweeps.authoring.drafting.other_program import TYPED
from sweeps.authoring.option import NOTHING
from sweeps.commands.editing.schema import schema_file
from sweeps.spec.trainer.arguments import ARGS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sweeps.authoring.probing.probe import Probe
    from sweeps.commands.init import Initiated

_MOST = 4
_WIDEST = 110


def summary(done: Initiated, script: Path | str, out: Path | None) -> Iterator[str]:
    """The lines that say what was found and what is left to do."""
    ran = "ran it once" if done.probe is not None else "ran nothing of it"
    yield f"{script}: takes {_takes(done)}; {ran}"
    yield from _written(done, script, out)


def _takes(done: Initiated) -> str:
    """What was found that the script takes."""
    many = "1 option" if done.options == 1 else f"{done.options} options"
    unknown = f"options through {done.kind} that its source does not show"
    found = (
        f"{many} through {done.kind}" if done.options else "no options" if done.kind == NOTHING else unknown
    )
    if done.runner is not None:
        many = "1 constant" if done.options == 1 else f"{done.options} constants"
        found = f"no options; {many} at its top can be set"
    if done.kind == TYPED:
        found = f"{done.options or 'no'} {'setting' if done.options == 1 else 'settings'} among {TYPED}"
    if done.overrides:
        by = done.overrides if done.overrides != ARGS else "words"
        found = f"{done.in_file or 'no known'} settings as KEY=VALUE by {by}"
        found += f", and {many} through {done.kind}" if done.options else ""
    elif done.in_file:
        found += f", and {done.in_file} setting{'s' if done.in_file > 1 else ''} from its config file"
    return found


def _written(done: Initiated, script: Path | str, out: Path | None) -> Iterator[str]:
    """What a run showed, what was written, and what is to do next."""
    if done.probe is not None:
        yield from _shown(done.probe)
    if out is None:
        return
    asks = (
        f"; {done.draft.questions} questions in it, in lines `# ? ...`"
        if done.draft.questions > 1
        else "; 1 question in it, in a line `# ? ...`"
        if done.draft.questions
        else ""
    )
    yield f"wrote {out}{asks}; {schema_file(out).name} beside it has an editor complete it"
    if done.draft.asks_config:
        yield f"name the file below `trainer:` first, or give it as by hand: sweep init {script} -- FILE"
    if done.runner is not None:
        what = "is there already, and kept" if done.keeps_runner else "beside it"
        yield f"{'' if done.keeps_runner else 'wrote '}{done.runner} {what}: it runs {script} with other values for its constants"
    if done.draft.missing:
        yield f"fill in under `defaults:` first: {', '.join(done.draft.missing)}"
    if done.grid_line:
        yield f"nothing varies yet: answer the `# ? grid` in line {done.grid_line} of {out}"
    yield f"next: sweep check {out}"


def _shown(probe: Probe) -> Iterator[str]:
    """What a run printed and left; of one that showed nothing, what it printed last, which says where it was."""
    ended = "was ended" if probe.exit_code is None else f"ended with exit code {probe.exit_code}"
    metrics = sum(form.count for form in probe.forms)
    printed = f"{probe.lines} line{'' if probe.lines == 1 else 's'}"
    yield f"it {ended} after {probe.seconds:.0f} s; it printed {printed}, {metrics or 'none'} with metrics"
    files = [left.path.name for left in (*probe.inside, *probe.outside)]
    if files:
        yield f"files of metrics: {', '.join(files[:_MOST])}{', ...' if len(files) > _MOST else ''}"
    if probe.last_lines and (probe.exit_code or not (files or probe.forms)):
        yield "what it printed last:"
        yield from (f"  {_cut(line)}" for line in probe.last_lines)
    if not (files or probe.forms):
        yield f"it showed no metrics; {_remedy(probe)}"


def _remedy(probe: Probe) -> str:
    if probe.exit_code is None:
        longer_s = max(60, 2 * round(probe.seconds))
        return f"give it more time with --probe {longer_s}s, or smaller settings behind --"
    if probe.exit_code:
        return "correct what stopped it, or give it what it needs behind --"
    return "say below `metrics:` where they are: `sweep recipe` lists how"


def _cut(line: str) -> str:
    return line if len(line) <= _WIDEST else f"{line[: _WIDEST - 3]}..."
