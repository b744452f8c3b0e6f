import os
import re

import pytest

from sweeps.program.template import NoFileError, TrialValues, escaped, fill, keys_of, names_the_trial

VALUES = TrialValues(
    {"lr": 0.1, "fast": True, "data.name": "x"}, {"run_dir": "/r", "trial": "t", "run_id": "i"}
)


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("--lr={lr}", "--lr=0.1"),
        ("{fast}{data.name}", "truex"),
        ("{run_dir}/{trial}-{run_id}", "/r/t-i"),
        ("{{lr}}", "{lr}"),
        ("no placeholder", "no placeholder"),
    ],
)
def test_placeholders_are_filled(text, filled):
    assert fill(text, VALUES) == filled


def test_a_trials_own_names_are_its_own():
    own = TrialValues.of({}, run_dir="/r", trial="t", run_id="i", trial_config="/r/c.yaml")
    assert fill("{run_dir} {trial} {run_id} {trial_config}", own) == "/r t i /r/c.yaml"


def test_a_key_of_the_config_comes_before_a_name_of_our_own():
    assert fill("{trial}", TrialValues({"trial": 3}, VALUES.own)) == "3"


def test_a_value_may_name_the_trial():
    assert names_the_trial("{run_dir}/x")
    assert names_the_trial(["a", "{newest:*.pt}"])
    assert not any(map(names_the_trial, ("{{run_dir}}", "{lr}", 3, None, ["a"])))


def test_the_newest_file_of_a_pattern(tmp_path):
    for age, name in enumerate(("b.ckpt", "a.ckpt", "c.ckpt")):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (1000 - age, 1000 - age))
    (tmp_path / "z.ckpt").mkdir()
    values = TrialValues({}, {"run_dir": str(tmp_path)})
    assert fill("{newest:{run_dir}/*.ckpt}", values) == str(tmp_path / "b.ckpt")
    with pytest.raises(NoFileError, match=r"x\*"):
        fill("{newest:{run_dir}/x*}", values)


def test_the_keys_that_a_text_names():
    assert keys_of("{lr} {newest:{run_dir}/{trial}*.ckpt} {{no}}") == ["lr", "run_dir", "trial"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "write {key}, or {{ and }} for braces"),
        ("{}", "{} names no key"),
        ("{lr:.2f}", "takes no format; write {lr}"),
        ("{lr!r}", "takes no format"),
        ("{newest:{}}", "names no key"),
    ],
)
def test_braces_that_name_nothing(text, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        keys_of(text)


@pytest.mark.parametrize("text", ["plain", "{lr}", "{{}}", "}{", "{newest:*}"])
def test_an_escaped_text_is_filled_with_itself(text):
    assert fill(escaped(text), VALUES) == text
