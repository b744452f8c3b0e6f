from dataclasses import replace

import yaml

from sweeps.authoring.drafting.draft import draft
from sweeps.authoring.drafting.facts import Facts
from sweeps.authoring.interface import interface_of
from sweeps.authoring.outputs.prints.printed_lines import printed_by
from sweeps.authoring.outputs.writers import written_by
from tests.sweeps.authoring.scripts import HEAD, drafted, script_of, trainer


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


def test_metrics_that_are_printed_and_stand_in_no_file_are_read_from_there(tmp_path):
    loop = "for step in range(9):\n    csv.DictWriter(open('m.csv', 'a'), F).writerow({'step': step, 'loss': loss})\n"
    text = (
        f"import csv, json\n{loop}    logger.info(json.dumps({{'step': step, 'swd': swd, 'loss': loss}}))\n"
    )
    assert trainer(tmp_path, text)["metrics"] == [
        {"csv": "{run_dir}/**/m.csv"},
        {"stdout": r'"(?P<name>step|swd)":\s*(?P<value>[-+.\w]+)'},
    ]
    in_both = text.replace("'loss': loss}\n", "'loss': loss, 'swd': swd}\n", 1).replace(
        "'loss': loss})\n", "'loss': loss, 'swd': swd})\n", 1
    )
    assert trainer(tmp_path, in_both)["metrics"] == [{"csv": "{run_dir}/**/m.csv"}]


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
    both = draft(replace(facts, probed=table)).text
    assert yaml.safe_load(both)["trainer"]["metrics"] == [{"csv": "{run_dir}/**/log.csv"}]
    assert "    # - stdout: 'iter" in both


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
    assert '# ? - json: "{run_dir}/**/results.json"  # does it hold metrics? ' in both
