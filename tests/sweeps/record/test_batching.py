import pytest

from sweeps.record.batching import (
    MAX_BATCH,
    MAX_PARAMS,
    batches,
    param_text,
    params_of,
    points_of,
    tags_of,
)
from sweeps.rundir.journal import Artifact, Metrics
from sweeps.rundir.store_limits import MAX_PARAM


@pytest.mark.parametrize(
    ("points", "params", "tags"), [(0, 0, 0), (3, 2, 1), (2500, 0, 3), (10, 250, 2), (0, 0, 4)]
)
def test_batches_hold_everything_once_within_mlflows_limits_and_the_tags_come_last(points, params, tags):
    metrics = points_of([Metrics(7, step, {"loss": 0.5}) for step in range(points)])
    config = params_of({f"key{number}": number for number in range(params)})
    named = tags_of({f"tag{number}": "x" for number in range(tags)})
    made = list(batches(metrics, config, named))
    assert [point.step for batch in made for point in batch["metrics"]] == list(range(points))
    assert [param.key for batch in made for param in batch["params"]] == [param.key for param in config]
    assert [batch["tags"] for batch in made] == [[]] * (len(made) - 1) + [named] * bool(made)
    for batch in made:
        assert len(batch["params"]) <= MAX_PARAMS
        assert sum(map(len, batch.values())) <= MAX_BATCH


def test_tags_beyond_mlflows_limit_are_divided_too_behind_all_else():
    named = tags_of({f"tag{number}": "x" for number in range(250)})
    made = list(batches([], params_of({f"key{number}": number for number in range(150)}), named))
    assert [len(batch["params"]) for batch in made] == [100, 50, 0, 0]
    assert [len(batch["tags"]) for batch in made] == [0, 100, 100, 50]
    assert [tag.key for batch in made for tag in batch["tags"]] == [tag.key for tag in named]


def test_points_are_those_of_metrics_alone():
    (point,) = points_of([Artifact(1, "000001-a.png", "a.png"), Metrics(7, 3, {"loss": 0.5})], "model")
    assert (point.key, point.value, point.timestamp, point.step, point.model_id) == (
        "loss",
        0.5,
        7,
        3,
        "model",
    )


def test_a_value_becomes_the_text_of_a_param():
    assert [param_text(value) for value in ("tpe", 1e-3, None, True, [1, "a"])] == [
        "tpe",
        "0.001",
        "None",
        "True",
        "[1, 'a']",
    ]
    assert param_text("x" * (MAX_PARAM + 1)) == "x" * MAX_PARAM  # where MLflow's own client cuts it
    assert param_text("caf\u00e9 \ud800") == r"café \ud800"


def test_of_a_step_that_was_logged_again_the_last_value_alone_is_sent():
    rows = [
        Metrics(7, 3, {"loss": 0.5, "acc": 1.0}),
        Metrics(8, 4, {"loss": 0.4}),
        Metrics(9, 3, {"loss": 0.6}),
    ]
    sent = {(point.key, point.step): (point.value, point.timestamp) for point in points_of(rows)}
    assert sent == {("loss", 3): (0.6, 9), ("acc", 3): (1.0, 7), ("loss", 4): (0.4, 8)}
    assert len(points_of(rows)) == 3


def test_a_point_has_the_time_of_its_value():
    rows = [Metrics(9, 3, {"loss": 0.5, "acc": 1.0}, times={"loss": 7})]
    assert {point.key: point.timestamp for point in points_of(rows)} == {"loss": 7, "acc": 9}
