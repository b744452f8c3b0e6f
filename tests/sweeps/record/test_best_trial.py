import math
from dataclasses import replace
from types import SimpleNamespace

from analysis.read.store import RunRecord
from analysis.results.criterion import HIGHER, LOWER, Criterion
from sweeps.record.best_trial import SCORES, Best, Repeats, as_measured, ranking_of, shown_files, signs_of
from sweeps.record.best_trial import best_of as best_of_settings
from sweeps.rundir.paths import RunPaths


def run(name, outcome="finished"):
    return RunRecord(f"id-{name}", name, None, "trial", "FINISHED", 0, 1, {"sweeps.outcome": outcome})


def best_of(runs, *told):
    """Of trials that are not repeated."""
    return best_of_settings([Repeats(one.name, (one,)) for one in runs], *told)


def test_the_best_finished_trial_is_found_by_the_first_score_that_there_is():
    runs = [run("a"), run("b"), run("c", "failed"), run("d")]
    psnr = {"id-a": 20.0, "id-b": 22.0, "id-c": 30.0, "id-d": math.nan}
    assert best_of(runs, {"val/psnr": psnr, "loss": {"id-a": 0.0}}) == Best(
        "id-b", "b", "val/psnr", 22.0, 20.0, 2
    )


def test_of_losses_the_least_is_the_best():
    assert best_of([run("a"), run("b")], {"loss": {"id-a": 1.0, "id-b": 3.0}}).name == "a"


def test_nothing_to_be_ranked_by_is_no_best():
    assert best_of([run("a")], {"other": {"id-a": 1.0}}) is None
    assert best_of([], {"loss": {}}) is None


def test_an_infinity_as_sql_keeps_it_is_not_the_best():
    ends = {"id-a": 1.0, "id-b": 1.7976931348623157e308}
    assert best_of([run("a"), run("b")], {"accuracy": ends}).name == "a"


def test_pictures_and_films_are_shown_checkpoints_are_not(tmp_path):
    paths = RunPaths(tmp_path)
    paths.create()
    for name in ("b.gif", "a.png", "best.pt"):
        (paths.files / name).touch()
    (paths.files / "frames.png").mkdir()
    (paths.files / "gone.png").symlink_to("nowhere")
    assert [path.name for path in shown_files(paths)] == ["a.png", "b.gif"]
    assert shown_files(RunPaths(tmp_path / "elsewhere")) == []


def test_the_files_measures_rank_in_their_direction_and_among_equals_the_next():
    signs = signs_of([Criterion("frame/x", HIGHER), Criterion("f1", HIGHER), Criterion("cost", LOWER)])
    finals = {
        "frame/x": {"id-c": 9.0},  # the last frame's
        "f1": {"id-a": 1.0, "id-b": 1.0, "id-c": 0.5},
        "cost": {"id-a": 3.0, "id-b": 2.0},
    }
    assert best_of([run("a"), run("b"), run("c")], finals, signs) == Best("id-b", "b", "f1", 1.0, 0.5, 3)
    assert signs_of([]) == SCORES
    assert best_of([run("a")], {"loss": {"id-a": 1.0}}, signs) is None


def test_repeats_are_ranked_by_their_mean_and_those_that_are_equal_are_named():
    settings = [
        Repeats("a", (run("a1"), run("a2"), run("a3", "interrupted")), are_several=True),
        Repeats("b", (run("b1"), run("b2")), are_several=True),
        Repeats("c", (run("c1"),), are_several=True),
    ]
    last = {"id-a1": 1.0, "id-a2": 3.0, "id-a3": 9.0, "id-b1": 2.0, "id-b2": 2.0, "id-c1": 1.0}
    best = best_of_settings(settings, {"accuracy": last})
    assert best == Best("id-a2", "a", "accuracy", 2.0, 1.0, 3, 2, ("b",))
    assert best.words("{:g}".format) == "mean of 2 seeds 2, equal to b (worst 1, of 3 settings)"


