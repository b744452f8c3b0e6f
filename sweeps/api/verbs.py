"""What `import sweeps` offers: `plan`, `run`, `status` and `report` of a file, as frames and values.

Each does what the verb of the command line of the same name does, through the same functions, with the same options.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, TypedDict

from sweeps.commands import session as sessions
from sweeps.commands.request import Request
from sweeps.commands.session import WITHOUT_PROGRAM
from sweeps.errors import SelectionError, did_you_mean
from sweeps.extras import need

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import EllipsisType
    from typing import Unpack

    import pandas as pd

    from sweeps.commands.session import Session


class Asked(TypedDict, total=False):
    """What every verb takes beside the file; each as the option of the command line.

    Attributes:
        profile: The profile in place of the one that the file chooses: `--profile`.
        overrides: Keys to set in every trial, each with its value: `--set`.
        sweeps: Only the sweeps of these names: `--sweep`.
        seeds: Repeat each trial with so many seeds: `--seeds`.
        only: Only trials that match, such as `"tfr=0.5"` or `"trial=Cyclical-tfr0.5"`: `--only`.
        excepting: No trials that match: `--except`.
        tracking_uri: The MLflow store; else $MLFLOW_TRACKING_URI, else `sqlite:///mlflow.db`: `--tracking-uri`.
    """

    profile: str | None
    overrides: Mapping[str, object]
    sweeps: str | Sequence[str]
    seeds: int | None
    only: str | Sequence[str]
    excepting: str | Sequence[str]
    tracking_uri: str | None


@dataclass(frozen=True, slots=True)
class Launch:
    """How a `run` ended.

    Attributes:
        trials: The trials that it took on: `sweep`, `trial`, `outcome`, `reason`, `attempt`, `run_id`, `fingerprint`.
        exit_code: As the command line's: 0 all done, 1 some trial failed, 3 another run has some, 130 interrupted.
    """

    trials: pd.DataFrame
    exit_code: int

    @property
    def is_done(self) -> bool:
        """Whether every trial of the file has finished, now or before."""
        return self.exit_code == 0

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        return str(self.trials.to_html())


@dataclass(frozen=True, slots=True)
class Report:
    """What `report` wrote.

    Attributes:
        paths: The files.
        incomplete: The trials that have not finished, or recorded nothing, each with its condition.
    """

    paths: tuple[Path, ...]
    incomplete: Mapping[str, str]


def plan(file: str | Path, **asked: Unpack[Asked]) -> pd.DataFrame:
    """What `run` would do, one row a trial; reads only.

    Args:
        file: The experiments.yaml.
        asked: See `Asked`.

    Returns:
        `sweep`, `trial`, `action` (new, changed, again, resume, retry, running, done, abandoned, removed), `epoch`, `reason`, `fingerprint`,
        `run_id` and `command`. Its `attrs` have `counts` by action, `differences` between runs that are compared, and
        `eta_s`, the seconds that it will take, None where nothing tells.

    Raises:
        SweepError: The file is wrong, with every problem in it, or what is asked for does not exist.
        AnalysisError: The record cannot be read.
    """
    from sweeps.rows.plan import plan_rows

    session = _opened(file, asked)
    planned = session.plan()
    frame = _frame(plan_rows(session, planned))
    frame.attrs = {
        "counts": dict(planned.counts()),
        "differences": list(planned.differences),
        "eta_s": planned.eta_s,
    }
    return frame


def status(file: str | Path, **asked: Unpack[Asked]) -> pd.DataFrame:
    """The state and the latest metrics of every trial, one row each; reads only.

    Args:
        file: The experiments.yaml.
        asked: See `Asked`.

    Returns:
        `sweep`, `trial`, `state`, `reason`, `attempt`, `epoch`, a column for each metric that `sweep status` shows, `seconds` that
        its attempts ran, `cores`, `memory_gb`, `gpu_percent` and `gpu_memory_gb` as sampled last, `run_id` and `fingerprint`.

    Raises:
        SweepError: As for `plan`.
        AnalysisError: The record cannot be read.
    """
    from sweeps.rows.status import status_of

    session = _read(file, asked)
    return _frame(status_of(session, session.plan()).rows)


def run(  # noqa: PLR0913 - as many as the command line has options
    file: str | Path,
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

    Raises:
        SweepError: The file is wrong, an option cannot be so, another run holds its sweeps, or the record cannot be written.
        AnalysisError: The record cannot be read.
    """
    from sweeps.api.launching import launched
    from sweeps.cli.options import LaunchOptions, default_sample_s
    from sweeps.record.outage import PATIENCE_S
    from sweeps.rows.jobs import job_rows

    patience_s = PATIENCE_S if patience_s is None else patience_s
    sample_s = default_sample_s() if sample_s is ... else sample_s
    how = LaunchOptions(jobs, gpus, executor, address, retry_failed, again, patience_s, sample_s)
    ended = launched(_opened(file, asked, how.words), how, quiet=quiet)
    return Launch(_frame(job_rows(ended), _OF_JOBS), ended.exit_code)


