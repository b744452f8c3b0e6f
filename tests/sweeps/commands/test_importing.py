"""`sweep import` as a whole: the report's commands, other tools, hostile files."""

import random
import re
from pathlib import Path

import pytest

from cvae.config import TrainConfig
from sweeps.commands.importing import MOST_BYTES
from sweeps.planning.fingerprint import Fingerprinter
from sweeps.spec.parser import read_spec
from sweeps.spec.settings import flatten, nest
from sweeps.trainer.config_schema import ConfigSchema
from sweeps.trainer.loader import load_trainer
from tests.sweeps.specs import run_sweep

ROOT = Path(__file__).parents[3]
ANNEALING = ("None", "Cyclical", "Monotonic")


def commands_of_the_report():
    """The twelve commands of the report, as the shipped file quotes them."""
    script = "python Trainer.py --DR ../dataset --save_root ../saved/{name} --lr 0.0001 --num_epoch {epochs} --tfr {tfr} "
    lines = [
        script.format(name=f"{kind}/tfr{tfr}", epochs=100, tfr=tfr)
        + ("--tfr_d_step 0.05 " if tfr == "0.5" else "")
        + f"--kl_anneal_type {kind} --kl_anneal_ratio 0.5"
        for kind in ANNEALING
        for tfr in ("1", "0.5", "0")
    ]
    return lines + [
        script.format(name=kind, epochs=200, tfr=0) + f"\\\n   --kl_anneal_type {kind} --kl_anneal_ratio 0.5"
        for kind in reversed(ANNEALING)
    ]


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("train.py", "Trainer.py"):
        (tmp_path / name).touch()


def trials(file, profile=None):
    """The sweeps of a file with their trials."""
    from sweeps.planning.expansion import expand

    spec = read_spec(Path(file))
    trainer, problems = load_trainer(spec.trainer)
    expansion = expand(spec, trainer, profile=profile)
    assert [*problems, *expansion.problems] == []
    return {sweep.name: sweep.trials for sweep in expansion.sweeps}


def imported(text, *options, name="x.sh", code=0):
    Path(name).write_bytes(text if isinstance(text, bytes) else text.encode())
    done = run_sweep("import", name, "--out", "e.yaml", "--force", *options)
    assert done.code == code, done.err
    return done


def test_the_reports_commands_are_the_shipped_file(monkeypatch):
    imported("\n".join(commands_of_the_report()))
    assert run_sweep("check", "e.yaml").code == 0
    mine = trials("e.yaml")
    assert {name: len(found) for name, found in mine.items()} == {
        "kl_anneal_type-tfr": 9,
        "kl_anneal_type": 3,
    }
    shipped = trials(ROOT / "experiments.yaml", "report")
    study = {
        "data.name": "synthetic",
        "data.train_frames": 23410,
        "data.val_frames": 630,
        "val_vi_len": "all",
    }

    def resolved(config):
        given = {**study, **{key: value for key, value in config.items() if key != "DR"}}
        given["tfr"] = float(given["tfr"])
        config = flatten(TrainConfig.model_validate(nest(given)).model_dump(mode="json"))
        return Fingerprinter(ConfigSchema(TrainConfig).before).fingerprint(config)

    for ours, theirs in zip(mine.values(), shipped.values(), strict=True):
        assert {resolved(trial.config) for trial in ours} == {trial.fingerprint for trial in theirs}


def test_what_does_not_fit_is_said_at_the_top_and_on_stderr():
    done = imported(
        "for s in 1 2; do python train.py --s $s; done\nrm -rf $HOME\npython train.py --s $(date)\n"
    )
    assert "line 2 is left out: runs `rm`" in done.err
    assert "line 3 is left out: a shell would run date" in done.err
    assert "# " in Path("e.yaml").read_text()
    assert len(trials("e.yaml")["trial" if "trial" in trials("e.yaml") else "s"]) == 2


def test_it_is_printed_or_written_once(capsys):
    Path("x.sh").write_text("python train.py --lr 1\n")
    assert run_sweep("import", "x.sh").out.startswith("# From x.sh (1 command)")
    assert run_sweep("import", "x.sh", "--out", "e.yaml").code == 0
    assert "exists" in run_sweep("import", "x.sh", "--out", "e.yaml").err
    assert "did you mean 'fire'" in run_sweep("import", "x.sh", "--args", "fier").err


def test_other_tools_are_known_by_their_files():
    imported("method: grid\nparameters: {lr: {values: [1, 2]}}\nprogram: train.py\n", name="s.yaml")
    assert len(trials("e.yaml")["lr"]) == 2
    imported("param_space = {'lr': tune.grid_search([1, 2])}\n", name="train.py")
    assert len(trials("e.yaml")["lr"]) == 2
    imported("python train.py -m lr=0.1,0.2 'seed=range(1,4)'\n")
    assert len(trials("e.yaml")["lr-seed"]) == 6
    imported("trainer: a:b\nsweeps: {}\n", name="own.yaml", code=2)


