"""`sweep report`: hands the sweeps and their expected trials to `analysis`, and stores the report with the sweeps' runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.read.outcomes import Outcome
from sweeps.errors import RecordError
from sweeps.planning.search_history import curves_by_run, members, scores
from sweeps.record.ledger import Ledger

if TYPE_CHECKING:
    from pathlib import Path

    from analysis.report.write import WrittenReport
    from analysis.results.expected import ExpectedSweep
    from analysis.results.search import SearchResults
    from sweeps.commands.session import Session
    from sweeps.planning.search_trials import SearchTrials

NOTES = {"val/psnr": ("val/psnr_copy_first", "val/skill")}
"""Metrics that are shown beside an objective, where the trainer logs them: no PSNR stands alone."""


def write(session: Session, out: Path) -> WrittenReport:
    """Draw the report into `out` and store it as artifacts of each sweep's run.

    Raises:
        RecordError: The record cannot be read or written, or holds nothing of this experiment.
    """
    from analysis.read.errors import AnalysisError, DeletedExperimentError, UnknownExperimentError
    from analysis.report.links import ReportCommands
    from analysis.report.write import write_report

    try:
        report = write_report(
            session.record,
            expected_sweeps(session),
            out,
            searches=search_results(session),
            spec_name=session.request.file.name,
            profile=session.profile,
            commands=ReportCommands(session.command("report"), session.ui_command()),
        )
    except DeletedExperimentError as error:
        raise RecordError(str(error)) from error
    except UnknownExperimentError:
        message = f"{session.spec.path}: nothing is recorded yet; run `{session.command('run')}` first"
        raise RecordError(message) from None
    except AnalysisError as error:
        raise RecordError(str(error)) from error
    except OSError as error:
        raise RecordError(
            f"{out}: cannot be written: {error.strerror}; name another directory with --out"
        ) from error
    ledger = Ledger.open(session.record.tracking_uri, session.record.experiment)
    names = {sweep.name for sweep in session.sweeps}
    for run in session.record.runs:
        if run.is_sweep and run.sweep in names:
            ledger.artifacts(run.run_id, out, report.paths, "report")
    return report


def expected_sweeps(session: Session) -> list[ExpectedSweep]:
    """Return the grids as `analysis` takes them: every trial that there should be, whether it ran or not."""
    from analysis.results.expected import ExpectedSweep, ExpectedTrial

    return [
        ExpectedSweep(
            sweep.name,
            sweep.axes,
            tuple(
                ExpectedTrial(
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


def search_results(session: Session) -> list[SearchResults]:
    """Return the searches as `analysis` takes them: every trial that the record has, with its curve."""
    return [
        _search_results(session, sweep.name, sweep.search)
        for sweep in session.sweeps
        if sweep.search is not None
    ]


def _search_results(session: Session, name: str, search: SearchTrials) -> SearchResults:
    from analysis.results.search import SearchedTrial, SearchObjective, SearchResults
    from sweeps.search.study import distribution
    from sweeps.spec.search_space import to_optuna

    objectives = search.spec.objectives
    noted = [key for objective in objectives for key in NOTES.get(objective.metric, ())]
    recorded = members(search, session.record.runs)
    run_ids = [member.run.run_id for member in recorded]
    keys = [*(objective.key for objective in objectives), *noted]
    curves = curves_by_run(session.record.points(keys, run_ids) if run_ids else ())
    trials = []
    for member in recorded:
        own = curves.get(member.run.run_id, {})
        trials.append(
            SearchedTrial(
                name=member.trial.name,
                run_id=member.run.run_id,
                fingerprint=member.trial.fingerprint,
                command=session.repeat_command(member.trial),
                outcome=member.run.outcome or "",
                params={key: to_optuna(value) for key, value in member.params.items()},
                values=scores(objectives, own) if member.run.outcome is Outcome.FINISHED else None,
                curve=own.get(objectives[0].key, {}),
                notes={key: own[key][max(own[key])] for key in noted if key in own},
            )
        )
    return SearchResults(
        name=name,
        objectives=tuple(SearchObjective(objective.metric, objective.maximize) for objective in objectives),
        space={dimension.key: distribution(dimension) for dimension in search.spec.dimensions},
        trials=tuple(trials),
        wanted=search.spec.total,
        command=session.resume_command(name),
    )
