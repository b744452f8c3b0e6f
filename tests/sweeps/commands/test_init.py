"""`sweep init` from a script to a file that `sweep check` takes; that its trials run is in `tests/scenarios`."""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from sweeps.authoring import script
from sweeps.authoring.constants.runner import TEXT
from sweeps.authoring.drafting.draft import Draft
from tests.folders import write_files
from tests.sweeps.commands.kinds import CHECKED, KINDS, PACKAGED, write
from tests.sweeps.specs import run_sweep


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("kind", [*KINDS, *CHECKED])
def test_the_file_of_every_kind_passes_check(here, kind):
    write(here, {**KINDS, **CHECKED}[kind])
    done = run_sweep("init", "train.py")
    assert (done.code, "wrote experiments.yaml" in done.out) == (0, True), done
    checked = run_sweep("check", "experiments.yaml")
    assert checked.code == 0, checked


TRUTHS = """
import argparse, ast, json
def strtobool(v):
    return {"true": 1, "1": 1, "false": 0, "0": 0}[v.lower()]
def str2bool(v):
    if isinstance(v, bool):
        return v
    if v.lower() in ("yes", "true"):
        return True
    if v.lower() in ("no", "false"):
        return False
    raise argparse.ArgumentTypeError("no truth")
p = argparse.ArgumentParser()
p.add_argument("--cuda", type=lambda x: bool(strtobool(x)), default=True, nargs="?", const=True)
p.add_argument("--amp", type=str2bool, default=False)
p.add_argument("--ema", type=lambda s: s.lower() in ("true", "1"), default=True)
p.add_argument("--low", type=lambda s: s == "true", default="true")
p.add_argument("--bit", type=lambda s: bool(int(s)), default=False)
p.add_argument("--any", type=ast.literal_eval, default=True)
p.add_argument("--doc", type=json.loads, default=True)
print(json.dumps(vars(p.parse_args())))
"""


def test_true_and_false_reach_a_script_by_the_words_that_its_type_takes(here):
    (here / "train.py").write_text(TRUTHS)
    assert run_sweep("init", "train.py").code == 0
    spec = yaml.safe_load((here / "experiments.yaml").read_text())
    usual = {"cuda": True, "amp": False, "ema": True, "low": True, "bit": False, "any": True, "doc": True}
    assert spec["defaults"] == usual
    others = {key: not value for key, value in usual.items()}
    spec["sweeps"] = {"first": {"set": {}}, "others": {"set": others}}
    (here / "experiments.yaml").write_text(yaml.safe_dump(spec))
    printed = run_sweep("commands", "experiments.yaml").out.splitlines()
    commands = [shlex.split(line) for line in printed if line.startswith("python ")]
    shown = [subprocess.run([sys.executable, *words[1:]], capture_output=True, text=True, check=True).stdout for words in commands]  # fmt: skip
    assert [json.loads(text) for text in shown] == [usual, others]


def test_a_file_that_is_there_is_kept_unless_forced(here):
    write(here, CHECKED["nothing"])
    (here / "experiments.yaml").write_text("mine")
    done = run_sweep("init", "train.py")
    assert done.code == 2
    assert "is there already; --force replaces it" in done.err
    assert (here / "experiments.yaml").read_text() == "mine"
    (here / "link.yaml").symlink_to("nowhere")
    assert run_sweep("init", "train.py", "--out", "link.yaml").code == 2
    assert run_sweep("init", "train.py", "--out", "no/such.yaml").code == 2
    assert run_sweep("init", "train.py", "--force").code == 0
    assert "experiment: train" in (here / "experiments.yaml").read_text()


def test_a_file_that_init_wrote_and_nobody_edited_is_written_anew(here):
    write(here, CHECKED["nothing"])
    file = here / "experiments.yaml"
    assert run_sweep("init", "train.py").code == 0
    first = file.read_text()
    assert run_sweep("init", "train.py", "--", "--lr", "1").code == 0
    again = file.read_text()
    assert "# Written by `sweep init train.py -- --lr 1`" in again
    assert again != first
    file.write_text(again.replace("experiment: train", "experiment: mine"))
    done = run_sweep("init", "train.py")
    assert (done.code, "is there already; --force replaces it" in done.err) == (2, True)
    assert "experiment: mine" in file.read_text()


