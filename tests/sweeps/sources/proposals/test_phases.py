import pytest

from sweeps.sources.proposals.phases import Phases


def named(*numbers, before=""):
    """The names of the numbers of a line, each given by its name and the text before it."""
    phases, names = Phases(before), []
    for name, between in numbers:
        names.append(phases.named(name, between, names, is_counter=name == "epoch"))
    return names


@pytest.mark.parametrize(
    ("numbers", "names"),
    [
        ([("average_loss", "Test set: Average loss: "), ("accuracy", ", Accuracy: ")], ["test_average_loss", "test_accuracy"]),
        ([("epoch", "Train Epoch: "), ("loss", " Loss: ")], ["epoch", "train_loss"]),
        ([("loss", "[Validation] loss "), ("lr", " lr ")], ["validation_loss", "lr"]),
        ([("loss", "Training: loss ")], ["train_loss"]),
        ([("test_loss", "test loss "), ("acc", " acc ")], ["test_loss", "acc"]),
        ([("train_loss", "train loss "), ("acc", " acc "), ("val_loss", " val loss "), ("acc", " acc ")], ["train_loss", "acc", "val_loss", "val_acc"]),
        ([("test_size", "test size "), ("loss", ", loss ")], ["test_size", "loss"]),
        ([("loss", "latest trainer loss ")], ["loss"]),
        ([("loss", "loss "), ("loss", "loss ")], ["loss", ""]),
    ],
)  # fmt: skip
def test_a_metric_is_called_by_the_phase_that_was_named_last(numbers, names):
    assert named(*numbers) == names


def test_an_earlier_line_of_the_same_text_names_it_too():
    assert named(("accuracy", " Accuracy: "), before="Test Error: ") == ["test_accuracy"]
