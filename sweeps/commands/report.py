"""`sweep report`: hands the sweeps and their expected trials to `analysis`, and stores the report with the sweeps' runs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from analysis.figures.averages.band import Band
from analysis.read.errors import UnknownExperimentError, masked
from analysis.read.outcomes import Outcome
from analysis.read.record import Record
from analysis.read.store import absolute_uri
from analysis.report.drawing import ONCE
from analysis.results.criterion import HIGHER, LAST, Criterion
from analysis.results.expected import SEED_AXIS
from analysis.results.results import counted, seconds_of_work
from sweeps.commands.shell import shell_command
from sweeps.errors import RecordError
from sweeps.planning.search_history import curves_by_run, members, scores, trial_number, until
from sweeps.planning.selection import pick_words
from sweeps.record.ledger import Ledger
from sweeps.rundir.lease import folder_here

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from analysis.report.drawing import Drawing
    from analysis.report.write import WrittenReport
    from analysis.results.expected import ExpectedSweep, ExpectedTrial
    from analysis.results.searches.search import SearchResults
    from sweeps.commands.session import Session
    from sweeps.planning.search_history import Member
    from sweeps.planning.search_trials import SearchTrials
    from sweeps.planning.trial import Trial
    from sweeps.spec.search_space import Objective

NOTES = {"val/psnr": ("val/psnr_copy_first", "val/skill")}
"""Metrics that are shown beside an objective, where the trainer logs them: no PSNR stands alone."""


def write(
    session: Session,
    out: Path,
    beside: Sequence[str] = (),
    drawing: Drawing = ONCE,
) -> WrittenReport:
    """Draw the report into `out` and store it as artifacts of each sweep's run.

    Args:
        session: The file and its record.
        out: The folder to write to.
        beside: Other stores, whose runs of the same trials of grids are shown side by side with these; such a report is not stored.
        drawing: How it is drawn.

    Raises:
        RecordError: A record cannot be read or written, or holds nothing of this experiment.
    """
    from analysis.read.errors import AnalysisError, DeletedExperimentError

    try:
        report = draw(session, out, beside, drawing)
    except DeletedExperimentError as error:
        raise RecordError(str(error)) from error
    except UnknownExperimentError:
        message = f"{session.spec.path}: nothing is recorded yet; run `{session.command('run')}` first"
        raise RecordError(message) from None
    except AnalysisError as error:
        raise RecordError(str(error)) from error
    if beside or not session.selection.is_all:
        return report
    ledger = Ledger.open(session.record.tracking_uri, session.record.experiment)
    names = {sweep.name for sweep in session.sweeps}
    for run in session.record.runs:
        if run.is_sweep and run.sweep in names:
            ledger.artifacts(run.run_id, out, report.paths, "report")
    return report


def draw(
    session: Session,
    out: Path,
    beside: Sequence[str] = (),
    drawing: Drawing = ONCE,
) -> WrittenReport:
    """Draw the report into `out`.

    Args:
        session: The file and its record.
        out: The folder to write to.
        beside: As for `write`.
        drawing: As for `write`.

    Raises:
        AnalysisError: A record cannot be read, or holds nothing of this experiment.
        RecordError: `out` cannot be written, or one of `beside` holds nothing of this experiment.
    """
    from analysis.report.links import UI_PORT, ReportCommands
    from analysis.report.write import write_report

    def ui(uri: str, port: int) -> str:
        words = [] if port == UI_PORT else ["--port", str(port)]
        return shell_command("ui", session.request.file, words, uri)

    picks = pick_words(session.request.only, session.request.excepting)
    again = [*picks, *(word for uri in beside for word in ("--with", masked(uri)))]
    again += [f"--{name}" for name in ("plain", "pdf") if getattr(drawing, name)]
    again += [] if drawing.band is Band.MINMAX else ["--band", drawing.band]
    try:
        return write_report(
            session.record,
            expected_sweeps(session),
            out,
            searches=() if beside else search_results(session),
            spec_name=session.request.file.name,
            profile=session.profile,
            commands=ReportCommands(session.command("report", None, *again), ui, chosen(session)),
            beside=_records(session, beside),
            drawing=replace(drawing, folder_of=folder_here),
        )
    except OSError as error:
        raise RecordError(
            f"{out}: cannot be written: {error.strerror}; name another directory with --out"
        ) from error


def chosen(session: Session) -> str:
    """Say which part of the trials is meant; empty where it is all of them."""
    if session.selection.is_all:
        return ""
    of = sum(len(sweep.trials) for sweep in session.sweeps)
    words = " ".join(pick_words(session.request.only, session.request.excepting))
    return f"{len(session.selection.trials)} of {counted(of, 'trial')} chosen by {words}"


def _records(session: Session, beside: Sequence[str]) -> dict[str, Record]:
    """The session's record and others, by what tells their stores apart; none where there is no other.

    Raises:
        RecordError: One is named twice, or holds nothing of this experiment.
        AnalysisError: One cannot be read.
    """
    uris = [absolute_uri(uri) for uri in (session.record.tracking_uri, *beside)] if beside else []
    twice = next((uri for place, uri in enumerate(uris) if uri in uris[:place]), None)
    if twice is not None:
        raise RecordError(f"--with {masked(twice)}: this store is shown already; name another one")
    names = [masked(uri).rstrip("/").rpartition("/")[2].removesuffix(".db") for uri in uris]
    if len(set(names)) < len(names):
        names = [masked(uri).rpartition("://")[2].lstrip("/") for uri in uris]
    records = {}
    for place, (name, uri) in enumerate(zip(names, uris, strict=True)):
        own = session.record
        records[name] = Record(uri, own.experiment, session.spec.trainer.identity) if place else own
        try:
            records[name].require()
        except UnknownExperimentError as error:
            if not place:
                raise
            raise RecordError(f"--with {error}") from None
    return records


def expected_sweeps(session: Session) -> list[ExpectedSweep]:
    """Return the grids as `analysis` takes them: every trial that there should be and is meant, whether it ran or not."""
    from analysis.results.expected import ExpectedSweep
    from sweeps.commands.seeds import recorded_seeds, without_seed

    recorded, no_seed = recorded_seeds(session), without_seed(session)
    found = []
    for sweep in session.grids:
        trials = [trial for trial in sweep.trials if trial in session.selection]
        axes = sweep.axes if session.selection.is_all else _varying(trials, sweep.axes)
        if trials or session.selection.is_all:
            found.append(
                ExpectedSweep(
                    sweep.name,
                    axes,
                    tuple(_expected(session, trial, axes) for trial in trials),
                    session.spec.measures_of(sweep.name),
                    recorded.get(sweep.name, (None,))[0],
                    no_seed,
                )
            )
    return found


def _varying(trials: Sequence[Trial], axes: Sequence[str]) -> tuple[str, ...]:
    """The axes of which these trials have several values."""
    return tuple(
        axis
        for axis in axes
        if len({repr(trial.settings[axis].value) for trial in trials if axis in trial.settings}) > 1
    )


def _expected(session: Session, trial: Trial, axes: Sequence[str] = ()) -> ExpectedTrial:
    from analysis.results.expected import ExpectedTrial
    from analysis.results.grouping import distinct_names

    return ExpectedTrial(
        name=trial.name,
        fingerprint=trial.fingerprint,
        config=trial.config,
        axes={key: trial.settings[key].value for key in axes if key in trial.settings},
        command=session.repeat_command(trial),
        epochs=session.trainer.epochs_of(trial.config),
        by_epoch=session.spec.trainer.by_epoch,
        unit=session.spec.trainer.unit,
        goes_on=True
        if session.spec.trainer.run is not None or session.spec.trainer.surroundings.resume.add
        else None,
        names=distinct_names(axes, session.spec.names.called),
        step_name=session.spec.trainer.sources.step_name,
    )


def search_results(session: Session) -> list[SearchResults]:
    """Return the searches as `analysis` takes them: every trial that the record has and is meant, with its curve."""
    meant = {sweep for sweep, _ in session.selection.trials}
    return [
        _search_results(session, sweep.name, sweep.search)
        for sweep in session.sweeps
        if sweep.search is not None and (session.selection.is_all or sweep.name in meant)
    ]


def _noted(objectives: Sequence[Objective], measures: Sequence[Criterion]) -> dict[str, Criterion]:
    """What is shown beside the objectives, by what it is called: their baselines, and the file's other measures."""
    sought = {objective.metric for objective in objectives}
    known = [key for objective in objectives for key in NOTES.get(objective.metric, ())]
    found = {key: Criterion(key, HIGHER) for key in known}
    for one in measures:
        for key, counts in zip(one.keys, (one.of_curve, one.of_baseline), strict=False):
            if key not in sought and not one.is_per_frame:
                name = key if counts == LAST else f"{key}, {counts}"
                found.setdefault(name, replace(one, metric=key, value=counts))
    return found


