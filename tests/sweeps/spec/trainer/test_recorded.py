"""What is recorded of the keys around a command."""

import json

import pytest

from sweeps.spec.trainer.recorded import recorded_keys
from tests.sweeps.specs import read


@pytest.fixture
def recorded(tmp_path):
    def of(said):
        written = f"trainer: {{command: [python, train.py, '{{args}}'], {said}}}\n"
        return recorded_keys(read(tmp_path, "sweeps: {a: {set: {x: 1}}}", written).trainer)

    return of


def test_what_is_not_said_is_not_recorded(recorded):
    assert recorded("epochs: n") == recorded("args: click") == {}


def test_texts_stand_as_they_are_written_and_variables_as_digests(recorded):
    found = recorded(
        "cwd: '{run_dir}/work', python: .venv, link: {data: /sets/a, '../b': b}, env: {OMP_NUM_THREADS: 4, SEED: '{seed}'}"
    )
    digests = {key: found.pop(key) for key in [key for key in found if key.startswith("env ")]}
    assert found == {"cwd": "{run_dir}/work", "python": ".venv", "link data": "/sets/a", "link ../b": "b"}
    assert digests.keys() == {"env OMP_NUM_THREADS", "env SEED"}
    assert all(len(digest) == 8 for digest in digests.values())
    assert recorded("env: {OMP_NUM_THREADS: 4}")["env OMP_NUM_THREADS"] == digests["env OMP_NUM_THREADS"]
    assert recorded("env: {OMP_NUM_THREADS: 8}")["env OMP_NUM_THREADS"] != digests["env OMP_NUM_THREADS"]


def test_a_variable_of_the_caller_counts_by_its_name_alone(recorded, monkeypatch):
    monkeypatch.setenv("MY_TOKEN", "one")
    before = recorded("env: {API_TOKEN: {from: MY_TOKEN}}")
    monkeypatch.setenv("MY_TOKEN", "two")
    assert recorded("env: {API_TOKEN: {from: MY_TOKEN}}") == before
    assert recorded("env: {API_TOKEN: {from: OTHER}}") != before
    assert recorded("env: {API_TOKEN: null}") != before


@pytest.mark.parametrize(
    "other", ["args: hf", "args: {dashes: true}", "args: {keys: {lr: none}}", "args: {keys: {lr: --rate}}"]
)
def test_another_spelling_of_arguments_is_recorded(recorded, other):
    assert recorded(other).keys() == {"args"}
    assert recorded(other) != recorded("args: {keys: {lr: {list: comma}}}")


def test_so_much_that_no_tag_holds_it_is_one_digest(recorded):
    def many(value):
        return recorded(f"env: {{{', '.join(f'VARIABLE_{number}: {value}' for number in range(99))}}}")

    assert many(1).keys() == {""}
    assert many(1) != many(2)
    assert len(json.dumps(many(1))) < 20
