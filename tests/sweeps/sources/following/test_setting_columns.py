import pytest

from sweeps.sources.following.setting_columns import SettingColumns, settings_by_name
from sweeps.spec.trainer.source_model import Source
from tests.sweeps.sources.following.runs import Run, stdout

CSV = ("csv", "run/files/m.csv", {})
SETTINGS = settings_by_name({"LR": 0.1, "model.hidden": 32, "seed": 0, "amp": True, "name": "a"})


def test_settings_are_known_by_their_names_and_the_last_parts_of_these():
    assert settings_by_name({"optim.lr": 1, "LR": 0.5, "flag": True, "text": "1"}) == {
        "optim_lr": [1.0],
        "lr": [1.0, 0.5],
    }


@pytest.fixture
def run(tmp_path):
    def of(*sources, **more):
        return Run(tmp_path, *sources, settings=SETTINGS, **more)

    return of


def test_columns_that_repeat_settings_are_no_metrics(run):
    made = run(CSV).attempt()
    made.writes("m.csv", "lr,hidden,seed,epoch,loss\n0.1,32,0,0,0.5\n0.1,32,0,1,0.25\n")
    notes = made.follower.notes
    made.ends()
    assert made.points() == {"loss": [(0, 0.5), (1, 0.25)]}
    (note,) = notes()
    assert "'lr', 'hidden', 'seed' have the values of the settings, and are no metric" in note


def test_a_printed_setting_is_none_either(run):
    made = run(stdout(r"epoch (?P<epoch>\d+) lr (?P<lr>\S+) loss (?P<loss>\S+)")).attempt()
    made.prints("epoch 0 lr 0.1 loss 0.5\n")
    made.ends()
    assert made.points() == {"loss": [(0, 0.5)]}


def test_a_column_with_other_values_is_a_metric_from_its_beginning(run):
    made = run(CSV).attempt()
    made.writes(
        "m.csv", "lr,hidden,epoch,loss\n0.1,64,0,0.5\n0.1,64,1,0.25\n0.01,64,2,0.125\n0.1,64,3,0.125\n"
    )
    made.is_read()
    made.ends()
    points = made.points()
    assert dict(points["lr"]) == {0: 0.1, 1: 0.1, 2: 0.01, 3: 0.1}
    assert dict(points["hidden"]) == dict.fromkeys(range(4), 64)
    assert made.follower.notes() == []


def test_a_column_that_was_recorded_or_renamed_stays_a_metric(run):
    made = run(CSV).attempt()
    made.writes("m.csv", "lr,epoch,loss\n0.01,0,0.5\n")
    made.ends(finished=False).attempt(resumed=True)
    made.writes("m.csv", "0.1,1,0.25\n")
    made.ends()
    assert made.points()["lr"] == [(0, 0.01), (1, 0.1)]


def test_a_renamed_column_is_a_metric(run):
    made = run(CSV, rename={"lr": "rate"}).attempt()
    made.writes("m.csv", "lr,epoch,loss\n0.1,0,0.5\n")
    made.ends()
    assert made.points() == {"rate": [(0, 0.1)], "loss": [(0, 0.5)]}


def test_what_loggers_write_is_kept():
    columns = SettingColumns(SETTINGS, ())
    assert not columns.repeats(Source("tensorboard"), "lr", 0, 0.1)
    assert columns.repeats(Source("json"), "lr", None, 0.1)
    assert list(columns.released("lr")) == []
