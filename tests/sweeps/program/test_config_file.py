"""A program's own config file: which keys it has, and a copy with other values."""

import json

import pytest
import yaml

from sweeps.program.config_file import ConfigFile, ConfigFileError

TEXT = """
model: {name: mlp, sizes: [8, 8], extra: {}}
optim:
  lr: 1e-3      # a text, as YAML 1.1 has it
  a.b: 1
note: "1"
"""


@pytest.fixture
def read(tmp_path):
    def make(text, name="base.yaml"):
        (tmp_path / name).write_text(text)
        return ConfigFile.read(str(tmp_path / name))

    return make


def test_it_has_values_groups_and_names_with_dots_and_nothing_else(read):
    file = read(TEXT)
    assert file.name == "base.yaml"
    assert file.keys == ["model.name", "model.sizes", "model.extra", "optim.lr", "optim.a.b", "note"]
    assert [key for key in ("model", "optim.lr", "optim.a.b", "lr", "optim.a", "note.x", "model.name.x") if file.has(key)] == ["model", "optim.lr", "optim.a.b"]  # fmt: skip


@pytest.mark.parametrize("name", ["base.yaml", "base.json"])
def test_a_copy_may_hold_half_of_a_surrogate_pair(read, name):
    text = read('{"token": "\\ud800", "lr": 1}', name).written({"lr": 2})
    assert yaml.safe_load(text.encode()) == {"token": "\ud800", "lr": 2}


@pytest.mark.parametrize("name", ["base.yaml", "base.YML", "base.json"])
def test_a_copy_has_the_settings_and_all_else_as_it_was(read, name):
    content = yaml.safe_load(TEXT)
    file = read(json.dumps(content) if name.endswith("json") else TEXT, name)
    settings = {"model.sizes": [4], "optim.lr": 1e-05, "optim.a.b": None, "note": "on ü"}
    text = file.written(settings)
    shown = json.loads(text) if name.endswith("json") else yaml.safe_load(text)
    content["model"]["sizes"], content["note"] = [4], "on ü"
    content["optim"] = {"lr": 1e-05, "a.b": None}
    assert shown == content
    assert list(shown) == ["model", "optim", "note"]
    assert file.written({}) == read(file.written({}), f"again{name[4:]}").written({})
    assert file.content["model"]["sizes"] == [8, 8]


@pytest.mark.parametrize(
    ("name", "text", "wrong"),
    [
        ("base.txt", "a = 1", "must end with .yaml, .yml, .json, .toml, .ini, .cfg"),
        ("base.ini", "a = 1", "cannot be read"),
        ("base.toml", "a = ", "cannot be read"),
        ("base.yaml", "- 1", "holds no keys with values"),
        ("base.yaml", "a: !new 3", "is no plain YAML"),
        ("base.json", "{", "cannot be read"),
        ("base.yaml", "1: a", "holds no keys with values"),
        ("base.yaml", "a: " + "x" * (1 << 20), "has more than 1 MiB"),
    ],
)
def test_what_is_no_config_is_told(read, name, text, wrong):
    with pytest.raises(ConfigFileError, match=wrong):
        read(text, name)


def test_a_copy_of_toml_has_the_settings_and_no_null(read):
    file = read('epochs = 1\n[optim]\nlr = 0.1\nname = "adam"\n', "base.toml")
    assert file.keys == ["epochs", "optim.lr", "optim.name"]
    copy = 'epochs = 1\n\n[optim]\nlr = 1e-05\nname = "adam"\n'
    assert file.written({"optim.lr": 1e-05}) == copy
    assert (file.unwritable([1, None]), file.unwritable([1])) == ("TOML has no null", "")
    assert read("a: 1").unwritable(None) == ""


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(ConfigFileError, match=r"none\.yaml' cannot be read: No such file"):
        ConfigFile.read(str(tmp_path / "none.yaml"))


def test_a_copy_of_an_ini_has_its_comments_and_the_settings_of_its_sections(read):
    text = "# all\n[model]\nC = 1.0\nkernel=rbf\n[data]\ncsv: data.csv\n"
    file = read(text, "base.ini")
    assert (file.keys, file.value("model.C")) == (["model.C", "model.kernel", "data.csv"], 1.0)
    copy = file.written({"model.C": 1e-05, "data.csv": "b.csv"})
    assert copy == text.replace("1.0", "1.0e-05").replace("data.csv", "b.csv")
    assert file.unwritable([1]) == "INI has no list"
