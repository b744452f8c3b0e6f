from tests.sweeps.authoring.scripts import drafted, interface

SCRIPT = """
from dataclasses import dataclass, field
from omegaconf import OmegaConf

@dataclass
class Optim:
    lr: float = 0.01

@dataclass
class Args:
    steps: int = 500
    optim: Optim = field(default_factory=Optim)

typed = OmegaConf.from_cli()
own = OmegaConf.load(typed.config)
cfg = OmegaConf.merge(OmegaConf.structured(Args()), own, typed)
"""


def test_the_class_that_checks_the_settings_tells_them_and_a_file_is_asked_for(tmp_path):
    found = interface(tmp_path, SCRIPT)
    assert (found.kind, found.style) == ("OmegaConf", "hydra")
    shown = {one.key: (one.default, one.is_required, one.is_quiet) for one in found.options}
    assert shown == {
        "config": (None, True, False),
        "steps": (500, False, True),
        "optim.lr": (0.01, False, True),
    }


def test_a_learning_rate_that_the_file_may_set_is_varied(tmp_path):
    text = drafted(tmp_path, SCRIPT).text
    assert 'command: [python, train.py, "config={config}", "{args}"]' in text
    assert "grid: {optim.lr: [0.0033, 0.01, 0.03]}" in text


def test_without_such_a_class_any_key_can_be_set(tmp_path):
    found = interface(
        tmp_path, "from omegaconf import OmegaConf\ncfg = OmegaConf.from_cli()\nprint(cfg.name)\n"
    )
    assert [one.key for one in found.options] == ["name"]
    assert "which keys does it have?" in found.comments[0]


def test_words_that_another_parser_left_over_are_none_of_it(tmp_path):
    text = "from omegaconf import OmegaConf\ncfg = OmegaConf.from_cli(rest)\n"
    assert interface(tmp_path, text).kind != "OmegaConf"
