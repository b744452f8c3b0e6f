"""How options are spelled is found from the words, and the words are written again as they were."""

import pytest

from sweeps.authoring.given.option_words import read_arguments
from sweeps.importing.program.spelling import (
    Misfit,
    arguments_of,
    config_of,
    escaped,
    spelling_of,
    unescaped,
    words_again,
)


def spelled(*texts, style=None):
    lines = [read_arguments(text.split()).options for text in texts]
    found = spelling_of(lines, style)
    several = {found.key_of[o.name] for line in lines for o in line if len(o.values) > 1}
    configs = [config_of(line, found, several) for line in lines]
    assert [" ".join(words_again(config, arguments_of(found))) for config in configs] == list(texts)
    return found.text, configs


@pytest.mark.parametrize(
    ("text", "args", "config"),
    [
        ("--lr 0.1 --amp --kind None", "argparse", {"lr": 0.1, "amp": True, "kind": "None"}),
        ("--lr=0.1 --n=2", {"style": "argparse", "join": "equals"}, {"lr": 0.1, "n": 2}),
        ("--a-b 1 --c 2", {"style": "argparse", "dashes": True}, {"a_b": 1, "c": 2}),
        ("--a-b 1 --c_d 2", {"style": "argparse", "keys": {"a_b": "--a-b"}}, {"a_b": 1, "c_d": 2}),
        ("-e 5 --lr 1 --n 2", {"style": "argparse", "keys": {"e": "-e"}}, {"e": 5, "lr": 1, "n": 2}),
        ("lr=1 flag=true x=[1,2] y=null", "hydra", {"lr": 1, "flag": True, "x": [1, 2], "y": None}),
        ("+m.x=a lr=1 b=2", {"style": "hydra", "keys": {"m.x": "+m.x"}}, {"m.x": "a", "lr": 1, "b": 2}),
        ("optim=sgd optim.lr=0.1", "hydra", {"optim": "sgd", "optim.lr": 0.1}),
        ("--optim=SGD --optim.lr=0.1 --x=true", "jsonargparse", {"optim": "SGD", "optim.lr": 0.1, "x": True}),
        (
            "m/e=a m=b m.e.x=1",
            {"style": "hydra", "keys": {"m.e": "m/e"}},
            {"m.e": "a", "m": "b", "m.e.x": 1},
        ),
        ("--x=True --y=[1, --z=a".replace("[1,", "None"), "fire", {"x": True, "y": None, "z": "a"}),
        ("--x=true --k=None", "jsonargparse", {"x": True, "k": "None"}),
        ("--x 1 2", "argparse", {"x": [1, 2]}),
        ("--x 1 --x 2", {"style": "argparse", "keys": {"x": {"list": "repeat"}}}, {"x": [1, 2]}),
        ("--args 1 --data a --data.b 2", None, {"args_": 1, "data": "a", "data_b": 2}),
    ],
)
def test_a_style_is_found(text, args, config):
    found, (read,) = spelled(text)
    assert args is None or found == args
    assert read == config


def test_a_known_style_is_taken():
    assert spelled("--x=1", style="fire") == ("fire", [{"x": 1}])


def test_a_list_on_one_line_is_one_on_all():
    assert spelled("--x 1 2", "--x 3")[1] == [{"x": [1, 2]}, {"x": [3]}]


def test_braces_stay_text():
    assert escaped("{lr}") == "{{lr}}"
    assert unescaped(escaped(["{lr}", "a{b}", 1])) == ["{lr}", "a{b}", 1]
    with pytest.raises(Misfit):
        escaped("{run_dir}/x")
