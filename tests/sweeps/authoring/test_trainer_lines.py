from dataclasses import replace

import pytest
import yaml

from sweeps.authoring.draft import draft
from sweeps.authoring.interface import interface_of
from sweeps.authoring.outputs.prints.printed_lines import printed_by
from sweeps.authoring.outputs.writers import written_by
from sweeps.authoring.trainer_lines import Facts
from tests.sweeps.authoring.scripts import drafted, script_of

HEAD = "import argparse, torch\np = argparse.ArgumentParser()\n"


def trainer(folder, text, **more):
    return yaml.safe_load(drafted(folder, text, **more).text)["trainer"]


def test_positions_come_first_and_what_is_missing_is_asked_for_by_the_command(tmp_path):
    text = (
        HEAD
        + "p.add_argument('--out-of', required=True)\np.add_argument('data')\np.add_argument('--lr', type=float, default=1)\n"
    )
    assert trainer(tmp_path, text)["command"] == [
        "python",
        "train.py",
        "{data}",
        "--out-of",
        "{out_of}",
        "{args}",
    ]
    assert trainer(tmp_path, text)["args"] == {"style": "argparse", "dashes": True}
    assert drafted(tmp_path, text).missing == ("out_of", "data")


def test_words_that_are_no_options_keep_their_place(tmp_path):
    text = (
        HEAD
        + "p.add_argument('data', default='x', nargs='?')\np.add_argument('--lr', type=float, default=1)\n"
    )
    facts = Facts("train.py", interface_of(script_of(tmp_path, text)), before=("a{b",), after=("c",))
    command = yaml.safe_load(draft(facts).text)["trainer"]["command"]
    assert command == ["python", "train.py", "{data}", "a{{b", "{args}", "c"]


def test_a_script_that_writes_where_it_runs_gets_a_folder_of_its_own_with_links_to_what_it_reads(tmp_path):
    (tmp_path / "data").mkdir()
    text = HEAD + "p.add_argument('--data', default='data/x.csv')\ntorch.save(m, 'model.pt')\n"
    found = trainer(tmp_path, text)
    assert (found["cwd"], found["link"]) == ("{run_dir}", ["data"])
    asked = drafted(tmp_path, text.replace("data/x.csv", "../data/x.csv"))
    assert '# ? cwd: "{run_dir}/work"' in asked.text
    assert "# ? link: [../data]" in asked.text
    assert "cwd" not in yaml.safe_load(asked.text)["trainer"]


def test_a_file_that_is_typed_is_linked_to_where_it_runs(tmp_path):
    (tmp_path / "conf").mkdir()
    script = script_of(tmp_path, HEAD + "torch.save(m, 'model.pt')\n")
    facts = Facts("train.py", interface_of(script), written_by(script), present=frozenset({"conf", "other"}))
    for words in ({"before": ("--config", "conf/a.yaml")}, {"after": ("--config=./conf/a.yaml", "x")}):
        assert yaml.safe_load(draft(replace(facts, **words)).text)["trainer"]["link"] == ["conf"]


def test_an_option_says_where_it_writes_then_it_needs_no_folder(tmp_path):
    text = "out_dir = 'out'\nlr = 0.1\nexec(open('configurator.py').read())\nopen(out_dir + '/x', 'w')\n"
    assert "cwd" not in trainer(tmp_path, text)


def test_a_resume_option_is_a_question_with_the_words(tmp_path):
    text = HEAD + "p.add_argument('--resume', default='', type=str)\ntorch.save(m, 'a/last.ckpt')\n"
    assert '# ? resume: ["--resume", "{newest:{run_dir}/**/*.ckpt}"]' in drafted(tmp_path, text).text
    flag = text.replace("default='', type=str", "action='store_true'")
    words = '# ? resume: {when: "{run_dir}/a/last.ckpt", add: ["--resume"]}'
    assert words in drafted(tmp_path, flag).text
    unknown = flag.replace("'a/last.ckpt'", "where() + '.ckpt'")
    assert '{when: "{newest:{run_dir}/**/*.ckpt}", add: ["--resume"]}' in drafted(tmp_path, unknown).text


