"""What a report says of a search, from trials as the record has them."""

from dataclasses import replace

import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution

from analysis.search import Objective, Search, SearchedTrial, search_section, study_of

SPACE = {"lr": FloatDistribution(1e-4, 1e-1, log=True), "kind": CategoricalDistribution(["a", "b"])}


def trial(number, value, *, outcome="finished", kind="a"):
    values = (value, 30 - value) if outcome == "finished" else None
    return SearchedTrial(
        name=f"trial-00{number}",
        run_id=f"run{number}",
        outcome=outcome,
        params={"lr": 10 ** (-number / 2), "kind": kind},
        values=values,
        curve={0: value - 2, 1: value - 1} | ({2: value} if values else {}),
        notes={"val/skill": value - 12},
    )


BOTH = Search(
    name="s",
    objectives=(Objective("val/psnr", maximize=True), Objective("time", maximize=False)),
    space=SPACE,
    trials=(
        trial(2, 20.0),
        trial(3, 25.0, kind="b"),
        trial(4, 22.0),
        trial(5, 15.0, outcome="pruned"),
        trial(6, 21.0, kind="b"),
        replace(trial(7, 0.0, outcome="failed"), curve={}, notes={}),
    ),
    wanted=8,
    command="sweep run e.yaml",
)
ONE = replace(
    BOTH,
    objectives=BOTH.objectives[:1],
    trials=tuple(replace(t, values=t.values[:1] if t.values else None) for t in BOTH.trials),
)


@pytest.fixture(scope="module")
def section():
    return search_section(ONE)


def test_it_names_the_best_trial_with_its_settings_and_what_stands_beside_its_score(section):
    assert (
        "6 of 8 trials: 4 finished, 1 pruned, 1 failed. Sought: `val/psnr` as large as can be."
        in section.text
    )
    assert "**Best: `trial-003`, val/psnr 25, val/skill 13**, with `lr` 0.03162, `kind` b." in section.text


def test_its_table_has_every_trial_the_best_first_and_its_run(section):
    rows = [line for line in section.text.splitlines() if line.startswith("| `trial")]
    assert [row.split("`")[1] for row in rows] == [f"trial-00{n}" for n in (3, 4, 6, 2, 5, 7)]
    assert rows[0] == "| `trial-003` | finished | 3 | 25 | 13 | 0.03162 | b | `run3` |"
    assert rows[-1].startswith("| `trial-007` | failed | 0 | \N{EN DASH} | \N{EN DASH} |")


def test_it_draws_every_picture_that_its_text_shows_and_no_other(section):
    names = ("history", "importance", "slice", "parallel", "curves")
    assert list(section.pictures) == [f"search/s/{name}.png" for name in names]
    assert all(f"]({path})" in section.text for path in section.pictures)
    assert all(content.startswith(b"\x89PNG") for content in section.pictures.values())


def test_the_same_record_gives_the_same_bytes(section):
    assert search_section(ONE) == section


def test_what_repeating_the_first_frame_scores_stands_in_the_curves_and_the_history(section):
    told = replace(ONE.trials[0], notes={"val/psnr_copy_first": 12.0, "val/skill": 8.0})
    with_baseline = search_section(replace(ONE, trials=(told, *ONE.trials[1:])))
    changed = {p for p, content in with_baseline.pictures.items() if content != section.pictures[p]}
    assert changed == {"search/s/history.png", "search/s/curves.png"}


def test_several_objectives_have_a_front():
    section = search_section(BOTH)
    assert "On the Pareto front: `trial-003`." in section.text
    assert "search/s/pareto.png" in section.pictures
    assert "search/s/history_time.png" in section.pictures
    traded = (replace(BOTH.trials[0], values=(20.0, 1.0)), *BOTH.trials[1:])
    assert [t.name for t in replace(BOTH, trials=traded).best] == ["trial-002", "trial-003"]


def test_the_study_that_is_drawn_is_the_record(section):
    trials = study_of(ONE).trials
    assert [t.state.name for t in trials] == ["COMPLETE", "COMPLETE", "COMPLETE", "PRUNED", "COMPLETE"]
    assert [t.user_attrs["run_id"] for t in trials] == ["run2", "run3", "run4", "run5", "run6"]
    assert trials[3].intermediate_values == {0: 13.0, 1: 14.0}


def test_too_few_trials_are_said_and_none_are_drawn():
    section = search_section(replace(ONE, trials=()))
    assert section.pictures == {}
    assert "none begun" in section.text
    assert "takes 4 finished trials to tell; there are 0" in section.text
