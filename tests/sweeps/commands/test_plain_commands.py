"""`sweep commands`, and the way back by `sweep import`: the same trials."""

import json
import random
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sweeps.spec.yaml_writer import mapping
from tests.sweeps.commands.test_importing import ROOT, trials
from tests.sweeps.specs import run_sweep

PROGRAM = ("--program", "python -m cvae train {args} --out {run_dir}", "--args", "jsonargparse")


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "train.py").touch()


def commands(file, *options):
    done = run_sweep("commands", str(file), *options)
    assert done.code == 0, done.err
    return done.out


def configs(sweeps):
    """The configs of all trials, without what a style does not say: null, and false."""
    found = [
        {key: value for key, value in trial.config.items() if value is not None and value is not False}
        for trials_of_one in sweeps.values()
        for trial in trials_of_one
    ]
    return sorted(json.dumps(config, sort_keys=True) for config in found)


def back(script):
    Path("c.sh").write_text(script)
    done = run_sweep("import", "c.sh", "--out", "back.yaml", "--force")
    assert done.code == 0, done.err
    assert not re.search(r"line \d+ is left out", done.err)
    return trials("back.yaml")


@pytest.mark.parametrize("profile", ["quick", "report"])
def test_the_shipped_file_there_and_back(profile):
    shipped = trials(ROOT / "experiments.yaml", profile)
    found = back(commands(ROOT / "experiments.yaml", "--profile", profile, *PROGRAM))
    expected = sorted(
        json.dumps({key: setting.value for key, setting in trial.settings.items()}, sort_keys=True)
        for sweep in shipped.values()
        for trial in sweep
    )
    assert configs(found) == expected
    assert len(found) == len(shipped)


EXAMPLES = sorted(path.parent for path in ROOT.glob("examples/*/experiments.yaml"))


def lines(script):
    """The words of each command of a script, whatever its sweep is called and in whatever order its options stand.

    How many threads it has is no part of a command, and no trial's.
    """
    text = re.sub(r"runs/[\w-]+/", "runs/", script)
    return sorted(
        sorted(shlex.split(line)) for line in text.splitlines() if not line.startswith(("#", "export "))
    )


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_an_example_there_and_back(example, tmp_path):
    if example.name == "torchrun":
        pytest.importorskip("torch", reason="its program is torchrun, which comes with torch")
    shutil.copytree(example, tmp_path, dirs_exist_ok=True)
    there = commands("experiments.yaml")
    assert sum(map(len, back(there).values())) == sum(map(len, trials("experiments.yaml").values()))
    assert lines(commands("back.yaml")) == lines(there)


@pytest.mark.parametrize("seed", range(50))
def test_a_drawn_grid_there_and_back(seed):
    draw = random.Random(seed)
    pools = [
        [0.1, 1e-05, 3.0],
        [1, -2, 30],
        ["a", "b c", "it's", "x=1"],
        [True, False],
        ["None", "True", "{x}"],
        [[1, 2], [3, 4]],
    ]
    keys = draw.sample(["lr", "opt.wd", "seed_of", "kind", "n", "flag"], draw.randint(1, 4))
    axes = {
        key: draw.sample(pool, draw.randint(2, len(pool)))
        for key, pool in zip(keys, draw.sample(pools, len(keys)), strict=True)
    }
    axes = {key: ["{{x}}" if value == "{x}" else value for value in values] for key, values in axes.items()}
    first = keys[0]
    sweep = {
        "grid": axes,
        "set": {"fixed": 5},
        "when": [{"if": {first: [axes[first][0]]}, "set": {"only": 7}}],
    }
    if draw.random() < 0.5:
        sweep["seeds"] = [1, 2, 5]
    if draw.random() < 0.3 and len(keys) > 1:
        sweep["exclude"] = [{key: [axes[key][0]] for key in keys[:2]}]
    style = draw.choice(["argparse", "{join: equals}", "fire", "hydra"])
    text = f"trainer: {{command: [python, train.py, '{{args}}', --out, '{{run_dir}}'], args: {style}}}\nsweeps: {{a: {mapping(sweep)}}}\n"
    Path("e.yaml").write_text(text)
    assert configs(back(commands("e.yaml"))) == configs(trials("e.yaml"))


