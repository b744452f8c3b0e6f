import pytest

from sweeps.authoring.outputs.prints.library_lines import boosting_lines, keras_lines, speechbrain_lines
from sweeps.sources.formats.output import Pattern
from tests.sweeps.authoring.scripts import drafted, script_of

XGBOOST = "import xgboost as xgb\nxgb.train({}, d, 9, evals=[(d, 'train')])\n"
LIGHTGBM = "import lightgbm as lgb\nlgb.train({}, d, valid_sets=[d], callbacks=[lgb.log_evaluation(5)])\n"
CATBOOST = (
    "from catboost import CatBoostClassifier\nCatBoostClassifier(iterations=9).fit(x, y, eval_set=(x, y))\n"
)
FIT = "import keras\nepochs = 3\nmodel.fit(x, y, epochs=epochs, validation_split=0.2)\n"
BAR = "20/20 ━━━━━━ 2s 125ms/step - acc: 0.0629 - loss: 1.5e-05"
END = f"{BAR} - val_acc: 0.0586 - val_loss: nan"
OLD = "32/32 [==============================] - 0s 3ms/step - loss: 0.5 - accuracy: 0.7"
RECIPE = """
import speechbrain as sb

class Brain(sb.Brain):
    def on_stage_end(self, stage, loss, epoch):
        self.hparams.train_logger.log_stats(stats_meta={"epoch": epoch}, valid_stats=stats)
"""
EPOCH = "speechbrain.utils.train_logger - epoch: 3, lr: 1.00e-03 - train loss: 2.51 - valid loss: 1.29, valid error: 2.06e-01"
TESTED = "speechbrain.utils.train_logger - Epoch loaded: 3 - test loss: 1.31, test error: 2.10e-01"


def read_by(source, line):
    return {
        name: value for found in Pattern(source.text).matches(line) for name, value in found.values.items()
    }


@pytest.mark.parametrize(
    ("text", "line", "shown"),
    [
        (XGBOOST, "[3]\ttrain-auc:0.81250\tvalidation_0-ndcg@5:nan", ["train-auc", "validation_0-ndcg@5"]),
        (XGBOOST.replace("evals=", ""), "[3]\ttest-error:0.1", ["test-error"]),
        (LIGHTGBM, "[3]\ttraining's l2: 0.245\tvalid_1's auc: 7.5e-05", ["training's l2", "valid_1's auc"]),
        (CATBOOST, "3:\tlearn: 0.69\ttest: 0.68\tbest: 0.68 (3)\ttotal: 2ms", ["learn", "test"]),
    ],
)
def test_a_round_is_read_with_all_its_metrics(tmp_path, text, line, shown):
    leader, metrics = boosting_lines(script_of(tmp_path, text))
    assert (leader.leads, read_by(leader, line)) == (True, {"iteration": 3.0})
    assert metrics.step == "carried"
    assert list(read_by(metrics, line)) == shown
    assert "step: iteration" in drafted(tmp_path, text).text


@pytest.mark.parametrize("line", ["[LightGBM] [Info] Total Bins 510", "[3] loss: 0.5", "3: done"])
def test_other_lines_are_no_rounds(tmp_path, line):
    for text in (XGBOOST, LIGHTGBM, CATBOOST):
        assert not any(read_by(source, line) for source in boosting_lines(script_of(tmp_path, text)))


@pytest.mark.parametrize(
    "text",
    [
        XGBOOST.replace("evals=", "verbose_eval=False, evals="),
        XGBOOST.replace(", evals=[(d, 'train')]", ""),
        "from xgboost import XGBClassifier\nXGBClassifier(verbose=False).fit(x, y, eval_set=[(x, y)])\n",
        LIGHTGBM.replace(", callbacks=[lgb.log_evaluation(5)]", ""),
        CATBOOST.replace("iterations=9", "logging_level='Silent'"),
        CATBOOST.replace("catboost", "sklearn"),
    ],
)
def test_what_is_silent_or_of_another_package_is_not_read(tmp_path, text):
    assert boosting_lines(script_of(tmp_path, text)) == []


def test_of_a_fit_with_validation_the_end_of_an_epoch_is_read(tmp_path):
    epoch, metrics = keras_lines(script_of(tmp_path, FIT))
    assert (epoch.leads, read_by(epoch, "Epoch 2/3")) == (True, {"epoch": 2.0})
    assert metrics.step == "carried"
    assert read_by(metrics, BAR) == {}
    assert read_by(metrics, END).keys() == {"acc", "loss", "val_acc", "val_loss"}
    assert read_by(metrics, END)["loss"] == 1.5e-05


def test_of_a_fit_without_validation_the_bar_is_read_in_each_of_its_looks(tmp_path):
    _, metrics = keras_lines(script_of(tmp_path, FIT.replace("validation_split=0.2", "batch_size=8")))
    assert read_by(metrics, BAR) == {"acc": 0.0629, "loss": 1.5e-05}
    assert read_by(metrics, OLD) == {"loss": 0.5, "accuracy": 0.7}


@pytest.mark.parametrize(
    "text",
    [
        FIT.replace("import keras", "import sklearn"),
        FIT.replace("epochs=epochs", "epochs=epochs, verbose=0"),
        FIT.replace("epochs=epochs", "epochs=1"),
        "import keras\nscaler.fit(x)\n",
    ],
)
def test_a_fit_that_is_silent_has_one_epoch_or_is_none_of_keras_is_not_read(tmp_path, text):
    assert keras_lines(script_of(tmp_path, text)) == []


def test_the_file_reads_what_keras_prints_unless_the_script_writes_it(tmp_path):
    assert "    - stdout: '^Epoch" in drafted(tmp_path, FIT).text
    assert "METRIC" in drafted(tmp_path, FIT).text
    table = FIT + "keras.callbacks.CSVLogger('log.csv')\n"
    text = drafted(tmp_path, table).text
    assert '- csv: "{run_dir}/**/log.csv"' in text
    assert "    # - stdout: '^Epoch" in text


def test_an_epoch_is_read_with_what_was_trained_and_validated(tmp_path):
    epoch, metrics = speechbrain_lines(script_of(tmp_path, RECIPE))
    assert (epoch.leads, read_by(epoch, EPOCH)) == (True, {"epoch": 3.0})
    assert metrics.step == "carried"
    assert read_by(metrics, EPOCH) == {"train loss": 2.51, "valid loss": 1.29, "valid error": 0.206}
    assert read_by(epoch, EPOCH.replace("epoch", "Epoch")) == {"epoch": 3.0}
    assert (read_by(epoch, TESTED), read_by(metrics, TESTED)) == ({}, {"test loss": 1.31, "test error": 0.21})


def test_a_script_that_logs_nothing_so_is_not_read(tmp_path):
    assert speechbrain_lines(script_of(tmp_path, RECIPE.replace("log_stats", "note"))) == []
    assert speechbrain_lines(script_of(tmp_path, RECIPE.replace("speechbrain", "mine"))) == []
