"""`sweep report`: tells `analysis` which trials to expect, and keeps what it draws with the sweeps' runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sweeps.errors import RecordError
from sweeps.record.ledger import Ledger

if TYPE_CHECKING:
    from pathlib import Path

    from analysis.report.report import Report
    from analysis.results.search import Search
    from analysis.results.study import Study
    from sweeps.commands.session import Session


def studies(session: Session) -> list[Study]:
    """The sweeps as `analysis` takes them: every trial that there should be, whether it ran or not."""
    from analysis.results.study import Study, Trial

    return [
        Study(
            sweep.name,
            sweep.axes,
            tuple(
                Trial(
                    name=trial.name,
                    fingerprint=trial.fingerprint,
                    config=trial.config,
                    axes={key: trial.settings[key].value for key in sweep.axes if key in trial.settings},
                    command=session.repeat_command(trial),
                )
                for trial in sweep.trials
            ),
        )
        for sweep in session.sweeps
        if sweep.search is None
    ]


def searches(session: Session) -> list[Search]:
    """The searches as `analysis` takes them: every trial that the record has."""
    found = [sweep for sweep in session.sweeps if sweep.search is not None]
    if not found:
        return []
    from sweeps.commands.search_report import recorded_search

    return [recorded_search(session, sweep) for sweep in found]


def write(session: Session, out: Path) -> Report:
    """Draw the report into `out` and store it as artifacts of each sweep's run.

    Raises:
        RecordError: The record cannot be read or written, or holds nothing of this experiment.
    """
    from analysis.read.errors import AnalysisError, UnknownExperimentError
    from analysis.report.report import write_report

    try:
        report = write_report(
            session.record,
            studies(session),
            out,
            searches=searches(session),
            spec_name=session.request.file.name,
            profile=session.profile,
        )
    except UnknownExperimentError:
        told = f"{session.spec.path}: nothing is recorded yet; run `sweep run {session.request.file}` first"
        raise RecordError(told) from None
    except AnalysisError as error:
        raise RecordError(str(error)) from error
    except OSError as error:
        raise RecordError(
            f"{out}: cannot be written: {error.strerror}; name another directory with --out"
        ) from error
    ledger = Ledger.open(session.record.tracking_uri, session.spec.experiment)
    names = {sweep.name for sweep in session.sweeps}
    for record in session.record.runs:
        if record.is_sweep and record.sweep in names:
            ledger.artifacts(record.run_id, out, report.paths, "report")
    return report