def test_constants_get_a_file_that_sets_them_and_one_that_is_there_is_kept(here):
    write(here, "LR = 0.3\nfor epoch in range(3):\n    print(f'epoch {epoch} loss {LR:.3f}')\n")
    done = run_sweep("init", "train.py", "--probe", "20s")
    assert "it ended with exit code 0" in done.err + done.out
    runner = here / "with_constants.py"
    assert runner.read_text() == TEXT
    found = yaml.safe_load((here / "experiments.yaml").read_text())
    assert (found["defaults"], found["trainer"]["args"]) == ({"LR": 0.3}, {"style": "literal", "prefix": ""})
    assert run_sweep("check", "experiments.yaml").code == 0
    runner.write_text("mine")
    assert "is there already, and kept" in run_sweep("init", "train.py", "--force").out
    assert runner.read_text() == "mine"


def test_a_dash_prints_the_file_and_writes_none(here):
    write(here, KINDS["argparse"])
    before = sorted(path.name for path in here.iterdir())
    done = run_sweep("init", "train.py", "--out", "-")
    assert yaml.safe_load(done.out)["experiment"] == "train"
    assert "ran nothing of it" in done.err
    assert sorted(path.name for path in here.iterdir()) == before


def test_words_as_typed_by_hand_are_the_defaults(here):
    write(here, KINDS["argparse"])
    assert (
        run_sweep("init", "train.py", "--", "elsewhere", "--batch-size", "9", "--lr=0.2", "--no-amp").code
        == 0
    )
    found = yaml.safe_load((here / "experiments.yaml").read_text())
    assert (found["defaults"]["data"], found["defaults"]["batch_size"], found["defaults"]["amp"]) == (
        "elsewhere",
        9,
        False,
    )
    assert found["sweeps"]["learning-rate"]["grid"]["lr"] == [0.067, 0.2, 0.6]


HYDRA = "import hydra\n@hydra.main(config_path='.', config_name='c')\ndef main(c): ...\nmain()\n"
NANO = "lr = 0.3\nsteps = 9\nexec(open('configurator.py').read())\n"


@pytest.mark.parametrize(
    ("text", "words", "head", "line"),
    [
        ("argparse", ["--batch-size", "9"], "argparse takes, with what was typed, and else the script's own", "int; typed; in the script: 4"),
        ("argparse", ["--batch-size", "4"], "argparse takes, with what was typed, and else the script's own", "int; typed, as in the script"),
        ("argparse", ["--no-amp"], "argparse takes, with what was typed, and else the script's own", "bool; typed; in the script: true"),
        ("argparse", [], "argparse takes, with the script's own defaults", "\n  batch_size: 4 "),
        ("click", ["--batch-size", "9"], "click takes, with what was typed, and else the script's own", "typed; in the script: 4"),
        (NANO, ["--steps=1"], "a configurator takes, with what was typed, and else the script's own", "int; typed; in the script: 9"),
        (NANO, ["c.py", "--lr=1"], "what was typed, and what else differs from c.py; ", "float; typed; in the script: 0.3"),
        (HYDRA, ["steps=1"], "what Hydra takes; a comment is what its own config has, which stays", "int; typed; in its config: 9"),
    ],
)  # fmt: skip
def test_a_value_that_was_typed_is_not_called_the_scripts_own(here, text, words, head, line):
    write(here, KINDS.get(text, text))
    (here / "c.py").write_text("steps = 3\n")
    (here / "c.yaml").write_text("lr: 0.1\nsteps: 9\n")
    done = run_sweep("init", "train.py", "--out", "-", "--", *words)
    assert done.code == 0, done.err
    assert head in next(
        text for text in done.out.splitlines() if text.startswith(("defaults:", "# defaults:"))
    )
    assert line in done.out
    assert ("typed" in done.out) is bool(words)
    said = " ".join(["train.py", *(["--", *words] if words else [])])
    assert f"# Written by `sweep init {said}`, which read its source" in done.out


def test_long_words_are_cut_in_the_line_that_says_how_the_file_came_to_be(here):
    write(here, KINDS["argparse"])
    done = run_sweep("init", "train.py", "--out", "-", "--", "a\nb", "--batch-size", *["9"] * 99)
    head = next(text for text in done.out.splitlines() if text.startswith("# Written by"))
    assert "sweep init train.py -- 'a b' --batch-size 9 9" in head
    assert head.endswith("...`, which read its source and ran nothing.")


def test_what_has_to_be_filled_in_is_said_and_check_asks_for_it(here):
    (here / "train.py").write_text(
        "import argparse\np = argparse.ArgumentParser()\np.add_argument('--data', required=True)\n"
    )
    done = run_sweep("init", "train.py")
    assert (done.code, "fill in under `defaults:` first: data" in done.out) == (0, True)
    checked = run_sweep("check", "experiments.yaml")
    assert checked.code == 2
    assert "{data}" in checked.err
    probed = run_sweep("init", "train.py", "--force", "--probe", "1s")
    assert "needs data; give them as by hand" in probed.err


