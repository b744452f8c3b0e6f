"""A sweep of a trainer that has nothing to do with video, and the measures that its file may have."""

from dataclasses import replace

from analysis.results.criterion import HIGHER, LOWER, Criterion
from analysis.results.expected import ExpectedSweep, ExpectedTrial
from analysis.results.results import Curve, Result, SweepResults
from tests.analysis.recorded import result_of, trial

F1 = Criterion("val/f1", HIGHER, "%", "val/majority")
LOSS = Criterion("loss", LOWER)
ENDS = {"a": (80.0, 81.0, 79.5), "b": (60.0, 61.0, 59.0), "c": (70.5, 70.0, 71.0)}


def judged(*criteria, ends=ENDS, axis="optimizer", without=(), seeds=True):
    """The sweep; a run ends with the given `val/f1`, and a loss of 100 less that; None stands for a failed run."""
    trials, results = [], []
    for value, of_seeds in ends.items():
        for seed, end in enumerate(of_seeds):
            axes = {axis: value, **({"seed": seed} if seeds else {})}
            name = f"{value}-seed{seed}" if seeds else str(value)
            one = ExpectedTrial(name, f"f-{name}", axes, axes, f"sweep run e.yaml --only trial={name}")
            run = result_of(trial(name, {"kl_anneal_type": "None"})).run
            curves = {
                "val/f1": Curve((0, 1, 2), (10.0, (end or 0.0) + 1, end or 0.0)),
                "loss": Curve((0, 1, 2), (90.0, 50.0, 100 - (end or 0.0))),
                "val/majority": Curve((0,), (65.0,)),
                "lr": Curve((0, 1, 2), (0.1, 0.1, 0.1)),
            }
            if end is None:
                run = replace(run, status="FAILED", tags={**run.tags, "sweeps.outcome": "failed"})
            kept = {key: curve for key, curve in curves.items() if key not in without}
            trials.append(one)
            results.append(Result(one, run, {} if end is None else kept))
    axes = (axis, "seed") if seeds else (axis,)
    return SweepResults(ExpectedSweep("mine", axes, tuple(trials), criteria), tuple(results))


def at_batches(sweep, *, noted="3", each=22, by_epoch=None, unit="epoch"):
    """The same sweep of a program that asks for 3 epochs and records at the last batch of each; `noted` by its supervisor."""
    results = []
    for one in sweep.results:
        curves = {
            key: replace(curve, steps=tuple(each * (step + 1) - 1 for step in curve.steps))
            for key, curve in one.curves.items()
        }
        asked = replace(one.trial, epochs=3, by_epoch=by_epoch, unit=unit)
        run = replace(one.run, tags={**one.run.tags, "sweeps.epochs": noted})
        results.append(replace(one, trial=asked, run=run, curves=curves))
    expected = replace(sweep.expected, trials=tuple(one.trial for one in results))
    return SweepResults(expected, tuple(results))


def called(sweep, names, step_name=""):
    """The same sweep, of whose file these are the names, and whose program calls its steps so."""
    trials = {one.trial.name: replace(one.trial, names=names, step_name=step_name) for one in sweep.results}
    results = tuple(replace(one, trial=trials[one.trial.name]) for one in sweep.results)
    return SweepResults(replace(sweep.expected, trials=tuple(trials.values())), results)
