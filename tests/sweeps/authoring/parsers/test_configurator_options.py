from tests.sweeps.authoring.scripts import interface

TEXT = """
import time
out_dir = 'out'
lr = 6e-4 # max learning rate
block = 12 * 10
bias = False
name = str(time.time())
_hidden = 1
betas = [0.9, 0.95]
exec(open('configurator.py').read())
later = 1
"""


def test_the_constants_before_the_configurator_are_settings_of_their_types(tmp_path):
    found = interface(tmp_path, TEXT)
    assert found.style == "literal"
    assert {option.key: option.default for option in found.options if not option.question} == {
        "out_dir": "out",
        "lr": 6e-4,
        "block": 120,
        "bias": False,
    }
    assert [option.help for option in found.options if option.key == "lr"] == ["max learning rate"]
    assert [option.key for option in found.options if option.question] == ["name"]


def test_another_exec_is_none(tmp_path):
    assert interface(tmp_path, "lr = 1\nexec(code)\n").kind == "constants at its top"