@pytest.mark.parametrize(
    "text",
    [
        "if x: pass\n" + "elif x: pass\n" * 3000,
        "x = " + "+".join(["'a'"] * 900) + "\nprint(" + "+".join(["'a'"] * 900) + ")\n",
        "x = f" + ".a" * 900 + "()\n",
        "x = " + "f(" * 80 + ")" * 80 + "\n",
        "class A(B): ...\nclass B(A): ...\nimport tyro\ntyro.cli(A)\n",
        "import fire\nclass A(A):\n    x = 1\nfire.Fire(A)\n",
        "from train import x\nfrom . import train\n",
        "\n".join(f"x{n} = x{n + 1}" for n in range(500))
        + "\nimport argparse\np.add_argument('--x', default=x0)\n",
    ],
)
def test_deep_and_circular_sources_end_in_a_file_or_a_message(here, text):
    (here / "train.py").write_text(text)
    done = run_sweep("init", "train.py")
    assert done.code in {0, 2}
    assert done.code == 0 or "nested too deeply" in done.err


@pytest.mark.parametrize("name", ["broken.py", "folder", "nowhere.py", "data.bin"])
def test_what_cannot_be_read_is_a_message_and_no_file(here, name):
    (here / "broken.py").write_text("def (")
    (here / "folder").mkdir()
    (here / "data.bin").write_bytes(bytes(range(256)))
    done = run_sweep("init", name)
    assert (done.code, done.out, name in done.err) == (2, "", True)
    assert not Path("experiments.yaml").exists()


def test_nothing_of_the_script_is_run_or_imported(here):
    trap = "open('executed', 'w').close()\n"
    (here / "train.py").write_text(
        trap
        + "import helper\nimport argparse\np = argparse.ArgumentParser()\np.add_argument('--x', default=exec(\"open('executed', 'w')\"))\n"
    )
    (here / "helper.py").write_text(trap)
    (here / "argparse.py").write_text(trap)
    assert run_sweep("init", "train.py").code == 0
    assert run_sweep("check", "experiments.yaml").code == 0
    assert not (here / "executed").exists()


def test_a_probe_adds_what_a_run_shows_and_leaves_the_folder_as_it_was(here):
    write(
        here,
        """
        import argparse
        p = argparse.ArgumentParser()
        p.add_argument("--lr", type=float, default=0.3)
        a = p.parse_args()
        def rows():
            yield "epoch", "loss"
            yield from ((n, a.lr / n) for n in range(1, 4))
        name = "metrics" + ".csv"
        with open(name.lower(), "w") as file:
            for row in rows():
                print(*row, sep=",", file=file)
        """,
    )
    before = sorted(path.name for path in here.iterdir())
    done = run_sweep("init", "train.py", "--probe", "60s")
    assert (done.code, "files of metrics: metrics.csv" in done.out) == (0, True), done
    found = yaml.safe_load((here / "experiments.yaml").read_text())["trainer"]
    assert (found["cwd"], found["metrics"]) == ("{run_dir}", [{"csv": "{run_dir}/**/metrics.csv"}])
    assert sorted(path.name for path in here.iterdir()) == sorted(
        [*before, "experiments.schema.json", "experiments.yaml"]
    )
    assert run_sweep("check", "experiments.yaml").code == 0


def test_a_probe_links_what_the_script_opened_and_keeps_what_its_source_prints_beside_a_table_of_one_row(
    here,
):
    write(
        here,
        """
        import logging, os
        logging.basicConfig()
        text = open("".join(["in", "put.txt"])).read()
        for i, x in enumerate([1, 2], 1):
            logging.warning("fold %d/%d auc=%.3f", i, 2, x / 4)
        logging.warning("mean auc %.3f", 0.375)
        with open("".join(["summ", "ary.csv"]), "w") as file:
            file.write("C,auc\\n1.0,0.375\\n")
        """,
    )
    (here / "input.txt").write_text("x")
    done = run_sweep("init", "train.py", "--probe", "60s")
    assert done.code == 0, done
    text = (here / "experiments.yaml").read_text()
    found = yaml.safe_load(text)["trainer"]
    assert (found["cwd"], found["link"]) == ("{run_dir}", ["input.txt"])
    assert [source.get("step") for source in found["metrics"]] == ["fold", "final"]
    assert '    # - csv: "{run_dir}/**/summary.csv"  # it has one row' in text
    assert "# measures: {mean_auc: higher}" in text


