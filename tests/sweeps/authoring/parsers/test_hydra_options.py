from dataclasses import replace

from sweeps.authoring.interface import interface_of
from tests.sweeps.authoring.scripts import interface, script_of

TEXT = """
import hydra
@hydra.main(version_base=None, config_path="conf", config_name="config")
def main(cfg): ...
"""


def conf(folder, **files):
    for name, text in files.items():
        path = folder / "conf" / f"{name.replace('__', '/')}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def test_the_config_folder_is_composed_as_hydra_does_it(tmp_path):
    conf(
        tmp_path,
        config="defaults:\n  - model: small\n  - _self_\n  - optional db: null\nlr: 1e-3\nout: ${hydra:runtime.cwd}\nmodel: {depth: 3}\ndata: ???\nhydra: {job: {chdir: true}}\n",
        model__small="width: 8\ndepth: 1\n_target_: x.Y\n",
        model__large="width: 99\n",
    )
    found = interface(tmp_path, TEXT)
    options = {option.key: option for option in found.options}
    assert (found.style, found.after) == ("hydra", ("hydra.run.dir={run_dir}",))
    assert {key: option.default for key, option in options.items()} == {
        "model": "small",
        "model.width": 8,
        "model.depth": 3,
        "lr": 0.001,
        "out": None,
        "data": None,
    }
    assert options["data"].is_required
    assert options["lr"].is_quiet
    assert "${hydra" in options["out"].question
    assert options["model"].choices == ("large", "small")
    assert (options["model"].is_quiet, options["model"].is_group, found.comments) == (True, True, ())


def test_a_group_that_must_be_chosen_is_required_and_one_that_may_be_left_out_has_no_default(tmp_path):
    conf(
        tmp_path,
        config="defaults:\n  - model: ???\n  - optional db: null\n  - alone: one\n",
        model__a="x: 1\n",
        db__b="y: 1\n",
        alone__one="z: 1\n",
    )
    options = {option.key: option for option in interface(tmp_path, TEXT).options}
    assert list(options) == ["model", "db", "alone.z"]
    assert (options["model"].is_required, options["model"].default, options["model"].choices) == (
        *(True, None, ("a",)),
    )
    assert (options["db"].is_required, options["db"].default) == (False, None)


def test_a_group_whose_name_is_no_key_is_varied_by_a_word_of_the_command(tmp_path):
    conf(
        tmp_path,
        config="defaults:\n  - data@train: a\n  - model/encoder: small\nlr: 1\n",
        data__a="",
        data__b="",
        model__encoder__small="",
        model__encoder__large="",
    )
    train, encoder = interface(tmp_path, TEXT).comments
    assert "the word 'data@train={data}' into the command and `data: [a, b]` into a grid" in train
    assert "'model/encoder={encoder}'" in encoder


def test_a_group_in_a_group_and_one_from_the_folder_of_all_are_found(tmp_path):
    conf(
        tmp_path,
        config="defaults: [{model: a}]\n",
        model__a="defaults:\n  - encoder: small\n  - /data: x\n  - /base\n",
        model__encoder__small="width: 8\n",
        data__x="size: 3\n",
        base="lr: 1\n",
    )
    assert [(option.key, option.default) for option in interface(tmp_path, TEXT).options] == [
        *(("model.encoder.width", 8), ("model.data.size", 3), ("model.lr", 1)),
    ]


def test_a_structured_config_is_read_from_its_class(tmp_path):
    text = """
    import hydra
    from dataclasses import dataclass
    from hydra.core.config_store import ConfigStore
    @dataclass
    class Config:
        lr: float = 0.1
    ConfigStore.instance().store(name="config", node=Config)
    @hydra.main(config_name="config")
    def main(cfg): ...
    """
    assert [(option.key, option.default) for option in interface(tmp_path, text).options] == [("lr", 0.1)]


def test_a_config_that_is_missing_wrong_or_outside_its_folder_is_a_question(tmp_path):
    assert "there is no config" in interface(tmp_path, TEXT).comments[-1]
    conf(tmp_path, config="a: [1,\n")
    assert "cannot be read" in interface(tmp_path, TEXT).comments[0]
    (tmp_path / "secret.yaml").write_text("key: 1\n")
    conf(tmp_path, config="defaults:\n  - ../secret\nlr: 1\n")
    assert [option.key for option in interface(tmp_path, TEXT).options] == ["lr"]
    conf(tmp_path, config="defaults:\n  - config\nlr: 1\n")
    assert [option.key for option in interface(tmp_path, TEXT).options] == ["lr"]


def typed(folder, *words):
    found = interface_of(replace(script_of(folder, TEXT), words=words))
    return {option.key: option.default for option in found.options}, found.comments


def test_the_config_that_is_typed_is_the_one_that_is_read(tmp_path):
    conf(tmp_path, config="lr: 1\n", other="lr: 2\nwidth: 3\n")
    assert typed(tmp_path, "--config-name", "other") == ({"lr": 2, "width": 3}, ())
    assert typed(tmp_path, "lr=5", "-cn=other.yaml")[0] == {"lr": 2, "width": 3}
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "third.yaml").write_text("depth: 4\n")
    assert typed(tmp_path, "--config-dir", str(elsewhere), "--config-name=third")[0] == {"depth": 4}
    assert typed(tmp_path, "--config-path=elsewhere", "--config-name=third")[0] == {"depth": 4}


def test_the_files_of_groups_that_are_typed_are_those_that_are_read(tmp_path):
    conf(
        tmp_path,
        config="defaults:\n  - model: small\n  - data@train: a\n  - _self_\nlr: 1\n",
        model__small="width: 8\n",
        model__large="width: 99\n",
        data__a="size: 1\n",
        data__b="size: 2\n",
        experiment__long="# @package _global_\nlr: 9\nmodel: {depth: 7}\n",
    )
    values, comments = typed(tmp_path, "model=large", "data@train=b", "+experiment=long", "lr=3")
    assert values == {"model": "small", "model.width": 99, "train.size": 2, "lr": 9, "model.depth": 7}
    assert comments == ()
    assert typed(tmp_path)[0] == {"model": "small", "model.width": 8, "train.size": 1, "lr": 1}


def test_what_the_script_fills_in_itself_is_not_asked_for(tmp_path):
    conf(tmp_path, config="shape: ???\nname: ???\n")
    text = """
    import hydra
    @hydra.main(config_path="conf", config_name="config")
    def main(cfg):
        cfg.shape = env.shape
    """
    found = {option.key: option for option in interface(tmp_path, text).options}
    assert {key: option.is_required for key, option in found.items()} == {"shape": False, "name": True}
    assert found["shape"].question == "the script fills it in itself"
