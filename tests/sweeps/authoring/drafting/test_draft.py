import yaml

from tests.sweeps.authoring.scripts import drafted

TEXT = """
import argparse
p = argparse.ArgumentParser()
p.add_argument("--lr", type=float, default=1e-3, help="the rate")
p.add_argument("--seed", type=int, default=3)
p.add_argument("--epochs", type=int, default=5)
p.add_argument("--kind", choices=["a", "b"], default="b")
p.add_argument("--device", default=guess())
p.add_argument("--out", default="results")
p.add_argument("--data", required=True)
for epoch in range(1, 3):
    print(f"epoch {epoch} loss {loss:.3f}")
"""


def test_the_file_of_a_script(tmp_path):
    assert (
        drafted(tmp_path, TEXT).text
        == r"""# Written by `sweep init train.py`, which read its source and ran nothing.
#   sweep check experiments.yaml      says whether it is right, and how many trials there are
#   sweep run experiments.yaml        runs them; run it again after an edit or an interruption
# A line `# ? ...` is a question to you: its source did not tell.
# {run_dir} is a folder of each trial's own.
experiment: train
trainer:
  command: [python, train.py, "--data", "{data}", "{args}"]
  args: argparse
  metrics:
    # print(f'epoch {epoch} loss {loss:.3f}')
    - stdout: 'epoch\s+(?P<epoch>\d+)\s+loss\s+(?P<loss>[-+.\w]+)'
      step: epoch
  epochs: epochs  # how long it trains, for progress and time estimates
defaults:  # what argparse takes, with the script's own defaults; what stands here counts, also when the script's own changes
  lr: 0.001         # float; the rate
  seed: 3           # int
  epochs: 5         # int
  kind: b           # one of a, b
  # device:         # not written: guess()
  out: "{run_dir}"  # in the script: results
  # ? data: ...     # required: what is it?
sweeps:
  learning-rate:
    grid: {lr: [0.00033, 0.001, 0.003]}
    seeds: [3, 4]
# measures: {loss: lower}  # by which metrics the report compares and ranks trials, higher, lower or neither is better
"""
    )


def test_without_a_learning_rate_the_grid_is_a_question(tmp_path):
    found = drafted(
        tmp_path,
        "import argparse\np = argparse.ArgumentParser()\np.add_argument('--width', type=int, default=3)\n",
    )
    assert "# ? grid:" in found.text
    assert yaml.safe_load(found.text)["sweeps"] == {"first": {"set": {}}}


def test_seeds_begin_at_nought_where_the_default_asks_for_one_by_chance(tmp_path):
    text = "import argparse\np = argparse.ArgumentParser()\np.add_argument('--seed', type=int, default=-1)\n"
    assert yaml.safe_load(drafted(tmp_path, text).text)["sweeps"] == {"first": {"seeds": [0, 1]}}


def test_a_length_that_the_default_leaves_open_is_a_question(tmp_path):
    text = "import argparse\np = argparse.ArgumentParser()\np.add_argument('--max-steps', type=int, default=-1)\n"
    assert (
        "# ? epochs: max_steps  # does it say how long it trains? its default (-1)"
        in drafted(tmp_path, text).text
    )


def test_the_measure_is_one_that_the_file_reads(tmp_path):
    text = """
import argparse
from torch.utils.tensorboard import SummaryWriter
p = argparse.ArgumentParser()
p.add_argument("--lr", type=float, default=0.1)
writer = SummaryWriter()
for step in range(9):
    writer.add_scalar("Loss/train", a, step)
    writer.add_scalar("Loss/test", b, step)
    print(f"step {step} test_accuracy {c:.3f}")
"""
    found = drafted(tmp_path, text).text
    assert "# measures: {Loss/test: lower}" in found
    unnamed = drafted(tmp_path, text.replace('"Loss/t', 'prefix + "t')).text
    assert "# measures: {METRIC: higher or lower or neither}" in unnamed
    printed = drafted(tmp_path, text.replace("SummaryWriter()", "None").replace("writer.add", "pass; f")).text
    assert "# measures: {test_accuracy: higher}" in printed


def test_what_makes_up_a_share_is_no_measure(tmp_path):
    text = drafted(
        tmp_path, "for epoch in range(3):\n    print(f'epoch {epoch} test_acc {correct}/{n}')\n"
    ).text
    (source,) = yaml.safe_load(text)["trainer"]["metrics"]
    assert source["derive"] == {"test_acc": "correct / n"}
    assert "# measures: {test_acc: higher}" in text


def test_a_script_without_options_runs_once(tmp_path):
    assert yaml.safe_load(drafted(tmp_path, "print(1)\n").text)["sweeps"] == {"first": {"set": {}}}