HOSTILE = {
    "a zero byte": (b"python train.py --a 1\n\0", "x.sh:2: holds a zero byte"),
    "odd bytes": (b"python train.py\n--x \xff\xfe", "x.sh:2: byte 0xff is not UTF-8"),
    "ten megabytes": (b"python train.py --lr 0.1\n" * 400_000, "is longer than 2 MB"),
    "nothing": (b" \n", "is empty"),
    "an open quote": (b"python train.py 'x\n", "x.sh: holds no command"),
    "a here-document": (b"cat <<E\npython train.py --a 1\nE\n", "x.sh: holds no command"),
    "substitutions": (b"python train.py $(touch pwned)\n`touch pwned`\nx=$(touch pwned)\n", "nothing is run"),
    "loops without end": (b"for i in {1..999999}; do python train.py $i; done", "more than 200,000"),
    "two lines for a trial": (b"python train.py --x '\x1b[31m' --a.b. 1\n", None),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_refused_or_read_and_nothing_is_run(name):
    text, message = HOSTILE[name]
    before = set(Path().iterdir())
    done = imported(text, code=2 if message else 0)
    assert message is None or message in done.err
    assert set(Path().iterdir()) <= {*before, Path("x.sh"), Path("e.yaml")}


def test_many_lines_within_the_limit_are_read():
    text = "".join(f"python train.py --lr {lr} --seed {seed}\n" for lr in range(100) for seed in range(300))
    assert len(text) < MOST_BYTES
    imported(text)
    assert len(trials("e.yaml")["lr-seed"]) == 30_000


def test_files_of_other_kinds_that_are_no_such_files():
    for name, text in {
        "a.py": "x = (",
        "b.yaml": "a: [",
        "c.yaml": "x: 1" * 200_000,
        "d.py": "(" * 10_000,
    }.items():
        assert re.match(f"{name}", imported(text, name=name, code=2).err)
    assert "no such file" in run_sweep("import", "none.sh").err


def test_commands_in_odd_words_are_only_words():
    draw = random.Random(1)
    letters = "a1 -=$`'\"\\{}[]()<>|&;#~*?!\n\t,.:@%ü"
    for _ in range(150):
        text = "python train.py " + "".join(draw.choice(letters) for _ in range(draw.randint(1, 30)))
        Path("x.sh").write_text(text)
        done = run_sweep("import", "x.sh", "--out", "e.yaml", "--force")
        assert done.code in {0, 2}, text
        assert done.code == 0 or done.err.startswith("x.sh"), (text, done.err)


def test_a_search_of_more_keys_than_anybody_searches_is_refused():
    space = ", ".join(f"'a{number}': tune.uniform(0, 1)" for number in range(301))
    Path("tune.py").write_text(f"from ray import tune\nparam_space = {{{space}}}\n")
    done = run_sweep("import", "tune.py")
    assert done.code == 2
    assert "tune.py: draws 301 keys, and a file draws 300 at most" in done.err


@pytest.mark.parametrize("program", ["sh train.sh", "python train.py"])
def test_positional_words_that_differ_are_settings(program, tmp_path):
    (tmp_path / "train.sh").touch()
    Path("c.sh").write_text(f"{program} 0.3 8\n{program} 0.5 8\n")
    assert run_sweep("import", "c.sh", "--out", "new.yaml").code == 0
    text = Path("new.yaml").read_text()
    assert f"command: [{program.replace(' ', ', ')}, '{{arg1}}', '8']" in text
    assert "grid: {arg1: [0.3, 0.5]}" in text


NANO = """
out_dir = "out"
lr = 0.1
exec(open("configurator.py").read())
torch.save(m, os.path.join(out_dir, "ckpt.pt"))
torch.save(m, "model.pt")
"""


def test_the_scripts_source_says_the_style_and_where_it_writes():
    Path("train.py").write_text(NANO)
    done = imported("for lr in 1e-1 3e-1; do python train.py --lr=$lr small.py; done\n")
    text = Path("e.yaml").read_text()
    assert "command: [python, train.py, small.py, '{args}', '--out_dir={run_dir}']" in text
    assert "args: literal" in text
    assert "no command says --out_dir, where the script writes" in done.err
    assert "train.py writes model.pt where it runs" in done.err
    assert len(trials("e.yaml")["lr"]) == 2


def test_the_source_of_a_module_says_it_too():
    Path("lab").mkdir()
    Path("lab/__init__.py").touch()
    click = "import click\n@click.command()\n@click.option('--lr', default=0.3)\n@click.option('--aug/--no-aug', default=True)\n"
    Path("lab/__main__.py").write_text(f"{click}def main(lr, aug): ...\nmain()\n")
    imported("python -m lab --lr 0.1 --no-aug\npython -m lab --lr 0.2 --no-aug\n")
    text = Path("e.yaml").read_text()
    assert "command: [python, '-m', lab, '{args}']" in text
    assert "style: click" in text


@pytest.mark.parametrize("text", ["def (", "print(1)\n", "(" * 5000])
def test_a_script_whose_source_says_nothing_is_started_as_the_lines_say(text):
    Path("train.py").write_text(text)
    imported("python train.py --lr=1\npython train.py --lr=2\n")
    assert "args: {style: argparse, join: equals}" in Path("e.yaml").read_text()