def test_settings_of_which_a_run_gave_no_number_rank_behind_and_unfinished_ones_among_the_others():
    def repeats(name, *outcomes):
        return Repeats(
            name,
            tuple(run(f"{name}{at}", outcome) for at, outcome in enumerate(outcomes)),
            True,
            (SimpleNamespace(settings={}, fingerprint=None),) * 2,
        )

    settings = [
        repeats("a", "finished", "failed"),
        repeats("b", "finished", "finished"),
        repeats("c", "finished", "interrupted"),
        repeats("d", "finished"),
        repeats("e"),
    ]
    ends = {"id-a0": 9.0, "id-b0": 1.0, "id-b1": 1.0, "id-c0": 2.0, "id-d0": 0.5}
    ranking = ranking_of(settings, {"accuracy": ends})
    assert (ranking.first.name, ranking.last.name, ranking.behind, ranking.unfinished) == ("c", "d", 1, 3)
    words = best_of_settings(settings, {"accuracy": ends}).words("{:g}".format)
    assert words == (
        "one seed 2 (worst 0.5, of 4 settings; 1 with runs that gave no number; 3 unfinished, so the order may change)"
    )


def test_of_many_that_are_equal_a_few_are_named():
    ends = {**{f"id-{name}": 0.0 for name in "abcde"}, "id-f": 1.0}
    best = best_of([run(name) for name in "abcdef"], {"loss": ends})
    assert best.words(str) == "0.0, equal to b, c, d and others (worst 1.0, of 6 finished trials)"


def test_where_all_are_equal_there_is_no_worst():
    best = best_of([run(name) for name in "abc"], {"loss": {f"id-{name}": 0.0 for name in "abc"}})
    assert best.words(str) == "0.0, as all 3 finished trials"
    assert best_of([run("a"), run("b")], {"loss": {"id-a": 1.0, "id-b": 1.0}}).words(str) == (
        "1.0, as both finished trials"
    )


def test_what_is_equal_up_to_rounding_stays_in_the_order_of_the_file():
    ends = {"id-b": 0.1 + 0.2, "id-a": 0.3, "id-c": 0.4}
    best = best_of([run("b"), run("a"), run("c")], {"loss": ends})
    assert best.words("{:.4g}".format) == "0.3, equal to a (worst 0.4, of 3 finished trials)"
    assert best.name == "b"


def test_of_equals_up_to_rounding_the_next_measure_tells():
    finals = {"f1": {"id-a": 0.3, "id-b": 0.1 + 0.2, "id-c": 0.2}, "cost": {"id-a": 2.0, "id-b": 3.0}}
    best = best_of([run("b"), run("a"), run("c")], finals, {"f1": 1, "cost": -1})
    assert (best.name, best.equals, best.worst) == ("a", (), 0.2)


def test_a_value_that_runs_have_once_counts_as_it_is_whatever_the_measure_says():
    class Counted:
        def counts(self, runs):
            return {(run_id, key): count for run_id in runs for key, count in {"once": 1, "curve": 9}.items()}

    measures = [Criterion("once", HIGHER, value="best"), Criterion("curve", LOWER, value="best")]
    judges = [one.judge for one in as_measured(Counted(), measures, ["a", "b"])]
    assert judges == ["once", "lowest curve"]


def test_runs_of_other_code_are_not_compared_without_a_word():
    runs = [
        replace(run(name), tags={"sweeps.outcome": "finished", "sweeps.code": f'{{"digest": "{digest}"}}'})
        for name, digest in (("a", "one"), ("b", "two"))
    ]
    best = best_of(runs, {"loss": {"id-a": 1.0, "id-b": 2.0}})
    assert best.words(str) == "1.0 (worst 2.0, of 2 finished trials; runs differ in code)"
    assert best_of(runs, {"loss": {"id-a": 1.0}}).words(str) == "1.0"
