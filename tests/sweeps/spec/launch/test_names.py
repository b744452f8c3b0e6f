import pytest

from sweeps.errors import SpecError
from sweeps.planning.expansion import expand
from sweeps.trainer.loader import load_trainer
from tests.sweeps.specs import FREE, read

SWEEP = "sweeps: {a: {grid: {x: [1]}}}\n"


def test_metrics_settings_and_steps_have_names_by_their_keys(tmp_path):
    text = f"{SWEEP}names:\n  val/acc: Accuracy\n  optim.lr: 'learning  rate'\n  step: iteration"
    names = read(tmp_path, text, FREE).names
    assert names.called == {"val/acc": "Accuracy", "optim.lr": "learning rate", "step": "iteration"}
    assert [place.line for place in names.places.values()] == [4, 5, 6]
    assert read(tmp_path, SWEEP, FREE).names.called == {}


def test_names_are_part_of_no_fingerprint(tmp_path):
    def fingerprints(text):
        spec = read(tmp_path, f"{SWEEP}{text}", FREE)
        trainer, _ = load_trainer(spec.trainer)
        (sweep,) = expand(spec, trainer).sweeps
        return [trial.fingerprint for trial in sweep.trials]

    assert fingerprints("") == fingerprints("names: {x: width, loss: Loss}")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("names: [x]", "names: must be a mapping of keys to values"),
        ("names: {x: 3}", "names.x: must be a word, not"),
        ("names: {optim: {lr: rate}}", "a key of a group is written in full: `optim.lr: NAME`"),
        ("names: {x: w, y: w}", "names.y: 'w' is what x is called; give each a name of its own"),
        (f"names: {{x: {'w' * 41}}}", "names.x: a name has at most 40 characters"),
        ("name: {x: w}", "unknown key 'name'; did you mean 'names'?"),
        ("measures: {f: {better: lower, name: F}}", "its name in the report stands in `names: {f: F}`"),
    ],
)
def test_what_is_wrong_with_names_is_said_with_what_would_be_right(tmp_path, text, problem):
    with pytest.raises(SpecError) as caught:
        read(tmp_path, f"{SWEEP}{text}", FREE)
    assert problem in str(caught.value)
