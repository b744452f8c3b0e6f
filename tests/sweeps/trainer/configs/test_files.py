"""The config files that belong to a trainer's code: real files, of which nothing is run."""

import pytest

from tests.sweeps.trainer.configs.named import found


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("--config, configs/a.yaml", ["configs/a.yaml"]),
        ("--config=configs/a.yaml", ["configs/a.yaml"]),
        ("-c, configs/a.yaml, configs/b.yaml", ["configs/a.yaml", "configs/b.yaml"]),
        ("'@configs/a.yaml'", ["configs/a.yaml"]),
        ("--config=configs/c.py", ["configs/c.py"]),
        ("--config, 'configs/{name}.yaml'", ["configs/a.yaml", "configs/b.yaml"]),
        ("'configs/{name}.yaml'", []),
        ("--config, e.yaml", []),
        ("--log-config, configs/a.yaml", ["configs/a.yaml"]),
        ("--save_to, configs/a.yaml", []),
        ("--config, '{run_dir}/a.yaml'", []),
        ("--config, ../a.yaml", []),
        ("--config, nowhere.yaml", []),
    ],
)
def test_a_config_that_the_command_names_counts_if_it_stands_in_the_project(
    project, monkeypatch, words, expected
):
    folder = project(
        p__train_py="", p__configs__a_yaml="", p__configs__b_yaml="", p__configs__c_py="", a_yaml=""
    )
    monkeypatch.chdir(folder / "p")
    assert found(folder / "p", f"[python, train.py, {words}]", "train.py") == expected


def test_paths_lead_from_where_the_command_runs(project):
    folder = project(train_py="", sub__a_yaml="", a_yaml="")
    words = "[python, train.py, -c, a.yaml]"
    assert found(folder, words, "train.py", more=", cwd: sub") == ["sub/a.yaml"]
    assert found(folder, words, "train.py", more=", cwd: '{run_dir}', link: [a.yaml]") == ["a.yaml"]


def test_a_config_file_of_each_trial_counts_wherever_it_lies(project):
    folder = project(p__train_py="", base_yaml="x: 1\n")
    words = "[python, p/train.py, -c, '{trial_config}']"
    assert found(folder, words, "p/train.py", more=", config_file: base.yaml") == ["base.yaml"]
