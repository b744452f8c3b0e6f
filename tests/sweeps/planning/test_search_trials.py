"""Trials that are made of a search's suggestions."""

import pytest

from sweeps.planning.search_trials import as_config
from tests.sweeps.specs import HEAD, expanded, problem_lines

SPACE = """\
kind: {choice: [None, Cyclical]}
epochs: {int: [2, 8], when: {kind: Cyclical}}
tfr: {float: [0, 1], step: 0.25}
steps: {choice: [[1], [2, 3]]}
"""
CYCLICAL = {"kind": "Cyclical", "epochs": 4, "tfr": 0.5, "steps": [2, 3]}
PLAIN = {"kind": "None", "tfr": 0.5, "steps": [1]}


def text(space=SPACE, enqueue="[]", **parts):
    """A file with one search; `parts` are further keys of its sweep."""
    space = ", ".join(space.splitlines())
    objective = "objective: {loss: min}"
    search = f"search: {{space: {{{space}}}, {objective}, trials: 9, enqueue: {enqueue}}}"
    return f"sweeps: {{a: {{{', '.join([*(f'{k}: {v}' for k, v in parts.items()), search])}}}}}"


@pytest.fixture
def search_of(tmp_path):
    def made(*arguments, overrides=(), **parts):
        head = HEAD.replace("}\n", ", epochs: epochs}\n")
        sweeps, _ = expanded(tmp_path, text(*arguments, **parts), head=head, overrides=overrides)
        return sweeps["a"].search

    return made


def test_a_suggestion_is_laid_into_the_settings_of_the_sweep(search_of):
    search = search_of(set="{lr: 2}", when="[{if: {tfr: 0.5}, set: {seed: 7}}]", overrides=["device=cuda"])
    trial = search.trial(CYCLICAL, "trial-001")
    assert (trial.sweep, trial.name) == ("a", "trial-001")
    assert {key: trial.config[key] for key in ("lr", "seed", "device", "data.size")} == {
        "lr": 2.0,
        "seed": 7,
        "device": "cuda",
        "data.size": 8,
    }
    assert {key: trial.config[key] for key in CYCLICAL} == CYCLICAL
    assert {trial.settings[key].layer for key in CYCLICAL} == {"sweeps.a.search"}


def test_a_suggestion_that_comes_again_is_the_same_trial_under_the_name_asked_for(search_of):
    search = search_of()
    first, second = search.trial(CYCLICAL, "trial-001"), search.trial(dict(reversed(CYCLICAL.items())), "x")
    assert (first.name, second.name) == ("trial-001", "x")
    assert first.fingerprint == second.fingerprint
    assert first.config == second.config


@pytest.mark.parametrize(
    "params",
    [
        CYCLICAL | {"tfr": 0.3},
        CYCLICAL | {"epochs": 9},
        CYCLICAL | {"steps": [2]},
        CYCLICAL | {"lr": 1.0},
        PLAIN | {"epochs": 4},
        {key: value for key, value in CYCLICAL.items() if key != "epochs"},
        {},
    ],
)
def test_a_suggestion_that_is_none_of_the_space_makes_no_trial(search_of, params):
    assert search_of().trial(params, "trial-001") is None


def test_a_suggestion_that_the_trainer_refuses_makes_no_trial(search_of):
    search = search_of("tfr: {float: [0, 1]}\nseed: {int: [1, 9]}", when="[{if: {seed: 5}, set: {lr: -1}}]")
    assert search.trial({"tfr": 0.5, "seed": 4}, "x") is not None
    assert search.trial({"tfr": 0.5, "seed": 5}, "x") is None


def test_only_keys_whose_condition_holds_are_drawn(search_of):
    search = search_of()
    assert search.active(lambda dimension: CYCLICAL[dimension.key]) == CYCLICAL
    assert search.active(lambda dimension: (CYCLICAL | PLAIN)[dimension.key]) == PLAIN


def test_a_condition_may_hold_through_a_key_that_is_set(search_of):
    space = "epochs: {int: [2, 8], when: {kind: Cyclical}}\ntfr: {float: [0, 1]}"
    draw = {"epochs": 3, "tfr": 0.5}
    assert search_of(space, set="{kind: Cyclical}").active(lambda d: draw[d.key]) == draw
    assert search_of(space, set="{kind: Monotonic}").active(lambda d: draw[d.key]) == {"tfr": 0.5}