def _search_results(session: Session, name: str, search: SearchTrials) -> SearchResults:
    from analysis.results.curves import Curve
    from analysis.results.results import Result, step_word
    from analysis.results.searches.search import SearchedTrial, SearchObjective, SearchResults
    from analysis.results.shared_files import shared_files
    from sweeps.search.study import distribution
    from sweeps.spec.search_space import EPOCH_TIME, to_optuna

    objectives = search.spec.objectives
    noted = _noted(objectives, session.spec.measures_of(name))
    recorded = _recorded(session, search)
    run_ids = [member.run.run_id for member in recorded]
    keys = [*(objective.key for objective in objectives), *(one.metric for one in noted.values()), EPOCH_TIME]
    curves = curves_by_run(session.record.points(keys, run_ids) if run_ids else ())
    trials, results = [], []
    for member in recorded:
        own = until(curves.get(member.run.run_id, {}), member.until)
        curve, times = own.get(objectives[0].key, {}), own.get(EPOCH_TIME)
        drawn = {objectives[0].key: Curve.by_step(curve)} if curve else {}
        results.append(Result(_expected(session, member.trial), member.run, drawn))
        trials.append(
            SearchedTrial(
                name=member.trial.name,
                run_id=member.run.run_id,
                fingerprint=member.trial.fingerprint,
                command=session.repeat_command(member.trial),
                outcome=member.run.outcome or "",
                params={key: to_optuna(value) for key, value in member.params.items()},
                values=scores(objectives, own) if member.run.outcome is Outcome.FINISHED else None,
                curve=curve,
                notes={
                    name: Curve.by_step(own[one.metric]).counted(one.of_curve, is_high=one.is_high)
                    for name, one in noted.items()
                    if one.metric in own
                },
                epochs=results[-1].epochs,
                spent_s=seconds_of_work(member.run, times.values() if times else None),
            )
        )
    return SearchResults(
        name=name,
        objectives=tuple(
            SearchObjective(one.metric, one.maximize, one.of_curve if one.criterion.averaged_over else "")
            for one in objectives
        ),
        space={dimension.key: distribution(dimension) for dimension in search.spec.dimensions},
        trials=tuple(trials),
        wanted=search.spec.total,
        command=session.resume_command(name),
        sampler=search.spec.sampler.words,
        pruner=search.spec.pruner.words,
        task=search.task,
        seeds=(search.spec.seed, recorded[0].trial.config.get(SEED_AXIS) if recorded else None),
        steps=step_word(results, objectives[0].key),
        unit=session.spec.trainer.unit,
        shared=shared_files(
            (member.run for member in recorded), (member.trial.config for member in recorded)
        ),
    )


def _recorded(session: Session, search: SearchTrials) -> list[Member]:
    """The trials of a search that are meant, in the order in which they were suggested."""
    chosen = session.selection
    found = members(search, session.record.runs)
    return sorted((one for one in found if chosen.is_all or one.trial in chosen), key=_suggested)


def _suggested(member: Member) -> int:
    """The number in a trial's name: a run that another search made was begun earlier than it was suggested here."""
    return trial_number(member.trial.name) or 0
