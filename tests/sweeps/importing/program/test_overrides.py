"""Options that take KEY=VALUE: each key is a setting."""

from sweeps.importing.program.source import Source
from tests.sweeps.authoring.scripts import interface
from tests.sweeps.importing.program.test_command_lines import made, of_script, read_script

SCRIPT = "import argparse\np = argparse.ArgumentParser()\np.add_argument('--opts', nargs='+', help='KEY=VALUE')\np.parse_args()\n"


def test_keys_of_an_option_that_stands_several_times_are_settings():
    lines = [
        f"python t.py --config b.ini --fast --set model.C={c} --set k=a --set data.out=r/{c}.csv"
        for c in (1, 2)
    ]
    found = made("\n".join(lines))
    assert found.trainer["command"] == [
        *("python", "t.py", "--config", "b.ini", "{args}", "--set=data.out={run_dir}/out.csv")
    ]
    assert found.trainer["args"] == {
        "style": "overrides",
        "prefix": "--set=",
        "keys": {"fast": {"name": "--fast", "booleans": "flag"}},
    }
    assert found.configs == [{"fast": True, "model.C": c, "k": "a"} for c in (1, 2)]


def test_a_short_option_is_joined_with_its_key():
    found = made("./p -o a=1 -o b.c=x\n./p -o a=2 -o b.c=x")
    assert found.trainer["args"] == {"style": "overrides", "prefix": "-o"}
    assert found.sweeps == {"a": {"grid": {"a": [1, 2]}}}


def test_an_option_that_stands_once_is_one_where_the_source_says_so(tmp_path):
    text = "python t.py --opts a=1 b=x\npython t.py --opts a=2 b=x"
    found = of_script(read_script(text), "x.sh", None, lambda *_: Source(interface(tmp_path, SCRIPT)))
    assert found.trainer == {"command": ["python", "t.py", "--opts", "{args}"], "args": "overrides"}
    assert found.configs == [{"a": 1, "b": "x"}, {"a": 2, "b": "x"}]
    assert made("python t.py --filter a=1\npython t.py --filter a=2").configs[0] == {"filter": "a=1"}


def test_other_options_that_stand_several_times_stay_lists():
    assert made("python t.py --tag a=1 --tag b").configs == [{"tag": ["a=1", "b"]}]
