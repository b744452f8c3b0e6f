"""What tests of findings share: the questions, a sweep whose runs end with given values, and its findings by question."""

from dataclasses import replace

from analysis.results.expected import ExpectedSweep
from analysis.results.results import BETA, Curve, SweepResults
from analysis.stats.findings import findings
from tests.analysis.recorded import FAILED, FINISHED, result_of, trial

LOWER_LOSS = "Which annealing strategy ends with the lower training loss?"
HIGHER_PSNR = "Which annealing strategy ends with the higher validation PSNR?"


def by_question(sweep):
    """The findings by what they ask, in the words for two settings."""
    (found,) = findings([sweep])
    words = {"ends with the highest": "ends with the higher", "ends with the lowest": "ends with the lower"}
    return {
        next(
            (one.question.replace(of, two) for of, two in words.items() if of in one.question), one.question
        ): one
        for one in found
    }


def repeated(key, **values):
    """A sweep of strategies by seed whose runs end with the given values of one metric; None stands for a failed run."""
    trials = tuple(
        trial(f"{kind}-seed{seed}", {"kl_anneal_type": kind, "seed": seed})
        for kind, ends in values.items()
        for seed in range(len(ends))
    )
    ends = [end for each in values.values() for end in each]
    curves = [{key: Curve((0, 1), (9.0, end)), BETA: Curve((0, 1), (0.0, 1.0))} for end in ends]
    results = tuple(
        replace(result_of(one, FAILED if end is None else FINISHED), curves={} if end is None else curve)
        for one, end, curve in zip(trials, ends, curves, strict=True)
    )
    return SweepResults(ExpectedSweep("repeats", ("kl_anneal_type", "seed"), trials), results)


NONE, CYCLICAL = (0.10, 0.11, 0.09), (0.30, 0.31, 0.29)
