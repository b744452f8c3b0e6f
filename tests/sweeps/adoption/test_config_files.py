import pytest

from sweeps.adoption.config_files import ConfigFileError, config_in, files_named
from sweeps.errors import SelectionError


def write(folder, **files):
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_yaml", ".yaml").replace("_json", ".json")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


@pytest.mark.parametrize("place", ["config_json", "args_json", "hparams_json", "params_json"])
def test_json_at_the_usual_places_is_read(tmp_path, place):
    write(tmp_path, **{place: '{"lr": 0.1, "model": {"depth": 2}}'})
    assert config_in(tmp_path, None) == {"lr": "0.1", "model.depth": "2"}


def test_yaml_of_hydra_lightning_and_wandb_is_read_and_no_tag_makes_an_object(tmp_path):
    write(
        tmp_path,
        hparams_yaml="lr: 1e-3\nbetas: !!python/tuple [0.9, 1]\nm: !!python/object:os.system {a: 1}\n",
    )
    (tmp_path / ".hydra").mkdir()
    (tmp_path / ".hydra" / "config.yaml").write_text("seed: 3\nout: ${hydra:run.dir}\n")
    assert config_in(tmp_path, None) == {"lr": "1e-3", "betas": "[0.9, 1]", "m.a": "1", "seed": "3"}


def test_the_words_that_chose_of_hydras_groups_are_settings_too(tmp_path):
    choices = "{optim: sgd, model/encoder: small, hydra/launcher: basic, db: null}"
    write(
        tmp_path,
        **{
            "out__.hydra__config_yaml": "optim: {lr: 0.1}\n",
            "out__.hydra__hydra_yaml": f"hydra: {{runtime: {{choices: {choices}}}, job: {{name: x}}}}\n",
        },
    )
    expected = {"optim.lr": "0.1", "optim": "sgd", "model/encoder": "small", "db": "None"}
    assert config_in(tmp_path, None) == expected
    assert config_in(tmp_path / "out", None) == expected


def test_the_only_config_farther_below_is_taken_and_of_several_none(tmp_path):
    write(tmp_path, version_0__hparams_yaml="lr: 1\n")
    assert config_in(tmp_path, None) == {"lr": "1"}
    write(tmp_path, version_1__hparams_yaml="lr: 2\n")
    assert config_in(tmp_path, None) == {}
    assert config_in(tmp_path, "version_1/*.yaml") == {"lr": "2"}


def test_two_files_add_up_and_where_they_contradict_each_other_both_are_named(tmp_path):
    write(tmp_path, config_json='{"lr": 0.1}', args_json='{"seed": 1}')
    assert config_in(tmp_path, None) == {"lr": "0.1", "seed": "1"}
    write(tmp_path, args_json='{"lr": 0.2}')
    with pytest.raises(ConfigFileError, match=r"config.json says lr 0.1, args.json 0.2; name the right one"):
        config_in(tmp_path, None)


@pytest.mark.parametrize(
    "text",
    ["{", "[" * 100_000, "\ud800", '{"a": ' + "[" * 30 + "]" * 30 + "}"],
    ids=["half", "deep", "odd", "nested"],
)
def test_a_file_that_is_damaged_or_no_config_is_named(tmp_path, text):
    (tmp_path / "config.json").write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(ConfigFileError, match=r"config\.json"):
        config_in(tmp_path, None)


def test_a_bomb_of_aliases_is_refused(tmp_path):
    levels = "".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]\n" for n in range(1, 15))
    write(tmp_path, config_yaml=f"l0: &l0 [x]\n{levels}")
    with pytest.raises(ConfigFileError, match="more values than a config"):
        config_in(tmp_path, None)


@pytest.mark.parametrize("pattern", ["/somewhere/config.yaml", "", "**yaml"])
@pytest.mark.parametrize("option", ["--config", "--log"])
def test_a_pattern_that_names_nothing_below_a_folder_is_a_wrong_option(tmp_path, option, pattern):
    with pytest.raises(SelectionError, match=f"{option} .*: .*relative"):
        files_named(tmp_path, pattern, option)
    with pytest.raises(SelectionError):
        config_in(tmp_path, pattern)