def test_the_constants_of_a_script_without_options_are_its_settings(tmp_path):
    text = "LEARNING_RATE = 0.1  # the rate\nSEED = 7\nEPOCHS = 3\nfor epoch in range(EPOCHS):\n    print(f'epoch {epoch} loss {loss:.3f}')\n"
    found = yaml.safe_load(drafted(tmp_path, text).text)
    assert found["trainer"]["command"] == ["python", "with_constants.py", "train.py", "{args}"]
    assert found["trainer"]["args"] == {"style": "literal", "prefix": "", "keys": {"seed": "SEED"}}
    assert found["trainer"]["epochs"] == "EPOCHS"
    assert found["defaults"] == {"LEARNING_RATE": 0.1, "seed": 7, "EPOCHS": 3}
    assert found["sweeps"] == {
        "learning-rate": {"grid": {"LEARNING_RATE": [0.033, 0.1, 0.3]}, "seeds": [7, 8]}
    }


def test_hostile_texts_stay_inside_their_comments_and_values(tmp_path):
    text = r"""
import argparse
p = argparse.ArgumentParser()
p.add_argument("--x", default="a\nsweeps: {}\n# : \u2028'\"", help="b\ntrainer: {command: [rm]}\x1b[31m\u2028")
p.add_argument("--y\nz", default="q", help="c")
"""
    found = yaml.safe_load(drafted(tmp_path, text).text)
    assert found["defaults"] == {"x": "a\nsweeps: {}\n# : \u2028'\""}
    assert found["trainer"]["command"] == ["python", "train.py", "{args}"]


def test_the_questions_are_counted_without_the_line_that_explains_them(tmp_path):
    draft = drafted(
        tmp_path,
        "import argparse\np = argparse.ArgumentParser()\np.add_argument('--lr', type=float, default=0.1)\n",
    )
    assert draft.questions == draft.text.count("# ? ") - 1


LIGHTNING = """
import hydra
from lightning.pytorch.loggers import CSVLogger
@hydra.main(config_path=".", config_name="c")
def main(c):
    Trainer(logger=CSVLogger("logs"))
    {}
"""


def test_metrics_are_named_as_they_are_logged_and_else_the_file_says_what_names_them(tmp_path):
    (tmp_path / "c.yaml").write_text("lr: 0.1\n")
    named = drafted(tmp_path, LIGHTNING.format("self.log('val_acc', 1)")).text
    assert "\n# measures: {val_acc: higher}  # by which metrics" in named
    unknown = drafted(tmp_path, LIGHTNING.format("self.log(name(), 1)")).text
    assert "\n# measures: {METRIC: higher or lower or neither}  # by which metrics" in unknown
    assert "after a first trial, `sweep metrics experiments.yaml TRIAL` names them" in unknown


def test_where_it_runs_elsewhere_the_file_says_which_script_is_meant(tmp_path):
    (tmp_path / "c.yaml").write_text("lr: 0.1\n")
    text = drafted(tmp_path, LIGHTNING.format("")).text
    assert '  cwd: "{run_dir}"' in text
    assert "own. Wherever it runs, train.py is the one that you see from where you start sweep." in text


def test_a_name_that_yaml_would_not_take_is_quoted_in_the_line_of_measures(tmp_path):
    (tmp_path / "c.yaml").write_text("lr: 0.1\n")
    text = drafted(tmp_path, LIGHTNING.format("self.log('val: acc x', 1)")).text
    line = next(line for line in text.splitlines() if line.startswith("# measures: "))
    assert yaml.safe_load(line.removeprefix("# ")) == {"measures": {"val: acc x": "higher"}}


def test_a_seed_by_another_name_makes_repeats(tmp_path):
    text = TEXT.replace('"--seed"', '"--rng"')
    made = yaml.safe_load(drafted(tmp_path, text).text)
    assert made["trainer"]["args"] == {"style": "argparse", "keys": {"seed": "--rng"}}
    assert made["sweeps"]["learning-rate"]["seeds"] == [3, 4]
    assert made["defaults"]["seed"] == 3
    assert "rng" not in made["defaults"]


def test_a_likely_seed_is_a_question_whose_answer_works(tmp_path):
    text = TEXT.replace('"--seed"', '"--rep-id"')
    (line,) = [line for line in drafted(tmp_path, text).text.splitlines() if "rep_id the seed?" in line]
    assert line.startswith("    # ? seeds: 3  # is rep_id the seed?")
    assert (
        """`args: {style: argparse, dashes: true, keys: {seed: "--rep-id"}}`, and no rep_id in `defaults:`"""
        in line
    )
    assert yaml.safe_load(line.replace("# ? ", "")) == {"seeds": 3}


def test_a_likely_seed_beside_a_sure_one_is_a_setting(tmp_path):
    text = TEXT.replace(
        'p.add_argument("--out"', 'p.add_argument("--rep-id", type=int, default=0)\np.add_argument("--out"'
    )
    assert "the seed?" not in drafted(tmp_path, text).text
