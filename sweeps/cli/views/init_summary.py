"""Says what `sweep init` wrote, and what is to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sweeps.commands.editing.schema import schema_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sweeps.authoring.probe import Probe
    from sweeps.commands.init import Initiated

_MOST = 4


def summary(done: Initiated, script: Path, out: Path | None) -> Iterator[str]:
    """The lines that say what was found and what is left to do."""
    many = "1 option" if done.options == 1 else f"{done.options} options"
    found = f"{many} through {done.kind}" if done.options else "no options"
    ran = "ran it once" if done.probe is not None else "ran nothing of it"
    yield f"{script}: takes {found}; {ran}"
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
    if done.draft.missing:
        yield f"fill in under `defaults:` first: {', '.join(done.draft.missing)}"
    yield f"next: sweep check {out}"


def _shown(probe: Probe) -> Iterator[str]:
    ended = "was ended" if probe.exit_code is None else f"ended with exit code {probe.exit_code}"
    yield f"it {ended} after {probe.seconds:.0f} s; it printed {sum(form.count for form in probe.forms)} lines with metrics"
    if probe.exit_code:
        yield f"its last line: {probe.last_line}"
    files = [left.path.name for left in (*probe.inside, *probe.outside)]
    if files:
        yield f"files of metrics: {', '.join(files[:_MOST])}{', ...' if len(files) > _MOST else ''}"
    elif not probe.forms:
        yield "it showed no metrics; give it more time with --probe 60s, or smaller settings behind --"
