"""Trials, or problems, of the settings of one cell."""

import math

import pytest
from pydantic import BaseModel, model_validator

from sweeps.errors import Place
from sweeps.planning.resolution import Refused, Resolver
from sweeps.planning.trial import Trial
from sweeps.spec.settings import Setting
from sweeps.trainer.loader import load_trainer
from tests.sweeps.specs import FREE, HEAD, expanded, read

SWEEP = Place("e.yaml", 9, 1)
COMMAND = "trainer: {command: [python, train.py, '--lr={lr}', '--size={data.size}']}\n"


class Range(BaseModel):
    low: int = 0
    high: int = 10

    @model_validator(mode="after")
    def check_order(self):
        if self.low > self.high:
            raise ValueError("low is above high")
        return self


class Ranged(BaseModel):
    scale: float
    range: Range = Range()


@pytest.fixture
def resolve(tmp_path):
    """Resolves settings for the sweep `a`, which varies `lr`; each is set in a line of its own of `e.yaml`."""

    def resolved(head=HEAD, /, **settings):
        trainer, _ = load_trainer(read(tmp_path, "sweeps: {a: {seeds: 1}}", head).trainer)
        layer = {
            key.replace("__", "."): Setting(
                value, "sweeps.a.grid", Place("e.yaml", line, 5), Place("e.yaml", line, 1)
            )
            for line, (key, value) in enumerate(settings.items(), start=1)
        }
        return Resolver("a", ("lr",), trainer).resolve(layer, SWEEP)

    return resolved


def lines(refused):
    assert isinstance(refused, Refused)
    return [str(problem).rpartition("/")[2] for problem in refused.problems]


def test_the_config_of_a_trial_is_completed_with_the_trainers_defaults_and_its_settings_are_not(resolve):
    trial = resolve(lr=2, data__size=4)
    assert isinstance(trial, Trial)
    assert (trial.sweep, trial.name, trial.axes) == ("a", "lr2", ("lr",))
    assert list(trial.settings) == ["lr", "data.size"]
    assert (trial.config["lr"], trial.config["data.size"], trial.config["epochs"]) == (2.0, 4, 3)


def test_every_wrong_setting_is_a_problem_at_its_value_or_at_its_key(resolve):
    refused = resolve(lr=-1, tfr=0.5, epocs=3)
    assert sorted(lines(refused)) == [
        "e.yaml:1:5: sweeps.a.grid.lr: must be greater than 0, not -1",
        "e.yaml:3:1: sweeps.a.grid.epocs: unknown key 'epocs'; did you mean 'epochs'?",
    ]
    assert sorted(refused.keys) == ["epocs", "lr"]


def test_a_problem_of_a_group_stands_where_the_first_of_its_keys_is_set(resolve):
    head = f"trainer: {{run: 'tests.sweeps.specs:train', config: '{__name__}:Ranged'}}\n"
    refused = resolve(head, scale=2.0, range__high=1, range__low=2)
    assert lines(refused) == ["e.yaml:2:5: sweeps.a.grid.range: low is above high"]
    assert refused.keys == ()


def test_a_problem_of_keys_that_are_not_set_stands_at_the_sweep(resolve):
    head = f"trainer: {{run: 'tests.sweeps.specs:train', config: '{__name__}:Ranged'}}\n"
    assert lines(resolve(head, range__low=0)) == [
        "e.yaml:9:1: sweeps.a: key 'scale' is missing; the trainer needs it"
    ]


@pytest.mark.parametrize(
    ("value", "words"),
    [(math.nan, "nan is not finite"), ([1, math.inf], "holds a number that is not finite")],
)
def test_a_value_that_is_not_finite_makes_no_trial(resolve, value, words):
    (line,) = lines(resolve(FREE, lr=1, x=value))
    assert line.startswith("e.yaml:2:5: sweeps.a.grid.x: ")
    assert line.endswith(f"{words}; write a finite one")


