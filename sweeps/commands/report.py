"""`sweep report`: tells `analysis` which trials to expect, and keeps what it draws with the sweeps' runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sweeps.commands.session import read_records
from sweeps.errors import RecordError
from sweeps.record.ledger import SWEEP, Ledger

if TYPE_CHECKING:
    from pathlib import Path

    from analysis.report.report import Report
    from analysis.results.search import Search
    from analysis.results.study import Study
    from sweeps.commands.session import Workspace


def studies(workspace: Workspace) -> list[Study]:
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
                    config=workspace.config(trial),
                    axes={key: trial.settings[key].value for key in sweep.axes if key in trial.settings},
                    command=workspace.repeat_command(trial),
                )
                for trial in sweep.trials
            ),
        )
        for sweep in workspace.sweeps
        if sweep.search is None
    ]


def searches(workspace: Workspace, tracking_uri: str) -> list[Search]:
    """The searches as `analysis` takes them: every trial that the record has."""
    found = [sweep for sweep in workspace.sweeps if sweep.search is not None]
    if not found:
        return []
    from sweeps.commands.search_report import recorded_search

    records = read_records(tracking_uri, workspace.spec.experiment)
    return [recorded_search(workspace, sweep, records, tracking_uri) for sweep in found]


def write(workspace: Workspace, tracking_uri: str, out: Path) -> Report:
    """Draw the report into `out` and store it as artifacts of each sweep's run.

    Raises:
        RecordError: The record cannot be read or written, or holds nothing of this experiment.
    """
    from analysis.read.errors import AnalysisError, UnknownExperimentError
    from analysis.report.report import write_report

    experiment = workspace.spec.experiment
    try:
        report = write_report(
            tracking_uri,
            experiment,
            studies(workspace),
            out,
            searches=searches(workspace, tracking_uri),
            spec_name=workspace.request.file.name,
            profile=workspace.profile,
        )
    except UnknownExperimentError:
        told = (
            f"{workspace.spec.path}: nothing is recorded yet; run `sweep run {workspace.request.file}` first"
        )
        raise RecordError(told) from None
    except AnalysisError as error:
        raise RecordError(str(error)) from error
    except OSError as error:
        raise RecordError(
            f"{out}: cannot be written: {error.strerror}; name another directory with --out"
        ) from error
    ledger = Ledger(tracking_uri, experiment)
    names = {sweep.name for sweep in workspace.sweeps}
    for record in read_records(tracking_uri, experiment):
        if record.kind == "sweep" and record.tags.get(SWEEP) in names:
            ledger.artifacts(record.run_id, out, report.paths, "report")
    return report