def report(
    file: str | Path,
    out: str | Path = "figures",
    *,
    beside: str | Sequence[str] = (),
    plain: bool = False,
    band: str = "minmax",
    **asked: Unpack[Asked],
) -> Report:
    """Draw the record: figures, report.html and report.md, also as artifacts of the sweeps' runs.

    Args:
        file: The experiments.yaml.
        out: The folder to write to.
        beside: Other MLflow stores, whose runs of the same trials are shown side by side with these: `--with`.
        plain: Whether images have neither title nor captions, as for a paper: `--plain`.
        band: What bands and bars of repeats are, `minmax`, `sd` or `iqr`: `--band`.
        asked: See `Asked`.

    Raises:
        SweepError: The file is wrong, or nothing is recorded.
    """
    from analysis.figures.averages.band import Band
    from sweeps.commands.report import write

    bands = [one.value for one in Band]
    if band not in bands:
        raise SelectionError(f"band={band!r}: it is not one of {', '.join(bands)}{did_you_mean(band, bands)}")
    written = write(_read(file, asked), Path(out), _words(beside), plain=plain, band=Band(band))
    return Report(
        tuple(written.paths), {result.trial.name: result.condition for result in written.incomplete}
    )


_OF_JOBS = ("sweep", "trial", "outcome", "reason", "attempt", "run_id", "fingerprint")


def _read(file: str | Path, asked: Asked) -> Session:
    """The same for what runs nothing: it works where the file's program is gone, and warns."""
    session = _opened(file, asked, needs_program=False)
    for trouble in session.troubles:
        warnings.warn(f"{trouble}; {WITHOUT_PROGRAM}", stacklevel=3)
    return session


def _opened(
    file: str | Path, asked: Asked, options: Sequence[str] = (), *, needs_program: bool = True
) -> Session:
    """The file with its trials and its record.

    Raises:
        TypeError: There is no such argument.
        SelectionError: There cannot be so many seeds.
    """
    from sweeps.record.store_uri import absolute_uri, recorded_uri, tracking_uri

    need("import sweeps", "pandas")
    names = Asked.__annotations__
    for name in asked:
        if name not in names:
            raise TypeError(f"there is no argument {name}{did_you_mean(name, names)}")
    seeds = asked.get("seeds")
    if seeds is not None and seeds < 1:
        raise SelectionError(f"seeds={seeds}: each trial runs at least once; say 1 or more")
    request = Request(
        Path(file),
        profile=asked.get("profile"),
        overrides=tuple(f"{key}={_yaml(value)}" for key, value in asked.get("overrides", {}).items()),
        sweeps=_words(asked.get("sweeps", ())),
        only=_words(asked.get("only", ())),
        excepting=_words(asked.get("excepting", ())),
        seeds=seeds,
        options=tuple(options),
    )
    # MLflow keeps what it opened by its URI: a relative one would go on meaning where this Python was then.
    given = asked.get("tracking_uri")
    uri = tracking_uri(given) if needs_program else recorded_uri(given, request.file)
    return sessions.open_session(request, absolute_uri(uri), needs_program=needs_program)


def _yaml(value: Any) -> str:
    """A value as the file would have it; numpy's and paths as the plain values that they stand for."""
    from sweeps.spec.yaml_writer import scalar

    plain = value.tolist() if hasattr(value, "tolist") else value
    return scalar(str(plain) if isinstance(plain, PurePath) else plain)


def _words(given: str | Sequence[str]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)


def _frame(rows: Sequence[Mapping[str, object]], columns: Sequence[str] = ("sweep", "trial")) -> pd.DataFrame:
    """A frame of rows; with these columns where there is none."""
    import pandas as pd

    return pd.DataFrame(list(rows), columns=None if rows else list(columns))
