"""What `import sweeps` offers: `plan`, `run`, `status` and `report` of a file, as frames and values.

Each does what the verb of the command line of the same name does, through the same functions, with the same options.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sweeps.api.asked import ArgumentError, in_python, opened, with_file, words
from sweeps.api.notebook import cell
from sweeps.api.notes import noted, warn
from sweeps.api.results import Launch, Report
from sweeps.errors import did_you_mean
from sweeps.extras import need

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from os import PathLike
    from types import EllipsisType
    from typing import Unpack

    import pandas as pd

    from sweeps.api.asked import Asked
    from sweeps.api.launching import Ended
    from sweeps.commands.session import Session
    from sweeps.planning.plan import Plan
    from sweeps.rows import Row


@in_python
def plan(file: str | PathLike[str], **asked: Unpack[Asked]) -> pd.DataFrame:
    """What `run` would do, one row a trial; reads only.

    Args:
        file: The experiments.yaml.
        asked: See `Asked`.

    Returns:
        `sweep`, `trial`, a column for each setting that varies, `action` (new, changed, again, resume, retry, running, done, abandoned, removed), `epoch`, `reason`, `fingerprint`,
        `run_id` and `command`. Its `attrs` have `counts` by action, `differences` between runs that are compared,
        `eta_s`, the seconds that it will take, None where nothing tells, and `notes`.

    Warns:
        SweepWarning: Each of its notes, which are these differences.

    Raises:
        SweepError: The file is wrong, with every problem in it, or what is asked for does not exist.
        AnalysisError: The record cannot be read.
    """
    from sweeps.rows.plan import plan_rows

    session = opened("plan", file, asked)
    planned = session.plan()
    frame = _frame(_with_settings(plan_rows(session, planned), planned))
    frame.attrs = {
        "counts": dict(planned.counts()),
        "differences": list(planned.differences),
        "eta_s": planned.eta_s,
    }
    return noted(frame, planned.differences)


@in_python
def status(file: str | PathLike[str], **asked: Unpack[Asked]) -> pd.DataFrame:
    """The state and the latest metrics of every trial, one row each; reads only.

    Args:
        file: The experiments.yaml.
        asked: See `Asked`.

    Returns:
        `sweep`, `trial`, a column for each setting that varies, `state`, `reason`, `attempt`, `epoch`, a column for each metric that `sweep status` shows, `seconds` that
        its attempts ran, `cores`, `memory_gb`, `gpu_percent` and `gpu_memory_gb` as sampled last, `run_id` and `fingerprint`. Its `attrs`
        have `notes`, such as that no run recorded a measure, or that the code differs, and `left_out`, the metrics without a column.

    Warns:
        SweepWarning: Each of its notes.

    Raises:
        SweepError: As for `plan`.
        AnalysisError: The record cannot be read.
    """
    return _status(opened("status", file, asked, needs_program=False), notes=True)


@in_python
def run(  # noqa: PLR0913 - as many as the command line has options
    file: str | PathLike[str],
    *,
    jobs: int | None = None,
    gpus: str | None = None,
    executor: str = "local",
    address: str | None = None,
    retry_failed: bool = False,
    again: bool = False,
    patience_s: float | None = None,
    sample_s: float | EllipsisType | None = ...,
    quiet: bool = False,
    **asked: Unpack[Asked],
) -> Launch:
    """Run the trials that the record lacks, until all have ended; call it from the main thread.

    In a notebook a table shows how it goes. An interrupt asks running trials to end, with a checkpoint where they save one,
    a second one terminates them, a third one kills them.

    Args:
        file: The experiments.yaml.
        jobs: Trials to run at once; None: as many as fit.
        gpus: Ids of the GPUs to use, such as `"0,1"`; None: all that nobody else uses; empty: none.
        executor: `local`, `ray` or `slurm`.
        address: Of the cluster, as `--address`.
        retry_failed: Whether failed trials are run again.
        again: Whether the trials that `only`, `excepting` or `sweeps` select are trained anew: `--again`.
        patience_s: Seconds to wait for a tracking store that is away while no trial runs; None: as the command line does.
        sample_s: How often the cores, memory, disk and GPUs that trials take are recorded, in seconds; None: not at all;
            left out: as $SWEEP_SYSTEM_METRICS says, else 10.
        quiet: Whether to show nothing.
        asked: See `Asked`.

    Returns:
        All trials that it was about, how it ended, and what was said beside its table; see `Launch`.

    Raises:
        SweepError: The file is wrong, an option cannot be so, another run holds its sweeps, or the record cannot be written.
        AnalysisError: The record cannot be read.
    """
    from sweeps.api.launching import launched
    from sweeps.cli.options import LaunchOptions, default_sample_s
    from sweeps.record.outage import PATIENCE_S

    patience_s = PATIENCE_S if patience_s is None else patience_s
    sample_s = default_sample_s() if sample_s is ... else sample_s
    how = LaunchOptions(jobs, gpus, executor, address, retry_failed, again, patience_s, sample_s)
    own = ("jobs", "gpus", "executor", "address", "retry_failed", "again", "patience_s", "sample_s", "quiet")
    session = opened("run", file, asked, own, how.words)
    return _launch(session, launched(session, how, quiet=quiet), quiet=quiet)


@in_python
def report(
    file: str | PathLike[str],
    out: str | PathLike[str] = "figures",
    *,
    beside: str | Sequence[str] = (),
    plain: bool = False,
    pdf: bool = False,
    band: str = "minmax",
    **asked: Unpack[Asked],
) -> Report:
    """Draw the record: figures, report.html and report.md, also as artifacts of the sweeps' runs.

    Args:
        file: The experiments.yaml.
        out: The folder to write to.
        beside: Other MLflow stores, whose runs of the same trials are shown side by side with these: `--with`.
        plain: Whether images have neither title nor captions, as for a paper: `--plain`.
        pdf: Whether each figure is drawn as PDF beside PNG and SVG: `--pdf`.
        band: What bands and bars of repeats are, `minmax`, `sd` or `iqr`: `--band`.
        asked: See `Asked`.

    Raises:
        SweepError: The file is wrong, or nothing is recorded.
    """
    from analysis.figures.averages.band import Band
    from analysis.report.drawing import Drawing
    from sweeps.commands.report import write

    bands = [one.value for one in Band]
    if band not in bands:
        hint = did_you_mean(str(band), bands)
        raise ArgumentError(f"band={band!r}: it is not one of {', '.join(bands)}{hint}")
    need("sweeps.report", "matplotlib")
    session = opened("report", file, asked, ("out", "beside", "plain", "pdf", "band"), needs_program=False)
    written = write(session, Path(out), words("beside", beside), Drawing(plain, pdf, Band(band)))
    incomplete = {result.trial.name: result.condition for result in written.incomplete}
    return Report(tuple(written.paths), incomplete, written.head)


def _with_settings(rows: Sequence[Row], planned: Plan) -> list[Row]:
    from sweeps.rows.settings import with_settings

    own = set(rows[0]) if rows else set()
    return with_settings(rows, (step.trial for step in planned.steps), own)


def _status(session: Session, *, notes: bool) -> pd.DataFrame:
    """The frame of `status`, with its notes; `notes`: whether they are warned of."""
    from sweeps.rows.notes import status_notes
    from sweeps.rows.status import status_of

    planned = session.plan()
    found = status_of(session, planned)
    frame = _frame(_with_settings(found.rows, planned))
    frame.attrs["left_out"] = list(found.left_out)
    frame.attrs["notes"] = [
        *planned.differences,
        *(with_file(note, session.request.file) for note in status_notes(session, planned, found)),
    ]
    return noted(frame, frame.attrs["notes"]) if notes else frame


def _launch(session: Session, ended: Ended, *, quiet: bool) -> Launch:
    """The result of a `run`: the trials as they stand now, and of those that it took on how that went."""
    import pandas as pd

    from analysis.read.errors import AnalysisError
    from analysis.read.outcomes import NOT_STARTED
    from sweeps.rows.jobs import job_rows

    ran = {(row["sweep"], row["trial"]): row for row in job_rows(ended.launched)}
    notes: list[str] = []
    try:
        session.record.refresh()
        stands = _status(session, notes=False)
        notes = [note for note in stands.attrs["notes"] if note not in ended.notes]
        rows = [
            {"outcome" if key == "state" else str(key): value for key, value in row.items()}
            for row in stands.to_dict("records")
        ]
    except AnalysisError:  # a store that is away by now keeps nobody from what is known
        rows = []
    known = {(row["sweep"], row["trial"]) for row in rows}
    rows += [dict(row) for place, row in ran.items() if place not in known]
    places = [(row["sweep"], row["trial"]) for row in rows]
    began = {place for place, row in ran.items() if row["outcome"] != NOT_STARTED}
    taken = [
        {**row, **ran.get(place, {}), "ran": place in began} for place, row in zip(places, rows, strict=True)
    ]
    trials = pd.DataFrame(taken, columns=None if taken else [*_OF_JOBS, "ran"])
    if not quiet:
        warn(notes)
    is_shown = ended.has_table and ran.keys() >= set(places)
    said = (*ended.notes, *notes)
    return Launch(trials, ended.launched.exit_code, said, cell() if is_shown else None)


_OF_JOBS = ("sweep", "trial", "outcome", "reason", "attempt", "run_id", "fingerprint")


def _frame(rows: Iterable[Mapping[str, object]], columns: Sequence[str] = ("sweep", "trial")) -> pd.DataFrame:
    """A frame of rows; with these columns where there is none."""
    import pandas as pd

    found = list(rows)
    return pd.DataFrame(found, columns=None if found else list(columns))
