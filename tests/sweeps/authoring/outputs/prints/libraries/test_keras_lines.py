import pytest

from sweeps.authoring.outputs.prints.libraries.keras_lines import keras_lines
from sweeps.sources.formats.output import Pattern
from tests.sweeps.authoring.scripts import drafted, script_of

FIT = "import keras\nepochs = 3\nmodel.fit(x, y, epochs=epochs, validation_split=0.2)\n"
BAR = "20/20 ━━━━━━ 2s 125ms/step - acc: 0.0629 - loss: 1.5e-05"
END = f"{BAR} - val_acc: 0.0586 - val_loss: nan"
OLD = "32/32 [==============================] - 0s 3ms/step - loss: 0.5 - accuracy: 0.7"


def read_by(source, line):
    return {
        name: value for found in Pattern(source.text).matches(line) for name, value in found.values.items()
    }


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
