from sweeps.authoring.outputs.prints.libraries.speechbrain_lines import speechbrain_lines
from sweeps.sources.formats.output import Pattern
from tests.sweeps.authoring.scripts import script_of

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
