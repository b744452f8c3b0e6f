"""The configs that Hydra puts together: real files, of which nothing is run."""

import pytest

from sweeps.trainer.configs.hydra import composed_of, folders_of, is_known
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


COMPOSED = {
    "conf__config_yaml": "defaults:\n  - base\n  - model: a\n  - data@train: x\n  - optional db: null\n  - _self_\n  - override hydra/launcher: basic\n",
    "conf__base_yaml": "y: 1\n",
    "conf__model__a_yaml": "defaults: [encoder: small]\n",
    "conf__model__b_yaml": "",
    "conf__model__encoder__small_yaml": "",
    "conf__model__encoder__large_yaml": "",
    "conf__data__x_yaml": "",
    "conf__data__y_yaml": "",
    "conf__db__sql_yaml": "",
    "conf__experiment__long_yaml": "# @package _global_\ndefaults:\n  - override /model: b\n  - override /data@train: y\n",
    "conf__experiment__other_yaml": "",
    "conf__other_yaml": "",
}


def composed(folder, *words):
    """The names of the configs that a trial is made of."""
    (only,) = folders_of(words, [folder / "train.py"], folder)
    assert is_known(only)
    return sorted(
        str(path.relative_to(folder / "conf")).removesuffix(".yaml") for path in composed_of(only, words)
    )


def test_a_trials_config_is_made_of_what_defaults_and_words_choose(project):
    folder = project(train_py=HYDRA.format("conf"), **COMPOSED)
    usual = ["base", "config", "data/x", "model/a", "model/encoder/small"]
    assert composed(folder) == composed(folder, "lr=1", "-m", "other") == usual
    assert composed(folder, "model=b") == ["base", "config", "data/x", "model/b"]
    assert composed(folder, "model/encoder=large")[-1] == "model/encoder/large"
    assert composed(folder, "data@train=y.yaml", "+db=[sql]") == [
        *("base", "config", "data/y", "db/sql", "model/a", "model/encoder/small"),
    ]
    assert composed(folder, "-cn", "other") == ["other"]


def test_an_override_takes_the_place_of_what_it_overrides_and_a_word_that_of_both(project):
    folder = project(train_py=HYDRA.format("conf"), **COMPOSED)
    assert composed(folder, "+experiment=long") == ["base", "config", "data/y", "experiment/long", "model/b"]
    assert composed(folder, "+experiment=long", "model=a") == [
        *("base", "config", "data/y", "experiment/long", "model/a", "model/encoder/small"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "defaults:\n  - model: ${kind}\n",
        "defaults: [{model: '${kind}'}]\n",
        "defaults: []\nhydra:\n  searchpath: [x]\n",
    ],
)
def test_where_a_value_decides_or_configs_lie_elsewhere_it_is_not_known_what_a_trial_takes(project, text):
    folder = project(train_py=HYDRA.format("conf"), conf__config_yaml="lr: ${x}\n", conf__a_yaml="")
    (only,) = folders_of([], [folder / "train.py"], folder)
    assert is_known(only)
    project(conf__a_yaml=text)
    assert not is_known(only)


def test_without_a_config_of_the_name_it_is_not_known_either(project):
    folder = project(train_py=HYDRA.format("conf"), conf__a_yaml="")
    (only,) = folders_of([], [folder / "train.py"], folder)
    assert not is_known(only)


@pytest.mark.parametrize(
    "listed", ["[{'': a}]", "[{1: [x, 2]}]", "[null, 3, [a]]", "{a: b}", "[{model: {a: b}}]"]
)
def test_a_list_of_defaults_that_is_none_brings_nothing(project, listed):
    folder = project(train_py=HYDRA.format("conf"), conf__config_yaml=f"defaults: {listed}\n")
    assert composed(folder) == ["config"]