def test_surroundings_are_said_in_the_words_of_a_shell(monkeypatch):
    monkeypatch.setenv("E", "e")
    monkeypatch.setenv("K_TOKEN", "t")
    Path("data").mkdir()
    Path("e.yaml").write_text(
        "trainer:\n  command: [python, train.py, '{args}']\n  cwd: '{run_dir}'\n  link: [data]\n"
        "  env: {A: 'x y', B: 'b', C: null, D: {from: E}, K_TOKEN: {from: K_TOKEN}}\n"
        "sweeps: {a: {grid: {lr: [1, 2]}}}\n"
    )
    script = commands("e.yaml")
    assert (
        "(mkdir -p runs/a/lr1 && cd runs/a/lr1 && ln -sfn ../../../data data && "
        "A='x y' B=b D=\"$E\" env -u C python ../../../train.py --lr 1)\n"
    ) in script
    found = back(script)
    assert sorted(trial.config["lr"] for (_, sweep) in found.items() for trial in sweep) == [1, 2]


def test_programs_have_the_threads_that_a_run_gives_them():
    head = "experiment: e\ntrainer: {command: [python, train.py, '{args}']}\n"
    body = "sweeps:\n  a: {grid: {x: [1, 2]}}\n  b: {grid: {x: [3]}}\n  c: {grid: {x: [4]}, resources: {cpu: 2}}\n"
    Path("e.yaml").write_text(head + body)
    script = commands("e.yaml")
    exports = [line for line in script.splitlines() if line.startswith("export ")]
    assert ["OMP_NUM_THREADS=1" in line for line in exports] == [True, False]
    assert "OMP_NUM_THREADS=2" in exports[1]
    assert "MKL_NUM_THREADS=2" in exports[1]
    assert "\n# 1 thread, as `sweep run` sets it" in script
    assert sum(map(len, back(script).values())) == 4
    assert "env" not in Path("back.yaml").read_text()


def test_each_trial_is_a_line_under_its_name_and_can_be_picked():
    Path("e.yaml").write_text(
        "trainer: {command: [python, train.py, '{args}', --name, '{trial}']}\nsweeps: {a: {grid: {x: [\"a\\nb\", c]}}}\n"
    )
    lines = commands("e.yaml").splitlines()
    assert lines[-4:] == [
        "# a_b",
        "python train.py --x $'a\\x0ab' --name a_b",
        "# c",
        "python train.py --x c --name c",
    ]
    assert shlex.split(commands("e.yaml", "--only", "trial=c").splitlines()[-1])[3] == "c"


SHOWS = "import json, sys, yaml\nprint(json.dumps([sys.argv[1], yaml.safe_load(open(sys.argv[1]))]))\nopen(yaml.safe_load(open(sys.argv[1]))['out'] + '/made', 'x')\n"


@pytest.mark.parametrize(("place", "is_elsewhere"), [("", False), ("  cwd: '{run_dir}/w'\n", True)])
def test_copies_of_a_config_file_are_written_and_named_as_the_program_sees_them(place, is_elsewhere):
    Path("train.py").write_text(SHOWS)
    Path("base.yaml").write_text("lr: 1\nout: x\nkept: [1]\n")
    Path("e.yaml").write_text(
        f"trainer:\n  command: [python, train.py, '{{trial_config}}']\n  config_file: base.yaml\n{place}"
        "defaults: {out: '{run_dir}'}\nsweeps: {a: {grid: {lr: [2, 3]}}}\n"
    )
    script = commands("e.yaml", "--folder", "c")
    assert commands("e.yaml", "--folder", "c") == script
    done = subprocess.run(["/bin/bash", "-ec", script.replace("python ", f"{sys.executable} ")], check=False, capture_output=True, text=True)  # fmt: skip
    assert done.returncode == 0, done.stderr
    shown = [json.loads(line) for line in done.stdout.splitlines()]
    up = "../../../../" if is_elsewhere else ""
    out = [".." if is_elsewhere else f"runs/a/lr{lr}" for lr in (2, 3)]
    expected = [{"lr": lr, "out": out[lr - 2], "kept": [1]} for lr in (2, 3)]
    assert shown == [[f"{up}c/a/lr{one['lr']}/base.yaml", one] for one in expected]
    assert all(Path(f"runs/a/lr{lr}/made").exists() for lr in (2, 3))
    Path("c/a/lr3/base.yaml").write_text("mine: 1\n")
    kept = run_sweep("commands", "e.yaml", "--folder", "c")
    assert (kept.code, "c/a/lr3/base.yaml is there, and differs" in kept.err) == (2, True)
    assert Path("c/a/lr3/base.yaml").read_text() == "mine: 1\n"


