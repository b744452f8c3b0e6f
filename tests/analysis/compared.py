"""Searches of one task by several samplers, as the record has them, for tests of their comparison."""

from dataclasses import replace

from analysis.results.searches.search import SearchedTrial, SearchObjective, SearchResults
from tests.analysis.searched import SPACE


def search(name, values, *, sampler="tpe", pruner="none", seed=0, objective="loss", high=False, **changed):
    """A search whose trials end with these values; `pruned`, `failed` and `running` stand for themselves."""
    trials = tuple(
        SearchedTrial(
            name=f"trial-{number:03d}",
            run_id=f"{name}-{number}",
            fingerprint=f"{name}-print-{number}",
            command="",
            outcome=value if isinstance(value, str) else "finished",
            params={"lr": 0.1, "kind": "a"},
            values=None if isinstance(value, str) else (float(value),),
            curve={0: 1.0, 1: 2.0},
            epochs=2,
            spent_s=10.0,
        )
        for number, value in enumerate(values, start=1)
    )
    trials = tuple(replace(trial, outcome="") if trial.outcome == "running" else trial for trial in trials)
    made = SearchResults(
        name=name,
        objectives=(SearchObjective(objective, high),),
        space=SPACE,
        trials=trials,
        wanted=len(trials),
        command="sweep run e.yaml",
        sampler=sampler,
        pruner=pruner,
        task="task",
        seeds=(seed, None),
    )
    return replace(made, **changed)


TPE = (
    search("t1", (8, 5, "failed", 4), seed=1),
    search("t2", (9, "pruned", 5, 3), seed=2),
    search("t3", (7, 6, 6, 5), seed=3),
)
RANDOM = tuple(
    replace(one, sampler="random")
    for one in (
        search("r1", (8, 7, 7, 40), seed=1),
        search("r2", (9, 8, 6, 7), seed=2),
        search("r3", (7, 7, 8, 9), seed=3),
    )
)
