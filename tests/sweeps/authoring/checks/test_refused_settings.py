"""Settings that a script surely refuses are told, with what to write."""

import json

import pytest

from tests.folders import write_files
from tests.sweeps.specs import run_sweep

HEAD = "import argparse\nparser = argparse.ArgumentParser(description='x')\n"
LR = "parser.add_argument('--lr', '-l', type=float)\n"
END = "args = parser.parse_args()\n"


@pytest.fixture
def check(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = HEAD + LR + "parser.add_argument('data')\nparser.add_argument('--batch_size')\n"
    text += "parser.add_argument('--amp', action=argparse.BooleanOptionalAction, default=True)\n"
    text += "parser.add_argument('--ema', action=argparse.BooleanOptionalAction, default=False)\n"
    text += "parser.add_argument('--epochs', type=int)\nparser.add_argument('--dims', type=int, nargs='+')\n"
    text += "parser.add_argument('--width', type=int, choices=[1, 2])\nparser.add_argument('--opt', choices=['a'])\n"
    text += (
        "parser.add_argument('--beta', type=positive)\nparser.add_argument('--tag', action='append', type=int)\n"
        + END
    )
    (tmp_path / "train.py").write_text(text)

    def checked(trainer, sweep):
        command = "command: [python, train.py, x, '{args}']"
        text = f"trainer: {{{trainer or command}}}\nsweeps: {{a: {sweep}}}\n"
        (tmp_path / "e.yaml").write_text(text)
        done = run_sweep("check", "e.yaml", "--json")
        assert done.code == 0, done.err
        return json.loads(done.out).get("warnings", [])

    return checked


def test_a_setting_without_an_option_is_told_once_with_its_place_and_the_nearest(check):
    (told,) = check("", "{grid: {lrr: [1, 2], batch_size: [1, 2]}}")
    assert told.startswith("e.yaml:2:")
    assert told.endswith(
        "sweeps.a.grid.lrr: train.py has no option --lrr; did you mean '--lr'? "
        "`args: {keys: {lrr: none}}` keeps it from the program"
    )
    assert (
        "has no option --seed; `args: {keys: {seed: none}}` keeps"
        in check("", "{grid: {lr: [1, 2]}, seeds: 2}")[0]
    )


def test_false_of_a_flag_that_is_on_is_told_unless_it_is_spelled(check):
    (told,) = check("", "{grid: {amp: [true, false], ema: [true, false]}}")
    assert told.endswith(
        "sweeps.a.grid.amp: false only leaves --amp out, which is on in train.py then; "
        "write `args: {keys: {amp: {booleans: no-flag}}}`"
    )
    spelt = "command: [python, train.py, x, '{args}'], args: {booleans: no-flag}"
    assert check(spelt, "{grid: {amp: [true, false]}}") == []


@pytest.mark.parametrize(
    ("sweep", "told"),
    [
        ("{grid: {lr: [1, fast]}}", "sweeps.a.grid.lr: train.py takes --lr as float, which fast is not"),
        ("{set: {epochs: 1e3}}", "sweeps.a.set.epochs: train.py takes --epochs as int, which 1000.0 is not"),
        ("{set: {epo: 0.5}}", "sweeps.a.set.epo: train.py takes --epochs as int, which 0.5 is not"),
        ("{set: {width: 3}}", "sweeps.a.set.width: train.py takes --width as one of 1, 2; 3 is none"),
        ("{set: {opt: b}}", "sweeps.a.set.opt: train.py takes --opt as one of a; b is none"),
    ],
)
@pytest.mark.parametrize("style", ["argparse", "absl"])
def test_a_value_that_an_option_refuses_is_told(check, style, sweep, told):
    (warning,) = check(f"command: [python, train.py, x, '{{args}}'], args: {style}", sweep)
    assert warning.startswith("e.yaml:2:")
    assert warning.endswith(told)


def test_each_value_of_a_list_is_looked_at(check):
    (warning,) = check("", "{set: {dims: [1, x]}}")
    assert warning.endswith("sweeps.a.set.dims: train.py takes --dims as int, which x is not")


@pytest.mark.parametrize(
    ("trainer", "sweep"),
    [
        ("", "{grid: {lr: [1, 2], batch: [1, 2]}}"),  # argparse takes the beginning of an option
        ("", "{set: {quiet: false, other: null}}"),
        ("", "{set: {width: 1, epochs: '{width}'}}"),
        ("", "{grid: {lr: [1e-3, 1, '.5'], epochs: [10], dims: [[1, 2]], width: [1], opt: [a], beta: [x]}}"),
        (
            "command: [python, train.py, '{args}'], args: {keys: {tag: {list: repeat}}}",
            "{set: {tag: [1, 2]}}",
        ),
        ("command: [python, train.py, '{args}', '{lrr}']", "{grid: {lrr: [1, 2]}}"),
        ("command: [python, train.py, '{args}'], args: {keys: {lrr: none}}", "{grid: {lrr: [1, 2]}}"),
        ("command: [python, train.py, '{args}'], args: {keys: {lrr: lr}}", "{grid: {lrr: [1, 2]}}"),
        ("command: [python, train.py, '{args}'], args: {keys: {lrr: -l}}", "{grid: {lrr: [1, 2]}}"),
        ("command: [torchrun, train.py, '{args}']", "{grid: {lrr: [1, 2]}}"),
        ("command: [python, '{args}', train.py]", "{grid: {lrr: [1, 2]}}"),
    ],
)
def test_what_is_taken_or_not_passed_is_not_told(check, monkeypatch, tmp_path, trainer, sweep):
    (tmp_path / "torchrun").write_text("#!/bin/sh\n")
    (tmp_path / "torchrun").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert check(trainer, sweep) == []


NANO = {
    "train.py": "lr = 0.1\nwidth = 8\nexec(open('configurator.py').read())\n",
    "small.py": "extra = 1\nwidth = 4\n",
    "configurator.py": """
import sys
for word in sys.argv[1:]:
    if "=" not in word:
        exec(open(word).read())
    else:
        key, val = word[2:].split("=")
        if key in globals():
            assert type(eval(val)) == type(globals()[key])
        else:
            raise ValueError(key)
""",
}


@pytest.fixture
def nano(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, text in NANO.items():
        (tmp_path / name).write_text(text)

    def checked(sweep, *options, args="literal", profiles="{p: {seeds: 2}, q: {sweeps: {a: {seeds: 2}}}}"):
        command = "command: [python, train.py, small.py, '{args}']"
        trainer = f"trainer: {{{command}, args: {args}}}\n"
        (tmp_path / "e.yaml").write_text(f"{trainer}sweeps: {{a: {sweep}}}\nprofiles: {profiles}\n")
        done = run_sweep("check", "e.yaml", "--json", *options)
        assert done.code == 0, done.err
        return json.loads(done.out).get("warnings", [])

    return checked


@pytest.mark.parametrize(
    ("sweep", "options", "layer"),
    [
        ("{set: {lr: 0.2}, seeds: 3}", (), "sweeps.a.seeds"),
        ("{set: {lr: 0.2}}", ("--seeds", "3"), "--seeds"),
        ("{set: {lr: 0.2}}", ("--profile", "p"), "profiles.p.seeds"),
        ("{set: {lr: 0.2}}", ("--profile", "q"), "profiles.q.seeds"),
        ("{set: {lr: 0.2}}", ("--set", "seed=7"), "--set.seed"),
    ],
)
def test_repeats_of_a_script_without_a_seed_are_told_however_they_are_asked_for(nano, sweep, options, layer):
    (told,) = nano(sweep, *options)
    assert told.partition(": ")[2] == (
        f"{layer}: train.py has no setting --seed; `args: {{style: literal, keys: {{seed: none}}}}` "
        "keeps it from the program, whose trials it then only repeats"
    )


def test_what_is_kept_from_the_program_repeats_without_a_word(nano):
    assert nano("{set: {lr: 0.2}, seeds: 3}", args="{style: literal, keys: {seed: none}}") == []
    assert nano("{set: {lr: 0.2}}") == []


def test_a_config_files_names_count_and_its_types(nano):
    assert nano("{set: {extra: 2, width: '{extra}'}}") == []
    (told,) = nano("{set: {lr: 1}}")
    assert told.endswith("sweeps.a.set.lr: train.py takes lr as float, like 0.1, which 1 is not")
    (told,) = nano("{set: {widht: 1}}")
    assert "has no setting --widht; did you mean '--width'?" in told


@pytest.fixture
def warned(tmp_path, monkeypatch):
    """Checks a sweep of a script of Hydra with a group, and maybe a word of its command: what is told of it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "conf" / "model").mkdir(parents=True)
    (tmp_path / "conf" / "config.yaml").write_text("defaults: [{model: a}]\nlr: 0.1\n")
    for name in "ab":
        (tmp_path / "conf" / "model" / f"{name}.yaml").write_text(f"{name}: 1\n")
    (tmp_path / "train.py").write_text(
        "import hydra\n@hydra.main(config_path='conf', config_name='config')\ndef main(c): ...\nmain()\n"
    )

    def told(sweep, word="", style="hydra"):
        trainer = f"trainer: {{command: [python, train.py, '{{args}}'{word}], args: {style}}}"
        (tmp_path / "e.yaml").write_text(f"{trainer}\nsweeps: {{a: {sweep}}}\n")
        done = run_sweep("check", "e.yaml", "--json")
        assert done.code == 0, done.err
        return json.loads(done.out).get("warnings", [])

    return told


def test_hydras_keys_are_told_that_no_chosen_file_has(warned):
    (told,) = warned("{grid: {lr: [1, 2], model.a: [1, 2]}, seeds: 2}")
    assert "train.py has no key seed; `args: {style: hydra, keys: {seed: none}}` keeps" in told
    assert warned("{grid: {model: [a, b]}, set: {model.b: 3}}") == []
    (told,) = warned("{set: {model.b: 3}}")
    assert "train.py has no key model.b; did you mean" in told
    (told,) = warned("{grid: {model: [a, b], model.bb: [1, 2]}}")
    assert told.endswith(
        "sweeps.a.grid.model.bb: train.py has no key model.bb; did you mean 'model.b'? "
        "`args: {style: hydra, keys: {model.bb: none}}` keeps it from the program"
    )
    (told,) = warned("{set: {other: a}}")
    assert "train.py has no key other" in told


@pytest.mark.parametrize(
    ("sweep", "word", "style"),
    [
        ("{grid: {model: [a, aa]}}", "", "hydra"),
        ("{grid: {m: [a, aa]}}", ", 'model={m}'", "hydra"),
        ("{grid: {m: [a, aa]}}", "", "{style: hydra, keys: {m: model}}"),
        ("{grid: {model: [a, [b, aa]]}}", "", "hydra"),
        ("{include: [{model: aa}]}", "", "hydra"),
    ],
)
def test_a_file_that_a_group_of_hydra_lacks_is_told(warned, sweep, word, style):
    (told,) = warned(sweep, word, style)
    assert told.startswith("e.yaml:2:")
    assert told.endswith(": train.py has no file conf/model/aa.yaml to choose; did you mean 'a'?")


def test_of_a_group_nothing_is_told_that_is_not_sure(warned, tmp_path):
    assert warned("{grid: {model: [a, '${oc.env:M}', null]}}") == []
    assert warned("{grid: {model: [a, aa]}}", ", --config-dir, more") == []
    config = tmp_path / "conf" / "config.yaml"
    config.write_text("defaults: [{optional model: a}]\nlr: 0.1\n")
    assert warned("{grid: {model: [a, aa]}}") == []
    config.write_text("defaults: [{model: a}]\nlr: 0.1\nhydra: {searchpath: ['pkg://more']}\n")
    assert warned("{grid: {model: [a, aa]}, set: {what: 1}}") == []


@pytest.mark.parametrize(
    ("read", "told"),
    [
        ("cfg = yaml.safe_load(open(sys.argv[1]))", ["epochs as a number, like 5, which 'x'", "sizes as list, like [1], which 3"]),
        ("cfg.merge_from_file(sys.argv[1])", ["epochs as a number, like 5, which 'x'", "lr as float, like 0.1, which 1", "name as str, like 'a', which 2", "sizes as list, like [1], which 3"]),
    ],
)  # fmt: skip
def test_values_of_another_type_than_in_the_programs_config_file_are_told(check, tmp_path, read, told):
    (tmp_path / "prog.py").write_text(f"import sys, yaml\n{read}\n")
    (tmp_path / "base.yaml").write_text(
        "epochs: 5\nlr: 0.1\nname: a\nsizes: [1]\nnone:\nsmall: 1e-3\nwide: 4\n"
    )
    trainer = "command: [python, prog.py, '{trial_config}'], config_file: base.yaml"
    grid = "{epochs: [3, x], lr: [1, 0.2], name: [b, 2], sizes: [3, [4]], none: [1, a], small: [0.1, 0.2]}"
    found = check(trainer, f"{{grid: {grid}, set: {{wide: '{{lr}}'}}}}")
    assert [one.partition(": base.yaml has ")[2] for one in found] == [f"{each} is not" for each in told]
    assert found[0].startswith("e.yaml:2:")


@pytest.mark.parametrize(
    ("args", "default", "told"),
    [
        ("argparse", "x: 1", """no option --seed; c.yaml has run.seed: write `run.seed: "{seed}"` below `defaults`, and `args: {keys: {seed: none}}`"""),
        ("argparse", "run.seed: '{seed}'", "no option --seed; `args: {keys: {seed: none}}` keeps it from the command line, while run.seed follows it as before"),
        ("{keys: {seed: run.seed}}", "x: 1", """no option --run.seed; c.yaml has run.seed: write `run.seed: "{seed}"` below `defaults`, and `args: {keys: {seed: none}}`"""),
        ("{keys: {x: run.T}}", "x: 1", """no option --run.T; c.yaml has run.T: write `run.T: "{x}"` below `defaults`, and `args: {keys: {x: none}}`"""),
    ],
)  # fmt: skip
def test_what_the_config_file_has_is_said_to_follow_or_how_it_can(tmp_path, monkeypatch, args, default, told):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "c.yaml").write_text("run: {seed: 1, T: 2.0}\n")
    (tmp_path / "train.py").write_text(
        "import argparse\np = argparse.ArgumentParser()\np.add_argument('-c')\np.add_argument('--x')\nprint(p.parse_args())\n"
    )
    command = "[python, train.py, -c, '{trial_config}', '{args}']"
    head = f"trainer: {{command: {command}, config_file: c.yaml, args: {args}}}\ndefaults: {{{default}}}\n"

    def warnings(text):
        (tmp_path / "e.yaml").write_text(f"{text}sweeps: {{a: {{grid: {{run.T: [1.0, 2.0]}}, seeds: 2}}}}\n")
        done = run_sweep("check", "e.yaml", "--json")
        assert done.code == 0, done
        return json.loads(done.out).get("warnings", [])

    assert [line for line in warnings(head) if line.endswith(f"train.py has {told}")] != []
    followed = head.replace(args, "{keys: {seed: none, x: none}}").replace("x: 1", "run.seed: '{seed}'")
    assert warnings(followed.replace(", x: none", "")) == []


def test_an_option_that_a_module_does_not_take_is_told_as_of_a_file(check, tmp_path):
    """The options stand in another file of the package."""
    files = {
        "lab/__init__.py": "",
        "lab/__main__.py": "from lab.options import parser\nargs = parser.parse_args()\n",
        "lab/options.py": HEAD + LR,
        "src/own/__init__.py": "",
        "src/own/train.py": f"{HEAD}{LR}{END}",
    }
    write_files(tmp_path, files)
    (told,) = check("command: [python, -m, lab, '{args}']", "{grid: {lrr: [1, 2]}}")
    assert "sweeps.a.grid.lrr: lab/__main__.py has no option --lrr; did you mean '--lr'?" in told
    command = "command: [python, -m, own.train, '{args}']"
    (told,) = check(f"{command}, env: {{PYTHONPATH: src}}", "{grid: {lrr: [1, 2]}}")
    assert "train.py has no option --lrr" in told
    assert check(f"{command}, env: {{PYTHONPATH: src}}", "{grid: {lr: [1, 2]}}") == []


def test_a_setting_that_the_subcommand_of_the_command_does_not_take_is_told(check, tmp_path):
    text = "import argparse\np = argparse.ArgumentParser()\nsub = p.add_subparsers(required=True)\n"
    text += "run = sub.add_parser('run')\nrun.add_argument('--lr', type=float)\n"
    text += "plot = sub.add_parser('plot')\nplot.add_argument('--dpi', type=int)\np.parse_args()\n"
    (tmp_path / "train.py").write_text(text)
    sweep = "{grid: {lr: [1, fast]}, set: {dpi: 100}}"
    told = check("command: [python, train.py, run, '{args}']", sweep)
    assert [one.partition("train.py ")[2].partition(";")[0] for one in told] == [
        "takes --lr as float, which fast is not",
        "has no option --dpi",
    ]
    assert check("command: [python, train.py, '{args}']", sweep) == []