CONFIGURATOR = "{}\nexec(open('configurator.py').read())\n"
HYDRA = "import hydra\n@hydra.main(config_path='.', config_name='{}')\ndef main(c): ...\n"


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (f"{HEAD}p.add_argument('--resume', action='store_true')\n", '"--resume"'),
        (f"{HEAD}p.add_argument('--resume', action=argparse.BooleanOptionalAction)\n", '"--resume"'),
        (
            "import click\n@click.command()\n@click.option('--resume', is_flag=True)\ndef main(resume): ...\n",
            '"--resume"',
        ),
        ("import fire\ndef main(resume=False): ...\nfire.Fire(main)\n", '"--resume=True"'),
        (CONFIGURATOR.format("resume = False"), '"--resume=True"'),
        (
            "import jsonargparse\ndef main(resume: bool = False): ...\njsonargparse.CLI(main)\n",
            '"--resume=true"',
        ),
        (
            "from absl import app, flags\nflags.DEFINE_bool('resume', False, 'on')\napp.run(main)\n",
            '"--resume"',
        ),
        (
            (
                "from dataclasses import dataclass\nfrom transformers import HfArgumentParser\n@dataclass\nclass A:\n    resume: bool = False\n"
                "HfArgumentParser(A).parse_args_into_dataclasses()\n"
            ),
            '"--resume", "True"',
        ),
        (
            "import tyro\nfrom dataclasses import dataclass\n@dataclass\nclass A:\n    resume: bool = False\ntyro.cli(A)\n",
            '"--resume"',
        ),
        (HYDRA.format("flag"), '"resume=true"'),
    ],
    ids=[
        "argparse",
        "no-flag",
        "click",
        "fire",
        "configurator",
        "jsonargparse",
        "absl",
        "hf",
        "tyro",
        "hydra",
    ],
)
def test_a_flag_that_has_it_go_on_is_spelled_as_its_parser_takes_it(tmp_path, source, words):
    (tmp_path / "flag.yaml").write_text("resume: true\n")
    text = drafted(tmp_path, f"{source}import torch\ntorch.save(m, 'a/last.ckpt')\n").text
    line = next(line for line in text.splitlines() if "# ? resume" in line)
    assert f"add: [{words}]}}" in line
    assert "leave it out where the script finds its last checkpoint in {run_dir} by itself" in line
    assert line.endswith(", and is true already") == ("hydra" in source)


def test_a_path_that_hydra_goes_on_from_stands_in_quotes(tmp_path):
    (tmp_path / "path.yaml").write_text("ckpt_path: null\n")
    text = drafted(tmp_path, HYDRA.format("path") + "torch.save(m, 'a/last.ckpt')\n").text
    found = "{newest:{run_dir}/**/*.ckpt}"
    assert f'# ? resume: {{when: "{found}", add: ["ckpt_path=\'{found}\'"]}}' in text
    resume = next(line for line in text.splitlines() if "# ? resume" in line).partition("# ? ")[2]
    assert yaml.safe_load(resume)["resume"]["add"] == [f"ckpt_path='{found}'"]


@pytest.mark.parametrize(
    "option",
    [
        "'--start', choices=['new', 'resume']",
        "'--start', default='resume'",
        "'--start', default='new', help='`new` or `resume`'",
        "'--start', default='new'",
    ],
)
def test_a_word_that_has_it_go_on_is_added_where_its_checkpoint_is(tmp_path, option):
    text = (
        HEAD
        + f"p.add_argument({option})\np.add_argument('--resume-from')\np.add_argument('--out-dir', default='o')\n"
    )
    text += (
        "a = p.parse_args()\nif a.start == 'resume': ...\ntorch.save(m, os.path.join(a.out_dir, 'ckpt.pt'))\n"
    )
    line = '  # ? resume: {when: "{run_dir}/ckpt.pt", add: ["--start", resume]}  # added'
    assert line in drafted(tmp_path, text).text


def test_a_configurators_comment_names_the_word(tmp_path):
    text = """
    out_dir = 'out'
    init_from = 'scratch'  # 'scratch' or 'resume' or a name
    exec(open('configurator.py').read())
    torch.save(m, os.path.join(out_dir, 'state.pt'))
    """
    line = '# ? resume: {when: "{run_dir}/state.pt", add: ["--init_from=resume"]}'
    assert line in drafted(tmp_path, text).text


def test_sure_sources_are_read_and_prints_beside_them_are_comments(tmp_path):
    text = "import mlflow, wandb\nfor epoch in range(3):\n    mlflow.log_metric('a', 1)\n    print(f'epoch {epoch} loss {loss:.3f}')\n"
    assert trainer(tmp_path, text)["metrics"] == [{"mlflow": True}]
    lines = drafted(tmp_path, text).text.splitlines()
    (at,) = (at for at, line in enumerate(lines) if line.startswith("    # - stdout:"))
    assert any("It prints these too" in line for line in lines[:at])
    without = trainer(tmp_path, text.replace("mlflow.log_metric('a', 1)", "pass"))
    assert without["metrics"] == [
        {"stdout": r"epoch\s+(?P<epoch>\d+)\s+loss\s+(?P<loss>[-+.\w]+)", "step": "epoch"}
    ]
    wandb = trainer(tmp_path, text.replace("mlflow.log_metric('a', 1)", "wandb.log({})"))
    assert wandb["env"] == {"WANDB_MODE": "offline"}


def test_values_that_come_many_times_in_a_step_are_each_recorded_and_the_file_says_why(tmp_path):
    text = """for i in range(3):
        def closure():
            print('loss:', loss.item())
        optimizer.step(closure)
    """
    assert trainer(tmp_path, text)["metrics"] == [{"stdout": r"loss:\s+(?P<loss>[-+.\w]+)", "several": "all"}]
    (line,) = (line for line in drafted(tmp_path, text).text.splitlines() if "several: all" in line)
    assert "again and again" in line


