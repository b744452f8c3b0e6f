import pytest

from sweeps.planning.expansion import file_warnings
from sweeps.trainer.loader import load_trainer
from tests.sweeps.specs import HEAD, read

SOURCES = "[{stdout: 'acc (?P<train_acc>.+)'}, {csv: '{run_dir}/a.csv', step: time}]"
FREE = f"trainer: {{command: [./relax, '{{optim.lr}}', '{{run_dir}}'], metrics: {SOURCES}}}\n"
FILE = "defaults: {epochs: 3}\nmeasures: {val/acc: higher}\nsweeps: {a: {grid: {optim.lr: [1, 2]}}}\n"


@pytest.mark.parametrize(
    ("key", "meant"),
    [
        ("lr", "optim.lr"),
        ("optim.Lr", "optim.lr"),
        ("epoch", ""),
        ("epochs", ""),
        ("ephochs", "epochs"),
        ("val/ac", "val/acc"),
        ("val/auc", ""),
        ("val/acc5", ""),
        ("train_ac", "train_acc"),
        ("time", ""),
        ("loss", ""),
        ("seed", ""),
    ],
)
def test_a_name_of_what_is_likely_a_slip_is_warned_of(tmp_path, key, meant):
    spec = read(tmp_path, f"{FILE}names: {{{key}: Name}}", FREE)
    trainer, _ = load_trainer(spec.trainer)
    words = (
        f"yaml:5:9: names: '{key}' is no setting, and no metric that the file has; did you mean '{meant}'?"
    )
    found = [str(one).rpartition("/e.")[2] for one in file_warnings(spec, trainer, None)]
    assert found == ([words] if meant else [])


def test_settings_that_only_the_trainer_knows_are_none(tmp_path):
    spec = read(tmp_path, "sweeps: {a: {grid: {lr: [1]}}}\nnames: {tfr: ratio, data.size: size}", HEAD)
    trainer, _ = load_trainer(spec.trainer)
    assert list(file_warnings(spec, trainer, None)) == []
