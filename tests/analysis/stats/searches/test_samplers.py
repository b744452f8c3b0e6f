from dataclasses import replace

import pytest

from analysis.results.results import LOSS
from analysis.results.searches.courses import comparisons
from analysis.stats.findings import findings
from tests.analysis.compared import RANDOM, TPE, search
from tests.analysis.stats.asked import LOWER_LOSS, repeated


def found(*searches, sweeps=()):
    return findings(sweeps, comparisons(searches))[-1][0]


def rows(finding):
    return [[cell.text for cell in row] for row in finding.numbers.rows]


def test_one_search_each_is_seen_once_and_says_nothing_about_samplers():
    finding = found(TPE[0], RANDOM[0])
    assert finding.question == "Which sampler finds the lowest loss in 4 trials?"
    assert finding.answer == (
        "Seen once (n = 1), so chance is not ruled out: the best loss of 4 trials is lowest with tpe (4), highest with random "
        "(7); one search each says nothing about a sampler: other seeds may reverse it."
    )
    assert finding.headline.startswith(
        "Seen once: best loss of 4 trials is lowest with tpe (4), random 75.0 % above (n = 1)"
    )
    assert not finding.answered


def test_repeats_by_seed_are_tested_as_those_of_a_setting_are():
    finding = found(*TPE, *RANDOM)
    assert finding.answered
    assert finding.answer.startswith(
        "Lowest with tpe (geometric mean 3.915, n = 3): random lies 69.8 % above (95 % interval "
    )
    assert finding.answer.endswith("worse in 100 % of pairs of searches).")
    assert finding.headline.startswith(
        "Best loss of 4 trials: lowest with tpe; random lies 69.8 % above (95 % CI "
    )


def test_what_chance_may_have_done_is_not_claimed():
    near = [replace(one, sampler="random", seeds=(seed, None)) for seed, one in enumerate(TPE[::-1], start=1)]
    finding = found(*TPE, *near)
    assert not finding.answered
    assert finding.answer.startswith("The data cannot tell: ")


def test_the_level_of_a_page_is_shared_with_the_findings_of_its_grids():
    grid = repeated(LOSS, **{"None": (0.10, 0.11, 0.09), "Cyclical": (0.101, 0.109, 0.092)})
    alone, beside = found(*TPE, *RANDOM), found(*TPE, *RANDOM, sweeps=[grid])
    assert LOWER_LOSS in {one.question for one in findings([grid])[0]}
    assert "(those of 1 question)" in alone.basis[-1]
    assert "(those of 2 questions)" in beside.basis[-1]
    assert alone.details != beside.details


def test_the_table_says_what_each_sampler_found_how_soon_and_for_how_much():
    finding = found(*TPE, *RANDOM)
    assert [head for head, _ in finding.numbers.columns] == [
        *("sampler", "searches", "best loss", "trials until within 1 %", "pruned", "failed", "epochs", "time")
    ]
    assert rows(finding) == [
        ["tpe", "3", "4 (3 to 5)", "4 (1 of 3 searches)", "1 of 12", "1 of 12", "8 each", "40.0 s each"],
        ["random", "3", "6.667 (6 to 7)", "never", "0 of 12", "0 of 12", "8 each", "40.0 s each"],
    ]
    alone = found(TPE[1], RANDOM[0])
    assert rows(alone)[0] == ["tpe", "1", "3", "4", "1 of 4", "0 of 4", "8", "40.0 s"]


def test_only_as_many_trials_count_as_have_ended_in_all_of_them():
    finding = found(TPE[0], search("r", (6, 2), sampler="random"), search("q", ("running",), sampler="qmc"))
    assert finding.question == "Which sampler finds the lowest loss in 2 trials?"
    assert rows(finding)[0][2:4] == ["5", "never"]
    assert finding.basis[:2] == (
        "Compared as far as all have come: 2 trials each.",
        "Not compared, as no trial has ended: q.",
    )


def test_a_sampler_that_has_found_nothing_yet_is_not_judged():
    finding = found(TPE[0], search("r", ("failed", "failed"), sampler="random"))
    assert finding.answer == "The data cannot tell: no two samplers have found a value yet."
    assert rows(finding)[1][2:4] == ["\N{EN DASH}", "never"]


def test_a_metric_that_is_no_loss_keeps_its_unit():
    high = [
        search(
            f"{sampler}{seed}",
            (10 + far, 11 + far + seed / 10),
            sampler=sampler,
            seed=seed,
            objective="f1",
            high=True,
        )
        for sampler, far in (("tpe", 3), ("random", 0))
        for seed in (1, 2, 3)
    ]
    finding = found(*high)
    assert finding.answer.startswith("Highest with tpe (14.2, n = 3): random lies 3 below (95 % interval ")


@pytest.mark.parametrize(("pruner", "question"), [("median", "pruner"), ("none", "sampler")])
def test_what_differs_is_what_is_asked_for(pruner, question):
    sampler = "tpe" if pruner == "median" else "random"
    finding = found(TPE[0], search("p", (5, 4), sampler=sampler, pruner=pruner))
    assert finding.question == f"Which {question} finds the lowest loss in 2 trials?"
    assert finding.axis == question


def test_searches_of_the_same_seeds_are_repeats_all_the_same():
    twice = [replace(one, seeds=(0, 0)) for one in TPE[:2]]
    assert rows(found(*twice, RANDOM[0]))[0][2] == "3.5 (3 to 4)"


def test_within_1_percent_of_a_metric_that_is_to_be_high_lies_below_the_best():
    high = [
        search(sampler, values, sampler=sampler, objective="f1", high=True)
        for sampler, values in (("tpe", (98.5, 99.5, 100.0)), ("random", (98.9, 97.0, 90.0)))
    ]
    assert [row[3] for row in rows(found(*high))] == ["2", "never"]


def _with_runs_of(other, one):
    """A search whose trials are the runs of another one."""
    return replace(
        one,
        trials=tuple(
            replace(own, run_id=its.run_id) for own, its in zip(one.trials, other.trials, strict=True)
        ),
    )


def test_best_trials_that_are_the_same_runs_are_no_test():
    twins = [replace(one, name=f"r{one.name}", sampler="random") for one in TPE]
    finding = found(*TPE, *twins)
    assert finding.answer == (
        "The data cannot tell: the best trials of every sampler are the very same runs; what each spent on them, the table says."
    )
    assert not finding.details


def test_a_best_trial_that_both_sides_have_is_named_as_no_evidence():
    one = _with_runs_of(TPE[0], search("r1", (8, 5, "failed", 4), seed=1, sampler="random"))
    finding = found(*TPE, one, *RANDOM[1:])
    assert any(
        "1 of these runs is the best of searches by several samplers" in line for line in finding.basis
    )
    assert not any("best of searches by several" in line for line in found(*TPE, *RANDOM).basis)
