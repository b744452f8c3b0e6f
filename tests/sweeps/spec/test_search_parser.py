from sweeps.spec.fields import FieldReader
from sweeps.spec.search_parser import read_search
from sweeps.spec.yaml_reader import parse

SPACE = "space: {lr: {float: [0, 1]}}"


def read(text):
    """The search of `a: {search: {text}}`, and the messages of the problems."""
    reader = FieldReader()
    search = read_search(parse(f"a: {{search: {{{text}}}}}", "e.yaml").entry("a"), reader)
    return search, [problem.message for problem in reader.problems]


def test_a_whole_search_is_read():
    search, problems = read(
        f"{SPACE}, objective: {{val/loss: min, acc: {{direction: max, value: best, by: 5}}}}, trials: 8,"
        " sampler: {name: nsgaii, population_size: 4}, enqueue: [{lr: 0.5}], timeout: 2h, seed: 3,"
        " storage: 'sqlite:///o.db'"
    )
    assert problems == []
    loss, acc = search.objectives
    assert (loss.metric, loss.maximize, loss.of_curve, loss.by) == ("val/loss", False, "last", 1)
    assert (acc.metric, acc.maximize, acc.of_curve, acc.by) == ("acc", True, "best", 5)
    assert (search.trials, search.timeout_s, search.seed, search.storage) == (8, 7200, 3, "sqlite:///o.db")
    assert (search.sampler.name, search.sampler.options["population_size"].value) == ("nsgaii", 4)
    assert [layer["lr"].value for layer, _ in search.points] == [0.5]


def test_a_search_of_the_least_that_is_needed_has_defaults():
    search, _ = read(f"{SPACE}, objective: {{loss: min}}, trials: 2")
    assert (search.sampler.name, search.pruner.name, search.seed, search.points) == ("tpe", "none", 0, ())
    assert (search.timeout_s, search.storage, search.storage_place) == (None, None, None)


def test_a_sweep_without_a_search_has_none():
    reader = FieldReader()
    assert read_search(parse("grid: {lr: [1]}", "e.yaml"), reader) is None
    assert reader.problems == []


def test_problems_of_all_parts_are_reported_at_once():
    search, problems = read(
        f"{SPACE}, objective: {{a: up, b: {{direction: min, value: men}}, c: max}}, trials: 0, seed: -1,"
        " sampler: tpee, pruner: {percentile: 25}, timeout: soon, storage: o.db, enqueue: [{l: 1}, {lr: 2}]"
    )
    assert [objective.metric for objective in search.objectives] == ["b", "c"]
    assert sorted(problems) == [
        "a.search.enqueue: l is not in the space; did you mean 'lr'?",
        "a.search.enqueue: lr 2 is not in the space: 0 to 1",
        "a.search.objective.a: must be max or min, not 'up'",
        "a.search.objective.b.value: must be one of last, best, tail, mean, not 'men'",
        (
            "a.search.pruner: `name` is missing; it is one of median, percentile, successive-halving, hyperband,"
            " wilcoxon, none"
        ),
        "a.search.sampler: 'tpee' is not one of tpe, random, qmc, grid, cmaes, gp, nsgaii; did you mean 'tpe'?",
        "a.search.seed: must be a whole number, 0 or more, not -1",
        "a.search.storage: must be a URL such as sqlite:///optuna.db or postgresql://host/name, not 'o.db'",
        "a.search.timeout: must be a time such as 90s, 30m, 2h or 1d, not 'soon'",
        "a.search.trials: must be a whole number, 1 or more, not 0",
    ]


def test_what_is_missing_is_a_problem_with_an_example():
    search, problems = read("")
    assert search is None
    assert sorted(problems) == [
        "a.search: `objective` is missing; write for example `objective: {val/loss: min}`",
        "a.search: `space` is missing; write for example `space: {lr: {float: [1e-5, 1e-2], log: true}}`",
        "a.search: `trials` is missing; write for example `trials: 50`",
    ]


def test_a_pruner_works_with_one_objective_only():
    _, problems = read(f"{SPACE}, objective: {{a: min, b: max}}, trials: 2, pruner: median")
    message = "median compares trials by one objective, and this search has 2"
    assert problems == [f"a.search.pruner: {message}; leave `pruner` out, or keep one objective"]


def test_more_starting_points_than_trials_and_repeated_ones_are_problems():
    _, problems = read(f"{SPACE}, objective: {{a: min}}, trials: 1, enqueue: [{{lr: 1}}, {{lr: 1.0}}]")
    assert sorted(problems) == [
        "a.search.enqueue: 2 starting points are more than the search has trials (1); delete some, or raise `trials`",
        "a.search.enqueue: is the same as the starting point at line 1; delete one",
    ]