def test_a_probe_that_shows_no_metrics_says_what_the_script_printed_and_that_it_ran(here):
    (here / "train.py").write_text("print('loading data')\nprint('no GPU')\n")
    done = run_sweep("init", "train.py", "--probe", "60s")
    assert done.code == 0, done
    assert (
        "it printed 2 lines, none with metrics\nwhat it printed last:\n  loading data\n  no GPU\n" in done.out
    )
    assert "which read its source and ran it once." in (here / "experiments.yaml").read_text()


@pytest.mark.parametrize("folder", ["", "code"])
def test_a_package_is_run_once_as_a_module(here, folder):
    write_files(here / folder, PACKAGED)
    done = run_sweep("init", str(Path(folder, "src")), "--probe", "30s")
    assert (done.code, "it ended with exit code 0" in done.out) == (0, True), done


PROBED = {
    "no-number": ("import json, sys\nprint(json.load(open(sys.argv[1])))\n", '{"kind": "a", "seed": 3}'),
    "guess": (
        (
            "import argparse, json\np = argparse.ArgumentParser()\np.add_argument('-c', '--config')\np.add_argument('--out', default='out')\n"
            "a = p.parse_args()\nprint(json.load(open(a.config)), a.out)\n"
        ),
        '{"heat": {"T": 2.0}, "run": {"seed": 3}}',
    ),
    "options": (
        "import argparse\np = argparse.ArgumentParser()\np.add_argument('--kind', default='a')\n",
        "{}",
    ),
    "nothing": ("print(1)\n", "{}"),
    "constants": ("WIDTH = 3\nprint(WIDTH)\n", "{}"),
}


@pytest.mark.parametrize("kind", PROBED)
def test_a_probe_runs_the_first_trial_of_whatever_file_is_written(here, kind):
    text, config = PROBED[kind]
    (here / "train.py").write_text(text)
    (here / "c.json").write_text(config)
    words = {"no-number": ["--", "c.json"], "guess": ["--", "-c", "c.json"]}.get(kind, [])
    done = run_sweep("init", "--probe", "60s", "train.py", *words)
    assert (done.code, "it ended with exit code 0" in done.out) == (0, True), done
    assert "sweep-init-" not in done.out + (here / "experiments.yaml").read_text()


def test_a_probe_of_a_file_that_check_would_refuse_says_why_and_names_no_temporary_file(here, monkeypatch):
    (here / "train.py").write_text(PROBED["guess"][0])
    (here / "c.json").write_text('{"a": 2.0}')
    monkeypatch.setattr("sweeps.commands.init.draft", lambda *_: Draft("trainer: {command: [python]}\n"))
    done = run_sweep("init", "--probe", "60s", "train.py", "--", "-c", "c.json")
    assert done.code == 2
    assert done.err.startswith("it cannot be run yet: ")
    assert "sweep-init-" not in done.err


def test_a_probe_shows_no_path_that_is_gone_behind_it(here):
    write(
        here,
        """
        import argparse, os
        p = argparse.ArgumentParser()
        p.add_argument("--out", default="out")
        p.add_argument("--lr", type=float, default=0.3)
        a = p.parse_args()
        say = print
        for epoch in range(3):
            say(a.out, "epoch", epoch, "loss", a.lr / (epoch + 1))
        raise SystemExit(f"died in {os.getcwd()} of {a.out}")
        """,
    )
    done = run_sweep("init", "train.py", "--probe", "60s")
    assert f"  died in {here} of {{run_dir}}\n" in done.out, done
    text = (here / "experiments.yaml").read_text()
    assert "sweep-init-" not in done.out + text
    (source,) = yaml.safe_load(text)["trainer"]["metrics"]
    assert re.search(source["stdout"], "/elsewhere/.sweep/runs/4f/files epoch 7 loss 0.25")["loss"] == "0.25"


def test_a_script_is_read_once_for_its_file_and_the_schema_beside_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "train.py").write_text(
        "import argparse\np = argparse.ArgumentParser()\np.add_argument('--lr', type=float, default=0.1)\np.parse_args()\n"
    )
    read, reads = script.read_source, []
    monkeypatch.setattr(script, "read_source", lambda path: reads.append(path.name) or read(path))
    assert run_sweep("init", "train.py").code == 0
    assert '"lr"' in (tmp_path / "experiments.schema.json").read_text()
    assert reads == ["train.py"]