def test_the_starting_points_are_suggestions(search_of):
    search = search_of(
        enqueue="[{kind: None, tfr: 0.25, steps: [1]}, {kind: Cyclical, epochs: 2, tfr: 1, steps: [1]}]"
    )
    assert search.points == (
        {"kind": "None", "tfr": 0.25, "steps": [1]},
        {"kind": "Cyclical", "epochs": 2, "tfr": 1, "steps": [1]},
    )
    assert all(search.trial(point, "x") is not None for point in search.points)


def test_a_starting_point_has_exactly_the_keys_that_are_drawn_in_it(tmp_path):
    points = "[{kind: None, epochs: 3, tfr: 0, steps: [1]}, {kind: Cyclical, tfr: 0}]"
    lines = problem_lines(tmp_path, text(enqueue=points))
    assert [line.partition(": ")[2] for line in lines] == [
        "sweeps.a.search.enqueue: epochs is not drawn here, as its `when` says; delete it",
        "sweeps.a.search.enqueue: a starting point needs epochs, steps too",
    ]


def test_a_condition_on_a_key_that_nothing_sets_is_a_problem(tmp_path):
    space = "lr: {float: [1, 2]}\ntfr: {float: [0, 1], when: {data.root: x}}"
    (line,) = problem_lines(tmp_path, text(space))
    assert line.partition(": ")[2] == (
        "sweeps.a.search.space.tfr.when: data.root is neither searched nor set, so tfr is never drawn"
    )


def test_the_epochs_of_a_trial_are_known_unless_they_are_searched_or_no_number(search_of):
    space = "tfr: {float: [0, 1]}"
    assert search_of(space).epochs == 3
    assert search_of(space, set="{epochs: 7}").epochs == 7
    assert search_of(space, set="{epochs: 0}").epochs is None
    assert search_of(SPACE).epochs is None


def test_the_digest_names_the_problem_that_is_searched_and_nothing_else(search_of):
    digest = search_of(SPACE).digest
    assert len(digest) == 8
    assert search_of(SPACE, enqueue="[{kind: None, tfr: 0, steps: [1]}]").digest == digest
    assert search_of(SPACE, overrides=["device=cuda"]).digest == digest
    assert search_of(SPACE.replace("0.25", "0.125")).digest != digest
    assert search_of(SPACE, set="{lr: 2}").digest != digest


def test_the_task_is_that_of_searches_with_another_seed_and_no_other(search_of):
    task = search_of(SPACE).task
    assert search_of(SPACE, set="{seed: 7}").task == task
    point = "[{kind: None, tfr: 0, steps: [1]}]"
    others = [
        search_of(SPACE.replace("0.25", "0.125")),
        search_of(SPACE, set="{lr: 2}"),
        search_of(SPACE, enqueue=point),
    ]
    assert len({task, *(search.task for search in others)}) == 4


def test_what_was_drawn_is_given_to_the_config_as_the_file_writes_it(search_of):
    dimensions = search_of().dimensions
    assert as_config(dimensions["steps"], "[2, 3]") == [2, 3]
    assert as_config(dimensions["kind"], "None") == "None"
    epochs, tfr = as_config(dimensions["epochs"], 4.0), as_config(dimensions["tfr"], 1)
    assert [(type(value), value) for value in (epochs, tfr)] == [(int, 4), (float, 1.0)]


def test_a_suggestion_is_spelled_as_the_record_has_it_else_as_a_person_writes_it(search_of):
    drifted, other, plain = {"tfr": 0.1 + 0.2}, {"tfr": 0.7 - 0.4}, {"tfr": 0.3}
    assert drifted["tfr"] > plain["tfr"] > other["tfr"]
    search = search_of("tfr: {float: [0, 1], step: 0.1}")
    assert search.spelled(drifted) == plain
    search.note_recorded(drifted)
    assert search.spelled(drifted) == search.spelled(other) == search.spelled(plain) == drifted
    assert search.spelled({"tfr": 0.4}) == {"tfr": 0.4}


def test_a_switch_is_no_number_of_epochs(tmp_path):
    head = "trainer: {command: [python, '{args}'], epochs: epochs}\n"
    said = text("tfr: {float: [0, 1]}", set="{epochs: true}")
    sweeps, _ = expanded(tmp_path, said, head=head)
    assert sweeps["a"].search.epochs is None
