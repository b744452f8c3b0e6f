from typing import Annotated, Literal

from pydantic import BaseModel, Field

from cvae.config import TrainConfig
from sweeps.authoring.editor.config_keys import of_model, of_options
from sweeps.authoring.option import Formula, Option
from sweeps.trainer.config_schema import ConfigSchema


class Adam(BaseModel):
    kind: Literal["adam"] = "adam"
    beta: float = 0.9


class Sgd(BaseModel):
    kind: Literal["sgd"] = "sgd"
    momentum: float = 0.0


class Config(BaseModel):
    optimizer: Annotated[Adam | Sgd, Field(discriminator="kind")] = Adam()
    schedule: Adam | None = None
    lr: float = Field(0.1, gt=0, description="how fast")
    extra: dict[str, int] = {}


def keys_of(model):
    return of_model(ConfigSchema(model).document)


def test_the_keys_are_those_that_the_checker_knows():
    for model in (Config, TrainConfig):
        known = ConfigSchema(model)
        assert all(map(known.knows, keys_of(model).values))
        assert not any(map(known.knows, keys_of(model).groups - {"extra"}))


def test_models_of_which_one_is_taken_give_all_their_keys():
    keys = keys_of(Config)
    assert {"optimizer.beta", "optimizer.momentum", "optimizer.kind"} <= keys.values.keys()
    assert [branch["const"] for branch in keys.values["optimizer.kind"]["anyOf"]] == ["adam", "sgd"]
    assert {"optimizer", "schedule", "extra"} == keys.groups


def test_a_mapping_of_any_names_is_open():
    assert keys_of(Config).open == {"extra"}


def test_what_is_a_mapping_or_a_number_is_a_value_too():
    class Model(BaseModel):
        decay: dict[str, float] | float | None = None
        either: Adam | dict[str, int] | None = None
        extra: dict[str, int] = {}

    keys = keys_of(Model)
    assert keys.groups == keys.open == {"decay", "either", "extra"}
    assert keys.values.keys() == {"decay", "either", "either.kind", "either.beta"}


def test_a_value_keeps_its_bounds_and_its_description():
    assert keys_of(Config).values["lr"] == {
        "default": 0.1,
        "description": "how fast",
        "exclusiveMinimum": 0,
        "title": "Lr",
        "type": "number",
    }


def test_options_of_a_script_are_offered_and_nothing_is_refused():
    keys = of_options(
        [
            Option("lr", kind="float", default=0.1, help="how fast"),
            Option("model", choices=("small", "large")),
            Option("out", default=Formula("os.getcwd()")),
        ]
    )
    assert keys.values["lr"] == {"description": "float; how fast", "default": 0.1}
    assert keys.values["model"] == {"anyOf": [{"enum": ["small", "large"]}, {}]}
    assert keys.values["out"] == {}
    assert keys.open == {""}
