"""Records as no trainer should leave them: infinite, constant and missing values, odd steps, words of any kind."""

import math

from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

from analysis.read.record import Record
from analysis.read.store import PointColumns, RunRecord
from analysis.results.expected import ExpectedSweep, ExpectedTrial
from analysis.results.searches.search import SearchedTrial, SearchObjective, SearchResults

GREATEST = 1.7976931348623157e308
NUMBERS = (
    math.nan,
    math.inf,
    -math.inf,
    1e308,
    -1e308,
    GREATEST,
    -GREATEST,
    5e-324,
    0.0,
    -0.0,
    1e-300,
    1.0,
    0.5,
)
STEPS = (0, 1, 2, -5, 10**6, 2**62, -(2**62), 2**63 - 1)
KEYS = (
    "train/loss",
    "loss",
    "val/psnr",
    "val/psnr_copy_first",
    "tfr",
    "frame/psnr",
    "time/epoch_s",
    "a $x_{",
    "x" * 250,
)
WORDS = (
    "",
    "None",
    "x" * 3000,
    "[bold]",
    "$\\frac{",
    "<b>&amp;",
    "a\x1b[31m",
    "\u202ee",
    "\ud800",
    "2\nlines",
    "`|",
    "../..",
)
VALUES = (*WORDS, 0, 1.0, 1e308, 10**30, None, True, [1, "a"])


class Store:
    """The record in memory."""

    def __init__(self, runs, points):
        self._runs, self._points = runs, points

    def runs(self, _experiment):
        return self._runs

    def experiment_id(self, _experiment):
        return "1"

    def points(self, _experiment, keys, run_ids):
        found = [
            point
            for point in self._points
            if (keys is None or point[1] in keys) and (run_ids is None or point[0] in run_ids)
        ]
        if found:
            yield PointColumns(*zip(*found, strict=True))


def curve(draw, run_id, key):
    count = draw.choice([0, 1, 2, 12])
    constant = draw.choice(NUMBERS)
    kinds = {
        "constant": lambda step: (step, constant),
        "odd": lambda _: (draw.choice(STEPS), draw.choice(NUMBERS)),
        "falling": lambda step: (step, 1 / (step + 1)),
        "backwards": lambda step: (-step, -float(step)),
    }
    make = kinds[draw.choice(sorted(kinds))]
    return [(run_id, key, *make(step)[:1], step, make(step)[1]) for step in range(count)]


def grid(draw):
    is_video = draw.random() < 0.5
    axes = draw.sample(
        ["seed", "lr", "data.name", *(["kl_anneal_type", "tfr"] if is_video else [])], draw.randint(0, 2)
    )
    trials = []
    for number in range(draw.randint(1, 3)):
        values = {axis: draw.choice((0, 1) if axis == "seed" else VALUES) for axis in axes}
        config = {"lr": draw.choice(VALUES), **({"kl_anneal_type": "None"} if is_video else {}), **values}
        trials.append(ExpectedTrial(f"t{number}", f"print{number}", config, values, "sweep run"))
    return ExpectedSweep("g", tuple(axes), tuple(trials))


def record(draw):
    """A grid, and the record of some of its trials."""
    sweep, runs, points = grid(draw), [], []
    keys = draw.sample(KEYS, draw.randint(0, 3))
    for trial in sweep.trials:
        for number in range(draw.choice([0, 1, 1, 2])):
            run_id = f"{trial.name}{number}".ljust(32, "0")
            tags = {
                "sweeps.kind": "trial",
                "sweeps.fingerprint": trial.fingerprint,
                "sweeps.reason": draw.choice(WORDS),
                "sweeps.outcome": draw.choice(["finished", "finished", "failed", "pruned", "", "what"]),
                "sweeps.code": draw.choice(["", "not json", "[]", '{"digest": null}']),
            }
            status = draw.choice(["FINISHED", "RUNNING", "FAILED"])
            runs.append(RunRecord(run_id, "", None, "trial", status, draw.choice([0, 10**13]), 7, tags))
            points += [point for key in keys for point in curve(draw, run_id, key)]
    made = Record("sqlite:///mlflow.db", draw.choice(["e", "<b>\x1b[2J"]))
    made.__dict__["_store"] = Store(runs, points)
    return made, sweep


def search(draw):
    """A search with its trials."""
    space = {
        "lr": FloatDistribution(1e-5, 1, log=True),
        "n": IntDistribution(1, 9),
        "c": CategoricalDistribution([*WORDS, None, True]),
        "one": FloatDistribution(0, 0),
    }
    space = {key: space[key] for key in draw.sample(sorted(space), draw.randint(1, 3))}
    objectives = tuple(
        SearchObjective(name, draw.random() < 0.5) for name in draw.sample(KEYS, draw.choice([1, 1, 2, 4]))
    )
    constant = draw.choice([None, 0.1, math.inf])
    numbers = [number for number in NUMBERS if not math.isnan(number)]
    trials = []
    for number in range(draw.choice([0, 1, 6])):
        outcome = draw.choice(["finished", "finished", "finished", "pruned", "failed", ""])
        drawn = {
            "lr": draw.uniform(1e-5, 1),
            "n": draw.randint(1, 9),
            "c": draw.choice((*WORDS, None, True)),
            "one": 0.0,
        }
        values = tuple(
            draw.choice([*numbers, draw.random()]) if constant is None else constant for _ in objectives
        )
        trials.append(
            SearchedTrial(
                draw.choice([f"trial-{number}", "twin"]),
                f"{number:032x}",
                f"print{number}",
                "sweep run",
                outcome,
                {key: drawn[key] for key in space if draw.random() < 0.9},
                values if outcome == "finished" else None,
                {step: draw.choice(NUMBERS) for step in draw.sample(range(-3, 9), draw.choice([0, 3]))},
                {"val/psnr_copy_first": draw.choice(NUMBERS)} if draw.random() < 0.3 else {},
            )
        )
    return SearchResults("s", objectives, space, tuple(trials), 5, "sweep run")
