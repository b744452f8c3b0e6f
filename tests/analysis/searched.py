"""Two searches as the record has them, one of them with two objectives."""

from dataclasses import replace

from optuna.distributions import CategoricalDistribution, FloatDistribution

from analysis.results.searches.search import SearchedTrial, SearchObjective, SearchResults

SPACE = {"lr": FloatDistribution(1e-4, 1e-1, log=True), "kind": CategoricalDistribution(["a", "b"])}


def trial(number, value, *, outcome="finished", kind="a"):
    values = (value, 30 - value) if outcome == "finished" else None
    return SearchedTrial(
        name=f"trial-00{number}",
        run_id=f"run{number}",
        fingerprint=f"print{number}",
        command=f"sweep run e.yaml --only trial=trial-00{number}",
        outcome=outcome,
        params={"lr": 10 ** (-number / 2), "kind": kind},
        values=values,
        curve={0: value - 2, 1: value - 1} | ({2: value} if values else {}),
        notes={"val/skill": value - 12},
        epochs=3 if values else 2,
    )


BOTH = SearchResults(
    name="s",
    objectives=(SearchObjective("val/psnr", maximize=True), SearchObjective("time", maximize=False)),
    space=SPACE,
    trials=(
        trial(2, 20.0),
        trial(3, 25.0, kind="b"),
        trial(4, 22.0),
        trial(5, 15.0, outcome="pruned"),
        trial(6, 21.0, kind="b"),
        replace(trial(7, 0.0, outcome="failed"), curve={}, notes={}, epochs=0),
    ),
    wanted=8,
    command="sweep run e.yaml",
)
ONE = replace(
    BOTH,
    objectives=BOTH.objectives[:1],
    trials=tuple(replace(t, values=t.values[:1] if t.values else None) for t in BOTH.trials),
)
