import pytest

from sweeps.authoring.outputs.early_stopping import stops_early
from tests.sweeps.authoring.scripts import drafted, script_of

COUNTER = """
for epoch in range(9):
    if loss < {name}:
        {name}, n = loss, 0
    else:
        n += 1
    if n > 5:
        {end}
"""
ENDS_EARLY = [
    "from lightning.pytorch.callbacks import EarlyStopping\nTrainer(callbacks=[EarlyStopping('val_loss')])",
    "stopper = EarlyStopper()\nfor e in x:\n    if stopper.early_stop(loss):\n        break",
    "xgboost.train(params, data, early_stopping_rounds=10)",
    "MLPClassifier(early_stopping=True)",
    "if wait >= PATIENCE:\n    print('stop')",
    "while True:\n    if bad == cfg['patience']:\n        break",
    "for e in x:\n    if epochs_no_improve > 3:\n        break",
    COUNTER.format(name="best", end="break"),
    COUNTER.format(name="self.best_loss", end="self.should_stop = True"),
]
GOES_ON = [
    "ReduceLROnPlateau(optimizer, patience=5)",
    "p.add_argument('--patience', type=int)\nReduceLROnPlateau(optimizer, patience=args.patience)",
    "if bad > lr_patience:\n    lr = lr / 2",
    "xgboost.train(params, data, early_stopping_rounds=None)",
    "for e in x:\n    if e > 5:\n        break",
    COUNTER.format(name="other", end="break"),
    COUNTER.format(name="best", end="lr = lr / 2"),
]


@pytest.mark.parametrize("text", ENDS_EARLY)
def test_early_stopping_is_known_by_its_names_and_by_its_count(tmp_path, text):
    assert stops_early(script_of(tmp_path, text))


@pytest.mark.parametrize("text", GOES_ON)
def test_what_only_lowers_the_learning_rate_or_ends_for_another_reason_is_none(tmp_path, text):
    assert not stops_early(script_of(tmp_path, text))


def test_the_best_value_counts_where_the_script_stops_early_and_the_file_says_why(tmp_path):
    text = COUNTER.format(name="best", end="break") + "    print(f'epoch {epoch} val_loss {loss:.3f}')\n"
    (line,) = (line for line in drafted(tmp_path, text).text.splitlines() if "measures:" in line)
    assert line.startswith("# measures: {val_loss: {better: lower, value: best}}  # ")
    assert "value: best as the script stops early" in line
    once = text.replace("val_loss", "best_val_loss")
    assert "# measures: {best_val_loss: lower}" in drafted(tmp_path, once).text
    (line,) = (
        line
        for line in drafted(tmp_path, text.replace("break", "pass")).text.splitlines()
        if "measures:" in line
    )
    assert "best" not in line


@pytest.mark.parametrize(
    ("each", "end", "measures"),
    [
        ("print(f'epoch {epoch} val_loss {loss:.3f}')", "print(f'Test: acc={acc:.2f}')", "val_loss: {better: lower, value: best}"),
        ("print(f'epoch {epoch} train_loss {loss:.3f}')", "print(f'Test: test_acc={acc:.2f}')", "test_acc: higher"),
        ("writer.add_scalar('train/loss', loss, epoch)", "writer.add_scalar('test/acc', acc, 0)", "test/acc: higher"),
        ("writer.add_scalar('dev/f1', f1, epoch)", "writer.add_scalar('test/acc', acc, 0)", "dev/f1: {better: higher, value: best}"),
    ],
)  # fmt: skip
def test_of_what_is_measured_once_at_the_end_no_best_value_is_suggested(tmp_path, each, end, measures):
    counted = COUNTER.format(name="best", end="break")
    text = f"from torch.utils.tensorboard import SummaryWriter\n{counted}    {each}\n{end}\n"
    text = text if "writer" in each else text.partition("\n")[2]
    text = text.replace("\nfor", "\nwriter = SummaryWriter()\nfor") if "writer" in each else text
    (line,) = (line for line in drafted(tmp_path, text).text.splitlines() if "measures:" in line)
    assert line.startswith(f"# measures: {{{measures}}}  # ")
    assert ("as the script stops early" in line) is ("value: best" in measures)
