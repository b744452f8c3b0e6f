"""The configs that Hydra puts together: real files, of which nothing is run."""

import pytest

from tests.sweeps.trainer.configs.named import found

HYDRA = "import hydra\n@hydra.main(version_base=None, config_path='{}', config_name='config')\ndef main(cfg): ...\n"
CONF = {
    "conf__config_yaml": "defaults: [{model: a}]\n",
    "conf__model__a_yaml": "x: 1\n",
    "conf__model__b_yaml": "x: 2\n",
    "conf__.hidden__c_yaml": "",
}


def test_all_configs_below_hydras_folder_count(project):
    folder = project(train_py=HYDRA.format("conf"), src__train_py=HYDRA.format("../conf"), **CONF)
    expected = ["conf/config.yaml", "conf/model/a.yaml", "conf/model/b.yaml"]
    assert found(folder, "[python, train.py, '{args}']", "train.py") == expected
    assert found(folder, "[python, src/train.py]", "src/train.py") == expected
    project(src__train_py="from hydra import main\nP = '../conf'\n@main(config_path=P)\ndef f(c): ...\n")
    assert found(folder, "[python, src/train.py]", "src/train.py") == expected
    project(src__train_py="import hydra\nwith hydra.initialize('../conf'): ...\n")
    assert found(folder, "[python, src/train.py]", "src/train.py") == expected
    assert found(folder, "[python, other.py]", "other.py") == []


@pytest.mark.parametrize("flag", ["--config-path, ../conf", "--config-path=../conf", "-cp, ../conf"])
def test_the_command_may_say_where_hydras_folder_is(project, flag):
    folder = project(src__train_py=HYDRA.format("elsewhere"), **CONF)
    assert len(found(folder, f"[python, src/train.py, {flag}]", "src/train.py")) == 3
    assert found(folder, "[python, src/train.py]", "src/train.py") == []
    assert len(found(folder, "[python, src/train.py, -cd, conf]", "src/train.py")) == 3


def test_where_hydras_folder_is_the_scripts_own_its_config_and_the_groups_of_that_count(project):
    folder = project(
        train_py=HYDRA.format("."),
        config_yaml="defaults:\n  - model: a\n  - /base\n  - override /data@train: x\n",
        base_yaml="y: 1\n",
        model__a_yaml="",
        model__b_yaml="",
        data__x_yaml="",
        experiment__long_yaml="",
        other_yaml="sweeps: {}\n",
        outputs__1__config_yaml="",
    )
    expected = ["base.yaml", "config.yaml", "data/x.yaml", "model/a.yaml", "model/b.yaml"]
    assert found(folder, "[python, train.py]", "train.py") == expected
    assert found(folder, "[python, train.py, +experiment=long]", "train.py") == [
        *("base.yaml", "config.yaml", "data/x.yaml", "experiment/long.yaml", "model/a.yaml", "model/b.yaml"),
    ]
    assert found(folder, "[python, train.py, -cn, other]", "train.py") == ["other.yaml"]


@pytest.mark.parametrize("text", ["def (", "hydra\0", "import hydra\nhydra.main()(f)\nhydra.main(*x, **y)\n"])
def test_a_source_that_tells_nothing_is_passed_over(project, text):
    folder = project(train_py=text, **CONF)
    assert found(folder, "[python, train.py]", "train.py") == []


def test_a_config_that_is_no_yaml_ends_the_list(project):
    folder = project(train_py=HYDRA.format("."), config_yaml="defaults: [a\n")
    assert found(folder, "[python, train.py]", "train.py") == ["config.yaml"]
