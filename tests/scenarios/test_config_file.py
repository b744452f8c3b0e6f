"""A program that takes its settings from a config file: each trial has a copy of its own."""

import json
import textwrap

from sweeps.rundir.paths import StateDir

PROGRAM = """
import argparse, json, os, yaml
p = argparse.ArgumentParser()
p.add_argument("--config")
p.add_argument("--tag", default="")
args = p.parse_args()
config = yaml.safe_load(open(args.config))
with open(os.path.join(config["out"], "seen.json"), "w") as file:
    json.dump([os.path.basename(args.config), args.tag, config], file)
for epoch in range(config["train"]["epochs"]):
    print("epoch", epoch, "loss", config["train"]["lr"] * (epoch + 1))
"""
FILE = """
experiment: toy
trainer:
  command: [python, train.py, --config, "{{trial_config}}"{more}]
  config_file: {base}
  cwd: "{{run_dir}}"
  metrics:
    - stdout: 'epoch (?P<epoch>\\d+) loss (?P<loss>\\S+)'
defaults: {{out: "{{run_dir}}", train.epochs: 2, tag: t}}
sweeps: {{a: {{grid: {{{key}: [1e-5, 0.5]}}, seeds: 1}}}}
"""


def project_with(project, base="base.yaml", key="train.lr", more=', "{args}"'):
    (project.path / "train.py").write_text(PROGRAM)
    (project.path / "base.yaml").write_text(
        "train: {lr: 0.1, epochs: 9}\nout: here\nseed: 7\nkept: [1, yes]\n"
    )
    (project.path / "e.yaml").write_text(FILE.format(base=base, key=key, more=more))


def test_each_trial_runs_with_its_settings_in_a_copy_of_the_file(project):
    project_with(project)
    code, output = project.sweep("run", "e.yaml")
    assert code == 0, output
    seen = []
    for run in project.runs().values():
        folder = StateDir(project.path / ".sweep").run(run.run_id).files
        name, tag, config = json.loads((folder / "seen.json").read_text())
        assert (name, tag, config.pop("out")) == ("base.yaml", "t", str(folder))
        seen.append(config)
    assert sorted(seen, key=str) == [
        {"train": {"lr": lr, "epochs": 2}, "seed": 0, "kept": [1, True]} for lr in (0.5, 1e-05)
    ]
    code, output = project.sweep("commands", "e.yaml")
    assert code == 0
    assert "DIR stands for a folder with the trials' own copies" in output


def test_what_does_not_fit_is_told_before_anything_runs(project):
    project_with(project, key="train.lrr", more="")
    code, output = project.sweep("check", "e.yaml")
    assert code == 2
    assert "sweeps.a.grid.train.lrr: base.yaml has no such key; did you mean 'train.lr'?" in output
    assert "defaults.tag: base.yaml has no such key; write it into that file, too" in output
    project_with(project, base="none.yaml")
    code, output = project.sweep("check", "e.yaml")
    assert (code, "trainer.config_file: 'none.yaml' cannot be read" in output) == (2, True)
    project_with(project)
    text = (project.path / "e.yaml").read_text()
    (project.path / "e.yaml").write_text(text.replace("{trial_config}", "base.yaml"))
    code, output = project.sweep("check", "e.yaml")
    assert (code, "trainer.config_file: the program is not given it" in output) == (2, True)
    (project.path / "e.yaml").write_text(text.replace("  config_file: base.yaml\n", ""))
    code, output = project.sweep("check", "e.yaml")
    assert (code, "'{trial_config}' is a copy of the program's config file; name that" in output) == (2, True)


def test_a_script_that_is_given_its_file_by_place_is_swept_without_a_word_more(project):
    script = """
        import sys, tomllib
        def load(path):
            with open(path, "rb") as file:
                return tomllib.load(file)
        cfg = load(sys.argv[-1])
        for epoch in range(cfg["epochs"]):
            print(f"epoch {epoch} loss {cfg['optim']['lr'] / (epoch + 1):.6f}")
        """
    (project.path / "toy.py").write_text(textwrap.dedent(script))
    code, output = project.sweep("init", "toy.py")
    assert (code, "name the file below `trainer:` first" in output) == (0, True)
    assert (
        "'{trial_config}' is a copy of the program's config file"
        in project.sweep("check", "experiments.yaml")[1]
    )
    (project.path / "conf").mkdir()
    (project.path / "conf" / "base.toml").write_text("epochs = 2\nseed = 1\n[optim]\nlr = 0.3\n")
    assert project.sweep("init", "toy.py", "--force")[0] == 0
    code, output = project.sweep("run", "experiments.yaml")
    assert (code, "6 finished" in output) == (0, True), output
    losses = {project.curve(run, "loss")[-1] for run in project.runs().values()}
    assert losses == {(1, 0.05), (1, 0.15), (1, 0.45)}
    text = (project.path / "experiments.yaml").read_text()
    (project.path / "experiments.yaml").write_text(text.replace("  epochs: 2 ", "  optim.lr: null "))
    code, output = project.sweep("check", "experiments.yaml")
    told = "defaults.optim.lr: TOML has no null, so that no copy of conf/base.toml can have it"
    assert (code, told in output) == (2, True), output
