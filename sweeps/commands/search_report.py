"""A search for the report: its trials as the record has them, as `analysis` takes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.read.outcomes import Outcome
from sweeps.planning.search_history import curves_by_run, members, scores

if TYPE_CHECKING:
    from analysis.results.search import Search
    from sweeps.commands.session import Session
    from sweeps.planning.sweep import Sweep

NOTES = {"val/psnr": ("val/psnr_copy_first", "val/skill")}
"""What is told beside an objective, where the trainer logs it: no PSNR stands alone."""


def recorded_search(session: Session, sweep: Sweep) -> Search:
    """A search with its trials; the record is read for their curves.

    Args:
        session: The file.
        sweep: The sweep of the search.
    """
    from analysis.results.search import Objective, Search, SearchedTrial
    from sweeps.search.study import distribution
    from sweeps.spec.search_space import to_optuna

    search = sweep.search
    assert search is not None  # noqa: S101 - called for searches
    objectives = search.spec.objectives
    told = [key for objective in objectives for key in NOTES.get(objective.metric, ())]
    mine = members(search, session.record.runs)
    keys = [*(objective.key for objective in objectives), *told]
    run_ids = [member.run.run_id for member in mine]
    points = session.record.points(keys, run_ids) if run_ids else ()
    curves = curves_by_run(points)
    trials = []
    for member in mine:
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
                notes={key: own[key][max(own[key])] for key in told if key in own},
            )
        )
    return Search(
        name=sweep.name,
        objectives=tuple(Objective(objective.metric, objective.maximize) for objective in objectives),
        space={dimension.key: distribution(dimension) for dimension in search.spec.dimensions},
        trials=tuple(trials),
        wanted=search.spec.total,
        command=session.resume_command(sweep.name),
    )