def test_without_a_folder_a_word_stands_for_that_of_the_config_files_and_none_is_written():
    Path("base.yaml").write_text("lr: 1\nkept: 1\n")
    Path("e.yaml").write_text(
        "trainer:\n  command: [python, train.py, '{trial_config}']\n  config_file: base.yaml\n"
        "sweeps: {a: {grid: {lr: [2, 3]}}}\n"
    )
    before = sorted(Path.cwd().iterdir())
    script = commands("e.yaml", "--set", "kept=4")
    assert script.splitlines()[-1] == "python train.py DIR/a/lr3/base.yaml"
    assert "`sweep commands e.yaml --set kept=4 --folder DIR` writes them" in script
    assert "It runs without sweep" not in script
    assert sorted(Path.cwd().iterdir()) == before


@pytest.mark.parametrize(
    ("head", "options", "message"),
    [
        ("trainer: {command: [python, train.py, '{args}']}", ("--folder", "x"), "leave out --folder"),
        ("trainer: 'tests.sweeps.specs:train'", (), "is a Python function, which only `sweep` can call"),
        ("trainer: {command: [python, train.py], args: none}", (), "reads $SWEEP_CONFIG"),
        ("trainer: {command: [python, train.py, '{args}']}", ("--program", "x"), "has a `command`"),
        (
            "trainer: {command: [python, train.py, '{args}']}",
            ("--args", "fire"),
            "--args is for the program of",
        ),
        ("trainer: 'tests.sweeps.specs:train'", ("--program", "x '"), "--program"),
        ("trainer: 'tests.sweeps.specs:train'", ("--program", ""), "is empty"),
        ("trainer: 'tests.sweeps.specs:train'", ("--program", "x {nope}"), "is no key of the config"),
        ("trainer: {command: [python, train.py, '{args}', '{newest:*.x}']}", (), "only after a run"),
    ],
)
def test_what_no_shell_can_run_is_refused(head, options, message):
    Path("e.yaml").write_text(f"{head}\nsweeps: {{a: {{grid: {{lr: [1, 2]}}}}}}\n")
    done = run_sweep("commands", "e.yaml", *options)
    assert done.code == 2
    assert message in done.err


def test_a_search_without_trials_is_told():
    assert (
        "none is recorded yet" in run_sweep("commands", str(ROOT / "examples" / "search.yaml"), *PROGRAM).err
    )


def test_null_and_false_that_no_word_says_are_named():
    head = "trainer: {command: [python, train.py, '{args}']}\n"
    Path("e.yaml").write_text(
        f"{head}defaults: {{debug: false, note: null}}\nsweeps: {{a: {{grid: {{fast: [true, false]}}}}}}\n"
    )
    script = commands("e.yaml")
    assert (
        "# No word says null or false of these, so that `sweep import` leaves them out: debug, note (null)."
        in script
    )
    found = [trial.config for trials_of_one in back(script).values() for trial in trials_of_one]
    assert sorted(config["fast"] for config in found) == [False, True]
    Path("e.yaml").write_text(f"{head}sweeps: {{a: {{grid: {{fast: [true, false]}}}}}}\n")
    assert "No word says" not in commands("e.yaml")


def test_false_that_a_word_says_comes_back():
    head = "trainer: {command: [python, train.py, '{args}'], args: {style: argparse, booleans: no-flag}}\n"
    Path("e.yaml").write_text(f"{head}sweeps: {{a: {{grid: {{fast: [true, false], lr: [1, 2]}}}}}}\n")
    found = [trial.config for trials_of_one in back(commands("e.yaml")).values() for trial in trials_of_one]
    assert sorted((config["fast"], config["lr"]) for config in found) == [
        (a, b) for a in (False, True) for b in (1, 2)
    ]