def test_a_header_is_a_source_of_steps_that_check_takes_and_measures_leave_out(tmp_path):
    text = "for i in range(3):\n    print('Round', i)\n    print('err:', err.item())\n"
    assert trainer(tmp_path, text)["metrics"] == [
        {"stdout": r"Round\s+(?P<round>\d+)", "step": "round"},
        {"stdout": r"err:\s+(?P<err>[-+.\w]+)", "step": "carried"},
    ]
    written = drafted(tmp_path, text).text
    assert "# print('Round', i): the step of the lines after it" in written
    assert "# measures: {err: lower}" in written


def test_a_script_that_shows_no_metrics_asks_for_them(tmp_path):
    assert "# ? metrics:" in drafted(tmp_path, HEAD + "p.add_argument('--lr', type=float, default=1)\n").text


def test_a_logger_that_a_word_chooses_of_hydras_groups_is_read(tmp_path):
    (tmp_path / "config.yaml").write_text("lr: 0.1\n")
    text = "import hydra\n@hydra.main(config_path='.', config_name='config')\ndef main(c): ...\n"
    facts = Facts("train.py", interface_of(script_of(tmp_path, text)), after=("logger=csv", "trainer=cpu"))
    said = yaml.safe_load(draft(facts).text)["trainer"]
    assert said["metrics"] == [{"csv": "{run_dir}/**/metrics.csv", "step": "epoch"}]
    both = draft(replace(facts, after=("logger=csv", "logger=tensorboard"))).text
    assert yaml.safe_load(both)["trainer"]["metrics"] == [
        {"csv": "{run_dir}/**/metrics.csv"},
        {"tensorboard": "{run_dir}/**"},
    ]
    without = draft(replace(facts, after=("logger=aim",))).text
    assert "# ? metrics:" in without


def test_what_the_source_prints_and_a_run_did_not_come_to_is_read_too(tmp_path):
    lines = "print(f'iter {n} loss {loss:.2f}')\n    print(f'step {n} val_loss {val:.2f}')\n"
    script = script_of(tmp_path, HEAD + f"for n in range(9):\n    {lines}")
    shown = [
        "  metrics:",
        "    # iter 1 loss 0.5",
        r"    - stdout: 'iter\s+(?P<iter>\d+) loss (?P<loss>\S+)'",
    ]
    facts = Facts("train.py", interface_of(script), written_by(script), printed_by(script), was_run=True)
    found = yaml.safe_load(draft(replace(facts, probed=shown)).text)["trainer"]["metrics"]
    assert [source["stdout"].partition("P<")[0] for source in found] == [r"iter\s+(?", r"step\s+(?"]
    assert "# measures: {val_loss: lower" in draft(replace(facts, probed=shown)).text
    table = ["  metrics:", '    - csv: "{run_dir}/**/log.csv"']
    assert "stdout" not in draft(replace(facts, probed=table)).text


def test_the_step_of_lightnings_table_stands_beside_it_with_what_it_is(tmp_path):
    text = "from lightning.pytorch.loggers import CSVLogger\nCSVLogger('logs')\n"
    metrics = [{"csv": "{run_dir}/**/metrics.csv", "step": "epoch"}]
    assert trainer(tmp_path, text)["metrics"] == metrics
    lines = drafted(tmp_path, text).text.splitlines()
    (line,) = (line for line in lines if line.lstrip().startswith("step:"))
    assert line.endswith("# one point an epoch; `step: step` keeps Lightning's global steps")
    cli = "from lightning.pytorch.cli import LightningCLI\nclass M:\n    def __init__(self, lr: float = 0.1): ...\nLightningCLI(M)\n"
    assert trainer(tmp_path, cli)["metrics"] == metrics


def test_a_document_that_is_all_it_writes_is_read_and_beside_lines_it_is_a_question(tmp_path):
    text = (
        HEAD
        + "p.add_argument('--out', default='out')\nargs = p.parse_args()\njson.dump(r, open(args.out + '/results.json', 'w'))\n"
    )
    assert trainer(tmp_path, text)["metrics"] == [{"json": "{run_dir}/**/results.json"}]
    both = drafted(tmp_path, text + "for epoch in range(3):\n    print(f'epoch {epoch} loss {loss}')\n").text
    assert '# ? json: "{run_dir}/**/results.json"  # does it hold metrics? ' in both


def test_a_config_that_the_command_names_by_itself_is_linked_where_each_trial_has_a_folder(tmp_path):
    text = """
    from absl import flags
    from ml_collections import config_flags
    config_flags.DEFINE_config_file("config", "configs/a.py")
    open("runs/log.csv", "w")
    """
    config = "def get_config():\n    config = ConfigDict()\n    config.lr = 0.1\n    return config\n"
    shown = drafted(tmp_path, text, configs__a=config).text
    assert 'cwd: "{run_dir}"' in shown
    assert "link: [configs]" in shown
