from dataclasses import replace

from sweeps.authoring.interface import interface_of
from tests.sweeps.authoring.scripts import interface, script_of

TEXT = """
from lightning.pytorch import LightningModule
from lightning.pytorch.cli import LightningCLI
from data import Data
class Model(LightningModule):
    def __init__(self, lr: float = 0.1, width: int = 4): ...
"""
DATA = "class Data:\n    def __init__(self, batch_size: int = 2, root='data'): ...\n"


def test_the_constructors_of_model_and_data_are_options(tmp_path):
    found = interface(tmp_path, TEXT + "LightningCLI(Model, Data)\n", data=DATA)
    defaults = {option.key: option.default for option in found.options}
    assert (found.style, found.before) == ("jsonargparse", ("fit",))
    assert defaults == {
        "trainer.max_epochs": 1000,
        "seed_everything": 0,
        "model.lr": 0.1,
        "model.width": 4,
        "data.batch_size": 2,
        "data.root": "data",
    }
    assert "--trainer.logger=CSVLogger" in found.after


def test_a_logger_of_its_own_stays_and_run_false_has_no_subcommand(tmp_path):
    call = "LightningCLI(Model, run=False, trainer_defaults={'logger': mine})\n"
    found = interface(tmp_path, TEXT + call, data=DATA)
    assert (found.before, found.after) == ((), ("--trainer.default_root_dir={run_dir}",))


def test_the_subcommand_that_is_typed_is_kept(tmp_path):
    script = script_of(tmp_path, TEXT + "LightningCLI(Model, Data)\n", data=DATA)
    assert interface_of(replace(script, words=("--config", "a.yaml", "test"))).before == ("test",)
