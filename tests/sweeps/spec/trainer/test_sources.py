from sweeps.spec.trainer.source_model import Sources
from tests.sweeps.specs import read


def test_a_trainer_that_says_nothing_has_the_usual(tmp_path):
    assert (
        read(tmp_path, "sweeps: {a: {seeds: 1}}\n", head="trainer: {command: [python]}\n").trainer.sources
        == Sources()
    )
