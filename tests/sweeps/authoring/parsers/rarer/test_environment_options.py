import subprocess
import sys

from tests.sweeps.authoring.scripts import drafted, interface

SCRIPT = """
import os

class Settings:
    rate = float(os.environ.get("LR", 0.1))
    depth = int(os.getenv("DEPTH", "4"))
    name = os.environ.get("RUN_NAME", make_name())
    seed = int(os.environ.get("SEED", 1))
    rank = int(os.environ.get("RANK", "0"))
    token = os.environ.get("HF_TOKEN", "")

print(f"epoch 1 loss {Settings.rate:.2f}")
"""


def test_variables_with_a_default_are_settings_and_those_of_the_machine_are_not(tmp_path):
    found = interface(tmp_path, SCRIPT)
    assert {one.key: (one.default, one.kind, one.variable) for one in found.options} == {
        "lr": (0.1, "float", "LR"),
        "depth": (4, "int", "DEPTH"),
        "run_name": (None, "", "RUN_NAME"),
        "seed": (1, "int", "SEED"),
    }


def test_each_that_has_a_value_stands_under_env(tmp_path):
    text = drafted(tmp_path, SCRIPT).text
    assert '  env:\n    LR: "{lr}"\n    DEPTH: "{depth}"\n    SEED: "{seed}"\n' in text
    assert "command: [python, train.py]" in text
    assert "grid: {lr: [0.033, 0.1, 0.3]}" in text
    sent = drafted(tmp_path, f"import wandb\nwandb.init()\n{SCRIPT}").text
    assert '    SEED: "{seed}"\n    WANDB_MODE: offline' in sent


def test_the_file_that_is_written_passes_its_check(tmp_path):
    (tmp_path / "train.py").write_text(SCRIPT)
    for verb in (["init", "train.py"], ["check", "experiments.yaml"]):
        command = [sys.executable, "-c", "from sweep_experiments import main; main()", *verb]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


def test_a_variable_that_says_nothing_of_a_training_is_no_setting(tmp_path):
    text = "import os\nprint(os.environ.get('COLOUR', 'red'))\n"
    assert interface(tmp_path, text).kind == "nothing"
