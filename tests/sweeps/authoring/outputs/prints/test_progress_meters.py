import re

from sweeps.authoring.outputs.prints.printed_lines import printed_by
from tests.sweeps.authoring.scripts import script_of

METERS = """
class AverageMeter:
    def __init__(self, name, fmt=":f"): ...

class ProgressMeter:
    def __init__(self, num_batches, meters, prefix=""): ...
    def display(self, batch): ...

def train(epoch):
    clock = AverageMeter("Time", ":6.3f")
    losses = AverageMeter("Loss", ":.4e")
    top = AverageMeter("Acc@1", ":6.2f")
    progress = ProgressMeter(len(loader), [clock, losses, top], prefix="Epoch: [{}]".format(epoch))
    for i, batch in enumerate(loader):
        progress.display(i)

def validate():
    losses = AverageMeter("Loss", ":.4e")
    progress = ProgressMeter(len(loader), [losses], prefix="Test: ")
    for i, batch in enumerate(loader):
        progress.display(i)

for epoch in range(9):
    train(epoch)
    validate()
"""
TRAINED = "Epoch: [3][ 10/500]\tTime  0.125 ( 0.250)\tLoss 6.9e+00 (7.1e+00)\tAcc@1   0.39 (  0.50)"


def test_the_means_of_meters_are_read_at_the_batch_of_their_epoch(tmp_path):
    trained, validated = printed_by(script_of(tmp_path, METERS))
    assert trained.step == "epoch * of + batch"
    assert re.search(trained.text, TRAINED).groupdict() == {
        "epoch": "3",
        "batch": "10",
        "of": "500",
        "time": "0.250",
        "loss": "7.1e+00",
        "acc_1": "0.50",
    }
    found = re.search(validated.text, "Test: [ 10/500]\tLoss 6.9e+00 (7.2e+00)").groupdict()
    assert found == {"test_loss": "7.2e+00"}
    assert re.search(validated.text, TRAINED) is None


def test_a_display_of_something_else_is_no_line(tmp_path):
    text = METERS.replace("ProgressMeter", "Screen")
    assert printed_by(script_of(tmp_path, text)) == []


def test_what_pytorch_geometric_logs_is_read_as_it_prints_it(tmp_path):
    text = (
        "from torch_geometric.logging import log\nfor e in range(3):\n    log(Epoch=e, Loss=loss, Test=acc)\n"
    )
    (found,) = printed_by(script_of(tmp_path, text))
    assert found.step == "epoch"
    assert re.search(found.text, "Epoch: 003, Loss: 0.5000, Test: 0.7500")["test"] == "0.7500"
