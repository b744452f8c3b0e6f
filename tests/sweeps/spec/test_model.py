from tests.sweeps.specs import read

TEXT = "trainer: {run: m:f, epochs: n}\nsweeps: {a: {seeds: 1}}\n"


def test_the_digest_of_a_spec_changes_with_its_text(tmp_path):
    digest = read(tmp_path, TEXT, head="").digest
    assert len(digest) == 12
    assert read(tmp_path, TEXT, head="").digest == digest
    assert read(tmp_path, TEXT, head="# a comment\n").digest != digest
