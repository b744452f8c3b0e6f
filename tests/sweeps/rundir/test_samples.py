import json

from sweeps.rundir.samples import append_sample, next_sample


def test_a_line_that_a_crash_tore_is_left_for_the_attempt(tmp_path):
    journal = tmp_path / "journal.jsonl"
    assert not append_sample(journal, {"system/trial_x": 1.0}, 0)
    assert not journal.exists()
    journal.write_text("")
    assert append_sample(journal, {"system/trial_x": 1.0}, 0)
    whole = journal.read_text()
    assert json.loads(whole)["step"] == 0
    journal.write_text(f'{whole}{{"t": 3, "met')
    assert not append_sample(journal, {"system/trial_x": 1.0}, 1)
    assert next_sample(journal) == 1
