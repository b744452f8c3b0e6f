"""A program's params beside those of the trial's config, on a real store."""

import json

import mlflow
import pytest
from mlflow.entities import Param

from sweeps.runner.startup.trial_mlflow.params import is_same

RECORDED = {"lr": "1", "amp": "True", "seed": "None", "sizes": "[1, 2]", "name": "x"}


@pytest.mark.parametrize(
    ("given", "recorded"),
    [
        *(
            (0.0, 0),
            ("0", 0),
            ("1.0", 1),
            (1e-4, "0.0001"),
            ("1e-4", 0.0001),
            (True, 1),
            ("true", "True"),
            ("1.0", True),
        ),
        *(("None", None), ("null", None), ("[1,2]", [1, 2]), ("(1, 2)", [1, 2]), ("['a', 'b']", ["a", "b"])),
        *(("nan", float("nan")), ("{'a': 1}", {"a": 1.0}), ("x" * 7000, "x" * 6000), ("adam", "adam")),
    ],
)
def test_a_value_in_another_spelling_is_the_same(given, recorded):
    assert is_same(given, recorded)


@pytest.mark.parametrize(
    ("given", "recorded"),
    [
        (0, 1),
        ("1e-3x", 0.001),
        ("adam", "Adam"),
        (None, 0),
        ("", None),
        ("[1]", [1, 2]),
        ("True", "yes"),
        ("(", "["),
    ],
)
def test_another_value_is_another(given, recorded):
    assert not is_same(given, recorded)


def test_equal_values_are_one_and_others_stand_beside_them(trial, capfd):
    with mlflow.start_run():
        mlflow.log_params({"lr": 1.0, "amp": "true", "seed": "null", "sizes": (1, 2), "name": "x", "own": 3})
        assert mlflow.log_param("amp", value=1) == 1
        mlflow.log_params({"lr": 2, "own": 3.0})
        assert capfd.readouterr().err.count("sweep: ") == 1  # lr
        mlflow.log_param("lr", "2.0")
        mlflow.log_params({"own": 4}, synchronous=False).wait()
        mlflow.log_param("own", 4.0, synchronous=False).wait()
        assert (
            "logs the param own as 4, and the run has 3: it is kept as script.own" in capfd.readouterr().err
        )
    assert trial.params == {**RECORDED, "own": "3", "script.lr": "2", "script.own": "4"}


def test_a_third_value_is_set_aside_and_told(trial, capfd):
    with mlflow.start_run():
        for value in (1, 2, 3, 3):
            mlflow.log_param("lr", value)
    (kept,) = {
        line["value"]
        for line in map(json.loads, (trial.folder / "program-params.jsonl").read_text().splitlines())
    }
    assert (trial.params["script.lr"], kept) == ("2", "3")
    assert capfd.readouterr().err.count("the param lr (3) has a third value") == 1


def test_what_an_earlier_process_logged_is_known(trial):
    trial.client._tracking_client.store.log_batch(
        trial.id, [], [Param("host", "a"), Param("script.lr", "2")], []
    )
    with mlflow.start_run():
        mlflow.log_params({"host": "b", "lr": 3})
    assert trial.params == {**RECORDED, "host": "a", "script.host": "b", "script.lr": "2"}


def test_names_values_and_numbers_that_no_store_takes_fail_nothing_and_are_told(trial, capfd):
    many = {f"p{number}": number for number in range(250)}
    with mlflow.start_run():
        mlflow.log_params({**many, "bad@name": 1, "": 2, "long" * 100: 3, "text": "é" * 7000})
    params = trial.params
    assert {key: params[key] for key in many} == {key: str(value) for key, value in many.items()}
    assert (params["text"], len(params)) == ("é" * 6000, 250 + 1 + len(RECORDED))
    kept = {
        line["key"]: line["value"]
        for line in map(json.loads, (trial.folder / "program-params.jsonl").read_text().splitlines())
    }
    assert kept == {"bad@name": "1", "": "2", "long" * 100: "3", "text": "é" * 7000}
    told = capfd.readouterr().err
    assert told.count("the store refuses it") == 3
    assert "has 7000 characters" in told