def test_a_command_needs_every_key_that_it_names(resolve):
    assert isinstance(resolve(COMMAND, lr=1, data__size=2), Trial)
    assert lines(resolve(COMMAND, lr=1, epochs=2)) == [
        "e.yaml:1:52: trainer.command: {data.size} is no key of the config; there are lr, epochs"
    ]


def test_equal_values_of_other_types_stay_what_they_are(tmp_path):
    text = "sweeps: {a: {include: [{x: 1, y: 1, z: true}, {x: 2, y: 1.0, z: 1}, {x: 3, y: 0.0}, {x: 4, y: -0.0}]}}"
    sweeps, _ = expanded(tmp_path, text, head=FREE)
    written = [str(trial.config) for trial in sweeps["a"].trials]
    assert written == [
        "{'x': 1, 'y': 1, 'z': True}",
        "{'x': 2, 'y': 1.0, 'z': 1}",
        "{'x': 3, 'y': 0.0}",
        "{'x': 4, 'y': -0.0}",
    ]


def test_identity_forgets_operational_keys_and_where_a_value_came_from(tmp_path):
    text = "sweeps: {a: {grid: {tfr: [0.5]}}, b: {set: {tfr: 0.5}, seeds: [0]}, c: {include: [{tfr: 0.5, device: cuda}]}}"
    sweeps, _ = expanded(tmp_path, text)
    assert len({sweeps[name].trials[0].fingerprint for name in "abc"}) == 1


ARGS = "trainer: {command: [python, '{args}']}\n"


def test_a_value_follows_another_in_the_config_the_settings_and_the_identity(resolve):
    followed = resolve(ARGS, lr="{iters}", iters=5)
    assert (followed.config, followed.name) == ({"lr": 5, "iters": 5}, "lr5")
    assert followed.settings["lr"].value == 5
    assert followed.fingerprint == resolve(ARGS, lr=5, iters=5).fingerprint


def test_a_value_follows_a_default_of_the_trainer_and_is_checked_like_any_other(resolve):
    head = "trainer: {command: [python, '{args}'], config: 'tests.sweeps.specs:Settings'}\n"
    assert resolve(head, lr="{tfr}").config["lr"] == 1.0
    assert lines(resolve(head, lr="{epochs}", epochs=-1)) == [
        "e.yaml:1:5: sweeps.a.grid.lr: must be greater than 0, not -1"
    ]


def test_a_value_that_cannot_follow_is_a_problem_at_its_place(resolve):
    assert lines(resolve(ARGS, a=1, lr="{b}")) == [
        "e.yaml:2:5: sweeps.a.grid.lr: {b} is no key of the config; to have the text itself, write {{b}}"
    ]
    assert lines(resolve(ARGS, a="{a}"))[0].startswith("e.yaml:1:5: sweeps.a.grid.a: follows itself (a -> a)")


def test_what_a_function_is_given_is_the_text_as_it_is_written(resolve):
    head = "trainer: 'tests.sweeps.specs:train'\n"
    assert resolve(head, lr="{iters}", iters=5, x="{nothing}").config == {
        "lr": "{iters}",
        "iters": 5,
        "x": "{nothing}",
    }


def test_names_of_the_trial_are_in_the_identity_as_they_are_written(resolve):
    assert resolve(ARGS, lr=1, out="{run_dir}/x").config["out"] == "{run_dir}/x"


def test_a_value_that_the_style_has_no_words_for_is_a_problem_at_its_place(resolve):
    assert lines(resolve(ARGS, lr=1, x=[[1], [2]], y="--")) == [
        (
            "e.yaml:2:5: sweeps.a.grid.x: a list: a list or mapping in a list has no words; "
            "choose another `list` for this key, under `args: {keys: ...}`"
        ),
        "e.yaml:3:5: sweeps.a.grid.y: '--': parsers take it for the end of the options; give it in a file",
    ]
    assert isinstance(resolve("trainer: {command: [python, '{x}']}\n", x=[[1]]), Trial)
    assert isinstance(resolve(ARGS, x=[[1]], args="a key of this name"), Trial)
