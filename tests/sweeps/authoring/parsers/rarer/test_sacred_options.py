from tests.sweeps.authoring.scripts import defaults, drafted, interface

EXPERIMENT = """
from sacred import Experiment, Ingredient

data = Ingredient("data")
ex = Experiment("digits", ingredients=[data])
ex.add_config({"depth": 3})

@data.config
def of_data():
    batch_size = 32

@ex.config
def config():
    lr = 0.01  # of Adam
    widths = [8, 8]
    total = depth * 2

@ex.automain
def main(lr, _run):
    _run.log_scalar("loss", 0.5)
"""


def test_functions_and_mappings_are_the_config_and_an_ingredient_has_its_own(tmp_path):
    found = interface(tmp_path, EXPERIMENT)
    assert (found.kind, found.rest_flag) == ("sacred", "with")
    assert {one.key: one.default for one in found.options} == {
        "seed": None,
        "depth": 3,
        "data.batch_size": 32,
        "lr": 0.01,
        "widths": [8, 8],
        "total": None,
    }


def test_settings_stand_behind_with_as_python_writes_them(tmp_path):
    text = drafted(tmp_path, EXPERIMENT).text
    assert 'command: [python, train.py, with, "{args}"]' in text
    assert 'args: {style: literal, prefix: ""}' in text
    assert "seeds: [0, 1]" in text


def test_metrics_that_only_observers_get_are_asked_for(tmp_path):
    told = "log_scalar gives its metrics to observers"
    assert told in interface(tmp_path, EXPERIMENT).comments[0]
    assert interface(tmp_path, EXPERIMENT.replace("log_scalar", "info")).comments == ()


def test_an_import_alone_is_no_experiment(tmp_path):
    assert defaults(tmp_path, "import sacred\nprint(sacred.__version__)\n") == {}
