"""Command lines as a file: the command, what is constant, the sweeps."""

import pytest

from sweeps.errors import SweepError
from sweeps.importing.program.command_lines import of_script
from sweeps.importing.shell.script import read_script


def made(text, style=None):
    return of_script(read_script(text), "x.sh", style)


def test_outputs_get_a_place_of_each_trials_own():
    found = made("python t.py --lr 1 --out a/1 --run-name x\npython t.py --lr 2 --out a/2 --run-name y")
    assert found.trainer["command"] == [
        "python",
        "t.py",
        "{args}",
        "--out",
        "{run_dir}",
        "--run-name",
        "{trial}",
    ]
    assert found.configs == [{"lr": 1}, {"lr": 2}]
    assert len(found.notes) == 2


def test_an_output_that_alone_tells_lines_apart_is_kept():
    found = made("python t.py --out a\npython t.py --out b")
    assert found.configs == [{"out": "a"}, {"out": "b"}]


def test_flags_that_some_lines_lack_are_false_there():
    found = made("python t.py --amp --lr 1\npython t.py --lr 1")
    assert found.configs == [{"amp": True, "lr": 1}, {"lr": 1, "amp": False}]
    assert found.sweeps == {"amp": {"grid": {"amp": [True, False]}}}


def test_a_flag_and_its_no_are_one_key_and_a_no_alone_is_an_option_of_that_name():
    found = made("python t.py --fast --no-cuda\npython t.py --no-fast\npython t.py")
    assert found.trainer["args"]["keys"] == {"fast": {"booleans": "no-flag"}}
    assert found.configs == [
        {"fast": True, "no_cuda": True},
        {"fast": False, "no_cuda": False},
        {"no_cuda": False},
    ]
    found = made("python t.py --fast\npython t.py --nofast")
    assert found.configs == [{"fast": True}, {"fast": False}]
    assert made("python t.py --optim.no-fast --lr 1", "tyro").configs == [{"optim.fast": False, "lr": 1}]


def test_lines_that_all_have_other_options_are_refused_before_they_are_compared():
    with pytest.raises(SweepError, match="have too little in common"):
        made("\n".join(f"python t.py --o{number} 1" for number in range(2100)))


def test_a_line_of_thousands_of_options_is_read():
    (config,) = made("python t.py " + " ".join(f"--o{number} {number}" for number in range(3000))).configs
    assert config["o2999"] == 2999


def test_positional_words_that_differ_get_a_key():
    found = made("python t.py a {x} 1\npython t.py a '{x}' 2")
    assert found.trainer["command"] == ["python", "t.py", "a", "{{x}}", "{arg3}"]
    assert found.configs == [{"arg3": 1}, {"arg3": 2}]


def test_variables_go_into_env():
    found = made(
        "export K=v API_KEY=secret\nCUDA_VISIBLE_DEVICES=0 S=1 python t.py --a 1\nS=2 python t.py --a 1"
    )
    assert found.trainer["env"] == {"K": "v", "API_KEY": {"from": "API_KEY"}, "S": "{S}"}
    assert found.trainer["args"] == "argparse"
    assert "secret" not in found.text()
    assert [config["S"] for config in found.configs] == [1, 2]


def test_the_same_trial_twice_is_told():
    found = made(
        "python t.py --lr 1\npython t.py --lr 1.0\npython t.py --lr 1 --device cuda:1\npython t.py --lr 2 --device cuda:0"
    )
    assert len(found.configs) == 2
    assert [note.partition(",")[0] for note in found.notes if note.startswith("line")] == [
        "line 2 is the same trial as line 1",
        "line 3 differs from line 1 only in what changes no result",
    ]


def test_two_rounds_of_a_loop_may_be_the_same_trial():
    found = made("for x in a b; do python t.py --lr 1; done")
    assert len(found.configs) == 1
    assert "line 1 is the same trial as another of its loop" in found.notes


def test_what_does_not_fit_is_named_and_the_rest_is_a_file():
    found = made("python t.py --lr 1\npython t.py --lr {run_dir}x\npython t.py --lr 2 --x 1 2 --x 3")
    assert set(found.left_out) == {2, 3}
    assert found.configs == [{"lr": 1}]


@pytest.mark.parametrize("text", ["# nothing", "python t.py $(x)", "echo a"])
def test_nothing_to_import_is_an_error(text):
    with pytest.raises(SweepError, match="no command"):
        made(text)


def test_too_many_lines_with_nothing_in_common_are_refused():
    lines = [
        f"python t.py --a {n} --b {n * n % 7} --c {n * 31 % 11} --d {n % 13 * n % 5}" for n in range(6000)
    ]
    with pytest.raises(SweepError, match="too little in common"):
        made("\n".join(lines))
