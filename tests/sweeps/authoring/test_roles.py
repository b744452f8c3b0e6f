from dataclasses import replace

import pytest

from sweeps.authoring.option import Option
from sweeps.authoring.roles import output_place, roles_of


@pytest.mark.parametrize(
    "name", ["lr", "learning_rate", "learning-rate", "base_lr", "model.optimizer.lr", "lr_init"]
)
def test_what_looks_like_a_learning_rate(name):
    assert roles_of([Option("min_lr", default=0.1), Option(name, "float", 0.1)]).rate.key == name


@pytest.mark.parametrize(
    "option",
    [Option("lr"), Option("lr", default=0), Option("lr_decay", default=0.1), Option("lr", default="0.1")],
)
def test_what_is_no_learning_rate(option):
    assert roles_of([option]).rate is None


def test_seeds_and_epochs_are_found_by_their_usual_names():
    for name in ("seed", "manualSeed", "random_seed", "seed_everything", "system.seed", "random-state"):
        assert roles_of([Option(name, "int", 1)]).seed is not None, name
    for name in (
        "epochs",
        "num_epoch",
        "max_epochs",
        "num_train_epochs",
        "max_iters",
        "total_timesteps",
        "n-epochs",
    ):
        assert roles_of([Option(name, "int", 10)]).epochs is not None, name
    assert roles_of([Option("max_steps", "int", -1), Option("warmup_epochs", "int", 1)]).epochs is None


@pytest.mark.parametrize("option", [Option("max_steps", "int", -1), Option("epochs", "int")])
def test_a_length_whose_default_says_none_is_asked_for_where_no_other_tells_it(option):
    assert roles_of([option]).open_end is option
    assert roles_of([option, Option("num_epochs", "int", 3)]).open_end is None
    assert roles_of([replace(option, is_list=True)]).open_end is None


@pytest.mark.parametrize(
    ("name", "default", "place"),
    [
        ("output_dir", None, "{run_dir}"), ("save_root", "./results", "{run_dir}"), ("logdir", "logs/", "{run_dir}/"),
        ("save_path", "ckpt/model.pt", "{run_dir}/model.pt"), ("csv_file", "out.csv", "{run_dir}/out.csv"), ("output", "", "{run_dir}"),
    ],
)  # fmt: skip
def test_where_it_writes_becomes_the_trials_own_directory(name, default, place):
    option = Option(name, "str", default, flag=f"--{name}")
    assert roles_of([option]).outputs == (option,)
    assert output_place(option) == place


@pytest.mark.parametrize("option", [Option("ckpt_path"), Option("data_dir"), Option("save_every", "int", 5), Option("save_model", "bool", False), Option("exp_name"), Option("log_interval", default=1), Option("run_name")])  # fmt: skip
def test_where_it_reads_and_what_is_no_path_stays(option):
    assert roles_of([option]).outputs == ()


@pytest.mark.parametrize(
    "option",
    [
        Option("csv", "bool", False),
        Option("save", "bool", None),
        Option("output", "str", "json"),
        Option("out", "", "TEXT"),
        Option("results", "str", "stdout"),
        Option("output", "str", None, help="output format: json or a table"),
        Option("csv", "str", "excel", help="Format of the table"),
    ],
)
def test_a_flag_and_what_takes_a_format_are_no_outputs(option):
    assert roles_of([replace(option, flag=f"--{option.key}")]).outputs == ()


@pytest.mark.parametrize(
    "option",
    [
        Option("csv", "str", "a.csv", help="where the table goes, in Excel's format"),
        Option("output", "str", None, help="file in HDF5 format"),
        Option("out_dir", "str", "texts"),
        Option("output", "str", "out/json", help="format follows the ending"),
    ],
)
def test_a_path_is_an_output_also_where_a_format_is_spoken_of(option):
    option = replace(option, flag=f"--{option.key}")
    assert roles_of([option]).outputs == (option,)


def test_a_folder_that_the_script_computes_becomes_the_trials_own_and_a_file_stays():
    folder = Option("save_dir", "str", question="f'runs/{now()}'")
    assert (roles_of([folder]).outputs, output_place(folder)) == ((folder,), "{run_dir}")
    assert roles_of([replace(folder, key="log_file", is_required=True)]).outputs == ()
    assert roles_of([replace(folder, key="output", question="f'{now()}.csv'")]).outputs == ()


def test_what_it_resumes_from_is_a_flag_or_a_path():
    assert roles_of([Option("ckpt_path", "str", flag="--ckpt_path")]).resume.key == "ckpt_path"
    assert roles_of([Option("resume", "bool", False, flag="--resume")]).resume.key == "resume"
    assert roles_of([Option("load_workers", "int", 1)]).resume is None


def test_a_word_of_an_option_has_it_go_on_and_a_sentence_is_none():
    option = Option("mode", "str", "new", flag="--mode")
    for found in (
        replace(option, choices=("new", "resume")),
        replace(option, default="resume"),
        replace(option, help="one of 'new' and 'resume'"),
    ):
        assert roles_of([Option("ckpt", "str", flag="--ckpt"), found]).resume_word == "resume"
    assert roles_of([option], {"mode": "continue"}).resume_word == "continue"
    told = replace(option, key="resume", help="path of the checkpoint to resume from, or 'none'")
    assert (roles_of([told]).resume.key, roles_of([told]).resume_word) == ("resume", "")
    last = Option("ckpt_path", "str", flag="--ckpt_path", help='a path, or "last"')
    assert roles_of([last]).resume_word == "last"
    assert roles_of([replace(last, key="which")]).resume_word == ""


def test_how_long_it_trains_is_the_whole_training_and_not_a_rollout():
    rollout = Option("num_steps", "int", 5)
    for name, default in (("num_env_steps", 1000), ("max_timesteps", 10), ("total_frames", 1000)):
        whole = Option(name, "int", default)
        assert roles_of([rollout, Option("n_episodes", "int", 10), whole]).epochs == whole, name
    assert roles_of([rollout, Option("epochs", "int", 2)]).epochs.key == "epochs"
    assert roles_of([rollout]).epochs == rollout


def test_where_it_writes_may_have_a_short_name():
    for name in ("outf", "dump_dir"):
        assert roles_of([Option(name, default=".")]).outputs, name


def test_a_folder_is_for_outputs_where_its_help_says_so():
    option = Option("basedir", "str", "./logs", help="where to store checkpoints", flag="--basedir")
    assert roles_of([option]).outputs == (option,)
    for other in (
        replace(option, help="where the code lies"),
        replace(option, help="where to store the downloaded data"),
        replace(option, key="data_dir"),
        replace(option, key="prefix"),
    ):
        assert roles_of([other]).outputs == (), other
