from sweeps.errors import Place
from tests.sweeps.specs import read

TEXT = "trainer: {run: m:f, epochs: n}\nsweeps: {a: {seeds: 1}}\n"


def test_the_digest_of_a_spec_changes_with_its_text(tmp_path):
    digest = read(tmp_path, TEXT, head="").digest
    assert len(digest) == 12
    assert read(tmp_path, TEXT, head="").digest == digest
    assert read(tmp_path, TEXT, head="# a comment\n").digest != digest


def test_parts_of_a_trainer_that_are_not_written_stand_where_the_trainer_does(tmp_path):
    trainer = read(tmp_path, TEXT, head="").trainer
    file = str(tmp_path / "e.yaml")
    assert trainer.place_of("run") == Place(file, 1, 16)
    assert trainer.place_of("config") == Place(file, 1, 10)
