from dataclasses import replace

import pytest

from analysis.results.criterion import HIGHER, LOWER, Criterion
from analysis.results.results import Curve, SweepResults
from analysis.stats.samples.minor_metrics import SAME, SCHEDULE, SPEED, minor_metrics
from tests.analysis.judged import F1, judged
from tests.analysis.recorded import results_of, strategy_sweep


def with_curves(sweep, curves_of):
    """The sweep with further curves of each run: `curves_of(setting, seed, run)`."""
    results = [
        replace(one, curves={**one.curves, **curves_of(*one.trial.axes.values(), one)}) if one.curves else one
        for one in sweep.results
    ]
    return SweepResults(sweep.expected, tuple(results))


def found(curves_of, *criteria, **more):
    return minor_metrics(with_curves(judged(*(criteria or (F1,)), **more), curves_of))


@pytest.mark.parametrize(
    "name",
    [
        "charts/SPS",
        "train_samples_per_second",
        "time",
        "runtime",
        "train_runtime",
        "elapsed",
        "perf/step_time",
    ],
)
def test_times_and_speeds_are_told_by_their_names(name):
    assert found(lambda *_: {name: Curve((0, 1), (3.0, 4.0))})[name] == SPEED


def test_a_schedule_is_the_same_in_all_runs_or_in_all_seeds_of_a_setting():
    rates = {"a": 0.1, "b": 0.2, "c": 0.3}
    own = found(lambda value, *_: {"rate": Curve((0, 1, 2), (rates[value], rates[value] / 2, 0.0))})
    assert own == {"lr": SAME, "rate": SCHEDULE}


def test_one_value_a_run_that_is_the_same_in_all_is_told_and_one_that_differs_is_none():
    assert found(lambda *_: {"steps": Curve((0,), (10000.0,))})["steps"] == SAME
    assert found(lambda _, __, run: {"steps": Curve((len(run.trial.name),), (10000.0,))})["steps"] == SAME
    assert "steps" not in found(lambda _, seed, __: {"steps": Curve((0,), (10000.0 + seed,))})


def test_a_learning_rate_that_is_lowered_where_a_run_stalls_is_none():
    assert "rate" not in found(
        lambda _, seed, __: {"rate": Curve((0, 1, 2), (0.1, 0.1, 0.05 if seed == 1 else 0.1))}
    )


def test_a_schedule_recorded_at_steps_of_each_run_is_told_and_a_noisy_curve_is_not():
    def curves(value, seed, _):
        steps = tuple(range(seed, 2000 + seed, 37 + seed))
        falling = tuple(max(0.05, 1 - step / 1500) for step in steps)
        noisy = tuple(
            one + 0.02 * ((7 * step + seed) % 3 - 1) for step, one in zip(steps, falling, strict=True)
        )
        return {"epsilon": Curve(steps, falling), "return": Curve(steps, noisy)}

    assert found(curves)["epsilon"] == SAME
    assert "return" not in found(curves)


def test_where_the_seed_reaches_nothing_no_curve_is_taken_for_a_schedule():
    sweep = judged(F1, ends={"a": (80.0, 80.0), "b": (60.0, 60.0)})
    assert minor_metrics(sweep) == {"lr": SAME}


def test_a_value_that_repeats_a_curve_is_told_also_in_percent_and_in_few_digits():
    def curves(value, seed, run):
        f1 = run.curves["val/f1"]
        return {
            "final_f1": Curve((0,), (round(f1.last / 100, 2),)),
            "best_f1": Curve((0,), (max(f1.values),)),
            "test/f1": Curve((0,), (f1.last - 1.7 * seed,)),
            "params": Curve((0,), (7.0,)),
        }

    own = found(curves)
    assert own["final_f1"] == "the last val/f1 again, as a share"
    assert own["best_f1"] == "the highest val/f1 again"
    assert own["params"] == SAME
    assert not {"test/f1", "val/f1", "val/majority"} & own.keys()


def test_measures_are_never_among_them_and_neither_are_metrics_of_the_video():
    named = (Criterion("time", LOWER), Criterion("lr", LOWER), Criterion("final_f1", HIGHER))
    assert (
        found(
            lambda _, seed, run: {
                "time": Curve((0,), (3.0 + seed,)),
                "final_f1": Curve((0,), (run.curves["val/f1"].last,)),
            },
            *named,
        )
        == {"val/majority": SAME}  # the baseline of no measure
    )
    assert minor_metrics(results_of(strategy_sweep())) == {}
