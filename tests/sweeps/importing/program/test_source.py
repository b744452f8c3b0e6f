"""What the source of a script adds to its command lines."""

import pytest

from sweeps.authoring.option import Interface, Option
from sweeps.importing.program.command_lines import of_script
from sweeps.importing.program.source import Source
from sweeps.importing.shell.script import read_script

LR = Option("lr", "float", 0.1, flag="--lr")
OUT = Option("out_dir", "str", "out", flag="--out_dir", aliases=("-o",))
AMP = Option("amp", "bool", True, flag="--amp", booleans="no-flag")


def made(text, style="argparse", *options, here=(), asked=None, **more):
    source = Source(Interface("x", style, (LR, *options), **more), here)
    return of_script(read_script(text), "x.sh", asked, lambda *_: source)


def test_the_style_is_the_one_of_the_source_if_it_says_the_lines():
    text = "python t.py --lr=1 --name=abc"
    assert made(text, "literal").trainer["args"] == "literal"
    assert made(text, "jsonargparse").trainer["args"] == "jsonargparse"
    assert made(text, "literal", asked="fire").trainer["args"] == "fire"
    assert made(text, "").trainer["args"] == {"style": "argparse", "join": "equals"}
    odd = "python t.py --lr=1 --name={run_dir}x"
    assert made(f"{odd}\n{text}", "literal").trainer["args"] == "literal"
    assert made("python t.py --lr=1 --name=\\'a\\'", "literal").trainer["args"] != "literal"


def test_a_no_of_an_option_that_has_one_is_its_false():
    found = made("python t.py --no-amp --no-cuda", "argparse", AMP)
    assert found.configs == [{"amp": False, "no_cuda": True}]


def test_an_output_that_no_line_says_is_each_trials_own():
    found = made("python t.py --lr 1\npython t.py --lr 2", "argparse", OUT)
    assert found.trainer["command"][-2:] == ["--out_dir", "{run_dir}"]
    (note,) = found.notes
    assert note.startswith("no command says --out_dir, where the script writes: it is {run_dir}, a place of")
    assert made("python t.py --lr=1", "literal", OUT).trainer["command"][-1] == "--out_dir={run_dir}"


@pytest.mark.parametrize("option", ["--out_dir", "--out-dir", "-o"])
def test_an_output_that_all_lines_say_alike_is_too(option):
    found = made(f"python t.py --lr 1 {option} a\npython t.py --lr 2 {option} a", "argparse", OUT)
    assert found.configs == [{"lr": 1}, {"lr": 2}]
    assert found.trainer["command"][-2:] == ["--out_dir", "{run_dir}"]
    assert "all commands write to --out_dir a" in found.notes[0]


def test_an_output_that_each_line_says_otherwise_is_told_once():
    found = made("python t.py --lr 1 --out_dir a\npython t.py --lr 2 --out_dir b", "argparse", OUT)
    assert found.trainer["command"][2:] == ["{args}", "--out_dir", "{run_dir}"]
    words = "hydra.run.dir={run_dir}"
    found = made(
        "python t.py lr=1 hydra.run.dir=a\npython t.py lr=2 hydra.run.dir=b", "hydra", after=(words,)
    )
    assert found.trainer["command"][2:] == ["{args}", words]


def test_a_place_that_may_be_read_and_one_that_only_some_lines_say_stay():
    model = Option("model_dir", "str", flag="--model_dir")
    found = made("python t.py --lr 1 --model_dir a\npython t.py --lr 2 --model_dir a", "argparse", model)
    assert found.defaults == {"model_dir": "a"}
    assert found.notes == ("--model_dir is a in all trials; if they write there, put {run_dir} in its place",)
    some = made("python t.py --lr 1 -o a\npython t.py --lr 2", "argparse", OUT)
    assert "{run_dir}" not in some.trainer["command"]


def test_what_the_source_writes_where_it_runs_is_said():
    found = made("python t.py --lr 1", "argparse", OUT, here=("model.pt", "out/x", "./runs/a"))
    assert "t.py writes model.pt, runs where it runs, so that all trials write the same" in found.notes[-1]
    assert len(made("cd sub && python t.py --lr 1", "argparse", here=("model.pt",)).notes) == 0


def test_folders_that_words_of_the_source_say_are_added_unless_a_line_says_them():
    after = ("hydra.run.dir={run_dir}", "--trainer.logger=CSVLogger")
    found = made("python t.py lr=1", "hydra", after=after)
    assert found.trainer["command"] == ["python", "t.py", "{args}", "hydra.run.dir={run_dir}"]
    own = made("python t.py lr=1 hydra.run.dir=a", "hydra", after=after)
    assert own.trainer["command"] == ["python", "t.py", "{args}"]


CLI = {"config_flags": ("--config", "-c")}


@pytest.mark.parametrize(
    ("lines", "command", "is_moved"),
    [
        (["--config=a.yaml --lr=1"], ["--config", "a.yaml", "{args}"], False),
        (["--lr=1 --config a.yaml"], ["--config", "a.yaml", "{args}"], True),
        (["--config a.yaml fit --lr=1"], ["--config", "a.yaml", "fit", "{args}"], False),
        (["fit -c a --config b --lr=1"], ["fit", "-c", "a", "--config", "b", "{args}"], False),
        (["--config=a --lr=1", "--config=b --lr=1"], ["--config", "{config}", "{args}"], False),
    ],
)
def test_a_config_file_comes_before_the_settings(lines, command, is_moved):
    found = made("\n".join(f"python t.py {line}" for line in lines), "jsonargparse", **CLI)
    assert found.trainer["command"][2:] == command
    assert any("it stood behind some" in note for note in found.notes) is is_moved


def test_a_configurators_files_do_too_and_hydras_config():
    found = made("python t.py --lr=1 a.py", "literal", takes_files=True)
    assert found.trainer["command"][2:] == ["a.py", "{args}"]
    assert "it stood behind some" in found.notes[0]
    flags = {"config_flags": ("--config-name", "-cn")}
    for line in ("lr=1 -cn big", "-cn big lr=1", "lr=1 -cn=big"):
        found = made(f"python t.py {line}", "hydra", **flags)
        assert found.trainer["command"][2:] == ["-cn", "big", "{args}"]
        assert found.notes == ()
