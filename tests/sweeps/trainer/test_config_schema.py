from dataclasses import dataclass
from dataclasses import field as dataclass_field
from typing import Annotated

import pytest
from pydantic import BaseModel, ConfigDict, Field

from sweeps.planning.fingerprint import Fingerprinter
from sweeps.trainer.config_schema import ConfigError, ConfigSchema, Part, walk
from tests.sweeps.specs import Settings


def problems(schema, flat):
    with pytest.raises(ConfigError) as caught:
        schema.resolve(flat)
    return {problem.key: problem.message for problem in caught.value.problems}


def test_a_resolved_config_is_whole_flat_and_plain():
    resolved = ConfigSchema(Settings).resolve({"kind": "Cyclical", "data.size": 4, "lr": 1})
    assert resolved == {
        "data.name": "drawn",
        "data.root": None,
        "data.size": 4,
        "kind": "Cyclical",
        "lr": 1.0,
        "tfr": 1.0,
        "epochs": 3,
        "steps": [1, 2],
        "fast": False,
        "seed": 0,
        "device": "cpu",
    }


def test_all_problems_of_a_config_are_told_at_once():
    wrong = {
        "lr": 0,
        "tfr": "x",
        "kind": "Cyclic",
        "data.nam": 1,
        "steps": [1, "x"],
        "fast": None,
        "epocs": 3,
    }
    assert problems(ConfigSchema(Settings), wrong) == {
        "lr": "must be greater than 0, not 0",
        "tfr": "must be a number, not 'x'",
        "kind": "'Cyclic' is not one of None, Cyclical, Monotonic; did you mean 'Cyclical'?",
        "data.nam": "unknown key 'data.nam'; did you mean 'data.name'?",
        "steps": "must be a whole number, not 'x'",
        "fast": "must be a boolean, not null",
        "epocs": "unknown key 'epocs'; did you mean 'epochs'?",
    }


def test_unknown_keys_are_told_where_the_model_itself_would_ignore_them():
    class Lenient(BaseModel):
        lr: float = 1.0

    assert problems(ConfigSchema(Lenient), {"lrr": 1}) == {"lrr": "unknown key 'lrr'; did you mean 'lr'?"}


def test_keys_without_a_default_are_asked_for_and_the_defaults_of_others_are_known():
    class Needy(BaseModel):
        root: str
        size: int
        lr: float = 0.5

    schema = ConfigSchema(Needy)
    assert schema.defaults == {"lr": 0.5}
    with pytest.raises(ConfigError) as caught:
        schema.resolve({"lr": 1.0})
    assert [problem.message for problem in caught.value.problems] == [
        "key 'root' is missing; the trainer needs it",
        "key 'size' is missing; the trainer needs it",
    ]


def test_a_model_of_open_keys_takes_any_below_them():
    class Open(BaseModel):
        model_config = ConfigDict(extra="forbid")
        extra: dict[str, float] = {}

    schema = ConfigSchema(Open)
    assert schema.resolve({"extra.momentum": 0.9}) == {"extra.momentum": 0.9}
    assert schema.knows("extra.momentum")
    assert not schema.knows("momentum")


def test_a_dataclass_is_a_schema_too():
    @dataclass
    class Plain:
        lr: float = 0.1
        steps: list[int] = dataclass_field(default_factory=list)

    assert ConfigSchema(Plain).resolve({"lr": 1}) == {"lr": 1.0, "steps": []}


def test_a_model_that_holds_itself_is_followed_only_so_far():
    assert ConfigSchema(Tree).resolve({"left.left.size": 3})["left.left.size"] == 3


class Tree(BaseModel):
    size: int = 1
    left: "Tree | None" = None


def test_a_class_of_no_keys_is_no_schema():
    with pytest.raises(TypeError, match="it has no keys"):
        ConfigSchema(int)


def test_a_rule_over_several_keys_speaks_for_itself():
    from cvae.config import TrainConfig

    assert problems(ConfigSchema(TrainConfig), {"data.name": "folder"}) == {
        "data": "root is missing: data.name folder needs the directory in data.root"
    }
    assert problems(ConfigSchema(TrainConfig), {"val_vi_len": 700}) == {
        "": "val_vi_len is 700, but there are 630 validation frames: set it to that or less (at least 2), or to all"
    }


def test_what_two_members_of_a_union_say_is_told_as_one():
    from cvae.config import TrainConfig

    assert problems(ConfigSchema(TrainConfig), {"val_vi_len": "most"}) == {
        "val_vi_len": "must be a whole number or all, not 'most'"
    }


def test_resolving_a_resolved_config_changes_nothing():
    schema = ConfigSchema(Settings)
    resolved = schema.resolve({"data.size": 4, "steps": [7]})
    assert schema.resolve(resolved) == resolved


def test_keys_that_came_later_are_known_with_the_value_that_trials_before_them_had():
    class Inner(BaseModel):
        late: int = Field(default=3, json_schema_extra={"sweep_before": 2})

    @dataclass
    class Grown:
        lr: float = 1.0
        free: Annotated[float, Field(json_schema_extra={"sweep_before": 0.0})] = 0.0
        inner: Inner = dataclass_field(default_factory=Inner)

    schema = ConfigSchema(Grown)
    assert schema.before == {"free": 0.0, "inner.late": 2}
    assert schema.resolve({}) == {"lr": 1.0, "free": 0.0, "inner.late": 3}
    assert ConfigSchema(Settings).before == {}


def test_the_fingerprints_of_the_video_trainer_are_those_of_its_first_settings():
    from cvae.config import TrainConfig

    schema = ConfigSchema(TrainConfig)
    prints = [
        Fingerprinter(schema.before).fingerprint(schema.resolve(given))
        for given in ({}, {"kl_beta_max": 1}, {"kl_anneal_type": "None", "tfr": 0.5, "lr": 1e-4})
    ]
    assert prints == ["s1-fc67fbc1c1b15536", "s1-fc67fbc1c1b15536", "s1-b09666a0293d9b99"]


def test_a_walk_says_of_each_key_what_stands_under_it():
    class Inner(BaseModel):
        depth: int = 2

    class Config(BaseModel):
        lr: float = 0.1
        inner: Inner = Inner()
        extra: dict[str, int] = {}

    found = [(key, part) for key, part, _ in walk(ConfigSchema(Config).document)]
    assert found == [
        ("lr", Part.VALUE),
        ("inner", Part.GROUP),
        ("inner.depth", Part.VALUE),
        ("extra", Part.VALUE),
        ("extra", Part.OPEN),
    ]
